# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication tasks: their records, and the calls that change them. Which call is legal is in ``task_rules``, the runs in ``task_runs``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lab.dms.api import identifiers, tags
from lab.dms.api.connections import Connections
from lab.dms.api.instances import Instances
from lab.dms.api.listing import LARGEST_STATISTICS_PAGE, page, select
from lab.dms.api.quotas import Quotas
from lab.dms.api.store import Resource, Store
from lab.dms.api.task_rules import (
    DELETABLE,
    IDLE,
    MOVABLE,
    check_positions,
    check_reload,
    check_resume,
    check_start,
    check_versions,
    require,
    start_position,
)
from lab.dms.api.task_runs import KIND, TaskRuns
from lab.dms.faults import invalid_value, not_found, wrong_state
from lab.dms.mappings import read_mappings
from lab.dms.monitoring.event_kinds import TASK
from lab.dms.monitoring.events import Events
from lab.dms.settings import merge_settings
from lab.dms.task.progress import Progress
from lab.dms.task.run import TaskRun

MEMBER = "ReplicationTaskIdentifier"
MAPPINGS = "TableMappings"
SETTINGS = "ReplicationTaskSettings"
MOVED_TO = "TargetReplicationInstanceArn"
CREATED, MODIFIED, DELETED, RELOAD = "DMS-EVENT-0074", "DMS-EVENT-0080", "DMS-EVENT-0073", "DMS-EVENT-0081"
_POSITIONS = ("CdcStartPosition", "CdcStopPosition")


