# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A full load as a task: what it counts, how it ends, what it does with files and tables that are in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .rules import mappings, select
from .site import Site


@dataclass
class Run:
    """One task: after its first run, after a resume and after a reload, with the ids that its files held each time."""

    schema: str
    first: dict[str, Any]
    statistics: dict[str, dict[str, Any]]
    resumed: list[list[str]]
    reloaded: list[list[str]]


@pytest.fixture(scope="module")
def finished(site: Site) -> Run:
    schema = site.schema()
    site.execute("CREATE TABLE small (id INT PRIMARY KEY)")
    site.execute("CREATE TABLE empty_one (id INT PRIMARY KEY)")
    site.execute("INSERT INTO small VALUES (1), (2), (3)")
    target, folder = site.target()
    task = site.task(mappings(select(schema)), target)
    made = Run(schema, site.run(task), site.statistics(task), [], [])
    site.execute("INSERT INTO small VALUES (4)")
    site.run(task, "resume-processing")
    made.resumed = site.rows(f"{folder}/{schema}/small/")
    site.run(task, "reload-target")
    made.reloaded = site.rows(f"{folder}/{schema}/small/")
    return made


@pytest.mark.behaviour("tasks.full_load_finished")
def test_a_full_load_ends_by_itself(finished: Run) -> None:
    assert finished.first["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"


@pytest.mark.behaviour("tasks.progress")
def test_progress_of_the_task(finished: Run) -> None:
    stats = finished.first["ReplicationTaskStats"]
    counted = [stats[name] for name in ("FullLoadProgressPercent", "TablesLoaded", "TablesLoading", "TablesQueued", "TablesErrored")]
    assert counted == [100, 2, 0, 0, 0]
    assert stats["StartDate"] <= stats["FullLoadStartDate"] <= stats["FullLoadFinishDate"] <= stats["StopDate"]
    assert stats["FreshStartDate"] == stats["StartDate"]


@pytest.mark.behaviour("tasks.table_statistics")
def test_statistics_of_a_table(finished: Run) -> None:
    found = finished.statistics["small"]
    assert {name: found[name] for name in ("SchemaName", "FullLoadRows", "FullLoadErrorRows", "TableState", "ValidationState")} == {
        "SchemaName": finished.schema,
        "FullLoadRows": 3,
        "FullLoadErrorRows": 0,
        "TableState": "Table completed",
        "ValidationState": "Not enabled",
    }
    assert found["FullLoadStartTime"] <= found["FullLoadEndTime"] <= found["LastUpdateTime"]
    assert [found[name] for name in ("Inserts", "Updates", "Deletes", "Ddls")] == [0, 0, 0, 0]


@pytest.mark.behaviour("tasks.resume_full_load")
def test_a_resume_loads_no_finished_table_again(finished: Run) -> None:
    assert finished.resumed == [["I", "1"], ["I", "2"], ["I", "3"]]


@pytest.mark.behaviour("tasks.reload_target")
def test_a_reload_loads_all_tables_again(finished: Run) -> None:
    assert finished.reloaded == [["I", "1"], ["I", "2"], ["I", "3"], ["I", "4"]]


@pytest.mark.behaviour("tasks.preparation")
@pytest.mark.parametrize("mode", ["DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"])
def test_files_that_are_in_the_way(site: Site, finished: Run, mode: str) -> None:
    target, folder = site.target()
    old = f"{folder}/{finished.schema}/small/LOAD000000FF.csv"
    site.s3.put_object(Bucket=site.bucket, Key=old, Body=b"I,9\n")
    settings = {"FullLoadSettings": {"TargetTablePrepMode": mode}}
    site.run(site.task(mappings(select(finished.schema, "small")), target, settings))
    stays = old in site.keys(f"{folder}/")
    assert stays in ([True] if mode == "DO_NOTHING" else site.either("preparation", {"purges": False, "keeps": True}))


@pytest.mark.behaviour("tasks.missing_table")
def test_a_table_that_is_not_there(site: Site, finished: Run) -> None:
    task, _ = site.load(mappings(select(finished.schema, "small"), select(finished.schema, "absent", "explicit")))
    found = site.statistics(task["ReplicationTaskArn"])
    assert found["small"]["TableState"] == "Table completed"
    assert found["absent"]["TableState"] == "Table does not exist"


@pytest.mark.behaviour("tasks.no_tables")
@pytest.mark.parametrize(("fail", "state"), [(True, "failed"), (False, "stopped")])
def test_a_task_without_tables(site: Site, finished: Run, fail: bool, state: str) -> None:
    target, _ = site.target()
    settings = {"ErrorBehavior": {"FailOnNoTablesCaptured": fail}}
    task = site.task(mappings(select(finished.schema, "nothing%")), target, settings)
    assert site.run(task, "start-replication", "failed", "stopped")["Status"] == state


@pytest.fixture(scope="module")
def damaged(site: Site) -> str:
    """A schema with a table that can be described but not read."""
    schema = site.schema()
    site.execute("CREATE TABLE fine (id INT PRIMARY KEY)")
    site.execute("INSERT INTO fine VALUES (1)")
    site.execute("CREATE TABLE part (id INT PRIMARY KEY) ENGINE=MyISAM")
    site.execute("CREATE TABLE broken (id INT PRIMARY KEY) ENGINE=MERGE UNION=(part)")
    site.execute("DROP TABLE part")
    return schema


@pytest.mark.behaviour("tasks.table_error_suspends")
def test_by_default_a_table_with_an_error_is_left_out(site: Site, damaged: str) -> None:
    task, folder = site.load(mappings(select(damaged)))
    states = {name: found["TableState"] for name, found in site.statistics(task["ReplicationTaskArn"]).items()}
    assert states == {"fine": "Table completed", "broken": "Table error"}
    assert task["ReplicationTaskStats"]["TablesErrored"] == 1
    assert site.rows(f"{folder}/{damaged}/fine/") == [["I", "1"]]


@pytest.mark.behaviour("tasks.table_error_stops")
def test_a_table_with_an_error_stops_the_task_if_so_set(site: Site, damaged: str) -> None:
    target, _ = site.target()
    task = site.task(mappings(select(damaged)), target, {"ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"}})
    failed = site.run(task, "start-replication", "failed", "stopped")
    assert failed["Status"] == "failed"
    assert failed["LastFailureMessage"]
    assert failed["StopReason"] in ("Stop Reason FATAL_ERROR", "Stop Reason RECOVERABLE_ERROR")


@pytest.mark.behaviour("tasks.load_order")
def test_tables_of_a_higher_order_come_first(site: Site) -> None:
    schema = site.schema()
    rules = []
    for name, order in (("a_last", 1), ("b_first", 3), ("c_second", 2)):
        site.execute(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
        site.execute(f"INSERT INTO {name} SELECT 1")
        rules.append(select(schema, name, **{"load-order": str(order)}))
    task, _ = site.load(mappings(*rules), {"FullLoadSettings": {"MaxFullLoadSubTasks": 1}})
    found = site.statistics(task["ReplicationTaskArn"])
    assert sorted(found, key=lambda name: found[name]["FullLoadStartTime"]) == ["b_first", "c_second", "a_last"]
