# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Filters: what is refused, and which rows pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.faults import Fault
from lab.dms.mappings import TableMappings
from lab.dms.sources.mysql import TableError
from tests.unit.lab.dms.mappings.mapping_rules import ORDERS, column, read, selection, table


def condition(operator: str, *values: Any) -> dict[str, Any]:
    members = ("start-value", "end-value") if len(values) == 2 else ("value",)
    return {"filter-operator": operator} | dict(zip(members, values, strict=False))


def a_filter(name: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"filter-type": "source", "column-name": name, "filter-conditions": list(conditions)}


def filtered(*filters: dict[str, Any]) -> TableMappings:
    return read(selection(4, "s", "t", filters=list(filters)))


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (selection(4, "s", "t", "exclude", filters=[a_filter("id", condition("eq", "1"))]), "belong to rules of the action include"),
        (selection(4, "s", "t", "explicit", filters=[a_filter("id", condition("eq", "1"))]), "belong to rules of the action include"),
        (selection(4, "s", "t%", filters=[a_filter("id", condition("eq", "1"))]), "without wildcards"),
        (selection(4, "s", "t", filters=[{"filter-type": "source"}]), "filter-conditions is missing"),
        (selection(4, "s", "t", filters=[{**a_filter("id", condition("eq", "1")), "filter-type": "target"}]), "'target'"),
        (selection(4, "s", "t", filters=[{**a_filter("id", condition("eq", "1")), "case": "any"}]), "case in a filter"),
        (selection(4, "s", "t", filters=[a_filter("id")]), "filter-conditions is missing"),
        (selection(4, "s", "t", filters=[a_filter("", condition("eq", "1"))]), "column-name"),
        (selection(4, "s", "t", filters={"a": 1}), "filters is not a list"),
        (selection(4, "s", "t", filters=["x"]), "a filter is not an object"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("like", "1"))]), "'like' is not one of eq, noteq"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("eq", 1))]), "numbers in quotes"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("between", "1"))]), "value in a condition of the operator between"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("null", "1"))]), "value in a condition of the operator null"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("noteq", "1"), condition("eq", "2"))]), "one filter for each"),
        (selection(4, "s", "t", filters=[a_filter("id", condition("notnull"), condition("notnull"))]), "one filter for each"),
    ],
)
def test_wrong_filters_name_the_rule(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(rule)
    assert "ruleId = 4" in refused.value.message
    assert named in refused.value.message


def test_two_rules_with_filters_for_one_table() -> None:
    rule = selection(4, "s", "t", filters=[a_filter("id", condition("eq", "1"))])
    with pytest.raises(Fault, match=r"ruleId = 5 failed validation\. s\.t has filters in another rule"):
        read(rule, {**rule, "rule-id": "5", "rule-name": "5"})


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (a_filter("gone", condition("eq", "1")), "gone, which s.t does not have"),
        (a_filter("note", condition("null")), "a LOB"),
        (a_filter("raw", condition("eq", "1")), "holds bytes"),
        (a_filter("id", condition("eq", "one")), "'one': it must be a decimal number"),
        (a_filter("id", condition("eq", "1e3")), "decimal number"),
        (a_filter("id", condition("eq", "1" + "0" * 35)), "more than 35 digits"),
        (a_filter("made", condition("gte", "2026/01/01")), "YYYY-MM-DD"),
        (a_filter("made", condition("gte", "2026-02-30")), "2026-02-30"),
        (a_filter("at", condition("gte", "noon")), "HH:MM:SS"),
        (a_filter("at", condition("gte", "10:61:00")), "HH:MM:SS"),
        (a_filter("at", condition("gte", "839:00:00")), "longer than 838:59:59"),
        (a_filter("size", condition("gte", "big")), "must be a number"),
        (a_filter("size", condition("gte", "nan")), "must be a number"),
        (a_filter("size", condition("gte", "1e999")), "must be a number"),
    ],
)
def test_filters_that_do_not_fit_the_table(found: dict[str, Any], named: str) -> None:
    more = (column("raw", "varbinary(4)"), column("at", "time"), column("size", "double"))
    with pytest.raises(TableError, match="rule-id 4") as refused:
        filtered(found).plan(replace(ORDERS, all_columns=ORDERS.all_columns + more), GUIDE)
    assert named in str(refused.value)


NUMBER = ("n", "decimal(10,2)")
MOMENT = ("n", "datetime(3)")


