# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rows that cannot be written, LOBs that are too long, and loads that end early or begin again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lab.dms.targets.s3 import S3Target

from .conftest import select_all
from .direct import NULL, Loader, added, rule

TO_NUMBER = rule("column", "change-data-type", {"column-name": "text"}, **{"data-type": {"type": "int4"}})


@pytest.fixture
def mixed(execute: Callable[..., Any]) -> None:
    """Two rows of five are no numbers."""
    execute("CREATE TABLE mixed (id INT PRIMARY KEY, text VARCHAR(20))")
    execute("INSERT INTO mixed VALUES (1, '10'), (2, 'ten'), (3, '30'), (4, ''), (5, NULL)")


def behaviour(**errors: Any) -> dict[str, Any]:
    return {"ErrorBehavior": errors}


@pytest.mark.parametrize(("policy", "warnings"), [("IGNORE_RECORD", 0), ("LOG_ERROR", 2)])
def test_rows_are_left_out(loader: Loader, schema: str, mixed: None, caplog: pytest.LogCaptureFixture, policy: str, warnings: int) -> None:
    with caplog.at_level(logging.WARNING, "lab.dms"):
        loaded = loader(select_all(schema, extra=[TO_NUMBER]), settings=behaviour(DataErrorPolicy=policy))
    assert loaded.rows() == [["1", "10"], ["3", "30"], ["5", NULL]]
    assert loaded.states() == {"mixed": ("Table completed", 3)}
    assert len([r for r in caplog.records if "cannot be written" in r.message]) == warnings


@pytest.mark.parametrize(
    "errors",
    [
        {"DataErrorPolicy": "SUSPEND_TABLE"},
        {"DataErrorPolicy": "LOG_ERROR", "DataErrorEscalationPolicy": "SUSPEND_TABLE", "DataErrorEscalationCount": 2},
    ],
)
def test_the_table_ends(loader: Loader, schema: str, mixed: None, execute: Callable[..., Any], errors: dict[str, Any]) -> None:
    execute("CREATE TABLE sound (id INT PRIMARY KEY, text VARCHAR(20))")
    execute("INSERT INTO sound VALUES (1, '1')")
    loaded = loader(select_all(schema, extra=[TO_NUMBER]), settings=behaviour(**errors))
    assert loaded.outcome.status == "stopped"
    assert loaded.states() == {"mixed": ("Table error", 0), "sound": ("Table completed", 1)}
    assert list(loaded.files) == [f"{schema}/sound/LOAD00000001.csv"]


def test_fewer_errors_than_the_escalation_count_are_borne(loader: Loader, schema: str, mixed: None) -> None:
    errors = behaviour(DataErrorPolicy="IGNORE_RECORD", DataErrorEscalationPolicy="STOP_TASK", DataErrorEscalationCount=3)
    assert loader(select_all(schema, extra=[TO_NUMBER]), settings=errors).states() == {"mixed": ("Table completed", 3)}


@pytest.mark.parametrize(
    "errors",
    [
        {"DataErrorPolicy": "STOP_TASK"},
        {"DataErrorPolicy": "IGNORE_RECORD", "DataErrorEscalationPolicy": "STOP_TASK", "DataErrorEscalationCount": 2},
        {"DataErrorPolicy": "SUSPEND_TABLE", "TableErrorPolicy": "STOP_TASK"},
    ],
)
def test_the_task_ends(loader: Loader, schema: str, mixed: None, errors: dict[str, Any]) -> None:
    loaded = loader(select_all(schema, extra=[TO_NUMBER]), settings=behaviour(**errors))
    assert (loaded.outcome.status, loaded.outcome.stop_reason) == ("failed", "Stop Reason FATAL_ERROR")
    assert f"{schema}.mixed cannot be written: column text" in loaded.outcome.failure
    assert loaded.states() == {"mixed": ("Table error", 0)}


def test_an_expression_without_a_value_is_an_error_of_the_row(loader: Loader, schema: str, mixed: None) -> None:
    loaded = loader(select_all(schema, extra=[added("number", "$text", type="int4")]))
    assert loaded.rows() == [["1", "10", "10"], ["3", "30", "30"], ["5", NULL, NULL]]


@pytest.mark.parametrize("extra", [[], [added("more", "$id * 2", type="int4")]], ids=["by the server", "by the client"])
def test_a_line_longer_than_the_server_can_send_is_an_error_of_the_row(
    loader: Loader, schema: str, execute: Callable[..., Any], extra: list[dict[str, Any]]
) -> None:
    execute("CREATE TABLE huge (id INT PRIMARY KEY, a LONGTEXT, b LONGTEXT)")
    execute("INSERT INTO huge VALUES (1, 'x', 'y')")
    execute("INSERT INTO huge SELECT 2, REPEAT('x', @@max_allowed_packet - 1000), REPEAT('y', 2000)")
    loaded = loader(select_all(schema, extra=extra), settings={"TargetMetadata": {"LobMaxSize": 102400}})
    assert [row[:3] for row in loaded.rows()] == [["1", "x", "y"]]
    assert loaded.states() == {"huge": ("Table completed", 1)}


