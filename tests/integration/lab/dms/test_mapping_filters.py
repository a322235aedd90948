# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A filter takes the same rows in a full load, where the server evaluates it, and in changes, where the engine does, in every dialect."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.dms.dialects.dialect import DIALECTS
from lab.dms.full_load.csv_line import value_text
from lab.dms.mappings import TableMappings, TablePlan, read_mappings
from lab.dms.sources.mysql import Address, MySQLSource, SourceTable
from lab.dms.targets.settings import S3Settings

NUMBERS = ["0", "-1", "1", "9", "10", "99.5", "-0.25", "0.1", "2024", "1.000001", "18446744073709551615"]
REALS = [*NUMBERS, "1e-30", "1e30"]
MOMENTS = ["2026-01-02", "2026-01-02 00:00:00", "2026-01-02 10:20:30", "2026-01-02 10:20:30.5", "2026-01-03", "1999-12-31 23:59:59"]
TEXTS = ["", " ", "a", "A", "a ", "ä", "b", "é", "É", "Z", "10", "9", "x'y", "\\", "😀"]
# Type -> values of its rows, which are values of rules too where nothing else is said.
ROWS: dict[str, list[str | None]] = {
    "int": ["-1", "0", "1", "9", "10", "2024", None],
    "bigint unsigned": ["0", "10", "18446744073709551615", None],
    "int(6) unsigned zerofill": ["0", "9", "10", None],
    "decimal(30,6)": ["-0.25", "0", "1.000001", "99.5", "10", None],
    "float": ["-0.25", "0.1", "99.5", "1e30", None],
    "double": ["-0.25", "0.1", "99.5", "1e-30", None],
    "year": ["1999", "2024", "0", None],
    "bit(1)": ["0", "1", None],
    "date": ["2026-01-02", "2026-01-03", "1999-12-31", "0000-00-00", None],
    "datetime": ["2026-01-02", "2026-01-02 10:20:30", "0000-00-00", None],
    "datetime(3)": ["2026-01-02 10:20:30.5", "2026-01-02 10:20:30", "1999-12-31 23:59:59.999", None],
    "timestamp(6) null": ["0000-00-00", "2026-01-02 10:20:30.500000", "2026-01-02 10:20:30", None],
    "time(2)": ["-01:00:00.5", "00:00:00", "10:20:30", "100:00:00", None],
    "varchar(9) character set utf8mb4 collate utf8mb4_general_ci": [*TEXTS, None],
    "varchar(9) character set latin1": ["", "a", "A", "ä", "É", "9", None],
    "char(4) character set utf8mb4": ["", "a", "A", "b", None],
    "enum('b','a','É')": ["a", "b", "É", None],
    "set('x','a','b')": ["", "x", "x,a", "b", None],
}
RULES = {
    **dict.fromkeys(("int", "bigint unsigned", "int(6) unsigned zerofill", "decimal(30,6)", "year", "bit(1)"), NUMBERS),
    **dict.fromkeys(("float", "double"), REALS),
    **dict.fromkeys(("date", "datetime", "datetime(3)", "timestamp(6) null"), MOMENTS),
    "time(2)": ["-01:00:00.5", "-01:00:00", "00:00:00", "10:20:30.00", "100:00:00"],
}
COLUMNS = {f"c{number}": kind for number, kind in enumerate(ROWS)}


@dataclass(frozen=True)
class Rows:
    """A table in the source with its rows' texts under each dialect."""

    table: SourceTable
    literal: Callable[[str], str]
    select: Callable[..., set[int]]
    texts: dict[str, dict[int, tuple[str | None, ...]]]


@pytest.fixture(scope="module")
def source(lab: Any, administrator: Any) -> Iterator[MySQLSource]:
    user, password = f"filters_{secrets.token_hex(3)}", secrets.token_urlsafe(20)
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE USER {user}@'%%' IDENTIFIED BY %s REQUIRE SSL", (password,))
        cursor.execute(f"GRANT SELECT ON *.* TO {user}@'%'")
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    with MySQLSource(Address("127.0.0.1", lab.ports["mysql"], user, password, "verify-full", pem)) as connected:
        yield connected
    with administrator.cursor() as cursor:
        cursor.execute(f"DROP USER {user}@'%'")


