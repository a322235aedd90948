# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tasks of the DMS API with a MySQL as their source, from the API to the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.lab.dms.conftest import Bench, select_all
from tests.integration.lab.dms.following import follow
from tests.integration.lab.dms.test_assessments import begin, ended, report


@pytest.fixture
def compressing(execute: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A session whose transactions are logged compressed, from the call on."""
    yield lambda: execute("SET SESSION binlog_transaction_compression = ON")
    execute("SET SESSION binlog_transaction_compression = OFF")


def test_a_table_and_what_happens_to_it_afterwards(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    """The load and the changes write the same row alike: JSON, texts, a place on the globe, a generated column; a cascade is a change."""
    execute("CREATE TABLE parent (id INT PRIMARY KEY)")
    execute(
        "CREATE TABLE child (id INT PRIMARY KEY, parent INT, document JSON, word VARCHAR(20) CHARACTER SET latin1,"
        " made INT AS (id * 2) VIRTUAL, hidden INT INVISIBLE DEFAULT 3, place POINT SRID 4326, at DATETIME(6),"
        " FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)"
    )
    execute("INSERT INTO parent VALUES (1), (2)")
    row = """(%s, 1, '{"b": [1.50, null], "a": "ü"}', 'é€', ST_GeomFromText('POINT(1 2)', 4326), '2024-02-29 01:02:03.000004')"""
    columns = "(id, parent, document, word, place, at)"
    execute(f"INSERT INTO child {columns} VALUES {row}", (1,))  # noqa: S608 - written above
    followed = follow(bench, schema)
    followed.start()
    followed.loaded("child")
    execute(f"INSERT INTO child {columns} VALUES {row}", (2,))  # noqa: S608 - written above
    execute("UPDATE child SET document = JSON_SET(document, '$.a', 'x') WHERE id = 2")
    execute("DELETE FROM parent WHERE id = 1")
    inserted, updated, *deleted = followed.until(4, "child")
    ((_, *loaded),) = bench.rows(followed.folder, schema, "child")
    rest = ['{"a": "ü", "b": [1.5, null]}', "é€"]
    assert loaded[:4] == ["1", "1", *rest]
    assert inserted == ["I", "2", "1", *rest, "4", *loaded[5:]]
    assert loaded[4:] == ["2", "01010000000000000000000040000000000000F03F", "2024-02-29 01:02:03.000004"]
    assert updated == ["U", "2", "1", '{"a": "x", "b": [1.5, null]}', "é€", "4", *loaded[5:]]
    assert sorted(row[:2] for row in deleted) == [["D", "1"], ["D", "2"]]
    assert followed.changes("parent") == [["D", "1"]]
    followed.stop()
    found = bench.statistics(followed.task)["child"]
    assert (found["FullLoadRows"], found["Inserts"], found["Updates"], found["Deletes"]) == (1, 1, 1, 2)


def test_a_compressed_transaction_ends_the_task_by_name(
    bench: Bench, schema: str, execute: Callable[..., Any], compressing: Callable[..., Any]
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema)
    followed.start()
    followed.loaded("a")
    execute("INSERT INTO a VALUES (1)")
    followed.until(1, "a")
    compressing()
    execute("INSERT INTO a VALUES (2)")
    task = bench.until(followed.task, "failed")
    assert "binlog_transaction_compression" in task["LastFailureMessage"]
    assert followed.changes("a") == [["I", "1"]]


def test_a_column_that_dms_does_not_read_leaves_its_table_out(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE fine (id INT PRIMARY KEY)")
    execute("CREATE TABLE learned (id INT PRIMARY KEY, v VECTOR(3))")
    execute("INSERT INTO fine VALUES (1)")
    target, _ = bench.target()
    suspended = bench.task(bench.source(), target, select_all(schema))
    assert bench.run(suspended)["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    states = {name: found["TableState"] for name, found in bench.statistics(suspended).items()}
    assert states == {"fine": "Table completed", "learned": "Table error"}
    stopped = bench.run(bench.task(bench.source(), target, select_all(schema), {"ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"}}))
    assert stopped["Status"] == "failed"
    assert "vector" in stopped["LastFailureMessage"]


def test_a_purged_log_ends_a_task_that_resumes(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema)
    followed.start()
    followed.loaded("a")
    execute("INSERT INTO a VALUES (1)")
    followed.until(1, "a")
    followed.stop()
    execute("INSERT INTO a VALUES (2)")
    execute("FLUSH BINARY LOGS")
    execute(f"PURGE BINARY LOGS TO '{execute('SHOW BINARY LOG STATUS')[0][0]}'")
    followed.start("resume-processing")
    task = bench.until(followed.task, "failed")
    assert "load its tables again" in task["LastFailureMessage"]


def test_what_an_assessment_finds(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT)")
    execute("CREATE TABLE child (id INT PRIMARY KEY, up INT, CONSTRAINT up_to FOREIGN KEY (up) REFERENCES parent (id) ON DELETE CASCADE)")
    execute("CREATE TABLE learned (id INT PRIMARY KEY, v VECTOR(3))")
    execute("CREATE TABLE keyless (word VARCHAR(10), note JSON)")
    execute("CREATE TABLE made (id INT PRIMARY KEY, twice INT AS (id * 2) STORED, hidden INT INVISIBLE DEFAULT 1, KEY ((id + 1)))")
    execute("CREATE TABLE old_engine (id INT PRIMARY KEY) ENGINE = MyISAM")
    followed = follow(bench, schema)
    run = ended(bench, begin(bench, followed.task))
    assert run["Status"] == "failed", run.get("LastFailureMessage")
    found = report(bench, run)
    expected = {
        "unsupported-data-types-in-source": ("failed", ["learned.v (vector)"]),
        "table-with-lob-but-without-primary-key-or-unique-constraint": ("failed", ["keyless"]),
        "table-with-no-primary-key-or-unique-constraint": ("warning", ["keyless"]),
        "mysql-check-cascade-constraints": ("failed", ["child.up_to"]),
        "mysql-check-generated-columns": ("warning", ["made.twice"]),
        "mysql-check-invisible-columns": ("warning", ["made.hidden"]),
        "mysql-check-table-storage-engine": ("warning", ["old_engine (MyISAM)"]),
        "mysql-check-auto-increment": ("warning", ["parent.id"]),
    }
    for name, (result, objects) in expected.items():
        assert found[name]["test-result"] == result, found[name]
        named = found[name]["test-result-details"].partition(": ")[2].removesuffix(".").split(", ")
        assert named == [f"{schema}.{item}" for item in objects], name
    fine = ("format", "image", "enabled", "compression")
    assert {found[f"mysql-check-binlog-{name}"]["test-result"] for name in fine} == {"passed"}
    assert found["mysql-check-supported-version"]["test-result"] == "warning", "MySQL 9 is not on the list"


def test_an_assessment_of_a_log_that_is_compressed(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema)
    execute("SET GLOBAL binlog_transaction_compression = ON")
    try:
        run = ended(bench, begin(bench, followed.task, IncludeOnly=["mysql-check-binlog-compression"]))
    finally:
        execute("SET GLOBAL binlog_transaction_compression = OFF")
    assert run["Status"] == "failed"
    assert "binlog_transaction_compression" in json.dumps(report(bench, run))


def test_a_connection_with_a_cached_password(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    """The account of the tests has MySQL's own default, caching_sha2_password."""
    assert execute(f"SELECT plugin FROM mysql.user WHERE user = '{bench.user}'") == (("caching_sha2_password",),)  # noqa: S608 - made here
    assert bench.tested(bench.source())["Status"] == "successful"
    wrong = bench.tested(bench.source(Password="not this"))
    assert wrong["Status"] == "failed"
    assert "Access denied" in wrong["LastFailureMessage"]