def test_lobs_are_cut_at_whole_characters_in_any_character_set(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    execute(
        "CREATE TABLE lobs (id INT PRIMARY KEY, a LONGTEXT, b LONGTEXT CHARACTER SET latin1, c MEDIUMTEXT CHARACTER SET utf16, d LONGBLOB)"
    )
    for number, lead in enumerate(["", "a", "ab", "abc"]):
        execute(
            f"INSERT INTO lobs VALUES ({number}, CONCAT('{lead}', REPEAT('😀', 300)), CONCAT('{lead}', REPEAT('é', 600)),"  # noqa: S608
            f" CONCAT('{lead}', REPEAT('€', 400)), CONCAT(x'FF', REPEAT('x', 1100)))"
        )
    loaded = loader(select_all(schema), settings={"TargetMetadata": {"LobMaxSize": 1}})
    for row in loaded.rows():
        lead = ["", "a", "ab", "abc"][int(row[0])]
        whole = [lead + "😀" * 300, lead + "é" * 600, lead + "€" * 400]
        assert row[1:4] == [text.encode()[:1024].decode(errors="ignore") for text in whole]
        assert row[4] == "FF" + "78" * 1023
    assert len(loaded.rows()) == 4


def test_lob_settings_of_a_table_go_before_those_of_the_task(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    for name in ("short", "long"):
        execute(f"CREATE TABLE `{name}` (id INT PRIMARY KEY, body LONGTEXT)")
        execute(f"INSERT INTO `{name}` VALUES (1, REPEAT('x', 5000))")  # noqa: S608 - names of ours
    more = {
        "rule-type": "table-settings",
        "object-locator": {"schema-name": schema, "table-name": "long"},
        "lob-settings": {"mode": "limited", "bulk-max-size": "3"},
    }
    loaded = loader(select_all(schema, extra=[more]), settings={"TargetMetadata": {"LobMaxSize": 1}})
    lengths = {key.split("/")[1]: len(body) for key, body in loaded.files.items()}
    assert lengths == {"short": len("1,\n") + 1024, "long": len("1,\n") + 3 * 1024}


def test_a_resumed_load_leaves_completed_tables_alone(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    for name in ("done", "open"):
        execute(f"CREATE TABLE `{name}` (id INT PRIMARY KEY)")
        execute(f"INSERT INTO `{name}` VALUES (1)")  # noqa: S608 - names of ours
    load, folder = loader.prepare(select_all(schema))
    load.completed = frozenset({(schema, "done")})
    loaded = loader.finished(load, folder, lambda: load.run(lambda: None))
    assert (list(loaded.files), loaded.states()) == ([f"{schema}/open/LOAD00000001.csv"], {"open": ("Table completed", 1)})


def test_a_stop_before_the_first_row(loader: Loader, schema: str, mixed: None) -> None:
    load, folder = loader.prepare(select_all(schema))
    loaded = loader.finished(load, folder, lambda: load.run(load.stop))
    assert (loaded.outcome.status, loaded.outcome.stop_reason) == ("stopped", "Stop Reason NORMAL")
    assert (loaded.files, loaded.states()) == ({}, {"mixed": ("Before load", 0)})


def test_one_table_is_loaded_again(loader: Loader, schema: str, mixed: None, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE other (id INT PRIMARY KEY)")
    execute("INSERT INTO other VALUES (1)")
    load, folder = loader.prepare(select_all(schema))
    first = loader.finished(load, folder, lambda: load.run(lambda: None))
    execute("INSERT INTO mixed VALUES (6, '60')")
    execute("INSERT INTO other VALUES (2)")
    again = loader.finished(load, folder, lambda: load.reload_tables([(schema, "mixed")]))
    assert (len(first.rows()), again.outcome.status) == (6, "stopped")
    assert [row[0] for row in again.rows()] == ["1", "2", "3", "4", "5", "6", "1"]
    assert again.states() == {"mixed": ("Table completed", 6), "other": ("Table completed", 1)}
    assert {s["TableName"]: s["FullLoadReloaded"] for s in again.statistics.to_api()} == {"mixed": True, "other": False}
    gone = loader.finished(load, folder, lambda: load.reload_tables([(schema, "nowhere")]))
    assert gone.states()["nowhere"] == ("Table error", 0)


def test_an_unreachable_bucket_is_an_error_that_passes(loader: Loader, schema: str, mixed: None) -> None:
    load, folder = loader.prepare(select_all(schema))
    reachable = load.target
    nobody = boto3.client(
        "s3", endpoint_url="http://127.0.0.1:9", region_name="eu-west-1", aws_access_key_id="-", aws_secret_access_key="-"
    )
    load.target = S3Target(nobody, reachable.settings)
    outcome = load.run(lambda: None)
    assert outcome.recoverable, outcome
    assert "Failed to write the files" in outcome.failure
    load.target = reachable
    assert len(loader.finished(load, folder, lambda: load.run(lambda: None)).rows()) == 5


def test_a_bucket_that_refuses_is_fatal(loader: Loader, schema: str, mixed: None) -> None:
    load, _ = loader.prepare(select_all(schema), BucketName="no-such-bucket-here")
    outcome = load.run(lambda: None)
    assert outcome.stop_reason == "Stop Reason FATAL_ERROR"
    assert "NoSuchBucket" in outcome.failure
