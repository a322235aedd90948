# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Expressions: headers, metadata, SQLite over the row, and what SQLite may not do."""

from __future__ import annotations

import hashlib
import threading
from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.mappings import Expression
from lab.dms.sources.mysql import TableError
from tests.unit.lab.dms.mappings.mapping_rules import ORDERS, add_column, column, plan, read, row, selection, table

WIDE = table(
    column("id", "int(11)"),
    column("u", "bigint(20) unsigned"),
    column("amount", "decimal(10,2)"),
    column("b", "bit(1)"),
    column("a"),
    column("é"),
)


def bound(text: str | None, of: Any = WIDE, **more: Any) -> Expression:
    found = plan(add_column(2, "added", text, **more), of=of).columns[-1].expression
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "value", "absent"),
    [
        ("$AR_H_CHANGE_SEQ", "20261122101521000000000000000000417", True),
        ("$AR_H_STREAM_POSITION", "log.000001:4", True),
        ("$AR_H_TIMESTAMP", "2026-11-22 10:15:21.000000", False),
        ("$AR_H_COMMIT_TIMESTAMP", None, False),
        ("$AR_H_OPERATION", "UPDATE", False),
        ("$AR_M_SOURCE_SCHEMA", "s", False),
        ("$AR_M_SOURCE_TABLE_NAME", "t", False),
    ],
)
def test_headers_and_metadata(text: str, value: str | None, absent: bool) -> None:
    expression = bound(text)
    assert (expression.header, expression.columns, expression.constant) == (text, (), True)
    assert expression.absent_in_full_load is absent
    assert expression.evaluate(row("UPDATE")) == value


def test_metadata_of_a_column() -> None:
    located = {"locator": {"column-name": "amount"}}
    assert bound("$AR_M_SOURCE_COLUMN_NAME", **located).evaluate(row()) == "amount"
    assert bound("$AR_M_SOURCE_COLUMN_DATATYPE", **located).evaluate(row()) == "decimal"
    with pytest.raises(TableError, match="gone"):
        bound("$AR_M_SOURCE_COLUMN_NAME", locator={"column-name": "gone"})


@pytest.mark.parametrize(("operation", "value"), [("DELETE", "D"), ("UPDATE", "U"), ("INSERT", "I")])
def test_operation_indicator(operation: str, value: str) -> None:
    expression = bound("operation_indicator('D', 'U', 'I')")
    assert expression.evaluate(row(operation)) == value
    assert not expression.constant
    with pytest.raises(TableError, match="rule-id 2: operation_indicator needs a table with a primary key"):
        bound("operation_indicator('D', 'U', 'I')", of=table(column("id", "int(11)"), key=()))


@pytest.mark.parametrize(
    ("text", "values", "value"),
    [
        ("$a||'_'||$é", {"a": "x", "é": "y"}, "x_y"),
        ("$a||'_'||$é", {"a": None, "é": "y"}, None),
        ("lower($a)", {"a": "ÄB"}, "Äb"),
        ("ltrim($a)||'|'||rtrim($a)||'|'||trim($a, 'x ')", {"a": " x "}, "x | x|"),
        ("replace($a, 'b', 'cc')", {"a": "abab"}, "accacc"),
        ("substr($a, 2, 1)", {"a": "äöü"}, "ö"),
        ('replaceChars("abcde","abcd","123")', {}, "1231e"),
        ("replaceChars($a, 'b', '')", {"a": "abc"}, "ac"),
        ("replaceChars($a, 'b', 'x')", {"a": None}, None),
        ("hex($a)", {"a": "ab"}, "6162"),
        ("hex(zeroblob(2))", {}, "0000"),
        ("abs($id)", {"id": "-7"}, "7"),
        ("round($amount)", {"amount": "10.50"}, "11.0"),
        ("round($amount, 1)", {"amount": "10.24"}, "10.2"),
        ("max($id, 5)", {"id": "4"}, "5"),
        ("min($id, 5)", {"id": "40"}, "5"),
        ("$id + 1", {"id": "41"}, "42"),
        ("$u", {"u": "18446744073709551615"}, "18446744073709551615"),
        ("$u + 0", {"u": "9223372036854775807"}, "9223372036854775807"),
        ("$amount", {"amount": "10.50"}, "10.5"),
        ("$b + 1", {"b": "true"}, "2"),
        ("$b + 1", {"b": "0"}, "1"),
        ("coalesce($a, 'none')", {"a": None}, "none"),
        ("ifnull($a, 'none')", {"a": "x"}, "x"),
        ("nullif($a, 'x')", {"a": "x"}, None),
        ("date($a)", {"a": "2026-01-02 10:00:00"}, "2026-01-02"),
        ("time($a)", {"a": "2026-01-02 10:00:00.5"}, "10:00:00"),
        ("datetime($a, '+1 day')", {"a": "2026-01-31"}, "2026-02-01 00:00:00"),
        ("strftime('%Y', $a)", {"a": "2026-01-31"}, "2026"),
        ("julianday($a)", {"a": "2000-01-01 12:00:00"}, "2451545.0"),
        ("hash_sha256($a)", {"a": "x"}, hashlib.sha256(b"x").hexdigest()),
        ("hash_sha256($id)", {"id": "5"}, hashlib.sha256(b"5").hexdigest()),
        ("hash_sha256($a)", {"a": None}, None),
        (" CASE WHEN round($amount)>=20000 THEN 'SENIOR' ELSE 'JUNIOR' END", {"amount": "20000.00"}, "SENIOR"),
        ("CASE $a WHEN 'x' THEN 1 END", {"a": "y"}, None),
        ("$a LIKE 'A%'", {"a": "abc"}, "1"),
        ("$AR_H_OPERATION||':'||$AR_M_SOURCE_TABLE_NAME", {}, "INSERT:t"),
        ("'$a'", {}, "$a"),
        ("$a||'it''s'", {"a": "'"}, "'it's"),
        (None, {}, None),
    ],
)
def test_sqlite(text: str, values: dict[str, str | None], value: str | None) -> None:
    expression = bound(text)
    assert expression.evaluate(row(**values)) == value
    assert set(expression.columns) == set(values)


