# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What statements of the log do to files, and to how changes are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.dms.cdc.settings import ChangeSettings
from lab.dms.statistics import ERROR, MISSING, Statistics

from .captures import Captures, Run
from .conftest import select_all, wait
from .test_full_load import BEFORE_IMAGE

LOADED = "a/LOAD00000001.csv"


def put(run: Run, key: str) -> None:
    run.captures.s3.put_object(Bucket=run.captures.bucket, Key=f"{run.folder}/{key}", Body=b"I,0\n")


def counts(run: Run, table: str) -> tuple[int, ...]:
    found = next(t for t in run.statistics.to_api() if t["TableName"] == table)
    return (found["Inserts"], found["AppliedInserts"], found["Ddls"], found["AppliedDdls"])


@pytest.fixture
def brief_log(administrator: Any) -> Iterator[None]:
    """A log without the names of columns, as servers write it by default."""
    with administrator.cursor() as cursor:
        cursor.execute("SET GLOBAL binlog_row_metadata = MINIMAL")
        yield
        cursor.execute("SET GLOBAL binlog_row_metadata = FULL")


@pytest.mark.parametrize("statement", ["TRUNCATE TABLE a", "DROP TABLE a"])
def test_a_truncate_and_a_drop_delete_the_table_s_files(
    captures: Captures, schema: str, execute: Callable[..., Any], statement: str
) -> None:
    for table in ("a", "ab"):
        execute(f"CREATE TABLE {table} (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    run = captures.make(select_all(schema), start, CdcMaxBatchInterval=1).background()
    wait(run.files, "a file of the changes")
    put(run, f"{schema}/{LOADED}")
    put(run, f"{schema}/ab/LOAD00000001.csv")
    execute(statement)
    wait(lambda: len(run.files()) == 1, "the files are gone")
    if statement.startswith("TRUNCATE"):
        execute("INSERT INTO a VALUES (2)")
    run.finished()
    assert run.rows(f"{schema}/a/") == ([["I", "2"]] if statement.startswith("TRUNCATE") else [])
    assert f"{schema}/ab/LOAD00000001.csv" in run.files()
    assert counts(run, "a")[2:] == (1, 1)


def test_the_files_stay_if_the_task_ignores_truncate_and_drop(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    settings = ChangeSettings(handle_dropped=False, handle_truncated=False)
    run = captures.make(select_all(schema), start, settings=settings).background()
    put(run, f"{schema}/{LOADED}")
    execute("TRUNCATE a")
    execute("INSERT INTO a VALUES (1)")
    execute("DROP TABLE a")
    wait(lambda: counts(run, "a")[3] == 2, "both statements")
    run.finished()
    assert run.files()[1] == f"{schema}/{LOADED}"
    assert run.rows("cdc/") == [["I", "a", schema, "1"]]


def test_a_truncate_leaves_the_files_of_all_tables(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    execute("TRUNCATE a")
    execute("INSERT INTO a VALUES (2)")
    run = captures.until_now(select_all(schema), start)
    assert run.rows() == [["I", "a", schema, "1"], ["I", "a", schema, "2"]]


def test_the_width_changes_with_the_table(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10))")
    run = captures.make(select_all(schema, extra=[BEFORE_IMAGE]), captures.here(), AddColumnName=True).background()
    execute("INSERT INTO a VALUES (1, 'x')")
    wait(lambda: run.capture.metrics()["CDCIncomingChanges"] == 1, "the first change is read")
    execute("ALTER TABLE a ADD COLUMN first_one INT DEFAULT 5 FIRST, CHANGE name title VARCHAR(20)")
    execute("UPDATE a SET title = 'y'")
    run.finished()
    old, new = run.files()
    assert run.rows(old) == [["Op", "id", "name", "BI_id"], ["I", "1", "x", ""]]
    assert run.rows(new) == [["Op", "first_one", "id", "title", "BI_id"], ["U", "5", "1", "y", "1"]]
    assert counts(run, "a") == (1, 1, 1, 1)


def test_the_shape_is_kept_if_the_task_ignores_alter(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10), gone INT)")
    run = captures.make(select_all(schema), captures.here(), settings=ChangeSettings(handle_altered=False)).background()
    execute("INSERT INTO a VALUES (1, 'x', 7)")
    execute("ALTER TABLE a ADD COLUMN first_one INT DEFAULT 5 FIRST, DROP COLUMN gone")
    execute("INSERT INTO a VALUES (6, 2, 'y')")
    run.finished()
    assert run.rows() == [["I", "a", schema, "1", "x", "7"], ["I", "a", schema, "2", "y", "__DMS_NULL__"]]


def test_old_changes_are_read_as_the_log_describes_them(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute(
        "CREATE TABLE a (id INT PRIMARY KEY, money DECIMAL(10,2), kind ENUM('it''s','b'), moment DATETIME(3), bits BIT(12),"
        " name VARCHAR(10), fixed BINARY(2), note MEDIUMTEXT, stamp TIMESTAMP NULL, big BIGINT UNSIGNED, tags SET('x','y'),"
        " young YEAR, ratio FLOAT)"
    )
    start = captures.here()
    execute(
        "INSERT INTO a VALUES (1, 1.50, 'it''s', '2026-11-01 08:00:00.125', b'101010101010', 'é', x'00ff', 'n', NULL, 18446744073709551615,"
        " 'x,y', 2026, 0.5)"
    )
    execute(
        "ALTER TABLE a DROP money, DROP kind, DROP moment, DROP bits, DROP fixed, DROP note, DROP stamp, DROP big, DROP tags, DROP young"
    )
    execute("ALTER TABLE a MODIFY id BIGINT, MODIFY ratio DOUBLE")
    execute("INSERT INTO a VALUES (2, 'two', 2.5)")
    run = captures.until_now(select_all(schema, extra=[BEFORE_IMAGE]), start)
    assert [row[3:] for row in run.rows()] == [
        [
            "1",
            "1.50",
            "it's",
            "2026-11-01 08:00:00.125000",
            "0AAA",
            "é",
            "00FF",
            "n",
            "__DMS_NULL__",
            "18446744073709551615",
            "x,y",
            "2026",
            "0.5",
            "",
        ],
        ["2", "two", "2.5", ""],
    ]


@pytest.mark.usefixtures("brief_log")
def test_without_names_in_the_log_a_table_that_was_altered_is_suspended(
    captures: Captures, schema: str, execute: Callable[..., Any]
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10))")
    execute("CREATE TABLE b (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, 'x')")
    execute("INSERT INTO b VALUES (1)")
    execute("ALTER TABLE a ADD COLUMN more INT")
    statistics = Statistics()
    run = captures.until_now(select_all(schema), start, statistics=statistics)
    assert run.rows() == [["I", "b", schema, "1"]]
    [suspended] = statistics.in_state(ERROR)
    assert suspended.table == "a"
    assert "binlog_row_metadata" in suspended.reason
    stop = captures.until_now(select_all(schema), start, settings=ChangeSettings(table_policy="STOP_TASK"))
    assert stop.outcome is not None
    assert stop.outcome.stop_reason == "Stop Reason FATAL_ERROR"
    assert stop.files() == []


def test_a_new_table_is_followed(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    statistics = Statistics()
    run = captures.make(select_all(schema, "%", "b"), captures.here(), statistics=statistics).background()
    assert [t.table for t in statistics.in_state(MISSING)] == ["b"]
    execute("CREATE TABLE b AS SELECT 1 AS id, 'x' AS name")
    execute("INSERT INTO b VALUES (2, 'y')")
    execute("DROP TABLE a")
    execute("CREATE TABLE a (name VARCHAR(5))")
    execute("INSERT INTO a VALUES ('z')")
    run.finished()
    assert run.rows("cdc/") == [["I", "b", schema, "1", "x"], ["I", "b", schema, "2", "y"], ["I", "a", schema, "z"]]
    assert counts(run, "b") == (2, 2, 1, 1)
    assert statistics.in_state(MISSING) == []


@pytest.mark.parametrize("statement", ["RENAME TABLE a TO z", "ALTER TABLE a RENAME TO z"])
def test_a_renamed_table_is_suspended(captures: Captures, schema: str, execute: Callable[..., Any], statement: str) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    run = captures.make(select_all(schema), captures.here()).background()
    execute("INSERT INTO a VALUES (1)")
    execute(statement)
    execute("INSERT INTO z VALUES (2)")
    run.finished()
    assert run.rows() == [["I", "a", schema, "1"]]
    assert {t.table: t.reason for t in run.statistics.in_state(ERROR)} == dict.fromkeys(
        ("a", "z"), "RENAME TABLE is not supported by change capture"
    )


def test_a_suspended_table_is_followed_again_from_the_moment_of_its_reload(
    captures: Captures, schema: str, execute: Callable[..., Any]
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    statistics = Statistics()
    statistics.suspend(schema, "a", "for a reason")
    run = captures.make(select_all(schema), captures.here(), statistics=statistics).background()
    execute("INSERT INTO a VALUES (1)")
    wait(lambda: run.saved, "the change is read")
    # From here on a load may read the table at any moment.
    statistics.reload(schema, "a")
    execute("INSERT INTO a VALUES (2)")
    run.finished()
    assert run.rows() == [["I", "a", schema, "2"]]


def test_partitions_whose_rows_vanish_without_a_trace_suspend_the_table(
    captures: Captures, schema: str, execute: Callable[..., Any]
) -> None:
    execute(
        "CREATE TABLE a (id INT PRIMARY KEY)"
        " PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN (20))"
    )
    start = captures.here()
    execute("INSERT INTO a VALUES (1), (11)")
    execute("ALTER TABLE a TRUNCATE PARTITION low")
    execute("INSERT INTO a VALUES (2)")
    run = captures.until_now(select_all(schema), start)
    assert [row[3] for row in run.rows()] == ["1", "11"]
    assert [t.table for t in run.statistics.in_state(ERROR)] == ["a"]


def test_a_dropped_schema_takes_the_files_of_its_tables_along(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    other = f"{schema}_gone"
    execute(f"CREATE DATABASE {other}")
    execute(f"CREATE TABLE {other}.a (id INT PRIMARY KEY)")
    execute(f"CREATE TABLE {other}.b (id INT PRIMARY KEY)")
    run = captures.make(select_all(other), captures.here()).background()
    put(run, f"{other}/a/LOAD00000001.csv")
    put(run, f"{other}/b/LOAD00000001.csv")
    execute(f"INSERT INTO {other}.a VALUES (1)")  # noqa: S608 - the name is made here
    execute(f"DROP DATABASE {other}")
    run.finished()
    assert [key.split("/")[0] for key in run.files()] == ["cdc"]
    assert {t["TableName"]: t["AppliedDdls"] for t in run.statistics.to_api()} == {"a": 1, "b": 1}
