# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Counts the changes of each table, as read from the source and as they arrive in the target."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.dms.statistics import Statistics

_OPERATIONS = ("I", "U", "D", "ddl")


def _zeros() -> dict[str, int]:
    return dict.fromkeys(_OPERATIONS, 0)


@dataclass(slots=True)
class TableCounts:
    """Changes of one table since the run began: ``read`` of the source, of those ``told`` to the statistics, and ``applied``."""

    read: dict[str, int] = field(default_factory=_zeros)
    told: dict[str, int] = field(default_factory=_zeros)
    applied: dict[str, int] = field(default_factory=_zeros)


class Tally:
    """All tables of a run. The counts of a table are kept here and told now and then: a task may read many small transactions."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._tables: dict[tuple[str, str], TableCounts] = {}

    def table(self, schema: str, table: str) -> TableCounts:
        return self._tables.setdefault((schema, table), TableCounts())

    def tell(self) -> None:
        """What was read since the last time."""
        for name, counts in self._tables.items():
            self._add(name, counts.read, counts.told, applied=False)
            counts.told = dict(counts.read)

    def apply(self) -> None:
        """All that was read is in the target."""
        self.tell()
        for name, counts in self._tables.items():
            self._add(name, counts.read, counts.applied, applied=True)
            counts.applied = dict(counts.read)

    def forget(self) -> None:
        """What is not in the target will be read again, by another run."""
        for name, counts in self._tables.items():
            self._add(name, counts.applied, counts.told, applied=False)
        self._tables.clear()

    def _add(self, name: tuple[str, str], counts: dict[str, int], before: dict[str, int], *, applied: bool) -> None:
        inserts, updates, deletes, ddls = (counts[o] - before[o] for o in _OPERATIONS)
        if inserts or updates or deletes or ddls:
            self._statistics.add_changes(*name, inserts, updates, deletes, ddls, applied=applied)