class Tasks:
    def __init__(
        self, store: Store, instances: Instances, connections: Connections, runs: TaskRuns, events: Events, quotas: Quotas, *, delay: float
    ) -> None:
        """``delay``: seconds that creating, modifying, moving and deleting take."""
        self._store = store
        self._instances = instances
        self._connections = connections
        self._runs = runs
        self._events = events
        self._quotas = quotas
        self._delay = delay
        instances.on_reboot.append(runs.interrupt)
        store.on_settled(KIND, self._settled)
        with store.changing():
            for task in store.all(KIND):
                if MOVED_TO in task.shown and task.status != "moving":
                    # The time of the move was over before this process listened.
                    self._arrive(task)

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        check_positions(params["MigrationType"], params)
        read_mappings(params[MAPPINGS])
        settings = merge_settings(params.get(SETTINGS))
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Task")
            self._quotas.check_task(params["ReplicationInstanceArn"])
            self._instances.available(params["ReplicationInstanceArn"])
            for member, kind_of in (("SourceEndpointArn", "SOURCE"), ("TargetEndpointArn", "TARGET")):
                if self._store.get("endpoint", params[member]).shown["EndpointType"] != kind_of:
                    raise invalid_value(f"{member} {params[member]} is no {kind_of.lower()} endpoint.")
            arn = self._store.new_arn(KIND, identifiers.arn_part(params))
            shown = {
                MEMBER: identifier,
                "ReplicationTaskArn": arn,
                "SourceEndpointArn": params["SourceEndpointArn"],
                "TargetEndpointArn": params["TargetEndpointArn"],
                "ReplicationInstanceArn": params["ReplicationInstanceArn"],
                "MigrationType": params["MigrationType"],
                MAPPINGS: params[MAPPINGS],
                SETTINGS: json.dumps(settings),
                "Status": "creating",
                "ReplicationTaskCreationDate": self._store.clock(),
                "TaskData": params.get("TaskData"),
            }
            inner = {"tables": [], "times": {}, "progress": Progress().to_json(), "start": ""}
            task = Resource(KIND, arn, identifier, shown, inner, tags.given(params))
            _keep_positions(task, params)
            self._store.schedule(task, self._delay, "ready")
            self._store.add(task)
        self._tell(task, CREATED, "created")
        return {"ReplicationTask": shown}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._get(params)
            require(task, IDLE, "modified")
            changes = self._changes(task, params)
            check_positions(changes.get("MigrationType", task.shown["MigrationType"]), params)
            if MEMBER in params and identifiers.checked(MEMBER, params[MEMBER]) != task.identifier:
                task.identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Task")
                changes[MEMBER] = task.identifier
            task.shown.update(changes)
            _keep_positions(task, params)
            self._change(task, "modifying", task.status)
        return {"ReplicationTask": self._runs.described(task)}

    def move(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._get(params)
            require(task, MOVABLE, "moved")
            there = self._instances.available(params[MOVED_TO])
            check_versions(task, self._store.get("instance", task.shown["ReplicationInstanceArn"]), there)
            task.shown[MOVED_TO] = there.arn
            before = task.inner["before_move"] if task.status == "failed-move" else task.status
            task.inner["before_move"] = before
            self._change(task, "moving", before)
        return {"ReplicationTask": self._runs.described(task)}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {
            "replication-task-arn": lambda t: t.arn,
            "replication-task-id": lambda t: t.identifier,
            "migration-type": lambda t: t.shown["MigrationType"],
            "replication-instance-arn": lambda t: t.shown["ReplicationInstanceArn"],
        }
        filters = params.get("Filters", [])
        tasks = select(self._store.all(KIND), [f for f in filters if f["Name"] != "endpoint-arn"], values)
        for wanted in (set(f["Values"]) for f in filters if f["Name"] == "endpoint-arn"):
            tasks = [t for t in tasks if wanted & {t.shown["SourceEndpointArn"], t.shown["TargetEndpointArn"]}]
        if filters and not tasks:
            raise not_found("No Tasks found matching the filters.")
        chosen, marker = page(tasks, params)
        hidden = (SETTINGS, MAPPINGS) if params.get("WithoutSettings") else ()
        described = [{k: v for k, v in self._runs.described(t).items() if k not in hidden} for t in chosen]
        return {"ReplicationTasks": described, "Marker": marker}

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        kind_of = params["StartReplicationTaskType"]
        with self._store.changing():
            task = self._get(params)
            check_positions(task.shown["MigrationType"], params)
            check_start(task, kind_of, positioned=bool(start_position(params) or task.inner["start"]))
            check_resume(kind_of, params)
            self._instances.available(task.shown["ReplicationInstanceArn"])
            for member in ("SourceEndpointArn", "TargetEndpointArn"):
                self._connections.require_success(task.shown[member], task.shown["ReplicationInstanceArn"])
            _keep_positions(task, params)
            self._runs.begin(task, kind_of)
            shown = self._runs.described(task)
        return {"ReplicationTask": shown}

    def stop(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._get(params)
            if task.status != "running":
                raise wrong_state(f"Replication Task {task.identifier} is currently not running.")
            self._runs.stop(task)
            shown = self._runs.described(task)
        return {"ReplicationTask": shown}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._get(params)
            require(task, DELETABLE, "deleted")
            self._runs.forget(task)
            self._change(task, "deleting", "")
        return {"ReplicationTask": self._runs.described(task)}

    def reload_tables(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._get(params)
            tables = check_reload(task, params)
            statistics = self._runs.statistics(task)
            for schema, table in tables:
                if statistics.known(schema, table) is None:
                    raise not_found(f"Table {schema}.{table} is not part of the replication task {task.identifier}.")
            self._runs.reload_tables(task, tables)
        names = ", ".join(f"{schema}.{table}" for schema, table in tables)
        self._events.record(TASK, task, RELOAD, f"Reload of table(s) {names} was requested.")
        return {"ReplicationTaskArn": task.arn}

    def table_statistics(self, params: dict[str, Any]) -> dict[str, Any]:
        task = self._get(params)
        values = {
            "schema-name": lambda t: t["SchemaName"],
            "table-name": lambda t: t["TableName"],
            "table-state": lambda t: t["TableState"],
        }
        tables = select(self._runs.statistics(task).to_api(), params.get("Filters", []), values)
        chosen, marker = page(tables, params, largest=LARGEST_STATISTICS_PAGE)
        return {"ReplicationTaskArn": task.arn, "TableStatistics": chosen, "Marker": marker}

    def running(self) -> list[tuple[Resource, TaskRun]]:
        """The tasks that run now, each with its run."""
        return self._runs.running()

    def _get(self, params: Mapping[str, Any]) -> Resource:
        return self._store.get(KIND, params["ReplicationTaskArn"])

    def _changes(self, task: Resource, params: Mapping[str, Any]) -> dict[str, Any]:
        """The members that a modify call changes, but for the name and the positions. Raises Fault."""
        changes: dict[str, Any] = {}
        if params.get("MigrationType", task.shown["MigrationType"]) != task.shown["MigrationType"]:
            if task.inner["times"]:
                raise invalid_value(f"The migration type of the Replication Task {task.identifier} cannot be changed after its first run.")
            changes["MigrationType"] = params["MigrationType"]
        if MAPPINGS in params:
            read_mappings(params[MAPPINGS])
            changes[MAPPINGS] = params[MAPPINGS]
        if SETTINGS in params:
            changes[SETTINGS] = json.dumps(merge_settings(params[SETTINGS], json.loads(task.shown[SETTINGS])))
        if "TaskData" in params:
            changes["TaskData"] = params["TaskData"]
        return changes

    def _change(self, task: Resource, status: str, then: str) -> None:
        """Let the task be in that state for a while; ``_settled`` hears of the end of it."""
        task.status = status
        self._store.schedule(task, self._delay, then)

    def _settled(self, task: Resource, before: str) -> None:
        """The state ``before``, which lasts a while, is over."""
        if before == "modifying":
            self._tell(task, MODIFIED, "modified")
        elif before == "deleting":
            self._tell(task, DELETED, "deleted")
        elif before == "moving":
            self._arrive(task)

    def _arrive(self, task: Resource) -> None:
        """The move is over: the task is on the other instance, unless that has gone in the meantime."""
        there = next((i for i in self._store.all("instance") if i.arn == task.shown[MOVED_TO]), None)
        del task.shown[MOVED_TO]
        if there is None or there.status != "available":
            task.status = "failed-move"
            task.shown["LastFailureMessage"] = "The target replication instance was not available at the end of the move."
            return
        task.shown["ReplicationInstanceArn"] = there.arn
        self._tell(task, MODIFIED, f"moved to the replication instance {there.identifier}")

    def _tell(self, task: Resource, event_id: str, what: str) -> None:
        self._events.record(TASK, task, event_id, f"Replication task has been {what}: {task.identifier}.")


def _keep_positions(task: Resource, params: Mapping[str, Any]) -> None:
    """What a call says of start and stop stays true for the task's later runs."""
    start = start_position(params)
    if start:
        task.inner["start"] = start
        task.shown.pop("CdcStartPosition", None)
    task.shown.update({member: params[member] for member in _POSITIONS if params.get(member)})
