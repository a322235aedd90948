# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""When a file of changes is closed, and tables that are loaded again while changes are captured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from .rules import mappings, select
from .site import Rows, Site


@pytest.mark.behaviour("cdc.batch_size")
def test_a_file_is_closed_when_it_is_large_enough(site: Site) -> None:
    schema = site.schema()
    site.execute("CREATE TABLE notes (id INT PRIMARY KEY, body VARCHAR(4000))")
    start = site.position()
    site.execute("INSERT INTO notes VALUES (1, 'short')")
    target, folder = site.target(CdcMaxBatchInterval=3600, CdcMinFileSize=2)
    task = site.task(mappings(select(schema)), target, kind="cdc", CdcStartPosition=start)
    site.start(task)
    site.running(task)
    site.execute("INSERT INTO notes VALUES (2, REPEAT('x', 4000))")
    path = f"{folder}/{schema}/notes/"
    found = site.until_rows(path, len, "a file")
    assert [row[1] for row in found] == ["1", "2"], "the small change waited for the large one"
    assert len(site.keys(path)) == 1
    site.stop(task)


@dataclass
class Reload:
    """A running task with the tables "stale" and "kept"; ``refused``: the codes of calls that are refused, by their reason."""

    schema: str
    folder: str = ""
    loaded: Rows = field(default_factory=list)
    interval_files: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    reloaded: Rows = field(default_factory=list)
    statistics: dict[str, Any] = field(default_factory=dict)
    after: Rows = field(default_factory=list)


@pytest.fixture(scope="module")
def reload(site: Site) -> Reload:
    schema = site.schema()
    for name in ("stale", "kept"):
        site.execute(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
        site.execute(f"INSERT INTO {name} VALUES (1)")  # noqa: S608 - a name from above
    target, folder = site.target()
    task = site.task(mappings(select(schema)), target, kind="full-load-and-cdc")
    made = Reload(schema, folder)
    site.start(task)
    site.running(task)
    site.loaded(task)
    path = f"{folder}/{schema}/stale/"
    made.loaded = site.rows(f"{path}LOAD")
    site.execute("INSERT INTO stale VALUES (2)")
    site.until_rows(path, lambda rows: ["I", "2"] in rows, "a change")
    site.execute("INSERT INTO kept VALUES (2)")
    made.interval_files = site.keys(f"{path}2")
    table = {"SchemaName": schema, "TableName": "stale"}

    def refusal(*tables: dict[str, str]) -> str:
        return site.refusal("reload_tables", ReplicationTaskArn=task, TablesToReload=list(tables))

    made.refused["twice"] = refusal(table, table)
    made.refused["many"] = refusal(*({"SchemaName": schema, "TableName": f"t{number}"} for number in range(11)))
    answer = site.dms.reload_tables(ReplicationTaskArn=task, TablesToReload=[table])
    assert answer["ReplicationTaskArn"] == task
    site.wait(lambda: site.statistics(task, "stale")["FullLoadReloaded"], "the beginning of the reload")
    site.wait(lambda: site.statistics(task, "stale")["TableState"] == "Table completed", "the end of the reload")
    made.reloaded = site.rows(f"{path}LOAD")
    made.statistics = site.statistics(task)
    site.execute("INSERT INTO stale VALUES (3)")
    made.after = site.until_rows(path, lambda rows: ["I", "3"] in rows, "a change after the reload")
    site.stop(task)
    made.refused["stopped"] = refusal(table)
    return made


@pytest.mark.behaviour("cdc.batch_interval")
def test_a_file_is_closed_after_the_interval(reload: Reload) -> None:
    assert len(reload.interval_files) == 1


@pytest.mark.behaviour("tasks.reload_table")
def test_a_table_is_loaded_again_while_the_task_runs(reload: Reload) -> None:
    assert reload.loaded == [["I", "1"]]
    assert reload.reloaded == [["I", "1"], ["I", "2"]]
    assert [reload.statistics[name]["FullLoadReloaded"] for name in ("stale", "kept")] == [True, False]


@pytest.mark.behaviour("tasks.reload_goes_on")
def test_a_reload_does_not_stop_the_capture(reload: Reload) -> None:
    assert ["I", "3"] in reload.after


@pytest.mark.behaviour("tasks.reload_refused")
@pytest.mark.parametrize("reason", ["twice", "many"])
def test_what_cannot_be_reloaded(reload: Reload, reason: str) -> None:
    assert reload.refused[reason].startswith("Invalid")


@pytest.mark.behaviour("tasks.reload_needs_running")
def test_only_a_running_task_reloads(reload: Reload) -> None:
    assert reload.refused["stopped"] == "InvalidResourceStateFault"
