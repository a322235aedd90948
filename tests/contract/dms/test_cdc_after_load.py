# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""From a full load to the capture of changes: what happens during the load, and tasks that are to stop in between."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from .rules import mappings, select
from .site import Rows, Site

FLAGS = {"neither": {}, "not_applied": {"StopTaskCachedChangesNotApplied": True}, "applied": {"StopTaskCachedChangesApplied": True}}


@dataclass
class Load:
    """Why a task stopped, and the records of the table "quick": of its load, of the changes until then, and of all after a resume."""

    reason: str
    loaded: Rows
    changes: Rows
    resumed: Rows = field(default_factory=list)


@pytest.fixture(scope="module")
def loads(site: Site) -> dict[str, Load]:
    """Tasks whose load of one table waits, while another table that is loaded already goes on changing."""
    schema = site.schema()
    site.execute("CREATE TABLE quick (id INT PRIMARY KEY)")
    site.execute("CREATE TABLE slow (id INT PRIMARY KEY)")
    site.execute("INSERT INTO quick VALUES (1)")
    site.execute("INSERT INTO slow VALUES (1)")
    rules = mappings(select(schema))
    paths, tasks = {}, {}
    for name, flags in FLAGS.items():
        target, folder = site.target()
        settings = {"FullLoadSettings": flags | {"TransactionConsistencyTimeout": 1}}
        tasks[name] = site.task(rules, target, settings, kind="full-load-and-cdc")
        paths[name] = f"{folder}/{schema}/quick/"
    with site.session() as holder:
        holder.execute(f"LOCK TABLES {schema}.slow WRITE")
        for task in tasks.values():
            site.start(task)
        for task in tasks.values():
            site.loaded(task, "quick")
        site.execute("INSERT INTO quick VALUES (2)")
        holder.execute("UNLOCK TABLES")
    site.ended(tasks["not_applied"])
    site.ended(tasks["applied"])
    site.until_rows(paths["neither"], lambda rows: ["I", "2"] in rows, "the change during the load")
    found = {
        name: Load(site.describe(task).get("StopReason", ""), site.rows(f"{paths[name]}LOAD"), site.rows(f"{paths[name]}2"))
        for name, task in tasks.items()
    }
    site.execute("INSERT INTO quick VALUES (3)")
    for name in ("not_applied", "applied"):
        site.start(tasks[name], "resume-processing")
        found[name].resumed = site.until_rows(paths[name], lambda rows: ["I", "3"] in rows, "the change after the stop")
        site.running(tasks[name])
        site.stop(tasks[name])
    site.stop(tasks["neither"])
    return found


@pytest.mark.behaviour("cdc.cached_changes")
def test_a_change_during_the_load_follows_it(loads: dict[str, Load]) -> None:
    assert loads["neither"].loaded == [["I", "1"]]
    assert loads["neither"].changes == [["I", "2"]]


@pytest.mark.behaviour("cdc.stop_before_cached_changes")
def test_a_task_may_stop_before_the_changes(loads: dict[str, Load]) -> None:
    assert loads["not_applied"].reason == "Stop Reason STOPPED_AFTER_FULL_LOAD"
    assert loads["not_applied"].changes == []


@pytest.mark.behaviour("cdc.stop_after_cached_changes")
def test_a_task_may_stop_behind_the_changes(loads: dict[str, Load]) -> None:
    assert loads["applied"].reason == "Stop Reason STOPPED_AFTER_CACHED_EVENTS"
    assert loads["applied"].changes == [["I", "2"]]


@pytest.mark.behaviour("cdc.resume_after_load")
@pytest.mark.parametrize("name", ["not_applied", "applied"])
def test_a_resume_goes_on_with_the_changes(loads: dict[str, Load], name: str) -> None:
    assert [row for row in loads[name].resumed if row not in (["I", "1"],)] == [["I", "2"], ["I", "3"]]
