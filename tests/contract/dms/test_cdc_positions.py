# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where capture of changes begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .rules import mappings, select
from .site import Rows, Site


@dataclass(frozen=True)
class Ticks:
    """Rows 1, 2, 3, with an empty second between each two; ``between``: those seconds."""

    schema: str
    start: str
    between: tuple[str, str]


@pytest.fixture(scope="module")
def ticks(site: Site) -> Ticks:
    schema = site.schema()
    site.execute("CREATE TABLE tick (id INT PRIMARY KEY)")
    start = site.position()
    gaps = []
    for number in (1, 2, 3):
        site.execute("INSERT INTO tick VALUES (%s)", (number,))
        gaps.append(site.instant())
    return Ticks(schema, start, (gaps[0], gaps[1]))


def captured(site: Site, ticks: Ticks, enough: int, **position: Any) -> Rows:
    """What a task writes until a row with the number is there."""
    target, folder = site.target()
    task = site.task(mappings(select(ticks.schema)), target, kind="cdc", **position)
    site.start(task)
    found = site.until_rows(f"{folder}/{ticks.schema}/tick/", lambda rows: ["I", str(enough)] in rows, f"tick {enough}")
    site.stop(task)
    return found


@pytest.mark.behaviour("cdc.start_time")
def test_capture_begins_at_a_time(site: Site, ticks: Ticks) -> None:
    moment = datetime.fromisoformat(ticks.between[0]).replace(tzinfo=UTC)
    assert captured(site, ticks, 3, CdcStartTime=moment) == [["I", "2"], ["I", "3"]]


@pytest.mark.behaviour("cdc.start_date_position")
def test_a_start_position_may_be_a_date(site: Site, ticks: Ticks) -> None:
    assert captured(site, ticks, 3, CdcStartPosition=ticks.between[1]) == [["I", "3"]]


@pytest.mark.behaviour("cdc.start_now")
def test_without_a_position_capture_begins_with_the_task(site: Site, ticks: Ticks) -> None:
    target, folder = site.target()
    task = site.task(mappings(select(ticks.schema)), target, kind="cdc")
    site.start(task)
    site.running(task)
    site.execute(f"INSERT INTO {ticks.schema}.tick VALUES (4)")  # noqa: S608 - a name made here
    path = f"{folder}/{ticks.schema}/tick/"
    assert site.until_rows(path, lambda rows: ["I", "4"] in rows, "tick 4") == [["I", "4"]]
    site.stop(task)


@pytest.mark.behaviour("cdc.start_twice")
def test_a_start_is_a_time_or_a_position(site: Site, ticks: Ticks) -> None:
    target, _ = site.target()
    params = {
        "ReplicationTaskIdentifier": site.name("task"),
        "SourceEndpointArn": site.shared_source,
        "TargetEndpointArn": target,
        "ReplicationInstanceArn": site.instance,
        "MigrationType": "cdc",
        "TableMappings": mappings(select(ticks.schema)),
        "CdcStartPosition": ticks.start,
        "CdcStartTime": datetime.now(UTC),
    }
    assert site.refusal("create_replication_task", **params).startswith("InvalidParameter")


@pytest.mark.behaviour("cdc.positions_described")
def test_a_task_shows_its_positions(site: Site, ticks: Ticks) -> None:
    target, _ = site.target()
    stop = "server_time:2099-02-09T12:12:12"
    task = site.task(mappings(select(ticks.schema)), target, kind="cdc", CdcStartPosition=ticks.start, CdcStopPosition=stop)
    found = site.describe(task)
    assert (found["CdcStartPosition"], found["CdcStopPosition"]) == (ticks.start, stop)


@pytest.mark.behaviour("cdc.stop_at_server_time")
def test_a_task_stops_at_a_server_time(site: Site, ticks: Ticks) -> None:
    target, folder = site.target()
    soon = datetime.now(UTC) + timedelta(seconds=max(3, site.place.patience / 6) if site.place.dialect is None else 3)
    stop = f"server_time:{soon:%Y-%m-%dT%H:%M:%S}"
    task = site.task(mappings(select(ticks.schema)), target, kind="cdc", CdcStartPosition=ticks.start, CdcStopPosition=stop)
    assert site.run(task)["StopReason"] == "Stop Reason STOPPED_AT_SERVER_TIME"
    assert datetime.now(UTC) >= soon.replace(microsecond=0)
    assert site.rows(f"{folder}/{ticks.schema}/tick/")[:3] == [["I", "1"], ["I", "2"], ["I", "3"]]


@pytest.mark.behaviour("cdc.start_again")
def test_a_capture_may_start_again_from_an_explicit_position(site: Site, ticks: Ticks) -> None:
    target, folder = site.target()
    stop = f"commit_time:{ticks.between[1]}"
    task = site.task(mappings(select(ticks.schema)), target, kind="cdc", CdcStartPosition=ticks.start, CdcStopPosition=stop)
    site.run(task)
    path = f"{folder}/{ticks.schema}/tick/"
    assert site.rows(path) == [["I", "1"], ["I", "2"]]
    site.start(task, CdcStartPosition=ticks.start, CdcStopPosition=stop)
    site.ended(task)
    assert site.rows(path) == [["I", "1"], ["I", "2"]] * 2
