# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads the lab's binary log for tests, and asks the server for the texts that a full load would write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.config import DMS_USER
from lab.dms.binlog import BinlogReader, Idle, Position, Statement, Transaction, compile_rows, current_position
from lab.dms.dialects.dialect import GUIDE, Dialect
from lab.dms.full_load.csv_line import quoted_name, value_text
from lab.dms.sources.mysql import Address, MySQLSource, SourceTable
from lab.dms.targets.settings import S3Settings

# What MariaDB has and a full load refuses, as SELECT shows it.
SHOWN = frozenset({"uuid", "inet6", "inet4"})
WAIT_SECONDS = 60
Change = Transaction | Statement | Idle


@dataclass
class Log:
    """One test's view of the log: its schema, the source account, and a folder for what does not fit into memory."""

    administrator: Any
    address: Address
    schema: str
    folder: Path
    begin: Position = field(init=False)

    def __post_init__(self) -> None:
        self.begin = self.position()

    def run(self, sql: str, *values: Any) -> Any:
        with self.administrator.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def position(self) -> Position:
        with MySQLSource(self.address) as source:
            return current_position(source)

    def table(self, name: str) -> SourceTable:
        with MySQLSource(self.address) as source:
            return source.table(self.schema, name, 0)

    def reader(self, start: Position | None = None, **options: Any) -> BinlogReader:
        deadline = time.monotonic() + WAIT_SECONDS
        settings: dict[str, Any] = {"buffer_bytes": 1 << 20, "spool_dir": self.folder, "idle_seconds": 0.1}
        settings |= {"stopped": lambda: time.monotonic() > deadline} | options
        return BinlogReader(self.address, start or self.begin, **settings)

    def changes(self, start: Position | None = None, **options: Any) -> list[Transaction | Statement]:
        """Everything from ``start`` to where the log stands now."""
        end = self.position()
        found: list[Transaction | Statement] = []
        with self.reader(start, **options) as reader:
            for change in reader:
                if isinstance(change, Idle):
                    if change.position >= end:
                        return found
                    continue
                found.append(change)
                if change.end >= end:
                    return found
        raise AssertionError(f"the log did not reach {end} within {WAIT_SECONDS} seconds: {found[-3:]}")

    def transactions(self, start: Position | None = None, **options: Any) -> list[Transaction]:
        return [change for change in self.changes(start, **options) if isinstance(change, Transaction)]

    def rows(
        self, table: SourceTable, changes: list[Transaction] | None = None, dialect: Dialect = GUIDE, wanted: list[int] | None = None
    ) -> list[tuple[Any, ...]]:
        """Operation, before and after of each row of one table."""
        return list(self._rows(table, self.transactions() if changes is None else changes, dialect, wanted))

    def _rows(
        self, table: SourceTable, changes: list[Transaction], dialect: Dialect, wanted: list[int] | None
    ) -> Iterator[tuple[Any, ...]]:
        decoders: dict[Any, Callable[..., Any]] = {}
        for transaction in changes:
            for event in transaction.rows:
                if (event.table.schema, event.table.table) != (table.schema, table.name):
                    continue
                if event.table not in decoders:
                    decoders[event.table] = compile_rows(event.table, table, dialect, wanted)
                for before, after in decoders[event.table](event):
                    yield event.operation, before, after

    def texts(self, table: SourceTable, dialect: Dialect, order: str = "id") -> list[tuple[str | None, ...]]:
        """Each row as the full load's SQL writes its values."""
        settings = S3Settings("", "")
        with MySQLSource(self.address) as source:
            columns = []
            for column in table.columns:
                if column.data_type in SHOWN:
                    columns.append((f"CAST({quoted_name(column.name)} AS CHAR)", None))
                else:
                    value = value_text(column, dialect, settings, 1 << 30, source.literal)
                    columns.append((value.sql, value.finish))
            # In CONCAT, as in a line of CSV, every value becomes a text.
            texts = ", ".join(f"CONCAT({sql})" for sql, _ in columns)
            sql = f"SELECT {texts} FROM {self.schema}.{quoted_name(table.name)} ORDER BY {order}"  # noqa: S608 - names of the test
            found = source.answer(sql)
        finishers = [finish for _, finish in columns]
        return [
            tuple(None if v is None else (f(_text(v)) if f else _text(v)) for v, f in zip(row, finishers, strict=True)) for row in found
        ]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def account(lab: Any, **changes: Any) -> Address:
    """The lab's own account for replication."""
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    given = {"host": "127.0.0.1", "port": lab.ports["mysql"], "user": DMS_USER, "password": lab.secret(DMS_USER), "ssl_mode": "verify-full"}
    return Address(**given | {"ca_pem": pem} | changes)
