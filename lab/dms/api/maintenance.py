# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Maintenance that waits for a replication instance: here the newest version of its line of the engine, where it has an older one."""

from __future__ import annotations

from typing import Any

from lab.dms.api import instance_types
from lab.dms.api.instances import KIND, Instances
from lab.dms.api.listing import page, select
from lab.dms.api.store import Resource, Store
from lab.dms.faults import invalid_value, not_found

ACTION = "db-upgrade"
OPT_IN = ("immediate", "next-maintenance", "undo-opt-in")


class Maintenance:
    def __init__(self, store: Store, instances: Instances) -> None:
        self._store = store
        self._instances = instances

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        instances = self._store.all(KIND)
        if "ReplicationInstanceArn" in params:
            instances = [self._store.get(KIND, params["ReplicationInstanceArn"])]
        values = {"replication-instance-arn": lambda i: i.arn, "replication-instance-id": lambda i: i.identifier}
        waiting = [i for i in select(instances, params.get("Filters", []), values) if _newer(i)]
        chosen, marker = page(waiting, params)
        return {"PendingMaintenanceActions": [_described(i) for i in chosen], "Marker": marker}

    def apply(self, params: dict[str, Any]) -> dict[str, Any]:
        opt_in = params["OptInType"]
        if opt_in not in OPT_IN:
            raise invalid_value(f"OptInType {opt_in} is not one of {', '.join(OPT_IN)}.")
        instance = self._instances.available(params["ReplicationInstanceArn"])
        version = _newer(instance)
        if params["ApplyAction"] != ACTION or not version:
            raise not_found(f"No maintenance action {params['ApplyAction']} waits for Replication Instance {instance.identifier}.")
        if opt_in == "undo-opt-in":
            with self._store.changing():
                instance.shown["PendingModifiedValues"].pop("EngineVersion", None)
        else:
            self._instances.change(instance.arn, {"EngineVersion": version}, at_once=opt_in == "immediate")
        return {"ResourcePendingMaintenanceActions": _described(instance)}


def _newer(instance: Resource) -> str:
    """The version that the instance could have and has not, or nothing."""
    version = instance.shown["EngineVersion"]
    newest = instance_types.newest_minor(version)
    return newest if newest != version else ""


def _described(instance: Resource) -> dict[str, Any]:
    chosen = "EngineVersion" in instance.shown["PendingModifiedValues"]
    at_once = instance.status == "upgrading"
    action = {
        "Action": ACTION,
        "Description": f"The engine version {_newer(instance)} is available.",
        "OptInStatus": ("immediate" if at_once else "next-maintenance") if chosen else None,
        # Set only where a time is known: the next window.
        "CurrentApplyDate": instance.due if chosen else None,
    }
    shown = {name: value for name, value in action.items() if value is not None}
    return {"ResourceIdentifier": instance.arn, "PendingMaintenanceActionDetails": [shown]}
