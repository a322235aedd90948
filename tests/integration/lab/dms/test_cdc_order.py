# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One directory for all tables: every committed change once, in the order of the commits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.dms.cdc.settings import ChangeSettings
from lab.dms.outcome import STOPPED_AFTER_CACHED_EVENTS
from tests.support.sql import sequence

from .captures import Captures
from .conftest import select_all
from .test_full_load import BEFORE_IMAGE, SEQUENCE

NULL = "__DMS_NULL__"
TEXTS = [
    None,
    "",
    "NULL",
    "two, with a comma",
    'a "quoted" word',
    '"',
    "line one\nline two",
    "carriage\rreturn",
    "日本語",
    "😀",
    "it's {x} %s",
]


def test_changes_of_two_tables_in_the_order_of_their_commits(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, note VARCHAR(40))")
    execute("CREATE TABLE b (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES a (id))")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, 'one'), (2, NULL)")
    execute("START TRANSACTION")
    execute("INSERT INTO b VALUES (10, 1)")
    execute("UPDATE a SET note = 'two, now' WHERE id = 2")
    execute("COMMIT")
    execute("START TRANSACTION")
    execute("INSERT INTO a VALUES (99, 'never')")
    execute("ROLLBACK")
    execute("UPDATE a SET id = 3 WHERE id = 2")
    execute("DELETE FROM b")
    run = captures.until_now(select_all(schema, extra=[SEQUENCE, BEFORE_IMAGE]), start)
    assert run.outcome is not None
    assert run.outcome.stop_reason == STOPPED_AFTER_CACHED_EVENTS
    rows = run.rows()
    assert [[*row[:-2], row[-1]] for row in rows] == [
        ["I", "a", schema, "1", "one", ""],
        ["I", "a", schema, "2", NULL, ""],
        ["I", "b", schema, "10", "1", ""],
        ["U", "a", schema, "2", "two, now", "2"],
        ["U", "a", schema, "3", "two, now", "2"],
        ["D", "b", schema, "10", "1", ""],
    ]
    numbers = [row[-2] for row in rows]
    assert all(len(number) == 35 and number.isdigit() for number in numbers)
    assert numbers == sorted(set(numbers))
    assert [key[:12] for key in run.files()] == ["cdc/CDC_TXN-"]
    counts = {
        t.table: (t.inserts, t.updates, t.deletes, t.applied_inserts, t.applied_updates, t.applied_deletes)
        for t in run.statistics.in_state("Table completed")
    }
    assert counts == {"a": (2, 2, 0, 2, 2, 0), "b": (1, 0, 1, 1, 0, 1)}


def test_every_text_comes_back_as_it_was(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE texts (id INT PRIMARY KEY, short VARCHAR(200), body LONGTEXT)")
    start = captures.here()
    execute("INSERT INTO texts VALUES (%s, %s, %s)", *[(n, text, text) for n, text in enumerate(TEXTS)])
    run = captures.until_now(select_all(schema), start)
    assert run.rows() == [["I", "texts", schema, str(n), *[NULL if text is None else text] * 2] for n, text in enumerate(TEXTS)]


def test_a_large_transaction_lies_whole_in_one_file(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE large (id INT PRIMARY KEY, filler VARCHAR(200))")
    start = captures.here()
    execute("INSERT INTO large VALUES (0, 'before')")
    execute(f"INSERT INTO large SELECT seq, RPAD(seq, 200, 'x') FROM {sequence(60_000)} ORDER BY seq")  # noqa: S608 - numbers only
    execute("INSERT INTO large VALUES (70000, 'after')")
    settings = ChangeSettings(memory_bytes=100_000)
    options = {"PreserveTransactions": True, "CdcPath": "cdc", "CdcMinFileSize": 1}
    run = captures.until_now(select_all(schema), start, settings=settings, **options)
    assert [len(run.rows(key)) for key in run.files()] == [60_001, 1]
    assert [int(row[3]) for row in run.rows()] == [0, *range(1, 60_001), 70_000]


def test_tables_that_are_not_selected_leave_no_trace(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE wanted (id INT PRIMARY KEY)")
    execute("CREATE TABLE other (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO other VALUES (1)")
    execute("INSERT INTO wanted VALUES (1)")
    run = captures.until_now(select_all(schema, "wanted"), start)
    assert run.rows() == [["I", "wanted", schema, "1"]]
    assert [t["TableName"] for t in run.statistics.to_api()] == ["wanted"]


def test_what_a_shortened_row_image_leaves_out_is_marked(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(10), note VARCHAR(10))")
    start = captures.here()
    execute("SET SESSION binlog_row_image = MINIMAL")
    execute("INSERT INTO a VALUES (1, 'x', 'y')")
    execute("DELETE FROM a")
    execute("SET SESSION binlog_row_image = DEFAULT")
    options = {"PreserveTransactions": True, "CdcPath": "cdc", "UseCsvNoSupValue": True, "CsvNoSupValue": "?"}
    run = captures.until_now(select_all(schema), start, **options)
    assert run.rows() == [["I", "a", schema, "1", "x", "y"], ["D", "a", schema, "1", "?", "?"]]
