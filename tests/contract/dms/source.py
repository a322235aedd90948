# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The source: schemas, statements, positions and times."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql

from .base import Base
from .places import SCHEMAS


class Source(Base):
    """Statements run under the login that may do everything, each in a transaction of its own."""

    _admin: pymysql.Connection[Any] | None = None

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A cursor on a connection of its own to the source, under the login that may do everything; each statement commits."""
        with self.place.connect() as connection, connection.cursor() as cursor:
            yield cursor

    def execute(self, sql: str, *rows: tuple[Any, ...]) -> Any:
        """Runs a statement; with rows, once for all of them."""
        self._admin = self._admin or self.place.connect()
        with self._admin.cursor() as cursor:
            if rows:
                return cursor.executemany(sql, list(rows))
            cursor.execute(sql)
            return cursor.fetchall()

    def transaction(self, *statements: str, end: str = "COMMIT") -> None:
        for statement in ("START TRANSACTION", *statements, end):
            self.execute(statement)

    def schema(self) -> str:
        """A new schema, the default one of the next statements."""
        name = f"{SCHEMAS}{secrets.token_hex(4)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.later.callback(self.execute, f"DROP DATABASE IF EXISTS {name}")
        self.execute(f"USE {name}")
        return name

    def position(self) -> str:
        """Where the source's binlog ends, as DMS takes it for a native start point."""
        try:
            status = self.execute("SHOW BINARY LOG STATUS")
        except pymysql.MySQLError:
            status = self.execute("SHOW MASTER STATUS")
        return f"{status[0][0]}:{status[0][1]}"

    def source_time(self) -> str:
        """The source's clock, UTC, as a stop position takes it."""
        return str(self.execute("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%s')")[0][0])

    def instant(self) -> str:
        """A second of the source's clock in which nothing was committed, between what was and what will be."""
        before = self.source_time()
        self.wait(lambda: self.source_time() > before, "the next second")
        found = self.source_time()
        self.wait(lambda: self.source_time() > found, "the second after it")
        return found
