# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run state of a DMS replication task: what to do to reach the asked state, and how to do it.

Legal calls per state: AWS DMS API Reference, StartReplicationTask (``start-replication`` is for a task that never ran,
``resume-processing`` and ``reload-target`` for one that did) and StopReplicationTask (only a running task).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.errors import Conflict, NotFound
from ..core.ports import ReplicationTasks
from .waiters import stop_reason, tables_errored, wait

_RUNNING = ("starting", "running")
_WAITERS = {"started": "TaskStarted", "reloaded": "TaskStarted", "completed": "TaskCompleted", "stopped": "TaskStopped"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: ``action`` is ``none``, ``start-replication``, ``resume-processing``, ``reload-target`` or ``stop``.

    ``status`` is the task's status once it is done.
    """

    action: str
    status: str

    @property
    def changes(self) -> bool:
        return self.action != "none"


def plan(task: dict[str, Any], state: str) -> Plan:
    """The way from the task as it is to ``state`` (started, completed, stopped, reloaded). Raises Conflict where there is none now."""
    status = task["Status"]
    if state == "stopped":
        return Plan("stop", "stopped") if status in _RUNNING else Plan("none", status)
    if status in _RUNNING and state != "reloaded":
        return Plan("none", status)
    if status == "ready":
        return Plan("start-replication", "starting")
    if status in ("stopped", "failed"):
        if state == "reloaded":
            return Plan("reload-target", "starting")
        return Plan("none", status) if finished(task) else Plan("resume-processing", "starting")
    raise Conflict(
        f"the replication task cannot be {state} while it is {status}",
        place=task["ReplicationTaskIdentifier"],
        remedy="Stop it first." if status in _RUNNING else "Wait until DMS has finished what it is doing, then run again.",
    )


def finished(task: dict[str, Any]) -> bool:
    """Whether the task has loaded all tables and ended by itself."""
    return task["Status"] == "stopped" and stop_reason(task) == "FULL_LOAD_ONLY_FINISHED" and not tables_errored(task)


def existing_task(tasks: ReplicationTasks, identifier: str) -> dict[str, Any]:
    """The task. Raises NotFound where there is none."""
    task = tasks.task(identifier)
    if task is None:
        raise NotFound("there is no such replication task", place=identifier, remedy="Run the stage provision first.")
    return task


def carry_out(client: Any, task: dict[str, Any], action: str) -> None:
    """Do what a plan says. ``action`` is not ``none``."""
    arn = task["ReplicationTaskArn"]
    if action == "stop":
        client.stop_replication_task(ReplicationTaskArn=arn)
    else:
        client.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType=action)


def wait_for(client: Any, task: dict[str, Any], state: str, *, timeout: int, interval: int) -> None:
    """Return when the task is in ``state``. Raises LandbridgeError with the service's reason, or Retryable when it takes too long."""
    request = {"Filters": [{"Name": "replication-task-arn", "Values": [task["ReplicationTaskArn"]]}], "WithoutSettings": True}
    what = f"Replication task {task['ReplicationTaskIdentifier']}"
    wait(client, _WAITERS[state], request, what=what, timeout=timeout, interval=interval)


def test_connections(client: Any, task: dict[str, Any], *, timeout: int, interval: int) -> None:
    """Let the replication instance connect to both endpoints. Raises LandbridgeError with the reason where it cannot."""
    instance = task["ReplicationInstanceArn"]
    for side, arn in (("source", task["SourceEndpointArn"]), ("target", task["TargetEndpointArn"])):
        client.test_connection(ReplicationInstanceArn=instance, EndpointArn=arn)
        filters = [{"Name": "endpoint-arn", "Values": [arn]}, {"Name": "replication-instance-arn", "Values": [instance]}]
        what = f"The connection test of the {side} endpoint"
        wait(client, "ConnectionTested", {"Filters": filters}, what=what, timeout=timeout, interval=interval)


def run_state(task: dict[str, Any]) -> dict[str, Any]:
    """What the modules return of a task, in their own words."""
    statistics = task.get("ReplicationTaskStats") or {}
    return {
        "identifier": task["ReplicationTaskIdentifier"],
        "arn": task["ReplicationTaskArn"],
        "migration_type": task.get("MigrationType", ""),
        "status": task["Status"],
        "stop_reason": stop_reason(task),
        "last_failure_message": task.get("LastFailureMessage") or "",
        "finished": finished(task),
        "progress_percent": statistics.get("FullLoadProgressPercent", 0),
        "tables_loaded": statistics.get("TablesLoaded", 0),
        "tables_loading": statistics.get("TablesLoading", 0),
        "tables_queued": statistics.get("TablesQueued", 0),
        "tables_errored": tables_errored(task),
    }


def table_state(entry: dict[str, Any]) -> dict[str, Any]:
    """What the modules return of one table's statistics."""
    return {
        "schema": entry["SchemaName"],
        "table": entry["TableName"],
        "state": entry.get("TableState", ""),
        "full_load_rows": entry.get("FullLoadRows", 0),
        "inserts": entry.get("Inserts", 0),
        "updates": entry.get("Updates", 0),
        "deletes": entry.get("Deletes", 0),
        "ddls": entry.get("Ddls", 0),
    }
