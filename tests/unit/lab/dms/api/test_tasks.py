# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What calls for tasks may say, and in which states they are legal."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.api.store import Resource
from lab.dms.api.task_rules import check_start, start_position
from lab.dms.faults import Fault

from ..conftest import Bench


def task_of(migration: str, status: str, *, ran: bool) -> Resource:
    return Resource("task", "arn", "task", {"Status": status, "MigrationType": migration}, {"times": {"StartDate": 1.0} if ran else {}})


@pytest.mark.parametrize(
    ("migration", "kind", "ran", "positioned", "legal"),
    [
        ("full-load", "start-replication", False, False, True),
        ("full-load", "start-replication", True, False, False),
        ("full-load-and-cdc", "start-replication", True, False, False),
        ("cdc", "start-replication", True, False, False),
        ("cdc", "start-replication", True, True, True),
        ("cdc", "resume-processing", False, True, False),
        ("cdc", "resume-processing", True, False, True),
        ("cdc", "reload-target", True, False, False),
        ("full-load-and-cdc", "reload-target", True, False, True),
        ("full-load-and-cdc", "reload-target", False, False, False),
    ],
)
def test_kinds_of_starts(migration: str, kind: str, ran: bool, positioned: bool, legal: bool) -> None:
    status = "stopped" if ran else "ready"
    if legal:
        check_start(task_of(migration, status, ran=ran), kind, positioned=positioned)
        return
    with pytest.raises(Fault) as refused:
        check_start(task_of(migration, status, ran=ran), kind, positioned=positioned)
    assert refused.value.code == "InvalidResourceStateFault"


@pytest.mark.parametrize(
    "status", ["creating", "starting", "running", "stopping", "modifying", "deleting", "moving", "failed-move", "testing"]
)
def test_states_in_which_nothing_starts(status: str) -> None:
    with pytest.raises(Fault, match=status):
        check_start(task_of("cdc", status, ran=True), "resume-processing", positioned=False)


def test_a_start_time_is_a_place_too() -> None:
    assert start_position({"CdcStartTime": 1520510732}) == "2018-03-08T12:05:32"
    assert start_position({"CdcStartPosition": "log.000024:373"}) == "log.000024:373"
    assert start_position({}) == ""


@pytest.mark.parametrize(
    ("migration", "given", "code"),
    [
        ("cdc", {"CdcStartTime": 1, "CdcStartPosition": "log.000001:4"}, "InvalidParameterCombinationException"),
        ("cdc", {"CdcStartPosition": "yesterday"}, "InvalidParameterValueException"),
        ("cdc", {"CdcStartPosition": "checkpoint:V1#nonsense"}, "InvalidParameterValueException"),
        ("cdc", {"CdcStopPosition": "2018-02-09T12:12:12"}, "InvalidParameterValueException"),
        ("cdc", {"CdcStopPosition": "server_time:later"}, "InvalidParameterValueException"),
        ("full-load", {"CdcStartTime": 1}, "InvalidParameterValueException"),
        ("full-load", {"CdcStopPosition": "server_time:2018-02-09T12:12:12"}, "InvalidParameterValueException"),
        ("full-load-and-cdc", {"CdcStartPosition": "log.000001:4"}, "InvalidParameterValueException"),
    ],
)
def test_positions_that_are_refused(bench: Bench, migration: str, given: dict[str, Any], code: str) -> None:
    assert bench.refusal("CreateReplicationTask", **bench.task_params(MigrationType=migration, **given)).code == code


def made(bench: Bench, **changes: Any) -> str:
    """A task in the state ready."""
    arn = bench.call("CreateReplicationTask", **bench.task_params(**changes))["ReplicationTask"]["ReplicationTaskArn"]
    bench.now += 10
    return str(arn)


def shown(bench: Bench) -> dict[str, Any]:
    return dict(bench.call("DescribeReplicationTasks")["ReplicationTasks"][0])


def test_positions_are_kept_and_shown(bench: Bench) -> None:
    arn = made(bench, MigrationType="cdc", CdcStartPosition="log.000024:373", CdcStopPosition="commit_time:2018-02-09T12:12:12")
    assert shown(bench)["CdcStartPosition"] == "log.000024:373"
    assert shown(bench)["CdcStopPosition"] == "commit_time:2018-02-09T12:12:12"
    bench.call("ModifyReplicationTask", ReplicationTaskArn=arn, CdcStartTime=1520510732)
    assert "CdcStartPosition" not in shown(bench), "the last word is the time"
    bench.now += 10
    assert bench.refusal("ModifyReplicationTask", ReplicationTaskArn=arn, CdcStopPosition="never").code == "InvalidParameterValueException"


