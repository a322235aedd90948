# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What filters and transformations make of the rows and files of a full load."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from .conftest import select_all
from .direct import NULL, Loader, added, rule

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")


def filtered(schema: str, table: str, *filters: tuple[str, dict[str, str]]) -> str:
    """One selection rule with filters of one condition each."""
    document = json.loads(select_all(schema, table))
    document["rules"][0]["filters"] = [
        {"filter-type": "source", "column-name": column, "filter-conditions": [condition]} for column, condition in filters
    ]
    return json.dumps(document)


@pytest.fixture
def people(execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(30), town VARCHAR(30), born DATE, height DECIMAL(5,2))")
    execute(
        "INSERT INTO people VALUES (%s, %s, %s, %s, %s)",
        (1, "Ann", "Oslo", "1970-01-01", "1.70"),
        (2, "O'Neil, Bob", None, "1980-02-02", "1.80"),
        (3, "Zoë", "", "1990-03-03", None),
    )


def test_filters_choose_rows_and_their_values_stay_values(loader: Loader, schema: str, people: None) -> None:
    born = ("born", {"filter-operator": "gte", "value": "1980-01-01"})
    loaded = loader(filtered(schema, "people", ("id", {"filter-operator": "ste", "value": "2"}), born))
    assert [row[0] for row in loaded.rows()] == ["2"]
    quoted = loader(filtered(schema, "people", ("name", {"filter-operator": "eq", "value": "O'Neil, Bob"})))
    assert [row[0] for row in quoted.rows()] == ["2"]
    hostile = loader(filtered(schema, "people", ("name", {"filter-operator": "eq", "value": "x' OR '1'='1"})))
    assert (hostile.files, hostile.states()) == ({}, {"people": ("Table completed", 0)})


def test_a_filter_by_an_unknown_column_is_an_error_of_the_table(loader: Loader, schema: str, people: None) -> None:
    loaded = loader(filtered(schema, "people", ("age", {"filter-operator": "eq", "value": "2"})))
    assert (loaded.files, loaded.states()) == ({}, {"people": ("Table error", 0)})


def test_folders_and_headers_have_the_names_of_the_target(loader: Loader, schema: str, people: None) -> None:
    rules = [
        rule("schema", "rename", {"schema-name": schema}, value="crm"),
        rule("table", "convert-uppercase"),
        rule("column", "rename", {"column-name": "name"}, value="full_name"),
        rule("column", "add-prefix", {"column-name": "town"}, value="home_"),
        rule("column", "remove-column", {"column-name": "height"}),
    ]
    loaded = loader(select_all(schema, extra=rules), AddColumnName=True)
    content = loaded.files["crm/PEOPLE/LOAD00000001.csv"].decode()
    assert content == (f'id,full_name,home_town,born\n1,Ann,Oslo,1970-01-01\n2,"O\'Neil, Bob",{NULL},1980-02-02\n3,Zoë,,1990-03-03\n')
    assert loaded.states() == {"people": ("Table completed", 3)}