@pytest.mark.parametrize(
    ("of", "conditions", "passing", "failing"),
    [
        (NUMBER, [condition("eq", "10.5")], ["10.50", "10.5"], ["10.51", None]),
        (NUMBER, [condition("noteq", "10.5")], ["9", "-10.5"], ["10.50", None]),
        (NUMBER, [condition("gte", "9")], ["9.00", "10"], ["8.99", "-10", None]),
        (NUMBER, [condition("lte", "9")], ["9.00", "-10"], ["9.01", "10", None]),
        (NUMBER, [condition("ste", "9")], ["9.00", "-10"], ["9.01", "10", None]),
        (NUMBER, [condition("between", "5", "10")], ["5", "10.00"], ["4.99", "10.01", None]),
        (NUMBER, [condition("notbetween", "5", "10")], ["4.99", "10.01"], ["5", "10", None]),
        (NUMBER, [condition("null")], [None], ["0"]),
        (NUMBER, [condition("notnull")], ["0"], [None]),
        (NUMBER, [condition("lte", "1"), condition("gte", "9"), condition("null")], ["0", "10", None], ["5"]),
        (
            MOMENT,
            [condition("gte", "2026-01-02")],
            ["2026-01-02 00:00:00.000", "2026-01-02 00:00:00"],
            ["2026-01-01 23:59:59.999000", None],
        ),
        (
            MOMENT,
            [condition("eq", "2026-01-02 10:00:00")],
            ["2026-01-02 10:00:00", "2026-01-02 10:00:00.000000"],
            ["2026-01-02 10:00:00.5"],
        ),
        (("n", "date"), [condition("between", "2026-01-01", "2026-01-31")], ["2026-01-01", "2026-01-31"], ["2026-02-01", "0000-00-00"]),
        (("n", "time"), [condition("gte", "-01:00:00")], ["-00:59:59", "100:00:00.000000"], ["-01:00:00.5", None]),
        (("n", "float"), [condition("lte", "0.5")], ["0.5", "5E-1", "0.10000000149011612"], ["0.5000001"]),
        (("n", "float"), [condition("gte", "1e39")], [], ["3.4e38"]),
        (("n", "bit(1)"), [condition("eq", "1")], ["1", "true"], ["0", "false", None]),
        (("n", "varchar(9)"), [condition("eq", "é")], ["é"], ["É", "e", "é ", None]),
        (("n", "varchar(9)"), [condition("gte", "b")], ["b", "é", "😀"], ["B", "a"]),
    ],
)
def test_rows_that_pass(
    of: tuple[str, str], conditions: list[dict[str, Any]], passing: list[str | None], failing: list[str | None]
) -> None:
    plan = filtered(a_filter("n", *conditions)).plan(table(column("id", "int(11)"), column(*of)), GUIDE)
    passes = plan.filters.predicate(["id", "n"])
    assert passes is not None
    assert [passes(("1", text)) for text in passing] == [True] * len(passing)
    assert [passes(("1", text)) for text in failing] == [False] * len(failing)


def test_all_filters_must_pass() -> None:
    filters = filtered(a_filter("amount", condition("gte", "5")), a_filter("name", condition("eq", "x"))).plan(ORDERS, GUIDE).filters
    passes = filters.predicate(["name", "amount"])
    assert passes is not None
    assert [passes(row) for row in (("x", "5"), ("x", "4"), ("y", "5"), ("y", "4"))] == [True, False, False, False]
    assert filters.columns == ("amount", "name")


def test_filters_belong_to_their_table() -> None:
    mappings = read(selection(1), selection(4, "s", "t", filters=[a_filter("gone", condition("null"))]))
    plan = mappings.plan(replace(ORDERS, name="other"), GUIDE)
    assert plan.filters.sql(literal) == ""
    assert plan.filters.predicate([]) is None


def test_values_reach_sql_as_literals() -> None:
    filters = filtered(a_filter("name", condition("eq", "' OR 1=1 -- "), condition("null"))).plan(ORDERS, GUIDE).filters
    assert filters.sql(literal) == "(CAST(CONVERT(`name` USING utf8mb4) AS BINARY) = CAST(''' OR 1=1 -- ' AS BINARY) OR " + (
        "CAST(CONVERT(`name` USING utf8mb4) AS BINARY) IS NULL)"
    )


def test_a_date_of_zeros_is_null_where_the_dialect_writes_null() -> None:
    mappings = filtered(a_filter("made", condition("null")))
    assert "NULLIF" in mappings.plan(ORDERS, DIALECTS["words"]).filters.sql(literal)
    assert "NULLIF" not in mappings.plan(ORDERS, GUIDE).filters.sql(literal)
