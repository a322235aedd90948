# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The account of a full load: every staged row is written, filtered or rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import BadData
from ..model.work import UnitResult


@dataclass(frozen=True, slots=True)
class TableLoad:
    """Rows of one source table, ``schema.table``. ``expected`` is what DMS says that it staged."""

    table: str
    expected: int
    staged: int
    written: int
    filtered: int
    rejected: int

    @property
    def complete(self) -> bool:
        return self.expected == self.staged == self.written + self.filtered + self.rejected


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What the whole load came to, this run's and earlier runs' work together.

    ``items``: items in the target per entity; ``changed``: this call loaded something; ``retried``: items sent again;
    ``seconds``: duration of this call; ``warnings``: what was found in the staging folder beside our files.
    """

    tables: tuple[TableLoad, ...]
    items: dict[str, int]
    changed: bool
    retried: int
    seconds: float
    warnings: tuple[str, ...] = field(default=())

    @property
    def rejected(self) -> int:
        return sum(table.rejected for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def table_load(table: str, expected: int, results: Iterable[UnitResult]) -> TableLoad:
    """Sum up the units of one table."""
    rows = written = filtered = rejected = 0
    for result in results:
        rows += result.rows
        written += result.written
        filtered += result.filtered
        rejected += result.rejected
    return TableLoad(table, expected, rows, written, filtered, rejected)


def items_per_entity(results: Iterable[UnitResult], entities: Iterable[str]) -> dict[str, int]:
    """Items written per entity; an entity without items is there with 0."""
    total: Counter[str] = Counter(dict.fromkeys(entities, 0))
    for result in results:
        total.update(result.items)
    return dict(total)


def check_complete(tables: Iterable[TableLoad], units: Mapping[str, int]) -> None:
    """Raise BadData with the figures of every table whose account does not close. ``units``: number of units per table."""
    wrong = [
        f"{table.table}: DMS loaded {table.expected}, {units[table.table]} units hold {table.staged}"
        f" = {table.written} written + {table.filtered} filtered + {table.rejected} rejected"
        for table in tables
        if not table.complete
    ]
    if wrong:
        raise BadData(
            "the staged rows are not the rows that DMS loaded: " + "; ".join(wrong),
            remedy="The staging folder is incomplete or mixed: begin a new run (another name in the site file).",
        )
