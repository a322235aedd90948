# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a task tells about its tables while it works and afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

BEFORE = "Before load"
LOADING = "Full load"
COMPLETED = "Table completed"
CANCELLED = "Table cancelled"
ERROR = "Table error"
MISSING = "Table does not exist"
FINAL = (COMPLETED, ERROR, MISSING)
_ZEROS = ("Inserts", "Deletes", "Updates", "Ddls", "AppliedInserts", "AppliedDeletes", "AppliedUpdates", "AppliedDdls")
_MORE_ZEROS = ("FullLoadCondtnlChkFailedRows", "FullLoadErrorRows")
_VALIDATION = ("ValidationPendingRecords", "ValidationFailedRecords", "ValidationSuspendedRecords")


@dataclass(slots=True)
class TableProgress:
    """One table of one run; times in seconds since 1970. ``expected``: rows by the source's estimate."""

    schema: str
    table: str
    state: str = BEFORE
    rows: int = 0
    expected: int = 0
    started: float | None = None
    ended: float | None = None
    reloaded: bool = False
    updated: float = 0.0

    def to_api(self) -> dict[str, Any]:
        """A ``TableStatistics`` of the API."""
        return {
            "SchemaName": self.schema,
            "TableName": self.table,
            **dict.fromkeys((*_ZEROS, *_MORE_ZEROS, *_VALIDATION), 0),
            "FullLoadRows": self.rows,
            "FullLoadStartTime": self.started,
            "FullLoadEndTime": self.ended,
            "FullLoadReloaded": self.reloaded,
            "LastUpdateTime": self.updated,
            "TableState": self.state,
            "ValidationState": "Not enabled",
        }


class Statistics:
    """The tables of one task. Many threads write, others read."""

    def __init__(self, tables: Iterable[TableProgress] = ()) -> None:
        self._lock = threading.Lock()
        self._tables = {(t.schema, t.table): t for t in tables}

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
        now = time.time()
        self._update(schema, table, state=LOADING, started=now, rows=0, ended=None)

    def add_rows(self, schema: str, table: str, rows: int) -> None:
        with self._lock:
            entry = self._tables[schema, table]
            entry.rows += rows
            entry.updated = time.time()

    def end(self, schema: str, table: str, state: str) -> None:
        self._update(schema, table, state=state, ended=time.time())

    def in_state(self, *states: str) -> list[TableProgress]:
        with self._lock:
            return [t for t in self._tables.values() if t.state in states]

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
            "TablesLoading": states.count(LOADING),
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
