# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a check found, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document that a person wrote. Line and column count from 1; 0 where they are not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check.

    ``code`` is a stable word (``unknown-column``, ``key-not-unique`` ...); ``reason`` says what is wrong, ``remedy`` what to do.
    """

    severity: Literal["refused", "warning", "passed"]
    code: str
    place: Place
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.severity}: {self.reason} [{self.code}]"
        return f"{text}\n    {self.remedy}" if self.remedy else text

    def to_json(self) -> dict[str, Any]:
        """``{"severity", "code", "file", "line", "column", "reason", "remedy"}``."""
        return {
            "severity": self.severity,
            "code": self.code,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "reason": self.reason,
            "remedy": self.remedy,
        }
