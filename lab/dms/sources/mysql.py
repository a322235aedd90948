# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads a MySQL or MariaDB server: what tables there are, and their rows as lines that the server itself puts together."""

from __future__ import annotations

import logging
import re
import ssl
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

import pymysql
from pymysql.constants import CLIENT, ER

from lab.dms.sources.packets import Row, read_lines, read_rows

CONNECT_SECONDS = 10
# A silent source counts as lost after this time.
READ_SECONDS = 600
READ_BUFFER = 256 * 1024

# TIMESTAMP comes in UTC, or in the server's time zone where the endpoint names that; backslashes in literals mean what PyMySQL takes them
# for; and a slow target does not end the query.
_SESSION = "SET SESSION time_zone = {zone}, sql_mode = '', net_write_timeout = 600"
# Errors of one table: no grant for it, not there, or damaged (1812 and 1932: InnoDB has lost its tablespace).
_TABLE_ERRORS = frozenset(
    {
        *(ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR, ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR, ER.VIEW_INVALID),
        *(ER.CANT_OPEN_FILE, ER.FILE_NOT_FOUND, ER.GET_ERRNO, ER.NOT_FORM_FILE, ER.NOT_KEYFILE, ER.WRONG_MRG_TABLE),
        *(ER.CRASHED_ON_USAGE, ER.CRASHED_ON_REPAIR, ER.UNKNOWN_STORAGE_ENGINE, 1812, 1932),
    }
)
# Errors by which a server refuses what it may do later: too many connections, shutdown, a broken connection (1158 to 1161, 1184, 1927,
# 3169, 4031), a lock or a limit of time (1205, 1213, 1317, 1969, 3024), a quota (1203, 1226).
_PASSING_ERRORS = frozenset({1040, 1053, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1226, 1317, 1927, 1969, 3024, 3169, 4031})
# Between these, and below the first server error, errors are the client's own: it lost the connection or never had one.
_CLIENT_ERRORS = range(2000, 3000)
_FIRST_SERVER_ERROR = 1000
_LOGIN_ERRORS = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.HOST_NOT_PRIVILEGED, 1698, 1130, 4151})

Block = TypeVar("Block")

_log = logging.getLogger(__name__)


class SourceError(Exception):
    """The source refused or vanished. ``recoverable``: another try later may do."""

    def __init__(self, message: str, *, recoverable: bool) -> None:
        super().__init__(message)
        self.recoverable = recoverable


class TableError(Exception):
    """One table cannot be read; the others may."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and how to log in.

    ``after_connect``: statements that every connection runs first. ``server_timezone``: the time zone in which the server shows TIMESTAMP
    values, as the endpoint says (Area/Location); "" where it says nothing: values then come in UTC whatever the server's zone is.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl_mode: str
    ca_pem: str = field(repr=False)
    after_connect: str = field(default="", repr=False)
    server_timezone: str = ""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column, in the words of ``information_schema``; the types in lower case, but for the labels of ENUM and SET.

    ``ordinal``: its place in the table, counted from 1, invisible columns included: the binary log numbers columns so.
    """

    name: str
    data_type: str
    column_type: str
    character_set: str
    fraction: int
    ordinal: int = 0
    generated: bool = False
    invisible: bool = False

    @property
    def length(self) -> int:
        """The number in parentheses behind the type's name: characters, bits or digits; 0 where there is none."""
        found = re.match(r"\w+\((\d+)", self.column_type)
        return int(found.group(1)) if found else 0


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table with all its columns in ordinal order. ``rows`` is the server's estimate."""

    schema: str
    name: str
    rows: int
    all_columns: tuple[SourceColumn, ...]
    primary_key: tuple[str, ...]

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        """The visible columns: DMS leaves the others out."""
        return tuple(c for c in self.all_columns if not c.invisible)


