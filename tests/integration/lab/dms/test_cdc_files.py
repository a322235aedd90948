# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The files of changes: their names, when they are uploaded, and what the endpoint's settings make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.dms.dialects.dialect import GUIDE
from lab.dms.statistics import Statistics

from .captures import Captures
from .conftest import select_all, wait

PER_TABLE = {"CsvNullValue": "NULL"}
FILTER = '{"filter-type": "source", "column-name": "id", "filter-conditions": [{"filter-operator": "gte", "value": "2"}]}'
RENAME = {
    "rule-type": "transformation",
    "rule-target": "table",
    "rule-action": "rename",
    "object-locator": {"schema-name": "%", "table-name": "a"},
    "value": "renamed",
}


def test_each_table_has_files_of_its_own(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10))")
    execute("CREATE TABLE b (id INT PRIMARY KEY)")
    execute("CREATE TABLE silent (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, 'x')")
    execute("INSERT INTO b VALUES (7)")
    execute("UPDATE a SET name = NULL")
    run = captures.until_now(select_all(schema), start, AddColumnName=True, TimestampColumnName="changed_at")
    first, second = run.files()
    assert re.fullmatch(rf"{schema}/a/\d{{8}}-\d{{9}}\.csv", first)
    assert re.fullmatch(rf"{schema}/b/\d{{8}}-\d{{9}}\.csv", second)
    header, *rows = run.rows(f"{schema}/a/")
    assert header == ["Op", "changed_at", "id", "name"]
    assert [[row[0], *row[2:]] for row in rows] == [["I", "1", "x"], ["U", "1", "NULL"]]
    for row in rows:
        age = datetime.now(UTC) - datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        assert 0 <= age.total_seconds() < 60
    longer = captures.until_now(select_all(schema), start, dialect=replace(GUIDE, change_file_digits=10), **PER_TABLE)
    assert re.fullmatch(rf"{schema}/a/\d{{8}}-\d{{10}}\.csv", longer.files()[0])


# MySQL logs the time of the commit by the server's own clock.
@pytest.mark.mariadb
def test_folders_of_the_commit_s_date_in_a_time_zone(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    # A session may say what time it is: the log says the same.
    execute("SET timestamp = 1793574000")  # 2026-11-01 23:00 UTC, 00:00 of the next day in Berlin
    execute("INSERT INTO a VALUES (1)")
    execute("SET timestamp = 1793570400")
    execute("INSERT INTO a VALUES (2)")
    execute("SET timestamp = DEFAULT")
    berlin = {"DatePartitionEnabled": True, "DatePartitionTimezone": "Europe/Berlin", "DatePartitionDelimiter": "DASH"}
    run = captures.until_now(select_all(schema), start, **berlin)
    assert run.rows(f"{schema}/a/2026-11-02/") == [["I", "1"]]
    assert run.rows(f"{schema}/a/2026-11-01/") == [["I", "2"]]
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    begun = datetime.strptime(run.files()[0].rsplit("/", 1)[1][:15], "%Y%m%d-%H%M%S").replace(tzinfo=now.tzinfo)
    assert 0 <= (now - begun).total_seconds() < 60


def test_gzip_inserts_only_and_inserts_and_updates(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    execute("UPDATE a SET id = 2")
    execute("DELETE FROM a")
    only = captures.until_now(select_all(schema), start, CdcInsertsOnly=True, CompressionType="gzip")
    assert only.files()[0].endswith(".csv.gz")
    assert only.rows() == [["1"]]
    both = captures.until_now(select_all(schema), start, CdcInsertsAndUpdates=True, IncludeOpForFullLoad=True)
    assert both.rows() == [["I", "1"], ["U", "2"]]


def test_a_file_is_uploaded_after_the_interval_and_the_next_has_a_later_name(
    captures: Captures, schema: str, execute: Callable[..., Any]
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    run = captures.make(select_all(schema), start, PreserveTransactions=True, CdcPath="cdc", CdcMaxBatchInterval=1).background()
    execute("INSERT INTO a VALUES (1)")
    wait(lambda: len(run.files()) == 1, "first file")
    assert run.capture.checkpoint.position > start.position
    execute("INSERT INTO a VALUES (2)")
    wait(lambda: len(run.files()) == 2, "second file")
    assert run.stopped().stop_reason == "Stop Reason NORMAL"
    assert run.rows() == [["I", "a", schema, "1"], ["I", "a", schema, "2"]]
    assert all(re.fullmatch(r"cdc/CDC_TXN-\d{17}\.csv", key) for key in run.files())


def test_a_stopped_run_uploads_what_it_has_read(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    run = captures.make(select_all(schema), captures.here()).background()
    execute("INSERT INTO a VALUES (1)")
    wait(lambda: run.capture.metrics()["CDCIncomingChanges"] == 1, "the change is read")
    assert run.files() == []
    assert run.capture.metrics()["CDCChangesMemoryTarget"] == 1
    run.stopped()
    assert run.rows() == [["I", "a", schema, "1"]]
    assert run.saved[-1] == run.capture.checkpoint
    metrics = run.capture.metrics()
    assert metrics["CDCIncomingChanges"] == 0


def test_names_at_the_target_and_filters(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10))")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, 'out'), (2, 'in')")
    execute("DELETE FROM a")
    rules = select_all(schema, "a", extra=[RENAME]).replace('"rule-action": "include"', f'"rule-action": "include", "filters": [{FILTER}]')
    statistics = Statistics()
    run = captures.until_now(rules, start, statistics=statistics)
    assert run.rows() == [["I", "renamed", schema, "2", "in"], ["D", "renamed", schema, "2", "in"]]
    assert [(t["TableName"], t["Inserts"], t["Deletes"]) for t in statistics.to_api()] == [("a", 1, 1)]
