# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication tasks: their states, and which call is legal in which of them.

States and transitions: ``ReplicationTask.Status`` of the API reference; monitoring chapter of the user guide.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from lab.dms.api import identifiers, tags
from lab.dms.api.connections import Connections
from lab.dms.api.endpoints import Endpoints
from lab.dms.api.instances import Instances
from lab.dms.api.listing import LARGEST_STATISTICS_PAGE, page, select
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import invalid_value, not_built, not_found, wrong_state
from lab.dms.full_load.run import FullLoad, Outcome
from lab.dms.mappings import read_mappings
from lab.dms.settings import LoadSettings, merge_settings
from lab.dms.statistics import COMPLETED, Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

KIND = "task"
MEMBER = "ReplicationTaskIdentifier"
MAPPINGS = "TableMappings"
SETTINGS = "ReplicationTaskSettings"
IDLE = ("ready", "stopped", "failed")
BUSY = ("starting", "running", "stopping")
RESTART = "The replication service was restarted while the task was running."
_CDC_MEMBERS = ("CdcStartTime", "CdcStartPosition", "CdcStopPosition")

_log = logging.getLogger(__name__)


class Tasks:
    def __init__(
        self, store: Store, aws: Aws, instances: Instances, endpoints: Endpoints, connections: Connections, *, delay: float
    ) -> None:
        """``delay``: seconds that creating, modifying and deleting take."""
        self._store = store
        self._aws = aws
        self._instances = instances
        self._endpoints = endpoints
        self._connections = connections
        self._delay = delay
        self._runs: dict[str, FullLoad] = {}
        with store.changing():
            for task in store.all(KIND):
                if task.status in BUSY:
                    self._conclude(task, Outcome.failed(RESTART, recoverable=True))

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        _refuse_changes(params["MigrationType"], params)
        read_mappings(params[MAPPINGS])
        settings = merge_settings(params.get(SETTINGS))
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Task")
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
            task = Resource(KIND, arn, identifier, shown, {"tables": [], "times": {}}, tags.given(params))
            self._store.schedule(task, self._delay, "ready")
            self._store.add(task)
        return {"ReplicationTask": shown}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._store.get(KIND, params["ReplicationTaskArn"])
            if task.status not in IDLE:
                raise wrong_state(f"Replication Task {task.identifier} cannot be modified while it is {task.status}.")
            _refuse_changes(params.get("MigrationType", "full-load"), params)
            changes = {}
            if MAPPINGS in params:
                read_mappings(params[MAPPINGS])
                changes[MAPPINGS] = params[MAPPINGS]
            if SETTINGS in params:
                changes[SETTINGS] = json.dumps(merge_settings(params[SETTINGS], json.loads(task.shown[SETTINGS])))
            if MEMBER in params and identifiers.checked(MEMBER, params[MEMBER]) != task.identifier:
                task.identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Task")
                changes[MEMBER] = task.identifier
            if "TaskData" in params:
                changes["TaskData"] = params["TaskData"]
            task.shown.update(changes)
            self._store.schedule(task, self._delay, task.status)
            task.status = "modifying"
        return {"ReplicationTask": task.shown}

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
        described = [{k: v for k, v in self._described(t).items() if k not in hidden} for t in chosen]
        return {"ReplicationTasks": described, "Marker": marker}

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        kind_of = params["StartReplicationTaskType"]
        with self._store.changing():
            task = self._store.get(KIND, params["ReplicationTaskArn"])
            _refuse_changes(task.shown["MigrationType"], params)
            _check_start(task, kind_of)
            self._instances.available(task.shown["ReplicationInstanceArn"])
            for member in ("SourceEndpointArn", "TargetEndpointArn"):
                self._connections.require_success(task.shown[member], task.shown["ReplicationInstanceArn"])
            run = self._new_run(task, kind_of)
            self._runs[task.arn] = run
            for stale in ("StopReason", "LastFailureMessage"):
                task.shown.pop(stale, None)
            now = self._store.clock()
            first = task.inner["times"].get("FreshStartDate") if kind_of == "resume-processing" else None
            task.inner["times"] = {"FreshStartDate": first or now, "StartDate": now}
            task.shown["ReplicationTaskStartDate"] = now
            task.status = "starting"
            shown = self._described(task)
        threading.Thread(target=self._run, args=(task, run), name=f"task-{task.identifier}", daemon=True).start()
        return {"ReplicationTask": shown}

    def stop(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._store.get(KIND, params["ReplicationTaskArn"])
            if task.status != "running":
                raise wrong_state(f"Replication Task {task.identifier} is currently not running.")
            task.status = "stopping"
            self._runs[task.arn].stop()
            shown = self._described(task)
        return {"ReplicationTask": shown}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            task = self._store.get(KIND, params["ReplicationTaskArn"])
            if task.status not in IDLE:
                raise wrong_state(f"Replication Task {task.identifier} is {task.status} and cannot be deleted.")
            task.status = "deleting"
            self._store.schedule(task, self._delay, "")
            self._runs.pop(task.arn, None)
        return {"ReplicationTask": self._described(task)}

    def table_statistics(self, params: dict[str, Any]) -> dict[str, Any]:
        task = self._store.get(KIND, params["ReplicationTaskArn"])
        values = {
            "schema-name": lambda t: t["SchemaName"],
            "table-name": lambda t: t["TableName"],
            "table-state": lambda t: t["TableState"],
        }
        chosen, marker = page(
            select(self._statistics(task).to_api(), params.get("Filters", []), values), params, largest=LARGEST_STATISTICS_PAGE
        )
        return {"ReplicationTaskArn": task.arn, "TableStatistics": chosen, "Marker": marker}

    def _statistics(self, task: Resource) -> Statistics:
        run = self._runs.get(task.arn)
        return run.statistics if run else Statistics.from_json(task.inner["tables"])

    def _described(self, task: Resource) -> dict[str, Any]:
        times = task.inner["times"]
        if not times:
            return dict(task.shown)
        run = self._runs.get(task.arn)
        load = {"FullLoadStartDate": run.load_started, "FullLoadFinishDate": None if task.status in BUSY else run.load_ended} if run else {}
        until = times.get("StopDate") or self._store.clock()
        stats = {**times, **load, **self._statistics(task).summary(), "ElapsedTimeMillis": int((until - times["StartDate"]) * 1000)}
        return task.shown | {"ReplicationTaskStats": stats}

    def _new_run(self, task: Resource, kind_of: str) -> FullLoad:
        source = self._store.get("endpoint", task.shown["SourceEndpointArn"])
        target = self._store.get("endpoint", task.shown["TargetEndpointArn"])
        before = self._statistics(task)
        resumed = kind_of == "resume-processing"
        return FullLoad(
            address=lambda: self._endpoints.address(source),
            target=S3Target(self._aws.s3, S3Settings.read(target.shown["S3Settings"])),
            mappings=read_mappings(task.shown[MAPPINGS]),
            settings=LoadSettings.read(json.loads(task.shown[SETTINGS])),
            statistics=before if resumed else Statistics(),
            completed=frozenset((t.schema, t.table) for t in before.in_state(COMPLETED)) if resumed else frozenset(),
            reload=kind_of == "reload-target",
        )

    def _run(self, task: Resource, run: FullLoad) -> None:
        try:
            outcome = run.run(lambda: self._running(task))
        except Exception:
            _log.exception("task %s", task.identifier)
            outcome = Outcome.failed("The replication engine itself failed; see its log.")
        with self._store.changing():
            self._conclude(task, outcome)
        _log.info("task %s: %s, %s %s", task.identifier, outcome.status, outcome.stop_reason, outcome.failure)

    def _running(self, task: Resource) -> None:
        with self._store.changing():
            task.status = "running"

    def _conclude(self, task: Resource, outcome: Outcome) -> None:
        run = self._runs.get(task.arn)
        if run is not None:
            task.inner["tables"] = run.statistics.to_json()
            task.inner["times"] |= {"FullLoadStartDate": run.load_started, "FullLoadFinishDate": run.load_ended}
        task.inner["times"]["StopDate"] = self._store.clock()
        task.shown["StopReason"] = outcome.stop_reason
        if outcome.failure:
            task.shown["LastFailureMessage"] = outcome.failure
        task.status = outcome.status


def _check_start(task: Resource, kind_of: str) -> None:
    if task.status not in IDLE:
        raise wrong_state(f"Replication Task {task.identifier} cannot be started, it is {task.status}.")
    ran_before = bool(task.inner["times"])
    if kind_of == "start-replication" and ran_before:
        raise wrong_state("Start Type : START_REPLICATION, valid only for tasks running for the first time")
    if kind_of != "start-replication" and not ran_before:
        raise wrong_state(f"Start Type : {kind_of.upper().replace('-', '_')}, valid only for tasks that ran before")


def _refuse_changes(migration_type: str, params: dict[str, Any]) -> None:
    """This engine copies tables; it does not follow changes. Raises Fault."""
    if migration_type != "full-load":
        raise not_built(f"the migration type {migration_type}; it knows full-load")
    given = [member for member in _CDC_MEMBERS if member in params]
    if given:
        raise invalid_value(f"{given[0]} is not valid for a task of the migration type full-load.")
