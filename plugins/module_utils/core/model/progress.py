# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How far a stage has come, as the stage itself tells it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TableProgress:
    """One source table. ``rows_expected`` is None while nobody knows it; every row done is written, filtered or rejected."""

    table: str
    rows_expected: int | None = None
    rows_done: int = 0
    written: int = 0
    filtered: int = 0
    rejected: int = 0
    units: int = 0
    units_done: int = 0


@dataclass(frozen=True, slots=True)
class StageProgress:
    """A snapshot of a running stage. A stage sends one when something moved; whoever publishes adds time, rates and ETA.

    ``step`` is a short phrase for people: what is being done right now.
    """

    stage: str
    step: str
    tables: tuple[TableProgress, ...] = ()
    items_written: int = 0
    retried: int = 0
    extra: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
