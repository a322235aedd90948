# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tasks as resources: states, calls that are legal in them and calls that are not, filters, settings, moves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from .rules import mappings, select
from .site import Site, by

FILTERS = ("replication-task-arn", "replication-task-id", "migration-type", "endpoint-arn", "replication-instance-arn")
ILLEGAL = "InvalidResourceStateFault"


@pytest.fixture(scope="module")
def schema(site: Site) -> str:
    """A schema with more tables than the smallest page of statistics holds."""
    name = site.schema()
    for number in range(22):
        site.execute(f"CREATE TABLE t{number:02d} (id INT PRIMARY KEY)")
    site.execute("INSERT INTO t00 VALUES (1)")
    return name


def params(site: Site, schema: str, target: str, **changes: Any) -> dict[str, Any]:
    return {
        "ReplicationTaskIdentifier": site.name("task"),
        "SourceEndpointArn": site.shared_source,
        "TargetEndpointArn": target,
        "ReplicationInstanceArn": site.instance,
        "MigrationType": "full-load",
        "TableMappings": mappings(select(schema)),
    } | changes


@dataclass
class Life:
    """What a task answered on its way from its creation to its end."""

    states: list[str]
    refused: dict[str, str]
    found: dict[str, list[str]]
    task: str
    target: str


@pytest.fixture(scope="module")
def life(site: Site, schema: str) -> Life:
    target, _ = site.target()
    site.connected(site.shared_source)
    site.connected(target)
    created = site.dms.create_replication_task(**params(site, schema, target, MigrationType="full-load-and-cdc"))["ReplicationTask"]
    task = created["ReplicationTaskArn"]
    site.made["task"].append(task)
    made = Life([created["Status"]], {}, {}, task, target)
    site.waiter("replication_task_ready", {"replication-task-arn": task})
    start = partial(site.refusal, "start_replication_task", ReplicationTaskArn=task)
    named = {"ReplicationTaskArn": task}
    tables = [{"SchemaName": schema, "TableName": "t00"}]
    made.refused["resume before a start"] = start(StartReplicationTaskType="resume-processing")
    made.refused["reload before a start"] = start(StartReplicationTaskType="reload-target")
    made.refused["stop before a start"] = site.refusal("stop_replication_task", **named)
    made.refused["tables before a start"] = site.refusal("reload_tables", TablesToReload=tables, **named)
    made.states += [site.describe(task)["Status"], site.start(task)["Status"]]
    site.waiter("replication_task_running", {"replication-task-arn": task})
    made.states.append(site.describe(task)["Status"])
    made.refused["start while running"] = start(StartReplicationTaskType="start-replication")
    made.refused["modify while running"] = site.refusal("modify_replication_task", TableMappings=mappings(select("other")), **named)
    made.refused["delete while running"] = site.refusal("delete_replication_task", **named)
    made.states.append(site.dms.stop_replication_task(**named)["ReplicationTask"]["Status"])
    site.waiter("replication_task_stopped", {"replication-task-arn": task})
    made.states.append(site.describe(task)["Status"])
    made.refused["start again"] = start(StartReplicationTaskType="start-replication")
    return made


@pytest.mark.behaviour("api.task_states")
def test_states_of_a_task(life: Life) -> None:
    assert life.states == ["creating", "ready", "starting", "running", "stopping", "stopped"]


@pytest.mark.behaviour("api.task_illegal_calls")
@pytest.mark.parametrize(
    "call",
    [
        "resume before a start",
        "reload before a start",
        "stop before a start",
        "tables before a start",
        "start while running",
        "modify while running",
        "delete while running",
        "start again",
    ],
)
def test_a_call_in_the_wrong_state(life: Life, call: str) -> None:
    assert life.refused[call] == ILLEGAL


@pytest.mark.behaviour("api.task_filters")
@pytest.mark.parametrize(
    "name", ["replication-task-arn", "replication-task-id", "migration-type", "endpoint-arn", "replication-instance-arn"]
)
def test_tasks_are_found_by_filters(site: Site, life: Life, name: str) -> None:
    task = site.describe(life.task)
    values = {
        "replication-task-arn": life.task,
        "replication-task-id": task["ReplicationTaskIdentifier"],
        "migration-type": "full-load-and-cdc",
        "endpoint-arn": life.target,
        "replication-instance-arn": site.instance,
    }
    pages = site.dms.get_paginator("describe_replication_tasks").paginate(Filters=by(name, values[name]), WithoutSettings=True)
    found = [item for page in pages for item in page["ReplicationTasks"]]
    assert life.task in {item["ReplicationTaskArn"] for item in found}
    if name not in ("migration-type", "replication-instance-arn"):
        assert len(found) == 1
    assert not any("ReplicationTaskSettings" in item for item in found)


@pytest.mark.behaviour("api.statistics_filters")
def test_statistics_are_filtered_and_paged(site: Site, schema: str, life: Life) -> None:
    statistics = partial(site.dms.describe_table_statistics, ReplicationTaskArn=life.task)
    assert [item["TableName"] for item in statistics(Filters=by("table-name", "t07"))["TableStatistics"]] == ["t07"]
    assert len(statistics(Filters=by("schema-name", schema))["TableStatistics"]) == 22
    assert statistics(Filters=by("table-state", "Table error"))["TableStatistics"] == []
    first = statistics(MaxRecords=20)
    second = statistics(MaxRecords=20, Marker=first["Marker"])
    names = {item["TableName"] for page in (first, second) for item in page["TableStatistics"]}
    assert (len(first["TableStatistics"]), len(second["TableStatistics"]), len(names)) == (20, 2, 22)