def test_the_migration_type_may_change_before_the_first_run(bench: Bench) -> None:
    arn = made(bench)
    changed = bench.call("ModifyReplicationTask", ReplicationTaskArn=arn, MigrationType="cdc")["ReplicationTask"]
    assert (changed["MigrationType"], changed["Status"]) == ("cdc", "modifying")


def test_events_of_a_tasks_life(bench: Bench) -> None:
    arn = made(bench)
    bench.call("ModifyReplicationTask", ReplicationTaskArn=arn, TaskData="{}")
    assert shown(bench)["Status"] == "modifying"
    bench.now += 10
    assert shown(bench)["Status"] == "ready"
    bench.call("DeleteReplicationTask", ReplicationTaskArn=arn)
    bench.now += 10
    assert bench.call("DescribeReplicationTasks") == {"ReplicationTasks": []}
    events = bench.call("DescribeEvents", SourceType="replication-task")["Events"]
    assert [e["EventCategories"] for e in events] == [["creation"], ["configuration change"], ["deletion"]]


def test_a_task_moves_to_another_instance(bench: Bench) -> None:
    arn = made(bench)
    here = shown(bench)["ReplicationInstanceArn"]
    there = bench.instance("other")
    assert (
        bench.refusal("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=here).code == "InvalidResourceStateFault"
    )
    moving = bench.call("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=there)["ReplicationTask"]
    assert (moving["Status"], moving["TargetReplicationInstanceArn"], moving["ReplicationInstanceArn"]) == ("moving", there, here)
    start = {"ReplicationTaskArn": arn, "StartReplicationTaskType": "start-replication"}
    assert bench.refusal("StartReplicationTask", **start).code == "InvalidResourceStateFault"
    bench.now += 10
    moved = shown(bench)
    assert (moved["Status"], moved["ReplicationInstanceArn"]) == ("ready", there)
    assert "TargetReplicationInstanceArn" not in moved


def test_a_move_fails_where_the_other_instance_is_gone(bench: Bench) -> None:
    arn = made(bench)
    here, there = shown(bench)["ReplicationInstanceArn"], bench.instance("other")
    bench.call("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=there)
    bench.call("DeleteReplicationInstance", ReplicationInstanceArn=there)
    bench.now += 10
    failed = shown(bench)
    assert (failed["Status"], failed["ReplicationInstanceArn"]) == ("failed-move", here)
    assert bench.refusal("ModifyReplicationTask", ReplicationTaskArn=arn, TaskData="{}").code == "InvalidResourceStateFault"
    third = bench.instance("third")
    bench.call("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=third)
    bench.now += 10
    assert (shown(bench)["Status"], shown(bench)["ReplicationInstanceArn"]) == ("ready", third)


def test_a_move_ends_though_the_service_was_away(bench: Bench) -> None:
    arn = made(bench)
    there = bench.instance("other")
    bench.call("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=there)
    bench.now += 10
    bench.restart()
    moved = shown(bench)
    assert (moved["Status"], moved["ReplicationInstanceArn"]) == ("ready", there)
    assert "TargetReplicationInstanceArn" not in moved


def test_a_task_moves_to_no_older_engine(bench: Bench) -> None:
    arn = made(bench)
    older = bench.call(
        "CreateReplicationInstance",
        ReplicationInstanceIdentifier="older",
        ReplicationInstanceClass="dms.t3.medium",
        ReplicationSubnetGroupIdentifier="group",
        EngineVersion="3.5.3",
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    bench.now += 10
    refused = bench.refusal("MoveReplicationTask", ReplicationTaskArn=arn, TargetReplicationInstanceArn=older)
    assert refused.code == "InvalidResourceStateFault"
    assert "or later" in refused.message


def test_tables_are_reloaded_only_while_a_task_runs(bench: Bench) -> None:
    arn = made(bench)
    wish = {"ReplicationTaskArn": arn, "TablesToReload": [{"SchemaName": "s", "TableName": "a"}]}
    assert bench.refusal("ReloadTables", **wish).code == "InvalidResourceStateFault"
