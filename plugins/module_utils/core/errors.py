# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What can go wrong, said so that the operator knows what happened, where, and what to do next.

Every error that reaches a user is one of these. The class says how a caller may react (refuse, retry, stop); the
message says what happened; ``place`` where (``file:line:column``, an object key, a host and port); ``remedy`` what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .model.finding import Finding


class LandbridgeError(Exception):
    """Base of all errors of the engine. ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text}\n  What to do: {self.remedy}" if self.remedy else text

    def to_json(self) -> dict[str, Any]:
        """The error for machines: ``{"error", "message", "place", "remedy", "exit_code"}``."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "place": self.place,
            "remedy": self.remedy,
            "exit_code": self.exit_code,
        }


class InvalidInput(LandbridgeError):
    """A contract, a site file or an option is wrong. Nothing was begun."""

    exit_code = 2

    def __init__(self, message: str, *, place: str = "", remedy: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(str(finding) for finding in self.findings)])

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "findings": [finding.to_json() for finding in self.findings]}


class Unreachable(LandbridgeError):
    """A system did not answer, or refused the connection or the credentials. Trying again as it is will not help."""

    exit_code = 3


class Denied(Unreachable):
    """The system answered, and said that this identity may not do that."""


class NotFound(LandbridgeError):
    """A named thing (bucket, object, table, task) is not there."""

    exit_code = 3


class BadData(LandbridgeError):
    """Staged or stored data is damaged, or the two sides differ. What was written so far stands; the run stopped."""

    exit_code = 4


class Conflict(LandbridgeError):
    """Somebody or something else got there first: another worker, a changed contract, a stage out of order."""

    exit_code = 5


class Retryable(LandbridgeError):
    """A passing fault. Raised to the operator only after the retries were used up: running again continues."""

    exit_code = 6


class Interrupted(LandbridgeError):
    """The run was asked to stop, and did so at a checkpoint. Running again continues."""

    exit_code = 75


class Rejected(LandbridgeError):
    """One row cannot become an item. Never ends a run: the row goes to the rejects with this reason.

    ``code`` is a stable word for grouping (``bad-number``, ``item-too-large``, ``null-key`` ...); the message names columns and
    limits, never the row's values.
    """

    exit_code = 4

    def __init__(self, code: str, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.code = code


def of_file(error: OSError) -> LandbridgeError:
    """What a file or folder of this machine refused, under the name that the system gives."""
    return LandbridgeError(
        f"the file or folder cannot be used: {error.strerror or error}",
        place=str(error.filename or ""),
        remedy="Check the path, its permissions, and the free space.",
    )
