# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads a MySQL or MariaDB server: what tables there are, and their rows as lines that the server itself puts together."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import pymysql
from pymysql.constants import CR, ER
from pymysql.err import raise_mysql_exception

CONNECT_SECONDS = 10
# A silent source counts as lost after this time.
READ_SECONDS = 600
BLOCK_BYTES = 256 * 1024
READ_BUFFER = 256 * 1024

_HEADER = struct.Struct("<I")
_LONGEST_PACKET = 0xFFFFFF
# TIMESTAMP comes in UTC, backslashes in literals mean what PyMySQL takes them for, and a slow target does not end the query.
_SESSION = "SET SESSION time_zone = '+00:00', sql_mode = '', net_write_timeout = 600"
_GRANT_ERRORS = frozenset(
    {ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR, ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR, ER.VIEW_INVALID}
)
_LOGIN_ERRORS = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.HOST_NOT_PRIVILEGED, 1698, 1130, 4151})


class SourceError(Exception):
    """The source refused or vanished. ``recoverable``: another try later may do."""

    def __init__(self, message: str, *, recoverable: bool) -> None:
        super().__init__(message)
        self.recoverable = recoverable


class TableError(Exception):
    """One table cannot be read; the others may."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and how to log in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl_mode: str
    ca_pem: str = field(repr=False)


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
        address = self._address
        try:
            self._connection = pymysql.connect(
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
            )
            self._connection.query(_SESSION)
            # PyMySQL reads 8 kB at a time.
            self._connection._rfile = self._connection._sock.makefile("rb", READ_BUFFER)
        except (pymysql.err.Error, OSError, ValueError) as error:
            raise _as_source_error(error, address) from None
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

    def literal(self, text: str) -> str:
        """The text as a string literal of SQL."""
        return str(self._connection.literal(text))

    def begin_snapshot(self) -> None:
        """From here on every statement sees the same state of the tables."""
        self._rows("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._rows("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def number(self, sql: str) -> int:
        """The one number that the statement answers."""
        return int(self._rows(sql)[0][0] or 0)

    def lines(self, sql: str) -> Iterator[list[bytes]]:
        """The rows of a statement with one text column, as blocks of about 256 kB.

        PyMySQL's cursors spend most of their time on one object per row and field. As each row is a single text, the packets are taken
        here from the connection's stream directly. The connection can do nothing else afterwards.
        Protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
        """
        try:
            self._connection.query(sql, unbuffered=True)
            # From here on the packets are ours: PyMySQL would otherwise read the rest of them when it forgets the result.
            self._connection._result.unbuffered_active = False
            yield from self._blocks(self._connection._rfile.read)
        except (pymysql.err.Error, OSError, struct.error) as error:
            raise _as_source_error(error, self._address) from None

    def _blocks(self, read: Any) -> Iterator[list[bytes]]:
        unpack = _HEADER.unpack
        block: list[bytes] = []
        size = 0
        while True:
            length = unpack(read(4))[0] & _LONGEST_PACKET
            packet = read(length)
            if len(packet) < length:
                raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
            while length == _LONGEST_PACKET:
                length = unpack(read(4))[0] & _LONGEST_PACKET
                packet += read(length)
            # A text begins with its own length: in the first byte, or in 2, 3 or 8 bytes behind it.
            first = packet[0]
            if first < 251:
                block.append(packet[1:])
            elif first == 252:
                block.append(packet[3:])
            elif first == 253:
                block.append(packet[4:])
            elif first == 254 and len(packet) >= 9:
                block.append(packet[9:])
            elif first == 254:
                break
            elif first == 255:
                raise_mysql_exception(packet)
            else:
                raise TableError("a row is longer than the server's max_allowed_packet")
            size += length
            if size >= BLOCK_BYTES:
                yield block
                block = []
                size = 0
        if block:
            yield block

    def _rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[tuple[Any, ...], ...]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return tuple(cursor.fetchall())
        except (pymysql.err.Error, OSError) as error:
            raise _as_source_error(error, self._address) from None


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


def _as_source_error(error: Exception, address: Address) -> Exception:
    """What went wrong, as the engine names it. PyMySQL's messages hold no password."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[1]) if len(error.args) > 1 else str(error) or type(error).__name__
    if code in _GRANT_ERRORS:
        return TableError(text)
    where = f"MySQL server '{address.host}:{address.port}'"
    if isinstance(error, struct.error):
        return SourceError(f"Lost connection to {where} during query", recoverable=True)
    if code in _LOGIN_ERRORS or isinstance(error, ssl.SSLError | ValueError) or "SSL" in text or "certificate" in text.lower():
        return SourceError(f"Cannot connect to {where}: {text}", recoverable=False)
    return SourceError(f"{where}: {text}", recoverable=True)
