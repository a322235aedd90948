# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A MySQL or MariaDB server, read only."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, cast

from ..errors import InvalidInput, NotFound, Unreachable
from ..model.schema import Column, Table
from ..model.site import SourceSite
from .mysql_errors import Lost, translate
from .mysql_schema import ENGINES, read_tables
from .mysql_text import quoted, staged_text

try:
    import pymysql
    from pymysql.converters import encoders
    from pymysql.cursors import SSCursor
except ImportError:
    pymysql = None  # type: ignore[assignment]

_CONNECT_SECONDS = 10
# A count of a large table answers nothing for minutes; a dead peer must still be noticed some day.
_READ_SECONDS = 3600
# The server gives up on a reader that is slower than this; the default of a minute is too short for a paced reader.
_NET_WRITE_SECONDS = 3600
_ROWS_PER_FETCH = 1000


class MySQLSource:
    """Fulfils ``ports.InspectedDatabase``. Connects when it is first asked something; not for several threads at once.

    The first ``count`` or ``rows`` opens a read-only transaction with a consistent snapshot, which all later ones share until
    ``close``. Every method raises Unreachable, Denied or NotFound where the server says so, Retryable where the connection was
    lost, Conflict where a table was altered after the snapshot was taken.
    """

    def __init__(self, site: SourceSite, password: str) -> None:
        self._site = site
        self._password = password
        self._connection: Any = None
        self._account = ""
        self._in_snapshot = False

    def version(self) -> str:
        return str(self._ask("SELECT VERSION()")[0][0])

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        rows = self._ask("SHOW GLOBAL VARIABLES WHERE Variable_name IN %s", (tuple(names),))
        return {str(name).lower(): str(value) for name, value in rows}

    def grants(self) -> tuple[str, ...]:
        """One text per GRANT. MariaDB shows the hash of the password there: it is left out."""
        return tuple(re.sub(r" IDENTIFIED (BY|VIA) .*?(?= REQUIRE| WITH|$)", "", str(grant)) for (grant,) in self._ask("SHOW GRANTS"))

    def tables(self, schemas: Sequence[str]) -> tuple[Table, ...]:
        """The tables of these schemas that the account may see, by schema and name."""
        return read_tables(self._ask, schemas) if schemas else ()

    def engines(self, schemas: Sequence[str]) -> dict[str, str]:
        return {f"{schema}.{name}": str(engine) for schema, name, engine in self._ask(ENGINES, (tuple(schemas),))} if schemas else {}

    def require_readable(self, schema: str, name: str) -> None:
        """Raises Denied with the missing grant, or NotFound."""
        self._ask(f"SELECT 1 FROM {quoted(schema)}.{quoted(name)} LIMIT 0", table=f"{schema}.{name}")  # noqa: S608

    def count(self, table: Table) -> int:
        self._enter_snapshot()
        return int(self._ask(f"SELECT COUNT(*) FROM {_from(table)}", table=table.qualified)[0][0])  # noqa: S608

    def holding(self, table: Table, columns: Sequence[str], text: str) -> tuple[str, ...]:
        if not columns:
            return ()
        tests = ", ".join(f"MAX(CAST(CONVERT({quoted(name)} USING utf8mb4) AS BINARY) = %s)" for name in columns)
        (found,) = self._ask(f"SELECT {tests} FROM {_from(table)}", (text.encode(),) * len(columns), table=table.qualified)  # noqa: S608
        return tuple(name for name, any_row in zip(columns, found, strict=True) if any_row == "1")

    def longest(self, table: Table, columns: Sequence[str]) -> dict[str, int]:
        if not columns:
            return {}
        sizes = ", ".join(f"COALESCE(MAX(OCTET_LENGTH({quoted(name)})), 0)" for name in columns)
        (found,) = self._ask(f"SELECT {sizes} FROM {_from(table)}", table=table.qualified)  # noqa: S608
        return {name: int(size) for name, size in zip(columns, found, strict=True)}

    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        """Streams; memory does not grow with the table. Read one table to its end before the next is begun."""
        self._enter_snapshot()
        texts = ", ".join(staged_text(_column(table, name)) for name in columns)
        cursor = self._connection.cursor(SSCursor)
        exhausted = False
        try:
            cursor.execute(f"SELECT {texts} FROM {_from(table)}")  # noqa: S608
            while rows := cursor.fetchmany(_ROWS_PER_FETCH):
                yield from rows
            exhausted = True
        except pymysql.MySQLError as error:
            self._raise(error, table.qualified)
        finally:
            if exhausted:
                cursor.close()
            else:
                self._abandon(cursor)

    def close(self) -> None:
        connection, self._connection, self._in_snapshot = self._connection, None, False
        if connection is not None and connection.open:
            connection.close()

    def _ask(self, statement: str, parameters: tuple[Any, ...] = (), *, table: str = "") -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._connect()
        try:
            return _run(self._connection, statement, parameters)
        except pymysql.MySQLError as error:
            self._raise(error, table)

    def _enter_snapshot(self) -> None:
        if not self._in_snapshot:
            self._ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            self._in_snapshot = True

    def _connect(self) -> Any:
        if pymysql is None:
            raise InvalidInput("the Python package PyMySQL is not installed", remedy="pip install PyMySQL")
        site = self._site
        context = _tls(site)
        try:
            connection: Any = pymysql.connect(
                host=site.host,
                port=site.port,
                user=site.user,
                password=self._password.encode(),
                charset="utf8mb4",
                # Without decoders, values stay the text that the server sends.
                conv=cast(Any, encoders),
                ssl=context,
                ssl_disabled=context is None,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                program_name="landbridge",
            )
            self._prepare(connection, encrypted=context is not None)
        except pymysql.MySQLError as error:
            raise translate(error, site) from error
        return connection

    def _prepare(self, connection: Any, *, encrypted: bool) -> None:
        # Older drivers fall back to clear text where the server offers no TLS.
        if encrypted and not _run(connection, "SHOW SESSION STATUS LIKE 'Ssl_version'")[0][1]:
            connection.close()
            raise Unreachable(
                "the connection came up without TLS",
                place=f"{self._site.host}:{self._site.port}",
                remedy="give the server a certificate (ssl_cert, ssl_key)",
            )
        # An empty mode: zero dates are read as they are, CHAR values are not padded.
        _run(
            connection,
            f"SET SESSION time_zone = '+00:00', sql_mode = '', sql_quote_show_create = 1, net_write_timeout = {_NET_WRITE_SECONDS}",
        )
        _run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._account = _run(connection, "SELECT CURRENT_USER()")[0][0]

    def _raise(self, error: Exception, table: str) -> NoReturn:
        translated = translate(error, self._site, table=table, account=self._account)
        if isinstance(translated, Lost):
            self._connection, self._in_snapshot = None, False
        raise translated from error

    def _abandon(self, cursor: Any) -> None:
        """Ends the connection: the driver would otherwise read the rest of the table before it gave the connection back."""
        result = cursor._result
        if result is not None:
            result.unbuffered_active, result.connection = False, None
        cursor.connection = None
        connection, self._connection, self._in_snapshot = self._connection, None, False
        if connection is not None and connection.open:
            connection._force_close()


def _run(connection: Any, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


def _from(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise NotFound(f"the table has no column {name}", place=table.qualified, remedy="check the contract against the source")
    return column


def _tls(site: SourceSite) -> ssl.SSLContext | None:
    if site.tls_mode == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=site.tls_ca or None)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "it holds no PEM certificate"
        raise InvalidInput(
            f"the certificate authority of the source cannot be read: {reason}",
            place=site.tls_ca,
            remedy="`source.tls.ca` of the site file names the PEM file",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Strict X.509 checks refuse private authorities without a key identifier, which are common on premises.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = site.tls_mode == "verify-full"
    return context