def test_what_changes_from_row_to_row() -> None:
    found = {text: bound(text).constant for text in ("'x'", "lower('X')", "$a", "random()", "datetime ()", "$AR_H_TIMESTAMP||'x'")}
    assert found == {"'x'": True, "lower('X')": True, "$a": False, "random()": False, "datetime ()": False, "$AR_H_TIMESTAMP||'x'": True}


def test_the_data_type_decides_the_text() -> None:
    assert bound("$a", data_type={"type": "string", "length": 2}).evaluate(row(a="äöü")) == "äö"
    assert bound("round($amount)", data_type={"type": "int8"}).evaluate(row(amount="10.50")) == "11"
    with pytest.raises(TableError, match="rule-id 2: an expression has no value"):
        bound("$a", data_type={"type": "int8"}).evaluate(row(a="many"))


def test_what_sqlite_cannot_compute() -> None:
    with pytest.raises(TableError, match=r"rule-id 2.*too big"):
        bound("hex(zeroblob($id))").evaluate(row(id="1000000000"))


def test_unknown_columns() -> None:
    with pytest.raises(TableError, match="rule-id 2: the expression names the column gone"):
        bound("$gone||'x'")


def test_several_expressions_of_one_table_in_several_threads() -> None:
    rules = (add_column(2, "x", "$name||'!'"), add_column(3, "seq", "$AR_H_CHANGE_SEQ"), add_column(4, "y", "$id + $id", {"type": "int8"}))
    planned = plan(*rules)
    found: list[Any] = []

    def run() -> None:
        evaluate = planned.evaluator()
        found.extend(evaluate(row(id=str(number), name="n")) for number in range(50))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted([("n!", row().change_sequence, str(2 * number)) for number in range(50)] * 4)
    assert [e.text for e in planned.expressions] == ["$name||'!'", "$AR_H_CHANGE_SEQ", "$id + $id"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("load_extension('x')", "load_extension"),
        ("instr($name, 'x')", "the documented functions are lower"),
        ("length($name)", "length"),
        ("sqlite_version()", "sqlite_version"),
        ("count(*)", "count"),
        ("(SELECT 1)", "SELECT is not allowed"),
        ("(VALUES(1))", "VALUES is not allowed"),
        ("EXISTS(WITH x AS (SELECT 1) SELECT 1)", "is not allowed"),
        ("1 IN sqlite_master", "prohibited"),
        ("1 IN pragma_database_list", "not authorized"),
        ("1; ATTACH 'x' AS y", "';' is not allowed"),
        ("1) AS a, (2", "parenthesis"),
        ("abs($id", "parenthesis"),
        ("1 -- 2", "'--' is not allowed"),
        ("1 /* 2 */", "'/*' is not allowed"),
        ("$id + ?", "'?' is not allowed"),
        (":id", "':' is not allowed"),
        ("'open", '"\'" is not allowed'),
        ("$", "'$' is not allowed"),
        ("name", "no such column"),
        ("‘x’", "straight single quotes"),
        ("1,2", "one expression"),
        ("PRAGMA user_version", "syntax error"),
        ("$AR_H_USER", "Oracle and SQL Server"),
        ("$AR_H_SEQ", "$AR_H_SEQ is not one of $AR_H_CHANGE_SEQ"),
        ("$AR_M_SOURCE_COLUMN_NAME", "needs a column-name"),
        ("zeroblob(1000000000)", "too big"),
    ],
)
def test_refusals_name_the_rule(text: str, named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(selection(1), add_column(2, "x", text))
    assert "ruleId = 2" in refused.value.message
    assert named in refused.value.message


def test_the_row_is_data() -> None:
    assert bound("$name||''", of=ORDERS).evaluate(row(name="'); DROP TABLE x; --")) == "'); DROP TABLE x; --"
