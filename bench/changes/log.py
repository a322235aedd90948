# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Changes to be followed: transactions on a copy of the charges, written to the source's binary log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.source import TABLE, address
from lab.config import SCHEMA, LabConfig
from lab.dms.binlog import Position, current_position
from lab.dms.sources.mysql import MySQLSource
from lab.workload.load import connect

COPY = "charge_changes"
ROWS_PER_TRANSACTION = 50
_NEVER = 2**63


def write_small(config: LabConfig, rows: int) -> tuple[Position, int]:
    """Transactions of fifty rows each: inserts, then updates of every second row, then deletes of every fifth.

    Returns where they begin in the log, and how many rows they change.
    """
    with _copy(config) as cursor:
        begin = position(config)
        cursor.execute(f"SELECT charge_seq FROM `{TABLE}` ORDER BY charge_seq LIMIT {rows}")  # noqa: S608 - names of our own
        keys = [key for (key,) in cursor.fetchall()]
        changes = 0
        for low, high in zip(keys[::ROWS_PER_TRANSACTION], [*keys[ROWS_PER_TRANSACTION::ROWS_PER_TRANSACTION], _NEVER], strict=True):
            last = f"AND charge_seq <= {keys[-1]}" if high == _NEVER else f"AND charge_seq < {high}"
            changes += cursor.execute(f"INSERT INTO `{COPY}` SELECT * FROM `{TABLE}` WHERE charge_seq >= {low} {last}")  # noqa: S608
        for low, high in zip(keys[::ROWS_PER_TRANSACTION], [*keys[ROWS_PER_TRANSACTION::ROWS_PER_TRANSACTION], _NEVER], strict=True):
            some = f"charge_seq >= {low} AND charge_seq < {high} AND charge_seq"
            changes += cursor.execute(f"UPDATE `{COPY}` SET actv_amt = actv_amt + 1 WHERE {some} % 2 = 0")  # noqa: S608
            changes += cursor.execute(f"DELETE FROM `{COPY}` WHERE {some} % 5 = 0")  # noqa: S608
    return begin, changes


def write_single(config: LabConfig, rows: int) -> tuple[Position, int]:
    """Transactions of one row each: inserts, then updates of every second row, then deletes of every fifth. Returns as ``write_small``."""
    one = "WHERE charge_seq = %s AND activity_num = %s"
    with _copy(config) as cursor:
        begin = position(config)
        cursor.execute(f"SELECT charge_seq, activity_num FROM `{TABLE}` ORDER BY charge_seq, activity_num LIMIT {rows}")  # noqa: S608 - names of our own
        keys = cursor.fetchall()
        changes = 0
        for statement, step in (
            (f"INSERT INTO `{COPY}` SELECT * FROM `{TABLE}` {one}", 1),  # noqa: S608
            (f"UPDATE `{COPY}` SET actv_amt = actv_amt + 1 {one}", 2),  # noqa: S608
            (f"DELETE FROM `{COPY}` {one}", 5),  # noqa: S608
        ):
            changes += sum(cursor.execute(statement, key) for key in keys[::step])
    return begin, changes


def write_large(config: LabConfig, changes: int) -> tuple[Position, int]:
    """At least so many changed rows, in transactions that take the whole table each. Returns as ``write_small``."""
    with _copy(config) as cursor:
        begin = position(config)
        done = 0
        while done < changes:
            done += cursor.execute(f"INSERT INTO `{COPY}` SELECT * FROM `{TABLE}`")  # noqa: S608 - names of our own
            done += cursor.execute(f"DELETE FROM `{COPY}`")  # noqa: S608
    return begin, done


def position(config: LabConfig) -> Position:
    with MySQLSource(address(config)) as source:
        return current_position(source)


@contextmanager
def _copy(config: LabConfig) -> Iterator[Any]:
    """A cursor, and an empty table like the charges'."""
    connection = connect(config, SCHEMA)
    with connection, connection.cursor() as cursor:
        connection.autocommit(True)
        cursor.execute(f"DROP TABLE IF EXISTS `{COPY}`")
        cursor.execute(f"CREATE TABLE `{COPY}` LIKE `{TABLE}`")
        yield cursor
