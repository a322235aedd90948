# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""MySQL's log of transactions: their identifiers, the time of their commit, and what the reader refuses by name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.dms.binlog import LogPurged, Position, Statement, Transaction, UnsupportedEvent, current_position
from lab.dms.sources.mysql import MySQLSource
from tests.integration.lab.dms.binlogs import Log, account


@pytest.fixture
def items(log: Log) -> Log:
    log.run("CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(300))")
    log.begin = log.position()
    return log


@pytest.fixture
def session(items: Log) -> Iterator[Callable[..., None]]:
    """Sets a variable of the administrator's session until the test ends."""
    changed: dict[str, Any] = {}

    def change(name: str, value: str) -> None:
        changed.setdefault(name, items.run(f"SELECT @@SESSION.{name}")[0][0])
        items.run(f"SET SESSION {name} = %s", value)

    yield change
    for name, value in changed.items():
        items.run(f"SET SESSION {name} = %s", value)


def server_uuid(log: Log) -> str:
    return str(log.run("SELECT @@server_uuid")[0][0])


def executed(log: Log) -> str:
    return str(log.run("SELECT @@gtid_executed")[0][0])


def test_identifiers_are_the_server_s_own_numbers(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    items.run("INSERT INTO items VALUES (2, 'b')")
    server = server_uuid(items)
    first, second = (transaction.gtid for transaction in items.transactions())
    assert re.fullmatch(rf"{server}:\d+", first)
    assert int(second.rpartition(":")[2]) == int(first.rpartition(":")[2]) + 1
    assert items.run("SELECT GTID_SUBSET(%s, %s)", f"{first}-{second.rpartition(':')[2]}", executed(items)) == ((1,),)


@pytest.mark.parametrize("tag", ["a", "landbridge_1", "t" * 32])
def test_identifiers_with_a_tag(items: Log, tag: str) -> None:
    items.run(f"SET gtid_next = 'AUTOMATIC:{tag}'")
    try:
        items.run("INSERT INTO items VALUES (1, 'a')")
        items.run("INSERT INTO items VALUES (2, 'b')")
        items.run("CREATE TABLE tagged (id INT PRIMARY KEY)")
    finally:
        items.run("SET gtid_next = 'AUTOMATIC'")
    before = float(items.run("SELECT UNIX_TIMESTAMP(SYSDATE(6))")[0][0])
    first, second, statement = items.changes()
    assert isinstance(first, Transaction)
    assert isinstance(second, Transaction)
    assert isinstance(statement, Statement)
    assert re.fullmatch(rf"{server_uuid(items)}:{tag}:\d+", first.gtid)
    assert int(second.gtid.rpartition(":")[2]) == int(first.gtid.rpartition(":")[2]) + 1
    assert items.run("SELECT GTID_SUBSET(%s, %s)", second.gtid, executed(items)) == ((1,),)
    assert before - 60 < first.commit_time < second.commit_time < before
    assert [row[2] for row in items.rows(items.table("items"), [first, second])] == [("1", "a"), ("2", "b")]


def test_an_identifier_that_the_session_chose(items: Log) -> None:
    for number in (1, 127, 128, 2**31, 2**62):
        # A server skips what it has seen before.
        gtid = f"{uuid.uuid4()}:{number}"
        items.run(f"SET gtid_next = '{gtid}'")
        try:
            items.run("INSERT INTO items VALUES (%s, 'a')", number % 1_000_003)
        finally:
            items.run("SET gtid_next = 'AUTOMATIC'")
        assert items.transactions()[-1].gtid == gtid


def test_the_time_of_the_commit_has_microseconds(items: Log) -> None:
    def clock() -> float:
        return float(items.run("SELECT UNIX_TIMESTAMP(SYSDATE(6))")[0][0])

    moments = [clock()]
    for number in range(5):
        items.run("INSERT INTO items VALUES (%s, 'a')", number)
        moments.append(clock())
    found = [transaction.commit_time for transaction in items.transactions()]
    assert all(before <= commit <= after for before, commit, after in zip(moments[:-1], found, moments[1:], strict=True))
    assert any(commit % 1 for commit in found)


def test_what_is_rolled_back_does_not_appear(items: Log) -> None:
    items.run("BEGIN")
    items.run("INSERT INTO items VALUES (1, 'kept')")
    items.run("SAVEPOINT here")
    items.run("INSERT INTO items VALUES (2, 'gone')")
    items.run("ROLLBACK TO here")
    items.run("INSERT INTO items VALUES (3, 'kept')")
    items.run("COMMIT")
    items.run("BEGIN")
    items.run("INSERT INTO items VALUES (4, 'gone')")
    items.run("ROLLBACK")
    assert [row[2] for row in items.rows(items.table("items"))] == [("1", "kept"), ("3", "kept")]


def test_a_table_made_of_a_query_is_one_transaction(items: Log) -> None:
    """Atomic since 8.0.21: the statement is logged inside of it."""
    items.run("INSERT INTO items VALUES (1, 'ä')")
    start = items.position()
    items.run("CREATE TABLE copied AS SELECT * FROM items")
    statement, transaction = items.changes(start)
    assert isinstance(statement, Statement)
    assert isinstance(transaction, Transaction)
    assert statement.begin == statement.end == transaction.begin == start
    assert "START TRANSACTION" in statement.sql
    assert items.rows(items.table("copied"), [transaction]) == [("I", None, ("1", "ä"))]


def test_statements_with_comments_of_one_server_only(items: Log) -> None:
    items.run("CREATE TABLE parted (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2")
    items.run("ALTER TABLE items COMMENT = 'Grüße'")
    items.run("INSERT INTO items VALUES (1, 'a')")
    *statements, _ = items.changes()
    assert [statement.sql for statement in statements if isinstance(statement, Statement)] == [
        "CREATE TABLE parted (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2",
        "ALTER TABLE items COMMENT = 'Grüße'",
    ]


def test_compressed_transactions_are_refused(items: Log, session: Callable[..., None]) -> None:
    """DMS does not read them: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html"""
    items.run("INSERT INTO items VALUES (1, 'before')")
    session("binlog_transaction_compression", "ON")
    items.run("INSERT INTO items VALUES (2, REPEAT('x', 300))")
    with pytest.raises(UnsupportedEvent, match="binlog_transaction_compression to OFF") as refused:
        items.transactions()
    assert not refused.value.recoverable


def test_partial_updates_of_json_are_refused(items: Log, session: Callable[..., None]) -> None:
    items.run("CREATE TABLE documents (id INT PRIMARY KEY, j JSON)")
    items.run("""INSERT INTO documents VALUES (1, '{"a": 1, "b": [1, 2, 3]}')""")
    session("binlog_row_value_options", "PARTIAL_JSON")
    items.run("UPDATE documents SET j = JSON_SET(j, '$.a', 2)")
    with pytest.raises(UnsupportedEvent, match="binlog_row_value_options to an empty value") as refused:
        items.transactions()
    assert not refused.value.recoverable


def test_a_log_that_was_purged(items: Log) -> None:
    items.run("INSERT INTO items VALUES (1, 'a')")
    start = items.begin
    items.run("FLUSH BINARY LOGS")
    middle = items.position()
    items.run("INSERT INTO items VALUES (2, 'b')")
    items.run("PURGE BINARY LOGS TO %s", middle.file)
    with pytest.raises(LogPurged, match="load its tables again"):
        items.transactions(start)
    assert [row[2] for row in items.rows(items.table("items"), items.transactions(Position(middle.file, 4)))] == [("2", "b")]


def test_where_the_log_stands_by_the_statement_that_the_server_knows(items: Log) -> None:
    (status,) = items.run("SHOW BINARY LOG STATUS")
    assert items.position() == Position(status[0], int(status[1]))
    with pytest.raises(Exception, match="MASTER STATUS"):
        items.run("SHOW MASTER STATUS")


def test_an_account_with_a_cached_password_over_tls(lab: Any, items: Log) -> None:
    """caching_sha2_password: the first login sends the whole password, later ones a digest; over TLS alone."""
    items.run("CREATE USER cached@'127.0.0.1' IDENTIFIED WITH caching_sha2_password BY 'hush hush' REQUIRE SSL")
    items.run("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO cached@'127.0.0.1'")
    try:
        items.run("INSERT INTO items VALUES (1, 'a')")
        cached = Log(items.administrator, account(lab, user="cached", password="hush hush"), items.schema, items.folder)
        cached.begin = items.begin
        for _ in range(2):
            assert len(cached.transactions()) == 1
            with MySQLSource(cached.address) as source:
                assert current_position(source) == items.position()
                assert source.answer("SHOW STATUS LIKE 'Ssl_version'")[0][1] == "TLSv1.2"
    finally:
        items.run("DROP USER cached@'127.0.0.1'")