@pytest.mark.behaviour("api.task_modify")
def test_a_stopped_task_is_modified(site: Site, life: Life) -> None:
    settings = json.dumps({"FullLoadSettings": {"MaxFullLoadSubTasks": 3}})
    answer = site.dms.modify_replication_task(ReplicationTaskArn=life.task, ReplicationTaskSettings=settings)["ReplicationTask"]
    assert answer["Status"] == "modifying"
    found = json.loads(site.until(life.task, "stopped", "ready")["ReplicationTaskSettings"])["FullLoadSettings"]
    assert (found["MaxFullLoadSubTasks"], found["CommitRate"]) == (3, 10000)


@pytest.mark.behaviour("api.task_settings_defaults")
def test_settings_that_are_not_given_have_their_defaults(site: Site, life: Life) -> None:
    found = json.loads(site.describe(life.task)["ReplicationTaskSettings"])
    documented: dict[str, dict[str, Any]] = {
        "FullLoadSettings": {"CommitRate": 10000, "TransactionConsistencyTimeout": 600, "StopTaskCachedChangesApplied": False},
        "ErrorBehavior": {
            "DataErrorPolicy": "LOG_ERROR",
            "DataTruncationErrorPolicy": "LOG_ERROR",
            "TableErrorPolicy": "SUSPEND_TABLE",
            "RecoverableErrorCount": -1,
            "RecoverableErrorInterval": 5,
            "RecoverableErrorThrottlingMax": 1800,
        },
        "ChangeProcessingTuning": {"CommitTimeout": 1, "MemoryKeepTime": 60, "MemoryLimitTotal": 1024, "MinTransactionSize": 1000},
    }
    assert {group: {name: found[group][name] for name in members} for group, members in documented.items()} == documented


@pytest.mark.behaviour("api.task_invalid")
@pytest.mark.parametrize(
    "changes",
    [
        {"TableMappings": "no JSON"},
        {"TableMappings": json.dumps({"rules": []})},
        {"ReplicationTaskSettings": "{"},
        {"MigrationType": "sideways"},
        {"ReplicationTaskIdentifier": "two--hyphens"},
    ],
)
def test_an_invalid_task_is_refused(site: Site, schema: str, life: Life, changes: dict[str, str]) -> None:
    refused = site.refusal("create_replication_task", **params(site, schema, life.target, **changes))
    assert refused in ("InvalidParameterValueException", "InvalidParameterCombinationException", "ValidationException")


@pytest.mark.behaviour("api.task_unique")
def test_a_task_has_a_name_of_its_own_and_endpoints_that_exist(site: Site, schema: str, life: Life) -> None:
    name = site.describe(life.task)["ReplicationTaskIdentifier"]
    again = params(site, schema, life.target, ReplicationTaskIdentifier=name)
    assert site.refusal("create_replication_task", **again) == "ResourceAlreadyExistsFault"
    unknown = params(site, schema, life.target.rsplit(":", 1)[0] + ":" + "A" * 26)
    assert site.refusal("create_replication_task", **unknown) == "ResourceNotFoundFault"


@pytest.mark.behaviour("api.task_failed_waiter")
def test_a_waiter_takes_a_failed_task_for_an_error(site: Site, schema: str) -> None:
    target, _ = site.target()
    settings = {"ErrorBehavior": {"FailOnNoTablesCaptured": True}}
    task = site.task(mappings(select(schema, "nothing%")), target, settings)
    site.run(task, "start-replication", "failed")
    with pytest.raises(WaiterError, match="terminal failure"):
        site.waiter("replication_task_stopped", {"replication-task-arn": task})


@pytest.mark.behaviour("api.task_move")
def test_a_task_moves_to_another_instance(site: Site, schema: str) -> None:
    other = site.new_instance()
    target, _ = site.target()
    task = site.task(mappings(select(schema, "t00")), target)
    site.run(task)
    same = site.refusal("move_replication_task", ReplicationTaskArn=task, TargetReplicationInstanceArn=site.instance)
    assert same.startswith("Invalid")
    for endpoint in (site.shared_source, target):
        site.dms.test_connection(ReplicationInstanceArn=other, EndpointArn=endpoint)
        site.waiter("test_connection_succeeds", {"endpoint-arn": endpoint, "replication-instance-arn": other})
    answer = site.dms.move_replication_task(ReplicationTaskArn=task, TargetReplicationInstanceArn=other)["ReplicationTask"]
    assert answer["Status"] == "moving"
    found = site.until(task, "stopped", "ready", "failed-move")
    assert (found["Status"], found["ReplicationInstanceArn"]) == ("stopped", other)


@pytest.mark.behaviour("api.task_delete")
def test_a_task_is_deleted(site: Site, schema: str) -> None:
    target, _ = site.target()
    task = site.task(mappings(select(schema)), target)
    assert site.dms.delete_replication_task(ReplicationTaskArn=task)["ReplicationTask"]["Status"] == "deleting"
    site.waiter("replication_task_deleted", {"replication-task-arn": task})
    assert site.refusal("describe_table_statistics", ReplicationTaskArn=task) == "ResourceNotFoundFault"
