# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Large objects: an S3 target knows the limited mode alone."""

from __future__ import annotations

from typing import Any

import pytest

from .rules import mappings, select
from .site import NULL, Site


@pytest.fixture(scope="module")
def schema(site: Site) -> str:
    name = site.schema()
    site.execute("CREATE TABLE lobs (id INT PRIMARY KEY, body LONGTEXT, short VARCHAR(2000))")
    site.execute("INSERT INTO lobs VALUES (1, REPEAT('a', 1024), ''), (2, REPEAT('b', 1025), REPEAT('s', 2000)), (3, NULL, '')")
    return name


def settings(policy: str, **target: Any) -> dict[str, Any]:
    limited = {"SupportLobs": True, "FullLobMode": False, "LimitedSizeLobMode": True, "LobMaxSize": 1}
    return {"TargetMetadata": limited | target, "ErrorBehavior": {"DataTruncationErrorPolicy": policy}}


def lengths(site: Site, schema: str, wanted: dict[str, Any]) -> list[list[int]]:
    _, folder = site.load(mappings(select(schema)), wanted)
    return [[len(field) for field in row[2:]] for row in site.rows(f"{folder}/{schema}/lobs/")]


@pytest.mark.behaviour("lobs.limited")
def test_a_larger_value_is_cut_at_the_limit(site: Site, schema: str) -> None:
    assert lengths(site, schema, settings("LOG_ERROR")) == [[1024, 0], [1024, 2000], [len(NULL), 0]]


@pytest.mark.behaviour("lobs.left_out")
def test_without_lobs_their_columns_are_left_out(site: Site, schema: str) -> None:
    assert lengths(site, schema, settings("LOG_ERROR", SupportLobs=False)) == [[0], [2000], [0]]


@pytest.mark.behaviour("lobs.truncation_ignores_record")
def test_a_cut_record_is_ignored_if_so_set(site: Site, schema: str) -> None:
    assert lengths(site, schema, settings("IGNORE_RECORD")) == [[1024, 0], [len(NULL), 0]]


@pytest.mark.behaviour("lobs.truncation_suspends_table")
def test_a_cut_record_suspends_its_table_if_so_set(site: Site, schema: str) -> None:
    task, _ = site.load(mappings(select(schema)), settings("SUSPEND_TABLE"))
    assert site.statistics(task["ReplicationTaskArn"], "lobs")["TableState"] == "Table error"


@pytest.mark.behaviour("lobs.truncation_stops_task")
def test_a_cut_record_stops_the_task_if_so_set(site: Site, schema: str) -> None:
    target, _ = site.target()
    task = site.run(site.task(mappings(select(schema)), target, settings("STOP_TASK")), "start-replication", "failed", "stopped")
    assert task["StopReason"] in ("Stop Reason FATAL_ERROR", "Stop Reason RECOVERABLE_ERROR")
    assert task["LastFailureMessage"]
