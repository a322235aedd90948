# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What stops a reader of the binary log for good. Lost connections are plain recoverable ``SourceError``s."""

from __future__ import annotations

from lab.dms.binlog.position import Position
from lab.dms.sources.mysql import SourceError


class LogPurged(SourceError):
    """The server no longer has the log, or the log has no event at that position."""

    def __init__(self, message: str) -> None:
        super().__init__(message, recoverable=False)

    @classmethod
    def answered(cls, start: Position, text: str) -> LogPurged:
        """The server refused to send its log from there, in these words."""
        return cls(
            f"The server cannot send its binary log from {start}: {text}. If the log was purged, the changes in it are lost for "
            "this task: load its tables again, and keep logs on the source for longer than a task may be stopped."
        )


class UnsupportedEvent(SourceError):
    """The log holds something from which DMS cannot capture changes."""

    def __init__(self, message: str) -> None:
        super().__init__(message, recoverable=False)
