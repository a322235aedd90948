# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The reader on logs made by hand: what a MariaDB server does not send, and what goes wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.dms.binlog import BinlogReader, LogPurged, Position, Statement, Transaction, UnsupportedEvent, stream
from lab.dms.sources.mysql import SourceError

from .logs import ADDRESS, Connection, Log, gtid, query, rows, table_map

Read = Callable[..., list[Any]]
INSERT = b"\1\1\0\x2a\0\0\0"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Everything that a log holds; the connection is lost behind it, which is the end unless ``lost`` lets the error through."""

    def run(log: Log, *, chunk: int = 1 << 20, lost: bool = False) -> list[Any]:
        connection = Connection(log, chunk)
        monkeypatch.setattr(stream, "connect", lambda _: connection)
        found = []
        options: dict[str, Any] = {"buffer_bytes": 1000, "spool_dir": tmp_path, "stopped": lambda: False, "idle_seconds": 600}
        try:
            with BinlogReader(ADDRESS, Position("log.000001", 4), **options) as reader:
                for change in reader:
                    found.append(change)
        except SourceError as error:
            if lost or not error.recoverable:
                raise
        assert connection.closed
        return found

    return run


def transaction(log: Log, number: int = 1) -> None:
    log.event(33, gtid(number, 1_700_000_000_123_456))
    log.event(2, query("BEGIN"))
    log.event(19, table_map(b"\3"))
    log.event(30, rows(INSERT))
    log.event(16, bytes(8))


@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_a_transaction_of_mysql(read: Read, checksums: bool, chunk: int) -> None:
    log = Log(checksums=checksums)
    transaction(log)
    (found,) = read(log, chunk=chunk)
    assert found.begin == Position("log.000001", 4)
    assert found.end == Position("log.000001", log.end)
    assert found.gtid == "00010203-0405-0607-0809-0a0b0c0d0e0f:1"
    assert found.commit_time == 1_700_000_000.123456
    ((table, operation, _, data),) = found.rows
    assert (table.schema, table.table, table.types, operation, data) == ("s", "t", (3,), "I", INSERT)


def test_the_same_definition_is_the_same_object(read: Read) -> None:
    log = Log()
    transaction(log, 1)
    transaction(log, 2)
    first, second = read(log)
    assert next(iter(first.rows)).table is next(iter(second.rows)).table


def test_row_events_of_both_versions_and_extra_data(read: Read) -> None:
    log = Log()
    log.event(34, gtid(1))
    log.event(2, query("BEGIN"))
    log.event(19, table_map(b"\3"))
    log.event(23, rows(INSERT, extra=None))
    log.event(30, rows(INSERT, extra=b"\1\5abcde"))
    log.event(32, rows(INSERT))
    log.event(2, query("COMMIT"))
    (found,) = read(log)
    assert [(event.operation, event.data) for event in found.rows] == [("I", INSERT), ("I", INSERT), ("D", INSERT)]
    assert (found.gtid, found.commit_time) == ("", 1000.0)


def test_a_log_without_gtids(read: Read) -> None:
    log = Log()
    begin = log.event(2, query("BEGIN"))
    log.event(19, table_map(b"\3"))
    log.event(30, rows(INSERT))
    log.event(16, bytes(8))
    statement = log.event(2, query("CREATE TABLE t (id INT)"))
    first, second = read(log)
    assert first.begin.offset == begin
    assert isinstance(second, Statement)
    assert (second.begin.offset, second.end.offset) == (statement, log.end)


def test_a_statement_in_the_character_set_of_its_session(read: Read) -> None:
    log = Log()
    # Flags, SQL mode, catalogue, auto increment, character set: latin1.
    variables = b"\0\0\0\0\0\1" + bytes(8) + b"\6\3std\3\1\0\1\0" + b"\4" + struct.pack("<HHH", 8, 8, 8)
    body = query("", variables=variables) + "DROP TABLE größe".encode("latin-1")
    log.event(2, body)
    (found,) = read(log)
    assert found.sql == "DROP TABLE größe"


def test_tagged_gtid(read: Read) -> None:
    def number(value: int) -> bytes:
        width = next(w for w in range(1, 10) if value < 1 << 7 * w or w == 9)
        ones = (1 << (width - 1)) - 1
        return ((value << min(width, 8)) | ones).to_bytes(width, "little")

    fields = number(0) + number(1) + number(1) + b"".join(number(byte) for byte in range(240, 256)) + number(2) + number(2 * 77)
    fields += number(3) + number(3) + b"tag" + number(4) + number(0) + number(5) + number(2)
    fields += number(6) + number(1_700_000_000_654_321) + number(8) + number(500)
    log = Log()
    log.event(42, number(1) + number(80) + number(0) + fields)
    log.event(2, query("BEGIN"))
    log.event(16, bytes(8))
    (found,) = read(log)
    assert found.gtid == "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff:tag:77"
    assert found.commit_time == 1_700_000_000.654321
    assert len(found.rows) == 0


def test_xa_in_one_phase(read: Read) -> None:
    log = Log()
    log.event(33, gtid(1))
    log.event(2, query("XA START X'61',X'',1"))
    log.event(19, table_map(b"\3"))
    log.event(30, rows(INSERT))
    log.event(2, query("XA END X'61',X'',1"))
    log.event(38, b"\1" + bytes(20))
    (found,) = read(log)
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (17, b"", "LOAD DATA"),
        (26, b"\1\0\0", "an incident"),
        (39, b"", "binlog_row_value_options"),
        (40, b"", "binlog_transaction_compression"),
        (99, b"", "an event of type 99"),
        (2, query("insert into t values (1)"), "as a statement at log.000001:4"),
        (2, query("/* why */ -- so\n  Replace t values (1)"), "as a statement at log.000001:4"),
        (2, query("XA COMMIT X'61',X'',1"), "XA transaction in two phases"),
        (38, b"\0" + bytes(20), "XA transaction in two phases"),
    ],
)
def test_what_is_refused(read: Read, kind: int, body: bytes, words: str) -> None:
    log = Log()
    log.event(kind, body)
    with pytest.raises(UnsupportedEvent, match=words) as refused:
        read(log)
    assert not refused.value.recoverable


def test_unknown_events_that_may_be_ignored(read: Read) -> None:
    log = Log()
    log.event(99, b"whatever", flags=0x80)
    transaction(log)
    assert [type(change) for change in read(log)] == [Transaction]


def test_a_damaged_event(read: Read) -> None:
    log = Log()
    log.event(16, bytes(8), damaged=True)
    with pytest.raises(SourceError, match=f"ends at offset {log.end} .* wrong checksum") as damaged:
        read(log)
    assert not damaged.value.recoverable


def test_an_event_that_is_cut_short(read: Read) -> None:
    log = Log()
    log.event(2, b"\1\2\3")
    with pytest.raises(SourceError, match=f"before log.000001:{log.end} cannot be read") as cut:
        read(log)
    assert not cut.value.recoverable


def test_a_lost_connection(read: Read) -> None:
    log = Log()
    transaction(log)
    with pytest.raises(SourceError, match=r"Lost connection to MySQL server 'db:3306': the server closed") as lost:
        read(log, lost=True)
    assert lost.value.recoverable


@pytest.mark.parametrize(
    ("code", "text", "kind", "recoverable"),
    [
        (1236, "Could not find first log file name in binary log index file", LogPurged, False),
        (1236, "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source", SourceError, False),
        (1227, "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s)", SourceError, False),
        (1053, "Server shutdown in progress", SourceError, True),
    ],
)
def test_errors_of_the_server(read: Read, code: int, text: str, kind: type[SourceError], recoverable: bool) -> None:
    log = Log()
    log.error(code, text)
    with pytest.raises(kind) as refused:
        read(log, lost=True)
    assert type(refused.value) is kind
    assert refused.value.recoverable is recoverable
    assert text in str(refused.value)


def test_rotation_to_another_file(read: Read) -> None:
    log = Log()
    transaction(log)
    log.event(4, struct.pack("<Q", 4) + b"log.000002")
    following = Log(file="log.000002")
    transaction(following, 2)
    log.packets += following.packets
    first, second = read(log)
    assert (first.begin.file, second.begin) == ("log.000001", Position("log.000002", 4))


def test_a_large_transaction_is_kept_in_a_file(read: Read) -> None:
    log = Log()
    log.event(33, gtid(1))
    log.event(2, query("BEGIN"))
    for number in range(300):
        log.event(19, table_map(b"\3", number=number % 2))
        log.event(30, rows(INSERT + bytes([number % 256]), number=number % 2))
    log.event(2, query("SAVEPOINT `x`"))
    log.event(30, rows(INSERT + b"gone", number=0))
    log.event(2, query("ROLLBACK TO `x`"))
    log.event(30, rows(INSERT + b"last", number=0))
    log.event(16, bytes(8))
    (found,) = read(log)
    assert found.on_disk
    assert len(found.rows) == 301
    for _ in range(2):
        data = [(event.table.id, event.data[len(INSERT) :]) for event in found.rows]
        assert data == [(number % 2, bytes([number % 256])) for number in range(300)] + [(0, b"last")]
