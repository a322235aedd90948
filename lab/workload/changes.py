# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs a workload's change script: a stream of transactions that depends on the seed and on the data alone, and an account of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pymysql
from pymysql.cursors import Cursor

# (what made the change, table, what became of a row) -> rows
Changes = Counter[tuple[str, str, str]]
# The server counts the row that goes and the row that comes.
OF_ONE_ROW = ("replace", "upsert")


@dataclass(frozen=True, slots=True)
class Action:
    """One transaction. ``weight``: how often it comes, beside the others."""

    run: Callable[[], None]
    weight: int = 10


@dataclass(slots=True)
class ChangeSession:
    """A connection, and what was done in it. ``committed``: the account of what lasts; ``rolled_back``: rows that were changed in vain.

    Rows are counted by what changed them: ``rows`` by the statement itself, ``cascades`` by a foreign key, ``triggers`` by a trigger.
    """

    connection: pymysql.Connection[Cursor]
    committed: Changes = field(default_factory=Counter)
    rolled_back: int = 0
    statements: int = 0
    unchanged: int = 0
    _open: Changes = field(default_factory=Counter)
    _saved: Changes = field(default_factory=Counter)
    _abandoned: bool = False

    def change(self, kind: str, table: str, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that inserts, updates or deletes (``kind``) rows of a table, or a kind of ``OF_ONE_ROW``; how many it changed."""
        self.statements += 1
        with self.connection.cursor() as cursor:
            changed = cursor.execute(sql, tuple(parameters))
        if not changed:
            self.unchanged += 1
        self.note("rows", table, kind, min(changed, 1) if kind in OF_ONE_ROW else changed)
        return changed

    def note(self, cause: str, table: str, kind: str, rows: int) -> None:
        """Count rows that were changed by ``rows``, ``cascades`` or ``triggers``."""
        if rows:
            self._open[cause, table, kind] += rows

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[tuple[Any, ...], ...]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters))
            return tuple(cursor.fetchall())

    def number(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """The one number that the statement answers; 0 for NULL."""
        return int(self.ask(sql, parameters)[0][0] or 0)

    def save(self) -> None:
        """Set the savepoint, of which there is one."""
        self._command("SAVEPOINT here")
        self._saved = self._open.copy()

    def back_to_savepoint(self) -> None:
        self._command("ROLLBACK TO SAVEPOINT here")
        self.rolled_back += self._open.total() - self._saved.total()
        self._open = self._saved.copy()

    def abandon(self) -> None:
        """The transaction is to be rolled back when its action ends."""
        self._abandoned = True

    def transact(self, action: Action) -> bool:
        """Run an action in a transaction; whether it was committed."""
        self._command("START TRANSACTION")
        self._open, self._abandoned = Counter(), False
        action.run()
        self._command("ROLLBACK" if self._abandoned else "COMMIT")
        if self._abandoned:
            self.rolled_back += self._open.total()
        else:
            self.committed += self._open
        return not self._abandoned

    def _command(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)


def run(session: ChangeSession, actions: Mapping[str, Action], random: Random, transactions: int, rate: float) -> dict[str, Any]:
    """Run so many transactions, ``rate`` a second (0: as fast as they go): each action once in order, then any.

    Returns ``{"transactions", "committed", "rolled_back", "actions": {name: transactions}, "statements", "statements_without_change",
    "rows_in_vain", "rows" | "cascades" | "triggers": {table: {"insert" | "update" | "delete" | ...: rows}}, "seconds"}``.
    """
    names, weights = list(actions), [action.weight for action in actions.values()]
    done: Counter[str] = Counter()
    committed = 0
    began = time.monotonic()
    for number in range(transactions):
        if rate:
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
        name = names[number] if number < len(names) else random.choices(names, weights)[0]
        committed += session.transact(actions[name])
        done[name] += 1
    return {
        "transactions": transactions,
        "committed": committed,
        "rolled_back": transactions - committed,
        "actions": dict(sorted(done.items())),
        "statements": session.statements,
        "statements_without_change": session.unchanged,
        "rows_in_vain": session.rolled_back,
        **{cause: _by_table(session.committed, cause) for cause in ("rows", "cascades", "triggers")},
        "seconds": round(time.monotonic() - began, 3),
    }


def _by_table(changes: Changes, cause: str) -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {}
    for (by, table, kind), rows in sorted(changes.items()):
        if by == cause:
            tables.setdefault(table, {})[kind] = rows
    return tables
