# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Columns that expressions add during a full load: SQLite's functions, headers and metadata."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from .rules import add_column, mappings, select
from .site import NULL, Site

# Expression over the row (7, 'Ann', 'Lee', 21500.50, NULL, '2026-01-31 10:00:00') and its value.
FUNCTIONS = {
    "$first||'_'||$last": "Ann_Lee",
    "lower($first)": "ann",
    "upper($last)": "LEE",
    "ltrim($first, 'A')": "nn",
    "rtrim($last, 'e')": "L",
    "trim($first, 'An')": "",
    "replace($first, 'n', 'm')": "Amm",
    "substr($first, 2, 1)": "n",
    "abs(0 - $id)": "7",
    "max($id, 9)": "9",
    "min($id, 9)": "7",
    "coalesce($nothing, $first)": "Ann",
    "ifnull($nothing, 'none')": "none",
    "nullif($first, 'Ann')": NULL,
    "date($born)": "2026-01-31",
    "time($born)": "10:00:00",
    "datetime($born, '+1 day')": "2026-02-01 10:00:00",
    "strftime('%Y', $born)": "2026",
    "CASE WHEN round($salary)>=20000 THEN 'SENIOR' ELSE 'JUNIOR' END": "SENIOR",
    "hash_sha256($first)": hashlib.sha256(b"Ann").hexdigest(),
}
HEADERS = ("$AR_H_OPERATION", "$AR_H_TIMESTAMP", "$AR_H_COMMIT_TIMESTAMP", "$AR_H_STREAM_POSITION")
METADATA = ("$AR_M_SOURCE_SCHEMA", "$AR_M_SOURCE_TABLE_NAME")
FLAG = "operation_indicator('D', 'U', 'I')"


@pytest.fixture(scope="module")
def schema(site: Site) -> str:
    name = site.schema()
    site.execute(
        "CREATE TABLE people (id INT PRIMARY KEY, first VARCHAR(20), last VARCHAR(20), salary DECIMAL(10,2), nothing VARCHAR(5),"
        " born DATETIME)"
    )
    site.execute("INSERT INTO people VALUES (7, 'Ann', 'Lee', 21500.50, NULL, '2026-01-31 10:00:00')")
    return name


def added(site: Site, schema: str, *expressions: str) -> dict[str, str]:
    rules = [add_column(f"x{number}", text, schema, "people", type="string", length=100) for number, text in enumerate(expressions)]
    _, folder = site.load(mappings(select(schema), *rules))
    (row,) = site.rows(f"{folder}/{schema}/people/")
    return dict(zip(expressions, row[7:], strict=True))


@pytest.fixture(scope="module")
def values(site: Site, schema: str) -> dict[str, str]:
    return added(site, schema, *FUNCTIONS)


@pytest.fixture(scope="module")
def headers(site: Site, schema: str) -> dict[str, str]:
    return added(site, schema, *HEADERS, *METADATA, FLAG)


@pytest.mark.behaviour("expressions.sqlite")
@pytest.mark.parametrize("expression", FUNCTIONS)
def test_a_function_of_sqlite(values: dict[str, str], expression: str) -> None:
    assert values[expression] == FUNCTIONS[expression]


@pytest.mark.behaviour("expressions.operation")
def test_a_loaded_row_is_an_insert(headers: dict[str, str]) -> None:
    assert headers["$AR_H_OPERATION"] == "INSERT"


@pytest.mark.behaviour("expressions.load_timestamps")
@pytest.mark.parametrize("header", ["$AR_H_TIMESTAMP", "$AR_H_COMMIT_TIMESTAMP"])
def test_the_times_of_a_loaded_row_are_those_of_the_load(headers: dict[str, str], header: str) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", headers[header])
    assert abs(datetime.fromisoformat(headers[header]).replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(hours=1)


@pytest.mark.behaviour("expressions.load_position")
def test_a_loaded_row_has_no_position(site: Site, headers: dict[str, str]) -> None:
    assert headers["$AR_H_STREAM_POSITION"] in site.either("absent_added", {"empty": "", "marker": NULL})


@pytest.mark.behaviour("expressions.metadata")
def test_the_names_of_the_source(headers: dict[str, str], schema: str) -> None:
    assert [headers[name] for name in METADATA] == [schema, "people"]


@pytest.mark.behaviour("expressions.operation_indicator")
def test_the_operation_indicator(headers: dict[str, str]) -> None:
    assert headers[FLAG] == "I"
