# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The reader of the binary log against a real server: what it answers, in what order, and how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

from lab.dms.binlog import BinlogReader, Idle, LogPurged, Position, Statement, Transaction, UnsupportedEvent, position_at
from lab.dms.sources.mysql import SourceError
from tests.support.sql import sequence

from .binlogs import Log, account

REPOSITORY = __file__.rsplit("/tests/", 1)[0]


def operations(transaction: Transaction) -> str:
    return "".join(event.operation for event in transaction.rows)


@pytest.fixture
def items(log: Log) -> Log:
    log.run("CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(300))")
    log.begin = log.position()
    return log


def test_a_transaction_with_several_tables_and_statements(items: Log) -> None:
    items.run("CREATE TABLE others (id INT PRIMARY KEY)")
    start = items.position()
    items.run("BEGIN")
    items.run("INSERT INTO items VALUES (1, 'a'), (2, 'b')")
    items.run("INSERT INTO others VALUES (1)")
    items.run("UPDATE items SET name = 'c'")
    items.run("DELETE FROM items WHERE id = 1")
    before = time.time()
    items.run("COMMIT")
    (transaction,) = items.transactions(start)
    assert [(event.operation, event.table.table) for event in transaction.rows] == [
        ("I", "items"),
        ("I", "others"),
        ("U", "items"),
        ("D", "items"),
    ]
    assert (transaction.begin, transaction.end) == (start, items.position())
    assert abs(transaction.commit_time - before) < 60
    assert abs(transaction.server_time - time.time()) < 60
    assert re.fullmatch(r"1-1001-\d+|[0-9a-f-]{36}:\d+", transaction.gtid)
    assert [row[0] for row in items.rows(items.table("items"), [transaction])] == ["I", "I", "U", "U", "D"]
    assert all(start.offset < event.offset < transaction.end.offset for event in transaction.rows)


def test_the_same_from_the_end_of_each_transaction(items: Log) -> None:
    for number in range(3):
        items.run("INSERT INTO items VALUES (%s, 'x')", number)
    whole = items.transactions()
    for place, transaction in enumerate(whole):
        assert [t.gtid for t in items.transactions(transaction.begin)] == [t.gtid for t in whole[place:]]
    assert whole[0].end == whole[1].begin


