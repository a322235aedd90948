# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a task tells about its tables while it works and afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

BEFORE = "Before load"
LOADING = "Full load"
COMPLETED = "Table completed"
CANCELLED = "Table cancelled"
ERROR = "Table error"
MISSING = "Table does not exist"
RELOADING = "Table is being reloaded"
FINAL = (COMPLETED, ERROR, MISSING)
# Counters of the API that only other targets and data validation use.
_ZEROS = (
    "FullLoadCondtnlChkFailedRows",
    "FullLoadErrorRows",
    "ValidationPendingRecords",
    "ValidationFailedRecords",
    "ValidationSuspendedRecords",
)
_COUNTERS = ("inserts", "updates", "deletes", "ddls")


@dataclass(slots=True)
class TableProgress:
    """One table of one task; times in seconds since 1970.

    ``expected``: rows by the source's estimate. ``inserts`` ... ``ddls`` count changes read from the source, ``applied_...`` those that are
    in the target. ``reason``: why the table is in error.
    """

    schema: str
    table: str
    state: str = BEFORE
    rows: int = 0
    expected: int = 0
    started: float | None = None
    ended: float | None = None
    reloaded: bool = False
    updated: float = 0.0
    inserts: int = 0
    updates: int = 0
    deletes: int = 0
    ddls: int = 0
    applied_inserts: int = 0
    applied_updates: int = 0
    applied_deletes: int = 0
    applied_ddls: int = 0
    reason: str = ""

    def to_api(self) -> dict[str, Any]:
        """A ``TableStatistics`` of the API."""
        return {
            "SchemaName": self.schema,
            "TableName": self.table,
            **dict.fromkeys(_ZEROS, 0),
            "Inserts": self.inserts,
            "Updates": self.updates,
            "Deletes": self.deletes,
            "Ddls": self.ddls,
            "AppliedInserts": self.applied_inserts,
            "AppliedUpdates": self.applied_updates,
            "AppliedDeletes": self.applied_deletes,
            "AppliedDdls": self.applied_ddls,
            "FullLoadRows": self.rows,
            "FullLoadStartTime": self.started,
            "FullLoadEndTime": self.ended,
            "FullLoadReloaded": self.reloaded,
            "LastUpdateTime": self.updated,
            "TableState": self.state,
            "ValidationState": "Not enabled",
        }


class Statistics:
    """The tables of one task. Many threads write, others read. ``on_end`` is called when the load of a table has ended."""

    def __init__(self, tables: Iterable[TableProgress] = ()) -> None:
        self._lock = threading.Lock()
        self._tables = {(t.schema, t.table): t for t in tables}
        self.on_end: Callable[[], None] = lambda: None

    @classmethod
    def from_json(cls, items: Iterable[dict[str, Any]]) -> Statistics:
        return cls(TableProgress(**item) for item in items)

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(t) for t in self._tables.values()]

    def begin(self, tables: Iterable[TableProgress]) -> None:
        """The tables of a new run; they replace entries of the same name."""
        with self._lock:
            for table in tables:
                table.updated = time.time()
                self._tables[table.schema, table.table] = table

    def start(self, schema: str, table: str) -> None:
        """The load of the table begins; a table that is being loaded again keeps the state that says so."""
        with self._lock:
            state = RELOADING if self._tables[schema, table].state == RELOADING else LOADING
        self._update(schema, table, state=state, started=time.time(), rows=0, ended=None, reason="")

    def reload(self, schema: str, table: str) -> None:
        """The table is about to be loaded again. What changes did to it counts from zero, as its rows do. Raises KeyError."""
        zeros = dict.fromkeys((*_COUNTERS, *(f"applied_{name}" for name in _COUNTERS)), 0)
        self._update(schema, table, state=RELOADING, reloaded=True, rows=0, **zeros)

    def add_changes(
        self, schema: str, table: str, inserts: int = 0, updates: int = 0, deletes: int = 0, ddls: int = 0, *, applied: bool
    ) -> None:
        """Count changes that were read from the source, or, if ``applied``, that are in the target now.

        A table that the task did not know becomes known: it was created while changes were followed.
        """
        with self._lock:
            entry = self._tables.setdefault((schema, table), TableProgress(schema, table, state=COMPLETED))
            for name, count in zip(_COUNTERS, (inserts, updates, deletes, ddls), strict=True):
                counter = f"applied_{name}" if applied else name
                setattr(entry, counter, getattr(entry, counter) + count)
            entry.updated = time.time()

    def suspend(self, schema: str, table: str, reason: str) -> None:
        """The table is left out from now on."""
        with self._lock:
            self._tables.setdefault((schema, table), TableProgress(schema, table))
        self._update(schema, table, state=ERROR, reason=reason)

    def add_rows(self, schema: str, table: str, rows: int) -> None:
        with self._lock:
            entry = self._tables[schema, table]
            entry.rows += rows
            entry.updated = time.time()

    def end(self, schema: str, table: str, state: str) -> None:
        """The load of the table has ended; a table that was suspended meanwhile stays so: changes of it are missing."""
        with self._lock:
            suspended = self._tables[schema, table].state == ERROR
        self._update(schema, table, state=ERROR if suspended else state, ended=time.time())
        self.on_end()

    def known(self, schema: str, table: str) -> TableProgress | None:
        with self._lock:
            return self._tables.get((schema, table))

    def in_state(self, *states: str) -> list[TableProgress]:
        with self._lock:
            return [t for t in self._tables.values() if t.state in states]

    def loaded_rows(self) -> int:
        with self._lock:
            return sum(t.rows for t in self._tables.values())

    def to_api(self) -> list[dict[str, Any]]:
        with self._lock:
            return [t.to_api() for t in self._tables.values()]

    def summary(self) -> dict[str, int]:
        """The counts of ``ReplicationTaskStats``."""
        with self._lock:
            tables = list(self._tables.values())
        states = [t.state for t in tables]
        return {
            "FullLoadProgressPercent": _percent(tables),
            "TablesLoaded": states.count(COMPLETED),
            "TablesLoading": states.count(LOADING) + states.count(RELOADING),
            "TablesQueued": states.count(BEFORE),
            "TablesErrored": states.count(ERROR) + states.count(MISSING),
        }

    def _update(self, schema: str, table: str, **values: Any) -> None:
        with self._lock:
            entry = self._tables[schema, table]
            for name, value in values.items():
                setattr(entry, name, value)
            entry.updated = time.time()


def _percent(tables: list[TableProgress]) -> int:
    """Loaded rows of expected ones. A hundred only when no table is left to load: the source's counts are estimates."""
    if not tables:
        return 0
    if all(t.state in FINAL for t in tables):
        return 100
    sizes = {id(t): max(t.expected, t.rows, 1) for t in tables}
    done = sum(sizes[id(t)] if t.state in FINAL else t.rows for t in tables)
    return min(99, 100 * done // sum(sizes.values()))
