# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The life of a task: legal calls, states, failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sql import sequence

from .conftest import Bench, select_all, wait


def code(call: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(refused.value.response["Error"]["Code"])


def test_start_types_are_legal_only_in_their_states(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    execute("INSERT INTO small VALUES (1)")
    target, folder = bench.target()
    task = bench.task(bench.source(), target, select_all(schema))
    start = bench.dms.start_replication_task
    assert code(start, ReplicationTaskArn=task, StartReplicationTaskType="resume-processing") == "InvalidResourceStateFault"
    assert code(start, ReplicationTaskArn=task, StartReplicationTaskType="reload-target") == "InvalidResourceStateFault"
    assert code(bench.dms.stop_replication_task, ReplicationTaskArn=task) == "InvalidResourceStateFault"
    assert "ReplicationTaskStats" not in bench.describe(task)
    first = bench.run(task)
    assert first["ReplicationTaskStats"]["StopDate"] >= first["ReplicationTaskStats"]["FullLoadFinishDate"]
    assert code(start, ReplicationTaskArn=task, StartReplicationTaskType="start-replication") == "InvalidResourceStateFault"
    execute("INSERT INTO small VALUES (2)")
    bench.run(task, "resume-processing")
    assert bench.rows(folder, schema, "small") == [["I", "1"]], "a finished table is not loaded again by a resume"
    again = bench.run(task, "reload-target")
    assert bench.rows(folder, schema, "small") == [["I", "1"], ["I", "2"]]
    assert bench.statistics(task)["small"]["FullLoadReloaded"] is True
    assert again["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"


def test_a_task_starts_only_on_tested_connections(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    target, _ = bench.target()
    task = bench.task(bench.source(), target, select_all(schema))
    bench.dms.delete_connection(EndpointArn=target, ReplicationInstanceArn=bench.instance)
    start = bench.dms.start_replication_task
    assert code(start, ReplicationTaskArn=task, StartReplicationTaskType="start-replication") == "InvalidResourceStateFault"


@pytest.fixture
def held(schema: str, administrator: Any, execute: Callable[..., Any]) -> Iterator[Any]:
    """A table whose rows nobody can read until the returned cursor unlocks it, beside one that is free."""
    execute("CREATE TABLE big (id INT PRIMARY KEY, filler VARCHAR(1000))")
    execute(f"INSERT INTO big SELECT seq, REPEAT('x', 1000) FROM {sequence(2000)}")  # noqa: S608 - numbers only
    execute("CREATE TABLE a_small (id INT PRIMARY KEY)")
    execute("INSERT INTO a_small VALUES (1)")
    with administrator.cursor() as cursor:
        cursor.execute("LOCK TABLES big WRITE")
        yield cursor
        cursor.execute("UNLOCK TABLES")


def begin(bench: Bench, schema: str, cursor: Any, **errors: Any) -> tuple[str, str, int]:
    """A task that waits for the rows of the table that is held; its ARN, its folder and the id of its connection.

    ``errors``: its ErrorBehavior.
    """
    target, folder = bench.target()
    settings = {"FullLoadSettings": {"MaxFullLoadSubTasks": 1}, "ErrorBehavior": errors}
    task = bench.task(bench.source(), target, select_all(schema), settings)
    bench.dms.start_replication_task(ReplicationTaskArn=task, StartReplicationTaskType="start-replication")

    def query() -> Any:
        cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s AND INFO LIKE '%%CONCAT_WS%%'", (bench.user,))
        return cursor.fetchone()

    (process,) = wait(query, "the query of the load")
    return task, folder, process


def test_a_running_task_stops_and_resumes(bench: Bench, schema: str, held: Any) -> None:
    task, folder, _ = begin(bench, schema, held)
    running = bench.describe(task)
    assert (running["Status"], bench.statistics(task)["big"]["TableState"]) == ("running", "Full load")
    assert running["ReplicationTaskStats"]["TablesLoading"] == 1
    assert running["ReplicationTaskStats"]["FullLoadProgressPercent"] < 100
    assert code(bench.dms.delete_replication_task, ReplicationTaskArn=task) == "InvalidResourceStateFault"
    assert code(bench.dms.modify_replication_task, ReplicationTaskArn=task, TableMappings=select_all("x")) == "InvalidResourceStateFault"
    assert bench.dms.stop_replication_task(ReplicationTaskArn=task)["ReplicationTask"]["Status"] == "stopping"
    held.execute("UNLOCK TABLES")
    stopped = bench.until(task, "stopped")
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    states = {name: s["TableState"] for name, s in bench.statistics(task).items()}
    assert states == {"a_small": "Table completed", "big": "Table cancelled"}
    assert bench.keys(folder) == [f"{folder}/{schema}/a_small/LOAD00000001.csv"]
    assert bench.run(task, "resume-processing")["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    assert bench.statistics(task)["big"]["FullLoadRows"] == 2000
    assert [row[1] for row in bench.rows(folder, schema, "big")] == [str(n) for n in range(1, 2001)]


def test_a_connection_lost_in_the_middle(bench: Bench, schema: str, held: Any) -> None:
    task, _, process = begin(bench, schema, held, RecoverableErrorCount=0)
    held.execute(f"KILL CONNECTION {process}")
    failed = bench.until(task, "failed", "stopped")
    assert (failed["Status"], failed["StopReason"]) == ("failed", "Stop Reason RECOVERABLE_ERROR")
    held.execute("UNLOCK TABLES")
    assert bench.run(task, "resume-processing")["Status"] == "stopped"
    assert bench.statistics(task)["big"]["FullLoadRows"] == 2000


def test_a_connection_lost_in_the_middle_is_tried_again(bench: Bench, schema: str, held: Any) -> None:
    task, folder, process = begin(bench, schema, held, RecoverableErrorInterval=0)
    held.execute(f"KILL CONNECTION {process}")
    trying = wait(lambda: "LastFailureMessage" in (found := bench.describe(task)) and found, "a message")
    assert trying["Status"] == "running"
    assert "RECOVERABLE" in trying["LastFailureMessage"]
    held.execute("UNLOCK TABLES")
    ended = bench.until(task, "stopped", "failed")
    assert ended["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    assert len(bench.rows(folder, schema, "big")) == 2000


def test_missing_grants(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    target, _ = bench.target()
    settings = {"ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"}}
    nothing = bench.run(bench.task(bench.source(), target, select_all("mysql"), settings))
    assert nothing["Status"] == "failed"
    assert "No tables were found" in nothing["LastFailureMessage"]
    task = bench.task(bench.source(), target, select_all(schema, "small", "absent"), settings)
    failed = bench.run(task)
    assert failed["Status"] == "failed"
    assert f"{schema}.absent" in failed["LastFailureMessage"]
    assert bench.statistics(task)["absent"]["TableState"] == "Table does not exist"


@pytest.mark.mariadb
def test_a_table_that_cannot_be_read(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE fine (id INT PRIMARY KEY)")
    execute("CREATE TABLE odd (id INT PRIMARY KEY, address INET6)")
    execute("INSERT INTO fine VALUES (1)")
    target, _ = bench.target()
    suspended = bench.task(bench.source(), target, select_all(schema))
    assert bench.run(suspended)["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    assert {name: s["TableState"] for name, s in bench.statistics(suspended).items()} == {"fine": "Table completed", "odd": "Table error"}
    assert bench.describe(suspended)["ReplicationTaskStats"]["TablesErrored"] == 1
    stopped = bench.run(bench.task(bench.source(), target, select_all(schema), {"ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"}}))
    assert stopped["Status"] == "failed"
    assert "inet6" in stopped["LastFailureMessage"]


def test_a_password_that_changed_after_the_test(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    target, _ = bench.target()
    task = bench.task(bench.source(), target, select_all(schema))
    execute(f"ALTER USER {bench.user}@'%' IDENTIFIED BY 'another'")
    try:
        failed = bench.run(task)
    finally:
        execute(f"ALTER USER {bench.user}@'%' IDENTIFIED BY '{bench.password}'")
    assert failed["Status"] == "failed"
    assert "Access denied" in failed["LastFailureMessage"]
    assert bench.password not in json.dumps(failed, default=str)
    assert bench.run(task, "resume-processing")["Status"] == "stopped"


def test_a_task_moves_and_needs_tested_connections_there(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE one (id INT PRIMARY KEY)")
    target, _ = bench.target()
    source = bench.source()
    task = bench.task(source, target, select_all(schema))
    there = bench.dms.create_replication_instance(
        ReplicationInstanceIdentifier=bench.name("other"),
        ReplicationInstanceClass="dms.t3.medium",
        ReplicationSubnetGroupIdentifier=bench.prefix,
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    filters = [{"Name": "replication-instance-arn", "Values": [there]}]
    bench.dms.get_waiter("replication_instance_available").wait(Filters=filters, WaiterConfig={"Delay": 1})
    moving = bench.dms.move_replication_task(ReplicationTaskArn=task, TargetReplicationInstanceArn=there)["ReplicationTask"]
    assert moving["Status"] == "moving"
    assert bench.until(task, "ready")["ReplicationInstanceArn"] == there
    start = bench.dms.start_replication_task
    assert code(start, ReplicationTaskArn=task, StartReplicationTaskType="start-replication") == "InvalidResourceStateFault"
    bench.dms.move_replication_task(ReplicationTaskArn=task, TargetReplicationInstanceArn=bench.instance)
    bench.until(task, "ready")
    assert bench.run(task)["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    bench.dms.delete_replication_instance(ReplicationInstanceArn=there)
    bench.dms.get_waiter("replication_instance_deleted").wait(Filters=filters, WaiterConfig={"Delay": 1})


def test_modify_and_describe(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE one (id INT PRIMARY KEY)")
    execute("CREATE TABLE two (id INT PRIMARY KEY)")
    target, folder = bench.target()
    task = bench.task(bench.source(), target, select_all(schema, "one"))
    changed = bench.dms.modify_replication_task(
        ReplicationTaskArn=task,
        TableMappings=select_all(schema, "two"),
        ReplicationTaskSettings=json.dumps({"FullLoadSettings": {"MaxFullLoadSubTasks": 3}}),
    )["ReplicationTask"]
    assert changed["Status"] == "modifying"
    described = bench.until(task, "ready")
    settings = json.loads(described["ReplicationTaskSettings"])["FullLoadSettings"]
    assert (settings["MaxFullLoadSubTasks"], settings["CommitRate"]) == (3, 10000)
    execute("INSERT INTO two VALUES (2)")
    bench.run(task)
    assert bench.keys(folder) == [f"{folder}/{schema}/two/LOAD00000001.csv"]
    short = bench.dms.describe_replication_tasks(Filters=[{"Name": "endpoint-arn", "Values": [target]}], WithoutSettings=True)
    assert [t["ReplicationTaskArn"] for t in short["ReplicationTasks"]] == [task]
    assert "ReplicationTaskSettings" not in short["ReplicationTasks"][0]
    bench.dms.add_tags_to_resource(ResourceArn=task, Tags=[{"Key": "owner", "Value": "tests"}])
    assert bench.dms.list_tags_for_resource(ResourceArn=task)["TagList"] == [{"Key": "owner", "Value": "tests", "ResourceArn": task}]
    bench.dms.remove_tags_from_resource(ResourceArn=task, TagKeys=["owner"])
    assert bench.dms.list_tags_for_resource(ResourceArn=task)["TagList"] == []