@pytest.fixture(scope="module")
def rows(administrator: Any, source: MySQLSource) -> Iterator[Rows]:
    name = f"filters_{secrets.token_hex(3)}"

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with administrator.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    with administrator.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = '', time_zone = '+00:00'")
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute(f"CREATE TABLE {name}.t (id INT PRIMARY KEY, {', '.join(f'{column} {kind}' for column, kind in COLUMNS.items())})")
        for number in range(max(len(values) for values in ROWS.values())):
            values = [ROWS[kind][number % len(ROWS[kind])] for kind in COLUMNS.values()]
            # A text becomes a bit by way of a number.
            marks = ["%s + 0" if kind == "bit(1)" else "%s" for kind in COLUMNS.values()]
            cursor.execute(f"INSERT INTO {name}.t VALUES ({number}, {', '.join(marks)})", values)  # noqa: S608 - marks and an own name
    table = source.table(name, "t", 1)
    texts: dict[str, dict[int, tuple[str | None, ...]]] = {}
    for dialect in DIALECTS.values():
        written = [value_text(c, dialect, S3Settings("b", ""), 1024, source.literal) for c in table.columns]
        fields = ", ".join(f"CAST({w.sql} AS CHAR)" for w in written)
        found = ask(f"SELECT id, {fields} FROM {name}.t")  # noqa: S608 - the engine's expressions are what is tested
        texts[dialect.name] = {
            row[0]: tuple(w.finish(v) if w.finish and v is not None else v for w, v in zip(written, row[1:], strict=True)) for row in found
        }

    def select(condition: str, zone: str = "+00:00") -> set[int]:
        ask(f"SET SESSION time_zone = '{zone}'")
        return {row[0] for row in ask(f"SELECT id FROM {name}.t WHERE {condition}")}  # noqa: S608 - the engine's condition is what is tested

    yield Rows(table, source.literal, select, texts)
    ask(f"DROP DATABASE {name}")


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    column = draw(st.sampled_from(sorted(COLUMNS)))
    kind = COLUMNS[column]
    value = st.sampled_from(RULES.get(kind) or [v for v in ROWS[kind] if v is not None] + TEXTS)
    one = st.builds(lambda o, v: {"filter-operator": o, "value": v}, st.sampled_from(["eq", "gte", "lte", "ste"]), value)
    two = st.builds(lambda a, b: {"filter-operator": "between", "start-value": a, "end-value": b}, value, value)
    null = st.just({"filter-operator": "null"})
    negative = st.one_of(
        st.builds(lambda v: {"filter-operator": "noteq", "value": v}, value),
        st.builds(lambda a, b: {"filter-operator": "notbetween", "start-value": a, "end-value": b}, value, value),
        st.just({"filter-operator": "notnull"}),
    )
    conditions = draw(st.lists(one | two | null, min_size=1, max_size=3) | st.lists(negative, min_size=1, max_size=1))
    return {"filter-type": "source", "column-name": column, "filter-conditions": conditions}


def mappings(schema: str, chosen: list[dict[str, Any]]) -> TableMappings:
    locator = {"schema-name": schema, "table-name": "t"}
    rule = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "object-locator": locator, "rule-action": "include"}
    return read_mappings(json.dumps({"rules": [rule | {"filters": chosen}]}))


def passing(rows: Rows, plan: TablePlan, dialect: str) -> set[int]:
    passes = plan.filters.predicate([c.name for c in rows.table.columns])
    assert passes is not None
    return {number for number, row in rows.texts[dialect].items() if passes(row)}


def one_filter(kind: str, **condition: str) -> list[dict[str, Any]]:
    column = next(name for name, found in COLUMNS.items() if found == kind)
    members = {name.replace("_", "-"): value for name, value in condition.items()}
    return [{"filter-type": "source", "column-name": column, "filter-conditions": [members]}]


@settings(max_examples=300, deadline=None)
@example(dialect="words", zone="+00:00", chosen=one_filter("date", filter_operator="null"))
@example(dialect="words", zone="+00:00", chosen=one_filter("datetime", filter_operator="lte", value="2026-01-02"))
@example(dialect="guide", zone="+00:00", chosen=one_filter("date", filter_operator="lte", value="2026-01-02"))
@example(dialect="sparse", zone="+00:00", chosen=one_filter("float", filter_operator="eq", value="0.1"))
@example(dialect="words", zone="+00:00", chosen=one_filter("bit(1)", filter_operator="eq", value="1"))
@example(dialect="guide", zone="+05:30", chosen=one_filter("timestamp(6) null", filter_operator="gte", value="2026-01-02 10:20:30.5"))
@example(dialect="guide", zone="+05:30", chosen=one_filter("timestamp(6) null", filter_operator="lte", value="1969-12-31"))
@example(dialect="words", zone="+05:30", chosen=one_filter("timestamp(6) null", filter_operator="null"))
@given(
    dialect=st.sampled_from(sorted(DIALECTS)),
    zone=st.sampled_from(["+00:00", "-03:00"]),
    chosen=st.lists(filters(), min_size=1, max_size=2),
)
def test_server_and_engine_take_the_same_rows(rows: Rows, dialect: str, zone: str, chosen: list[dict[str, Any]]) -> None:
    plan = mappings(rows.table.schema, chosen).plan(rows.table, DIALECTS[dialect])
    assert passing(rows, plan, dialect) == rows.select(plan.filters.sql(rows.literal), zone)


@pytest.mark.parametrize(
    ("kind", "boundaries"),
    [
        ("decimal(30,6)", [["0"], ["10"]]),
        ("datetime(3)", [["2026-01-02 10:20:30"], ["2026-01-02 10:20:30.5"]]),
        ("varchar(9) character set utf8mb4 collate utf8mb4_general_ci", [["A"], ["a"], ["É"]]),
    ],
)
def test_segments_hold_every_row_once_but_for_null(rows: Rows, kind: str, boundaries: list[list[str]]) -> None:
    column = next(name for name, found in COLUMNS.items() if found == kind)
    rule = {
        "rule-type": "table-settings",
        "rule-id": "2",
        "rule-name": "2",
        "object-locator": {"schema-name": rows.table.schema, "table-name": "t"},
        "parallel-load": {"type": "ranges", "columns": [column, "id"], "boundaries": [[*b, "3"] for b in boundaries]},
    }
    selection = {**rule, "rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
    del selection["parallel-load"]
    plan = read_mappings(json.dumps({"rules": [selection, rule]})).plan(rows.table, DIALECTS["guide"])
    assert plan.parallel is not None
    segments = [rows.select(condition) for condition in plan.parallel.segments(rows.literal)]
    assert len(segments) == len(boundaries) + 1
    assert all(segments)
    together = [number for segment in segments for number in segment]
    assert sorted(together) == sorted(rows.select(f"{column} IS NOT NULL"))
