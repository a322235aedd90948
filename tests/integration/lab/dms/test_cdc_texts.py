# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A row has the same line in a full load and as a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lab.dms.cdc.settings import ChangeSettings
from lab.dms.dialects.dialect import DIALECTS
from lab.dms.full_load.run import FullLoad
from lab.dms.mappings import read_mappings
from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED
from lab.dms.settings import LoadSettings, merge_settings
from lab.dms.statistics import ERROR, Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

from .captures import Captures
from .conftest import select_all
from .test_full_load import BEFORE_IMAGE, TEXTS

COLUMNS = {"rule-type": "transformation", "rule-target": "column", "object-locator": {"schema-name": "%", "table-name": "%"}}
STRING = {"type": "string", "length": 50}
RULES = [
    {**COLUMNS, "rule-action": "add-column", "value": "joined", "expression": "$code || ', ' || $id", "data-type": STRING},
    {**COLUMNS, "rule-action": "add-column", "value": "of", "expression": "$AR_M_SOURCE_TABLE_NAME", "data-type": STRING},
    {**COLUMNS, "rule-action": "add-column", "value": "operation", "expression": "$AR_H_OPERATION", "data-type": STRING},
    BEFORE_IMAGE,
    {
        **COLUMNS,
        "rule-action": "change-data-type",
        "object-locator": {"schema-name": "%", "table-name": "%", "column-name": "cut"},
        "data-type": {"type": "string", "length": 3},
    },
    {
        **COLUMNS,
        "rule-action": "remove-column",
        "object-locator": {"schema-name": "%", "table-name": "%", "column-name": "secret"},
    },
]
SETTINGS = '{"TargetMetadata": {"LobMaxSize": 1}, "FullLoadSettings": {"TargetTablePrepMode": "DO_NOTHING"}}'


def loaded(captures: Captures, mappings: str, folder: str, dialect: str, given: dict[str, Any]) -> None:
    """A full load of the same tables into the folder."""
    load = FullLoad(
        lambda: captures.address,
        S3Target(captures.s3, S3Settings.read(given | {"BucketName": captures.bucket, "BucketFolder": folder})),
        read_mappings(mappings),
        LoadSettings.read(merge_settings(SETTINGS)),
        Statistics(),
        DIALECTS[dialect],
    )
    assert load.run(lambda: None).stop_reason == FULL_LOAD_ONLY_FINISHED


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_line_in_every_dialect(captures: Captures, schema: str, execute: Callable[..., Any], dialect: str) -> None:
    execute(
        "CREATE TABLE kinds (id BIGINT UNSIGNED PRIMARY KEY, code CHAR(4), secret INT, short VARCHAR(200), body LONGTEXT, flag BIT(1),"
        " money DECIMAL(14,4), ratio FLOAT, wide DOUBLE, fine DATETIME(3), stamp TIMESTAMP NULL, zero_day DATE, bytes VARBINARY(10),"
        " picture LONGBLOB, old VARCHAR(200) CHARACTER SET utf16, cut VARCHAR(20),"
        " made BIGINT UNSIGNED GENERATED ALWAYS AS (id + 1) STORED,"
        " hidden INT INVISIBLE DEFAULT 5)"
    )
    start = captures.here()
    rows = [(n, "ab", n, t, t, t, "é, 日本語") for n, t in enumerate(TEXTS)]
    execute("INSERT INTO kinds (id, code, secret, short, body, old, cut) VALUES (%s, %s, %s, %s, %s, %s, %s)", *rows)
    execute(
        "INSERT INTO kinds VALUES (18446744073709551614, '', 1, '', CONCAT(REPEAT('é', 511), 'a', 'é', 'rest'), b'1', -1234.5000, 0.1,"
        " 1e20, '2026-11-01 08:00:00.125', '2026-11-01 08:00:00', '0000-00-00', x'00ff', REPEAT('a', 1025), '', '', DEFAULT)"
    )
    given = {"CsvNullValue": "NULL", "AddColumnName": True, "IncludeOpForFullLoad": True, "AddTrailingPaddingCharacter": True}
    mappings = select_all(schema, extra=RULES)
    settings = ChangeSettings(lob_bytes=1024)
    run = captures.until_now(mappings, start, dialect=DIALECTS[dialect], settings=settings, **given)
    loaded(captures, mappings, run.folder, dialect, given)
    changes, load = run.files()
    assert run.content(changes) == run.content(load)
    assert run.content(load).count("\n") > len(rows) + 1


def test_policies_for_rows_that_cannot_be_written(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, number VARCHAR(20))")
    execute("CREATE TABLE b (id INT PRIMARY KEY, number VARCHAR(20))")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, '7'), (2, 'no number'), (3, 'nor this'), (4, '8')")
    execute("INSERT INTO b VALUES (5, '9')")
    number = {
        **COLUMNS,
        "rule-action": "change-data-type",
        "object-locator": {"schema-name": "%", "table-name": "%", "column-name": "number"},
        "data-type": {"type": "int4"},
    }
    base, statistics = ChangeSettings(), Statistics()

    def ids(settings: ChangeSettings) -> list[int]:
        run = captures.until_now(select_all(schema, extra=[number]), start, settings=settings, statistics=statistics)
        return [int(row[3]) for row in run.rows()]

    assert ids(base) == [1, 4, 5]
    assert ids(replace(base, data_policy="IGNORE_RECORD")) == [1, 4, 5]
    stop = captures.until_now(select_all(schema, extra=[number]), start, settings=replace(base, data_policy="STOP_TASK"))
    assert stop.outcome is not None
    assert stop.outcome.stop_reason == "Stop Reason FATAL_ERROR"
    assert "'no number' is not a number" in stop.outcome.failure
    assert stop.files() == []
    assert ids(replace(base, data_policy="SUSPEND_TABLE")) == [1, 5]
    assert [t.table for t in statistics.in_state(ERROR)] == ["a"]


def test_policies_for_lobs_that_are_too_long(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, body LONGTEXT)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1, REPEAT('a', 1024)), (2, REPEAT('b', 1025)), (3, NULL)")

    def lengths(policy: str) -> list[int]:
        settings = ChangeSettings(lob_bytes=1024, truncation_policy=policy)
        return [len(row[4]) for row in captures.until_now(select_all(schema), start, settings=settings).rows()]

    null = len("__DMS_NULL__")
    assert lengths("LOG_ERROR") == [1024, 1024, null]
    assert lengths("IGNORE_RECORD") == [1024, null]
    assert lengths("SUSPEND_TABLE") == []
    assert lengths("STOP_TASK") == []