def test_statements_stand_where_they_happened(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("ALTER TABLE items ADD more INT")
    items.run("INSERT INTO items VALUES (2, 'b', 3)")
    items.run("TRUNCATE TABLE items")
    found = items.changes()
    assert [type(change) for change in found] == [Transaction, Statement, Transaction, Statement]
    statements = [change for change in found if isinstance(change, Statement)]
    assert [(s.schema, s.sql) for s in statements] == [
        (items.schema, "ALTER TABLE items ADD more INT"),
        (items.schema, "TRUNCATE TABLE items"),
    ]
    assert (statements[0].begin, statements[0].end) == (found[0].end, found[2].begin)


def test_a_table_made_of_a_query(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'ä')")
    items.run("CREATE TABLE copied AS SELECT * FROM items")
    _, statement, transaction = items.changes()
    assert isinstance(statement, Statement)
    assert isinstance(transaction, Transaction)
    assert statement.sql.startswith("CREATE TABLE `copied`")
    assert statement.begin == statement.end == transaction.begin
    assert items.rows(items.table("copied"), [transaction]) == [("I", None, ("1", "ä"))]


@pytest.mark.mariadb
def test_what_is_rolled_back_does_not_appear(items: Log) -> None:
    items.run("CREATE TABLE flat (id INT) ENGINE=MyISAM")
    start = items.position()
    items.run("BEGIN")
    items.run("INSERT INTO items VALUES (1, 'kept')")
    items.run("SAVEPOINT here")
    items.run("INSERT INTO items VALUES (2, 'gone')")
    items.run("INSERT INTO flat VALUES (1)")
    items.run("ROLLBACK TO here")
    items.run("INSERT INTO items VALUES (3, 'kept')")
    items.run("COMMIT")
    items.run("BEGIN")
    items.run("INSERT INTO items VALUES (4, 'gone')")
    items.run("ROLLBACK")
    found = items.transactions(start)
    assert [row[2] for row in items.rows(items.table("items"), found)] == [("1", "kept"), ("3", "kept")]
    assert [row[2] for row in items.rows(items.table("flat"), found)] == [("1",)]


def test_xa_in_two_phases_is_refused(items: Log) -> None:
    items.run("XA START 'one'")
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("XA END 'one'")
    items.run("XA COMMIT 'one' ONE PHASE")
    (transaction,) = items.transactions()
    assert operations(transaction) == "I"
    start = items.position()
    items.run("XA START 'two'")
    items.run("INSERT INTO items VALUES (2, 'a')")
    items.run("XA END 'two'")
    items.run("XA PREPARE 'two'")
    items.run("XA COMMIT 'two'")
    with pytest.raises(UnsupportedEvent, match="XA transaction in two phases"):
        items.transactions(start)


def test_rotation(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("FLUSH BINARY LOGS")
    items.run("INSERT INTO items VALUES (2, 'b')")
    first, second = items.transactions()
    assert first.end.file < second.begin.file == items.position().file
    assert items.transactions(second.begin)[0].gtid == second.gtid
    with items.reader(first.end) as reader:
        assert next(iter(reader)).begin == second.begin  # type: ignore[union-attr]


def test_idle(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("FLUSH BINARY LOGS")
    end = items.position()
    with items.reader(idle_seconds=0.2) as reader:
        changes = iter(reader)
        assert isinstance(next(changes), Transaction)
        idle = next(change for change in changes if isinstance(change, Idle) and change.position >= end)
        assert idle.position.file == end.file
        assert abs(idle.server_time - time.time()) < 60
        items.run("INSERT INTO items VALUES (2, 'b')")
        assert isinstance(next(change for change in changes if not isinstance(change, Idle)), Transaction)


def test_it_stops_while_nothing_happens(items: Log) -> None:
    asked = iter(range(10_000))
    with items.reader(stopped=lambda: next(asked) >= 3, idle_seconds=600) as reader:
        assert list(reader) == []


def test_a_killed_connection_can_be_tried_again(items: Log) -> None:
    with items.reader() as reader, pytest.raises(SourceError) as lost:
        changes = iter(reader)
        next(changes)
        for (number,) in items.run("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'"):
            items.run(f"KILL CONNECTION {number}")
        for _ in changes:
            pass
    assert lost.value.recoverable
    assert str(lost.value).startswith("Lost connection to MySQL server '127.0.0.1:")


def test_a_purged_log(items: Log) -> None:
    start = items.position()
    items.run("FLUSH BINARY LOGS")
    items.run("PURGE BINARY LOGS TO %s", items.position().file)
    with pytest.raises(LogPurged, match=f"{start}.*load its tables again") as purged:
        items.transactions(start)
    assert not purged.value.recoverable


def test_a_position_that_the_log_does_not_have(items: Log) -> None:
    end = items.position()
    with pytest.raises(LogPurged):
        items.transactions(Position(end.file, end.offset + 1_000_000))


def test_a_position_inside_a_transaction(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    (transaction,) = items.transactions()
    (event,) = transaction.rows
    with pytest.raises(SourceError, match="lies inside a transaction"):
        items.transactions(Position(transaction.begin.file, event.offset))


def test_an_account_without_the_privilege(lab: Any, items: Log) -> None:
    items.run("CREATE USER nobody@'127.0.0.1' IDENTIFIED BY 'hush' REQUIRE SSL")
    try:
        address = account(lab, user="nobody", password="hush")
        options: dict[str, Any] = {"buffer_bytes": 1, "spool_dir": items.folder, "stopped": lambda: False}
        with BinlogReader(address, items.begin, **options) as reader, pytest.raises(SourceError, match="privilege") as refused:
            next(iter(reader))
    finally:
        items.run("DROP USER nobody@'127.0.0.1'")
    assert not refused.value.recoverable


@pytest.mark.parametrize("sql", ["INSERT INTO items VALUES (5, 'x')", "/* odd */ UPDATE items SET name = 'é'", "DELETE FROM items"])
def test_changes_logged_as_statements(items: Log, sql: str) -> None:
    items.run("SET SESSION binlog_format = STATEMENT")
    try:
        items.run(sql)
    finally:
        items.run("SET SESSION binlog_format = ROW")
    with pytest.raises(UnsupportedEvent, match=rf"as a statement at {items.begin.file}:\d+, not as rows"):
        items.transactions()


@pytest.mark.mariadb
def test_compressed_events(items: Log) -> None:
    items.run("SET GLOBAL log_bin_compress = ON")
    try:
        items.run("INSERT INTO items VALUES (1, REPEAT('a', 300)), (2, REPEAT('b', 300))")
        items.run("UPDATE items SET name = REPEAT('ü', 300)")
        items.run("DELETE FROM items")
        items.run(f"ALTER TABLE items COMMENT '{'x' * 400}'")
    finally:
        items.run("SET GLOBAL log_bin_compress = OFF")
    *transactions, statement = items.changes()
    a, b, u = "a" * 300, "b" * 300, "ü" * 300
    assert items.rows(items.table("items"), transactions) == [  # type: ignore[arg-type]
        ("I", None, ("1", a)),
        ("I", None, ("2", b)),
        ("U", ("1", a), ("1", u)),
        ("U", ("2", b), ("2", u)),
        ("D", ("1", u), None),
        ("D", ("2", u), None),
    ]
    assert isinstance(statement, Statement)
    assert statement.sql == f"ALTER TABLE items COMMENT '{'x' * 400}'"


def test_logs_without_checksums(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("SET GLOBAL binlog_checksum = NONE")
    try:
        items.run("INSERT INTO items VALUES (2, 'b')")
        middle = items.position()
    finally:
        items.run("SET GLOBAL binlog_checksum = CRC32")
    items.run("INSERT INTO items VALUES (3, 'c')")
    table = items.table("items")
    assert [row[2] for row in items.rows(table)] == [("1", "a"), ("2", "b"), ("3", "c")]
    assert [row[2] for row in items.rows(table, items.transactions(middle))] == [("3", "c")]


def test_an_event_that_is_longer_than_a_packet(items: Log) -> None:
    items.run("CREATE TABLE wide (id INT PRIMARY KEY, data LONGBLOB)")
    start = items.position()
    size = (1 << 24) + 12345
    items.run("INSERT INTO wide VALUES (1, REPEAT('x', %s)), (2, 'y')", size)
    ((_, _, one), (_, _, two)) = items.rows(items.table("wide"), items.transactions(start))
    assert one == ("1", "78" * size)
    assert two == ("2", "79")


def test_a_large_transaction_goes_to_the_disk(items: Log) -> None:
    items.run("BEGIN")
    for number in range(0, 3000, 100):
        rows = ", ".join(f"({n}, REPEAT('x', 100))" for n in range(number, number + 100))
        items.run(f"INSERT INTO items VALUES {rows}")  # noqa: S608 - numbers
        if number == 1000:
            items.run("SAVEPOINT here")
    items.run("UPDATE items SET name = 'y'")
    items.run("COMMIT")
    (transaction,) = items.transactions(buffer_bytes=50_000)
    (in_memory,) = items.transactions()
    assert transaction.on_disk
    assert not in_memory.on_disk
    table = items.table("items")
    rows = items.rows(table, [in_memory])
    assert len(rows) == 6000
    assert items.rows(table, [transaction]) == rows
    assert items.rows(table, [transaction]) == rows
    assert list(items.folder.iterdir()) == []


READ_FLAT = """
import resource, sys
from pathlib import Path
from lab.dms.binlog import BinlogReader, Position, Transaction
from lab.dms.sources.mysql import Address

host, port, user, ssl_mode, start, folder = sys.argv[1:7]
password, _, ca_pem = sys.stdin.read().partition("\\n")
address = Address(host, int(port), user, password, ssl_mode, ca_pem)
options = {"buffer_bytes": 1 << 20, "spool_dir": Path(folder), "stopped": lambda: False}
with BinlogReader(address, Position.parse(start), **options) as reader:
    changes = iter(reader)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    transaction = next(change for change in changes if isinstance(change, Transaction))
    size = sum(len(event.data) for event in transaction.rows)
print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_transaction_leaves_memory_flat(items: Log) -> None:
    items.run(f"INSERT INTO items SELECT seq, REPEAT('x', 300) FROM {sequence(200_000)}")  # noqa: S608 - numbers only
    words = [items.address.host, str(items.address.port), items.address.user, "verify-full", str(items.begin), str(items.folder)]
    done = subprocess.run(
        [sys.executable, "-c", READ_FLAT, *words],
        input=f"{items.address.password}\n{items.address.ca_pem}",
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    size, more_kib = map(int, done.stdout.split())
    assert size > 60_000_000
    assert more_kib < 12_000


def test_position_at(items: Log) -> None:
    def clock() -> float:
        return float(items.run("SELECT UNIX_TIMESTAMP(SYSDATE(6))")[0][0])

    def next_second() -> datetime:
        second = int(clock()) + 1
        while clock() < second:
            time.sleep(0.02)
        return datetime.fromtimestamp(second, UTC)

    next_second()
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("FLUSH BINARY LOGS")
    middle = next_second()
    items.run("INSERT INTO items VALUES (2, 'b')")
    items.run("FLUSH BINARY LOGS")
    items.run("INSERT INTO items VALUES (3, 'c')")
    future = next_second()
    second = items.transactions()[1]
    assert position_at(items.address, middle) == second.begin
    assert position_at(items.address, middle.replace(tzinfo=None)) == second.begin
    assert position_at(items.address, future.replace(year=future.year + 1)) == items.position()
    items.run("PURGE BINARY LOGS TO %s", items.position().file)
    with pytest.raises(LogPurged, match="oldest binary log"):
        position_at(items.address, middle.replace(year=middle.year - 1))


def test_the_same_rows_as_another_reader(lab: Any, items: Log) -> None:
    items.run("CREATE TABLE mixed (id BIGINT PRIMARY KEY, t VARCHAR(50), n INT UNSIGNED, d DATE, x DECIMAL(10,3), b VARBINARY(20))")
    start = items.position()
    values = "seq, CONCAT('é', seq), seq * 7, '2024-02-29', seq / 7, CHAR(seq)"
    items.run(f"INSERT INTO mixed SELECT {values} FROM {sequence(200)} ORDER BY seq")  # noqa: S608 - numbers only
    items.run("UPDATE mixed SET t = NULL, n = n + 1 WHERE id % 2")
    items.run("DELETE FROM mixed WHERE id % 3 = 0")
    found = items.rows(items.table("mixed"), items.transactions(start))
    settings = {"host": "127.0.0.1", "port": lab.ports["mysql"], "user": items.address.user, "passwd": items.address.password}
    peer = BinLogStreamReader(
        connection_settings=settings | {"ssl_ca": str(lab.dir / "tls" / "ca.pem")},
        server_id=4242,
        log_file=start.file,
        log_pos=start.offset,
        only_events=[WriteRowsEvent, UpdateRowsEvent, DeleteRowsEvent],
        only_tables=["mixed"],
        resume_stream=True,
        is_mariadb="MariaDB" in items.run("SELECT VERSION()")[0][0],
    )
    others: list[tuple[Any, ...]] = []
    for event in peer:
        for row in event.rows:
            if isinstance(event, UpdateRowsEvent):
                others.append(("U", _texts(row["before_values"]), _texts(row["after_values"])))
            elif isinstance(event, WriteRowsEvent):
                others.append(("I", None, _texts(row["values"])))
            else:
                others.append(("D", _texts(row["values"]), None))
    peer.close()
    assert found == others


def _texts(values: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(
        None
        if v is None
        else v.encode("latin-1").hex().upper()
        if k == "b" and isinstance(v, str)
        else v.hex().upper()
        if k == "b"
        else str(v)
        for k, v in values.items()
    )