def test_two_tables_that_become_one_are_errors(loader: Loader, schema: str, people: None, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE persons (id INT PRIMARY KEY)")
    execute("CREATE TABLE other (id INT PRIMARY KEY)")
    loaded = loader(select_all(schema, extra=[rule("table", "rename", {"table-name": "pe%"}, value="human")]))
    assert {name: state for name, (state, _) in loaded.states().items()} == {
        "people": "Table error",
        "persons": "Table error",
        "other": "Table completed",
    }


def test_constants_and_metadata_are_in_every_row(loader: Loader, schema: str, people: None) -> None:
    rules = [
        added("op", "$AR_H_OPERATION"),
        added("seq", "$AR_H_CHANGE_SEQ"),
        added("pos", "$AR_H_STREAM_POSITION"),
        added("at", "$AR_H_TIMESTAMP", type="datetime", precision=6),
        added("from", "$AR_M_SOURCE_TABLE_NAME"),
        added("where", "$AR_M_SOURCE_SCHEMA"),
        added("fixed", "'a, ' || lower('B')"),
        added("flag", "operation_indicator('D', 'U', 'I')"),
        rule("table", "rename", value="renamed"),
    ]
    begin = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    loaded = loader(select_all(schema, extra=rules))
    assert len(loaded.rows()) == 3
    for row in loaded.rows():
        op, sequence, position, at, table, source, fixed, flag = row[5:]
        assert (op, sequence, position, table, source, fixed, flag) == ("INSERT", "", "", "people", schema, "a, b", "I")
        assert TIMESTAMP.fullmatch(at)
        assert at >= begin


def test_expressions_are_those_of_sqlite_over_the_values_of_the_row(loader: Loader, schema: str, people: None) -> None:
    rules = [
        added("label", "$name || '/' || ifnull($town, 'nowhere')"),
        added("inches", "round($height / 0.0254, 1)", type="real8"),
        added("next", "$id + 1", type="int4"),
        rule("column", "remove-column", {"column-name": "born"}),
        rule("column", "remove-column", {"column-name": "height"}),
    ]
    loaded = loader(select_all(schema, extra=rules), AddColumnName=True, IncludeOpForFullLoad=True, CsvDelimiter=";")
    assert loaded.rows(delimiter=";") == [
        ["Op", "id", "name", "town", "label", "inches", "next"],
        ["I", "1", "Ann", "Oslo", "Ann/Oslo", "66.9", "2"],
        ["I", "2", "O'Neil, Bob", NULL, "O'Neil, Bob/nowhere", "70.9", "3"],
        ["I", "3", "Zoë", "", "Zoë/", NULL, "4"],
    ]


def test_a_value_between_fields_of_the_server_keeps_its_place(loader: Loader, schema: str, people: None) -> None:
    change = rule("column", "change-data-type", {"column-name": "born"}, **{"data-type": {"type": "datetime", "precision": 3}})
    loaded = loader(select_all(schema, extra=[change]))
    assert loaded.rows() == [
        ["1", "Ann", "Oslo", "1970-01-01 00:00:00.000", "1.70"],
        ["2", "O'Neil, Bob", NULL, "1980-02-02 00:00:00.000", "1.80"],
        ["3", "Zoë", "", "1990-03-03 00:00:00.000", NULL],
    ]


def test_before_images_are_empty_and_the_timestamp_is_the_second_column(loader: Loader, schema: str, people: None) -> None:
    image = rule("column", "add-before-image-columns", **{"before-image-def": {"column-prefix": "BI_", "column-filter": "pk-only"}})
    begin = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    loaded = loader(select_all(schema, extra=[image]), TimestampColumnName="moved", AddColumnName=True, IncludeOpForFullLoad=True)
    header, *rows = loaded.rows()
    assert header == ["Op", "moved", "id", "name", "town", "born", "height", "BI_id"]
    assert [[row[0], row[2], row[-1]] for row in rows] == [["I", "1", ""], ["I", "2", ""], ["I", "3", ""]]
    assert all(TIMESTAMP.fullmatch(row[1]) and begin <= row[1] for row in rows)


def test_the_timestamp_may_be_the_time_when_the_task_began(loader: Loader, schema: str, people: None) -> None:
    load, folder = loader.prepare(select_all(schema), TimestampColumnName="moved", UseTaskStartTimeForFullLoadTimestamp=True)
    load.task_started = datetime(2026, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
    loaded = loader.finished(load, folder, lambda: load.run(lambda: None))
    assert [row[:2] for row in loaded.rows()] == [["2026-01-02 03:04:05.600000", str(n)] for n in (1, 2, 3)]


def test_fixed_length_texts_are_padded_on_request(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE codes (code CHAR(4) PRIMARY KEY, more VARCHAR(4))")
    execute("INSERT INTO codes VALUES ('é', 'b'), ('abcd', NULL)")
    loaded = loader(select_all(schema), AddTrailingPaddingCharacter=True)
    assert sorted(loaded.rows()) == [["abcd", NULL], ["é   ", "b"]]