class MySQLSource:
    """One connection, as a context manager. Every error it raises is a SourceError or a TableError."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Any = None

    def __enter__(self) -> MySQLSource:
        try:
            self._connection = connect(self._address)
            zone = "@@GLOBAL.time_zone" if self._address.server_timezone else "'+00:00'"
            self._connection.query(_SESSION.format(zone=zone))
            # PyMySQL reads 8 kB at a time.
            self._connection._rfile = self._connection._sock.makefile("rb", READ_BUFFER)
        except (pymysql.err.Error, OSError, ValueError) as error:
            raise as_source_error(error, self._address) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # No goodbye: an unread result would have to be read to its end first.
        if self._connection is not None:
            self._connection._force_close()

    def tables(self) -> list[tuple[str, str, int]]:
        """Schema, name and estimated rows of every base table that this account can see."""
        rows = self._rows(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(TABLE_ROWS, 0) FROM information_schema.TABLES "
            "WHERE TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_SCHEMA, TABLE_NAME"
        )
        return [(schema, name, int(count)) for schema, name, count in rows]

    def table(self, schema: str, name: str, rows: int) -> SourceTable:
        """The table's columns and key."""
        columns = self._rows(
            "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COALESCE(CHARACTER_SET_NAME, ''), COALESCE(DATETIME_PRECISION, 0), "
            "ORDINAL_POSITION, COALESCE(GENERATION_EXPRESSION, '') <> '', EXTRA LIKE '%%INVISIBLE%%' "
            "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
            (schema, name),
        )
        key = self._rows(
            "SELECT COLUMN_NAME FROM information_schema.STATISTICS "
            "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX",
            (schema, name),
        )
        described = tuple(
            SourceColumn(c[0], c[1].lower(), _lowered(c[2]), c[3], int(c[4]), int(c[5]), bool(c[6]), bool(c[7])) for c in columns
        )
        return SourceTable(schema, name, rows, described, tuple(k[0] for k in key))

    def partitions(self, schema: str, name: str) -> list[str]:
        """The names of the table's partitions in their order; empty where it has none."""
        found = self._rows(
            "SELECT DISTINCT PARTITION_NAME, PARTITION_ORDINAL_POSITION FROM information_schema.PARTITIONS "
            "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION",
            (schema, name),
        )
        return [partition for partition, _ in found]

    def literal(self, text: str) -> str:
        """The text as a string literal of SQL."""
        return str(self._connection.escape(text))

    def begin_snapshot(self) -> None:
        """From here on every statement sees the same state of the tables."""
        self._rows("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._rows("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def number(self, sql: str) -> int:
        """The one number that the statement answers."""
        return int(self._rows(sql)[0][0] or 0)

    def answer(self, sql: str) -> tuple[tuple[Any, ...], ...]:
        """The rows of a statement that answers few."""
        return self._rows(sql)

    def lines(self, sql: str, on_null: Callable[[], None]) -> Iterator[list[bytes]]:
        """The rows of a statement with one text column, as blocks of about 256 kB; ``on_null`` is called for each that is NULL.

        The connection can do nothing else afterwards.
        """
        return self._unbuffered(sql, lambda read: read_lines(read, on_null))

    def rows(self, sql: str, columns: int) -> Iterator[list[Row]]:
        """The rows of a statement with several text columns, as blocks of about 256 kB. The connection can do nothing else afterwards."""
        return self._unbuffered(sql, lambda read: read_rows(read, columns))

    def _unbuffered(self, sql: str, taken: Callable[[Any], Iterator[Block]]) -> Iterator[Block]:
        try:
            self._connection.query(sql, unbuffered=True)
            # From here on the packets are ours: PyMySQL would otherwise read the rest of them when it forgets the result.
            self._connection._result.unbuffered_active = False
            yield from taken(self._connection._rfile.read)
        except (pymysql.err.Error, OSError, struct.error) as error:
            raise as_source_error(error, self._address) from None

    def _rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[tuple[Any, ...], ...]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return tuple(cursor.fetchall())
        except (pymysql.err.Error, OSError) as error:
            raise as_source_error(error, self._address) from None


def connect(address: Address) -> Any:
    """A connection as the address says. Raises PyMySQL's errors, OSError, ValueError: see ``as_source_error``."""
    connection = pymysql.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        charset="utf8mb4",
        ssl=_tls(address),
        ssl_disabled=address.ssl_mode == "none",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        autocommit=True,
        client_flag=CLIENT.MULTI_STATEMENTS if address.after_connect else 0,
    )
    if address.after_connect:
        _run_script(connection, address.after_connect)
    return connection


def _run_script(connection: Any, script: str) -> None:
    """A failing statement ends the script, not the task: so AWS documents AfterConnectScript."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(script)
            while cursor.nextset():
                pass
    except pymysql.err.Error as error:
        _log.warning("the AfterConnectScript of the source failed with error %s", error.args[0] if error.args else "unknown")


def _lowered(column_type: str) -> str:
    """The type in lower case, except for the labels of ENUM and SET, which are data."""
    return column_type if column_type[:5].lower() == "enum(" or column_type[:4].lower() == "set(" else column_type.lower()


def _tls(address: Address) -> ssl.SSLContext | None:
    """Raises ssl.SSLError for a certificate that cannot be read."""
    if address.ssl_mode == "none":
        return None
    context = ssl.create_default_context(cadata=address.ca_pem)
    context.check_hostname = address.ssl_mode == "verify-full"
    # DMS does not speak TLS 1.3 with MySQL.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _hint(code: int, text: str, address: Address) -> str:
    """What to do about it, where the words of server and client do not say."""
    if code == ER.ACCESS_DENIED_ERROR and address.ssl_mode == "none":
        return "; if the account demands TLS, the endpoint needs the SslMode verify-ca or verify-full and a CertificateArn"
    if code == ER.SPECIFIC_ACCESS_DENIED_ERROR:
        return "; to capture changes the account needs GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.*"
    if "CERTIFICATE_VERIFY_FAILED" in text and "mismatch" not in text:
        return "; the endpoint's CertificateArn must be the authority that signed the server's certificate"
    return ""


def as_source_error(error: Exception, address: Address) -> Exception:
    """What went wrong, as the engine names it. PyMySQL's messages hold no password."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[1]) if len(error.args) > 1 else str(error) or type(error).__name__
    if code in _TABLE_ERRORS:
        return TableError(text)
    text += _hint(code, text, address)
    where = f"MySQL server '{address.host}:{address.port}'"
    if isinstance(error, struct.error):
        return SourceError(f"Lost connection to {where} during query", recoverable=True)
    if code in _LOGIN_ERRORS or isinstance(error, ssl.SSLError | ValueError) or "SSL" in text or "certificate" in text.lower():
        return SourceError(f"Cannot connect to {where}: {text}", recoverable=False)
    of_server = code >= _FIRST_SERVER_ERROR and code not in _CLIENT_ERRORS
    return SourceError(f"{where}: {text}", recoverable=not of_server or code in _PASSING_ERRORS)
