# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The source adapter against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from landbridge.adapters.mysql import MySQLSource
from landbridge.errors import Denied, NotFound, Retryable
from landbridge.model.schema import ForeignKey, Table
from landbridge.model.site import SecretReference, SourceSite

from tests.support.sql import sequence

_KINDS = """CREATE TABLE zz_kinds (
 id BIGINT UNSIGNED PRIMARY KEY, ti TINYINT(1), si SMALLINT(5) ZEROFILL, d DECIMAL(14,4), db DOUBLE, fl FLOAT, b1 BIT(1), b9 BIT(9),
 b64 BIT(64), dt DATE, t3 TIME(3), d0 DATETIME, d6 DATETIME(6), ts TIMESTAMP NULL, y YEAR, c CHAR(5), v VARCHAR(40),
 l1 VARCHAR(20) CHARACTER SET latin1, e ENUM('a','b,c'), s SET('x','y'), bi BINARY(4), vb VARBINARY(8), bl BLOB, mt MEDIUMTEXT, j JSON,
 g INT AS (si + 1) STORED, inv INT INVISIBLE DEFAULT 3) CHARACTER SET utf8mb4"""
_FULL = """INSERT INTO zz_kinds (id, ti, si, d, db, fl, b1, b9, b64, dt, t3, d0, d6, ts, y, c, v, l1, e, s, bi, vb, bl, mt, j) VALUES
 (18446744073709551615, 1, 42, -12.5, 1e100, 16777217, b'1', b'100000001', ~0, '2024-02-29', '-112:00:01.5', '2024-01-01',
  '2024-01-01 00:00:00.123456', '2024-06-01 12:00:00',
  1999, 'ab', 'zoë 😀', 'é', 'b,c', 'x,y', x'01', x'00ff', x'deadbeef', 'm', '{"a": 1}')"""
_STAGED = {
    "id": "18446744073709551615",
    "ti": "1",
    "si": "42",
    "d": "-12.5000",
    "db": "1e100",
    "fl": "16777216",
    "b1": "1",
    "b9": "0101",
    "b64": "FFFFFFFFFFFFFFFF",
    "dt": "2024-02-29",
    "t3": "-112:00:01.500",
    "d0": "2024-01-01 00:00:00.000000",
    "d6": "2024-01-01 00:00:00.123456",
    "ts": "2024-06-01 10:00:00.000000",
    "y": "1999",
    "c": "ab",
    "v": "zoë 😀",
    "l1": "é",
    "e": "b,c",
    "s": "x,y",
    "bi": "01000000",
    "vb": "00FF",
    "bl": "DEADBEEF",
    "mt": "m",
    "j": '{"a": 1}',
}


@pytest.fixture(scope="module")
def tables(lab: Any) -> Iterator[None]:
    statements = (
        _KINDS,
        "SET SESSION time_zone = '+02:00', sql_mode = ''",
        _FULL,
        "INSERT INTO zz_kinds (id, d0, v) VALUES (1, '0000-00-00', '')",
        "CREATE TABLE zz_child (a BIGINT UNSIGNED, b INT, PRIMARY KEY (b, a), FOREIGN KEY (a) REFERENCES zz_kinds (id) ON DELETE CASCADE)",
        "CREATE TABLE zz_many (n INT PRIMARY KEY, filler CHAR(200))",
        f"INSERT INTO zz_many SELECT seq, REPEAT('x', 200) FROM {sequence(60_000)}",  # noqa: S608 - numbers only
    )
    with lab.connect("landbridge_app") as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS zz_child, zz_kinds, zz_many")
        for statement in statements:
            cursor.execute(statement)
        connection.commit()
        yield
        cursor.execute("DROP TABLE zz_child, zz_kinds, zz_many")


@pytest.fixture
def source(lab: Any, tables: None) -> Iterator[MySQLSource]:
    site = SourceSite(
        "127.0.0.1",
        lab.ports["mysql"],
        "landbridge_reader",
        SecretReference("file", "unused"),
        "verify-full",
        str(lab.dir / "tls" / "ca.pem"),
    )
    source = MySQLSource(site, lab.secret("landbridge_reader"))
    yield source
    source.close()


