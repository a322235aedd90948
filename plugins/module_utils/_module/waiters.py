# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting as data: acceptor tables in the form and with the machinery of botocore's own waiters.

States and stop reasons: AWS Database Migration Service API Reference, ReplicationTask and Connection. botocore's own
``replication_task_stopped`` cannot tell a finished full load from a task that stopped half-way; these can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..core.errors import LandbridgeError, NotFound, Retryable

try:
    from botocore.exceptions import WaiterError
    from botocore.waiter import WaiterModel, create_waiter_with_client
except ImportError:  # AnsibleAWSModule says what is missing before anything here is called
    pass

_STATUS = "ReplicationTasks[0].Status"
_FINISHED = "ReplicationTasks[0].Status == 'stopped' && contains(ReplicationTasks[0].StopReason || '', 'FULL_LOAD_ONLY_FINISHED')"
# A resumed task shows the tables of its last attempt as in error until it has begun to read them: only an ended one is judged by them.
_TABLES_IN_ERROR = f"{_STATUS} == 'stopped' && (ReplicationTasks[0].ReplicationTaskStats.TablesErrored || `0`) > `0`"
_CONNECTION = "Connections[0].Status"


def _path(state: str, argument: str, expected: Any) -> dict[str, Any]:
    return {"state": state, "matcher": "path", "argument": argument, "expected": expected}


_GONE = {"state": "failure", "matcher": "error", "expected": "ResourceNotFoundFault"}

# The first acceptor that matches decides; no match means: look again.
WAITERS: dict[str, dict[str, Any]] = {
    "TaskStarted": {
        "operation": "DescribeReplicationTasks",
        "acceptors": [
            _path("success", _STATUS, "running"),
            _path("success", _FINISHED, True),
            _path("failure", _STATUS, "failed"),
            _path("failure", _STATUS, "stopped"),
            _GONE,
        ],
    },
    "TaskCompleted": {
        "operation": "DescribeReplicationTasks",
        "acceptors": [
            _path("failure", _TABLES_IN_ERROR, True),
            _path("success", _FINISHED, True),
            _path("failure", _STATUS, "failed"),
            _path("failure", _STATUS, "stopped"),
            _path("failure", _STATUS, "deleting"),
            _GONE,
        ],
    },
    "TaskStopped": {
        "operation": "DescribeReplicationTasks",
        "acceptors": [
            _path("success", _STATUS, "stopped"),
            _path("success", _STATUS, "failed"),
            _path("success", _STATUS, "ready"),
            _path("failure", _STATUS, "deleting"),
            _GONE,
        ],
    },
    "ConnectionTested": {
        "operation": "DescribeConnections",
        "acceptors": [
            _path("success", _CONNECTION, "successful"),
            _path("failure", _CONNECTION, "failed"),
            _path("failure", _CONNECTION, "deleting"),
            _GONE,
        ],
    },
}

REMEDIES = {
    "RECOVERABLE_ERROR": "Look at the task's log group in CloudWatch, mend the cause, then run again: the unfinished tables are read anew.",
    "FATAL_ERROR": "Look at the task's log group in CloudWatch, mend the cause, then run again: the unfinished tables are read anew.",
    "STOPPED_DUE_TO_LOW_MEMORY": "Choose a larger replication.instance_class in the site file, provision, then run again.",
    "STOPPED_DUE_TO_LOW_DISK": "Raise replication.storage_gb in the site file, provision, then run again.",
    "EXPRESS_LICENSE_LIMITS_REACHED": "The licence's limits are reached: choose another replication.instance_class, then run again.",
    "STOPPED_AFTER_DDL_APPLY": "The source's tables were changed while they were read. Start a new run (migration.run in the site file).",
    "NORMAL": "Somebody stopped the task. Run again: it is resumed.",
}
_OTHER_REMEDY = "Mend the cause, then run again: the task is resumed."


def wait(client: Any, name: str, request: dict[str, Any], *, what: str, timeout: int, interval: int) -> None:
    """Look until the acceptors of ``name`` decide.

    ``what`` names the thing in messages. Raises LandbridgeError where a failure acceptor matched, with the service's own reason and
    a remedy; Retryable when ``timeout`` seconds have passed.
    """
    attempts = max(1, math.ceil(timeout / interval))
    model = WaiterModel({"version": 2, "waiters": {n: {"delay": interval, "maxAttempts": attempts, **w} for n, w in WAITERS.items()}})
    try:
        create_waiter_with_client(name, model, client).wait(**request)
    except WaiterError as error:
        raise explain(error.last_response, what=what, timeout=timeout) from error


def explain(response: Mapping[str, Any], *, what: str, timeout: int) -> LandbridgeError:
    """The error behind the last answer of a waiter that did not succeed."""
    if response.get("Error"):
        return NotFound(f"{what} is gone: {response['Error'].get('Message') or response['Error'].get('Code')}", remedy="Provision again.")
    if connections := response.get("Connections"):
        return _connection_error(connections[0], what, timeout)
    task = (response.get("ReplicationTasks") or [{}])[0]
    errored = tables_errored(task)
    if task.get("Status") not in ("failed", "stopped", "deleting"):
        return _too_late(what, str(task.get("Status", "unknown")), timeout)
    reason = stop_reason(task)
    details = [f"{errored} tables in error"] if errored else []
    details += [text for text in (reason, task.get("LastFailureMessage")) if text]
    return LandbridgeError(
        f"{what} is {task.get('Status')}: {'; '.join(details) or 'no reason given'}", remedy=REMEDIES.get(reason, _OTHER_REMEDY)
    )


def stop_reason(task: dict[str, Any]) -> str:
    """The bare word of ``StopReason`` (the service writes ``Stop Reason NORMAL``); empty where the task never stopped."""
    return str(task.get("StopReason") or "").removeprefix("Stop Reason ").strip()


def tables_errored(task: dict[str, Any]) -> int:
    """How many tables failed in the task's last attempt."""
    return int((task.get("ReplicationTaskStats") or {}).get("TablesErrored") or 0)


def _connection_error(connection: dict[str, Any], what: str, timeout: int) -> LandbridgeError:
    if connection.get("Status") not in ("failed", "deleting"):
        return _too_late(what, str(connection.get("Status", "unknown")), timeout)
    return LandbridgeError(
        f"{what} failed: {connection.get('LastFailureMessage') or 'no reason given'}",
        place=str(connection.get("EndpointIdentifier", "")),
        remedy="Check host, port, account, TLS certificate, security groups and routes of this endpoint, then run again.",
    )


def _too_late(what: str, status: str, timeout: int) -> Retryable:
    return Retryable(f"{what} is still {status} after {timeout} s", remedy="It goes on; run again to wait for it.")
