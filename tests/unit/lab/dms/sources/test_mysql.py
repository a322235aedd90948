# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rows taken from the packets of the protocol."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import pymysql
import pytest

from lab.dms.sources.mysql import Address, MySQLSource, SourceError, TableError, as_source_error

END = b"\xfe\x00\x00\x02\x00"
LONGEST = 0xFFFFFF


def packets(*payloads: bytes) -> bytes:
    """Payloads as they travel: cut after 16 MB, each piece with its length."""
    made = b""
    for payload in payloads:
        pieces = [payload[n : n + LONGEST] for n in range(0, len(payload) + 1, LONGEST)]
        made += b"".join(struct.pack("<I", len(piece)) + piece for piece in pieces)
    return made


def text(value: bytes) -> bytes:
    """A text with its length in front."""
    if len(value) < 251:
        return bytes([len(value)]) + value
    if len(value) < 1 << 16:
        return b"\xfc" + struct.pack("<H", len(value)) + value
    if len(value) < 1 << 24:
        return b"\xfd" + struct.pack("<I", len(value))[:3] + value
    return b"\xfe" + struct.pack("<Q", len(value)) + value


class Connection:
    """A connection of PyMySQL whose query was answered with these bytes."""

    def __init__(self, stream: bytes) -> None:
        self._rfile = io.BytesIO(stream)
        self._result = type("Result", (), {"unbuffered_active": True})()

    def query(self, sql: str, unbuffered: bool) -> None:
        assert (sql, unbuffered) == ("SELECT 1", True)


def lines(stream: bytes, on_null: Callable[[], None] = lambda: None) -> list[bytes]:
    source: Any = MySQLSource(Address("db", 3306, "u", "p", "none", ""))
    source._connection = Connection(stream)
    return [line for block in source.lines("SELECT 1", on_null) for line in block]


@pytest.mark.parametrize("length", [0, 1, 250, 251, 65535, 65536, LONGEST - 5, LONGEST - 4, LONGEST, LONGEST + 10])
def test_rows_of_every_length(length: int) -> None:
    rows = [b"first", b"x" * length, b"last"]
    assert lines(packets(*map(text, rows), END)) == rows


def test_no_rows() -> None:
    assert lines(packets(END)) == []


def test_many_rows_come_in_blocks() -> None:
    rows = [b"%06d" % n * 100 for n in range(2000)]
    assert lines(packets(*map(text, rows), END)) == rows


@pytest.mark.parametrize("cut", [0, 2, 4, 10])
def test_a_stream_that_ends_too_early(cut: int) -> None:
    whole = packets(text(b"first row"))
    with pytest.raises(SourceError, match="Lost connection") as lost:
        lines(whole + packets(text(b"second row"))[:cut])
    assert lost.value.recoverable


def test_an_error_among_the_rows() -> None:
    error = b"\xff" + struct.pack("<H", pymysql.constants.ER.TABLEACCESS_DENIED_ERROR) + b"#42000denied"
    with pytest.raises(TableError, match="denied"):
        lines(packets(text(b"row"), error))


def test_a_row_that_the_server_could_not_make() -> None:
    found: list[str] = []
    stream = packets(text(b"row"), b"\xfb", text(b"next"), END)
    assert lines(stream, lambda: found.append("null")) == [b"row", b"next"]
    assert found == ["null"]


def rows(stream: bytes, columns: int) -> list[list[bytes | None]]:
    source: Any = MySQLSource(Address("db", 3306, "u", "p", "none", ""))
    source._connection = Connection(stream)
    return [row for block in source.rows("SELECT 1", columns) for row in block]


@pytest.mark.parametrize("length", [0, 1, 250, 251, 65535, 65536, LONGEST - 5, LONGEST + 10])
def test_rows_of_several_columns(length: int) -> None:
    first = packets(text(b"first") + b"\xfb" + text(b"x" * length))
    second = packets(text(b"x" * length) + text(b"") + b"\xfb")
    assert rows(first + second + packets(END), 3) == [[b"first", None, b"x" * length], [b"x" * length, b"", None]]


def test_rows_of_several_columns_come_in_blocks_and_end_with_errors() -> None:
    many = [text(b"%06d" % n * 100) + b"\xfb" for n in range(2000)]
    assert rows(packets(*many, END), 2) == [[b"%06d" % n * 100, None] for n in range(2000)]
    error = b"\xff" + struct.pack("<H", pymysql.constants.ER.TABLEACCESS_DENIED_ERROR) + b"#42000denied"
    with pytest.raises(TableError, match="denied"):
        rows(packets(*many[:1], error), 2)


def test_an_address_does_not_show_its_password() -> None:
    assert "secret" not in repr(Address("db", 3306, "u", "secret", "none", "secret", after_connect="SET @x = 'secret'"))


@pytest.mark.parametrize(
    ("mode", "error", "hint"),
    [
        ("none", pymysql.err.OperationalError(1045, "Access denied for user 'u'"), "; if the account demands TLS, "),
        ("verify-full", pymysql.err.OperationalError(1045, "Access denied for user 'u'"), ""),
        ("none", pymysql.err.OperationalError(1227, "Access denied; you need SUPER"), "; to capture changes the account needs GRANT "),
        ("verify-ca", pymysql.err.OperationalError(2003, "[SSL: CERTIFICATE_VERIFY_FAILED] unknown"), "; the endpoint's CertificateArn "),
        ("verify-full", pymysql.err.OperationalError(2003, "[SSL: CERTIFICATE_VERIFY_FAILED] Hostname mismatch"), ""),
    ],
)
def test_an_error_says_what_to_do_where_the_server_does_not(mode: str, error: pymysql.err.Error, hint: str) -> None:
    said = str(as_source_error(error, Address("db", 3306, "u", "p", mode, "")))
    server = str(error.args[1])
    assert server + hint in said
    assert hint or said.endswith(server)
