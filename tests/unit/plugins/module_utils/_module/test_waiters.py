# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acceptor tables against the answers that AWS DMS gives."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import waiters
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.errors import LandbridgeError, NotFound, Retryable
from botocore.stub import Stubber

REQUEST = {"Filters": [{"Name": "replication-task-arn", "Values": ["arn"]}], "WithoutSettings": True}


def task(status: str, stop_reason: str | None = None, failure: str | None = None, errored: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {"Status": status, "ReplicationTaskStats": {"TablesErrored": errored}}
    if stop_reason:
        found["StopReason"] = f"Stop Reason {stop_reason}"
    if failure:
        found["LastFailureMessage"] = failure
    return {"ReplicationTasks": [found]}


def connection(status: str, failure: str = "") -> dict[str, Any]:
    return {"Connections": [{"Status": status, "EndpointIdentifier": "billing-source", "LastFailureMessage": failure}]}


def look(name: str, operation: str, answers: list[dict[str, Any]]) -> None:
    """Wait with these answers in turn; what was not asked for shows as an error of the stubber."""
    client = boto3.client("dms", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stubber:
        for answer in answers:
            stubber.add_response(operation, answer)
        request = REQUEST if "tasks" in operation else {"Filters": []}
        waiters.wait(client, name, request, what="Task billing", timeout=len(answers), interval=1)
        stubber.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _seconds: None)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("TaskStarted", [task("starting"), task("running")]),
        ("TaskStarted", [task("starting", "NORMAL"), task("stopped", "FULL_LOAD_ONLY_FINISHED")]),
        ("TaskCompleted", [task("starting"), task("running"), task("stopping"), task("stopped", "FULL_LOAD_ONLY_FINISHED")]),
        ("TaskCompleted", [task("starting", errored=1), task("running", errored=1), task("stopped", "FULL_LOAD_ONLY_FINISHED")]),
        ("TaskStopped", [task("stopping"), task("stopped", "NORMAL")]),
        ("TaskStopped", [task("failed", "FATAL_ERROR")]),
        ("TaskStopped", [task("ready")]),
    ],
)
def test_success(name: str, answers: list[dict[str, Any]]) -> None:
    look(name, "describe_replication_tasks", answers)


@pytest.mark.parametrize(
    ("name", "answer", "said", "remedy"),
    [
        ("TaskStarted", task("failed", "FATAL_ERROR", "Cannot read the binlog"), "FATAL_ERROR; Cannot read the binlog", "CloudWatch"),
        ("TaskStarted", task("stopped", "STOPPED_DUE_TO_LOW_MEMORY"), "STOPPED_DUE_TO_LOW_MEMORY", "instance_class"),
        ("TaskCompleted", task("stopped", "STOPPED_DUE_TO_LOW_DISK"), "STOPPED_DUE_TO_LOW_DISK", "storage_gb"),
        ("TaskCompleted", task("stopped", "NORMAL"), "NORMAL", "Somebody stopped"),
        ("TaskCompleted", task("stopped", "FULL_LOAD_ONLY_FINISHED", errored=2), "2 tables in error", "Mend"),
        ("TaskCompleted", task("deleting"), "deleting", "Mend"),
    ],
)
def test_failure_gives_reason_and_remedy(name: str, answer: dict[str, Any], said: str, remedy: str) -> None:
    with pytest.raises(LandbridgeError) as raised:
        look(name, "describe_replication_tasks", [task("starting"), answer])
    assert said in raised.value.message
    assert remedy in raised.value.remedy
    assert not isinstance(raised.value, Retryable)


def test_taking_too_long_is_no_failure_of_the_task() -> None:
    with pytest.raises(Retryable, match="still running after 3 s"):
        look("TaskCompleted", "describe_replication_tasks", [task("running")] * 3)


def test_a_task_that_vanishes() -> None:
    client = boto3.client("dms", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_replication_tasks", "ResourceNotFoundFault", "Task not found")
        with pytest.raises(NotFound, match="Task not found"):
            waiters.wait(client, "TaskCompleted", REQUEST, what="Task billing", timeout=1, interval=1)


def test_connection_succeeds() -> None:
    look("ConnectionTested", "describe_connections", [connection("testing"), connection("successful")])


def test_connection_fails_with_the_reason() -> None:
    with pytest.raises(LandbridgeError, match="Access denied for user") as raised:
        look("ConnectionTested", "describe_connections", [connection("testing"), connection("failed", "Access denied for user")])
    assert raised.value.place == "billing-source"


def test_connection_takes_too_long() -> None:
    with pytest.raises(Retryable, match="still testing"):
        look("ConnectionTested", "describe_connections", [connection("testing")])
