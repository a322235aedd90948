# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How a run of a task ends, in the words of ``ReplicationTask.StopReason`` and ``LastFailureMessage`` of the API reference."""

from __future__ import annotations

from dataclasses import dataclass

NORMAL = "Stop Reason NORMAL"
RECOVERABLE_ERROR = "Stop Reason RECOVERABLE_ERROR"
FATAL_ERROR = "Stop Reason FATAL_ERROR"
FULL_LOAD_ONLY_FINISHED = "Stop Reason FULL_LOAD_ONLY_FINISHED"
STOPPED_AFTER_FULL_LOAD = "Stop Reason STOPPED_AFTER_FULL_LOAD"
STOPPED_AFTER_CACHED_EVENTS = "Stop Reason STOPPED_AFTER_CACHED_EVENTS"
STOPPED_DUE_TO_LOW_DISK = "Stop Reason STOPPED_DUE_TO_LOW_DISK"
STOPPED_AT_SERVER_TIME = "Stop Reason STOPPED_AT_SERVER_TIME"
STOPPED_AT_COMMIT_TIME = "Stop Reason STOPPED_AT_COMMIT_TIME"
# The first sentences are those of AWS.
NO_TABLES = (
    "No tables were found at task initialization. Either the selected table(s) or schema(s) no longer exist, or no match was found for the "
    "table selection pattern(s). A source account sees only tables on which it has the privilege SELECT."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status``: the state that the task takes; ``stop_reason``: one of the constants of this module."""

    status: str
    stop_reason: str
    failure: str = ""

    @classmethod
    def stopped(cls, reason: str = NORMAL) -> Outcome:
        return cls("stopped", reason)

    @classmethod
    def failed(cls, message: str, *, recoverable: bool = False) -> Outcome:
        reason = RECOVERABLE_ERROR if recoverable else FATAL_ERROR
        level = "RECOVERABLE" if recoverable else "FATAL"
        return cls("failed", reason, f"Last Error {message} Task error notification received. {reason} Error Level {level}")

    @property
    def recoverable(self) -> bool:
        """Another try of the same run may succeed."""
        return self.stop_reason == RECOVERABLE_ERROR