def find(source: MySQLSource, name: str) -> Table:
    return next(table for table in source.tables(["billing"]) if table.name == name)


def test_values_are_the_text_that_is_staged(source: MySQLSource) -> None:
    table = find(source, "zz_kinds")
    names = [column.name for column in table.staged_columns]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in source.rows(table, names)}
    assert rows["18446744073709551615"] == _STAGED
    nothing = dict.fromkeys(_STAGED) | {"id": "1", "v": "", "d0": "0000-00-00 00:00:00.000000"}
    assert rows["1"] == nothing


def test_columns_and_keys(source: MySQLSource) -> None:
    kinds, child = find(source, "zz_kinds"), find(source, "zz_child")
    assert [column.name for column in kinds.columns if column.generated] == ["g"]
    assert [column.name for column in kinds.columns if column.invisible] == ["inv"]
    assert [column.name for column in kinds.staged_columns] == list(_STAGED)
    assert child.primary_key == ("b", "a")
    assert child.foreign_keys == (ForeignKey(("a",), "billing", "zz_kinds", ("id",), on_delete="CASCADE"),)


def test_all_tables_are_read_in_one_snapshot(source: MySQLSource, lab: Any) -> None:
    kinds, many = find(source, "zz_kinds"), find(source, "zz_many")
    assert source.count(kinds) == 2
    with lab.connect("landbridge_app", autocommit=True) as other, other.cursor() as cursor:
        cursor.execute("INSERT INTO zz_many VALUES (0, 'late')")
        try:
            assert source.count(many) == sum(1 for _ in source.rows(many, ["n"])) == 60000
            source.close()
            assert source.count(many) == 60001
        finally:
            cursor.execute("DELETE FROM zz_many WHERE n = 0")


def test_a_read_that_is_given_up_leaves_a_source_that_can_be_asked(source: MySQLSource) -> None:
    many = find(source, "zz_many")
    rows = source.rows(many, ["n", "filler"])
    assert next(rows)[0] == "1"
    rows.close()  # type: ignore[attr-defined]
    assert source.count(many) == 60000


def test_a_connection_that_is_killed_in_mid_read_can_be_tried_again(source: MySQLSource, lab: Any) -> None:
    many = find(source, "zz_many")
    rows = source.rows(many, ["n", "filler"])
    next(rows)
    with lab.connect("landbridge_reader") as other, other.cursor() as cursor:
        cursor.execute(f"KILL {source._connection.thread_id()}")
    with pytest.raises(Retryable):
        list(rows)
    assert source.count(many) == 60000


def test_what_the_checks_ask(source: MySQLSource) -> None:
    kinds = find(source, "zz_kinds")
    assert source.holding(kinds, ["v", "mt", "l1"], "zoë 😀") == ("v",)
    assert source.holding(kinds, ["v", "mt"], "ZOË 😀") == ()
    assert source.holding(kinds, [], "x") == ()
    assert source.longest(kinds, ["bl", "j"]) == {"bl": 4, "j": 8}
    assert source.engines(["billing"])["billing.zz_kinds"] == "InnoDB"
    assert source.variables(["log_bin", "no_such_thing"]) == {"log_bin": "ON"}
    assert "MariaDB" in source.version() or source.version()[0].isdigit()
    assert not any("PASSWORD" in grant for grant in source.grants())


def test_what_may_not_be_read_and_what_is_not_there(source: MySQLSource) -> None:
    with pytest.raises(Denied, match=r"landbridge_reader may not read mysql\.user"):
        source.require_readable("mysql", "user")
    with pytest.raises(NotFound):
        source.require_readable("billing", "no_such_table")
    with pytest.raises(NotFound, match="no column nope"):
        list(source.rows(find(source, "zz_many"), ["nope"]))


def test_the_account_cannot_write_even_if_it_were_allowed_to(lab: Any, source: MySQLSource) -> None:
    site = replace(source._site, user="landbridge_app")
    writer = MySQLSource(site, lab.secret("landbridge_app"))
    try:
        with pytest.raises(Exception, match="READ ONLY"):
            writer._ask("DELETE FROM billing.zz_many")
    finally:
        writer.close()
    assert source.count(find(source, "zz_many")) == 60000
