# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication instances: the machine that a task runs on. Here it is this process; the record has the life that AWS gives it."""

from __future__ import annotations

from typing import Any

from lab.dms.api import identifiers, tags
from lab.dms.api.listing import page, select
from lab.dms.api.store import Resource, Store
from lab.dms.api.subnet_groups import SubnetGroups
from lab.dms.aws import Aws
from lab.dms.faults import invalid_value, not_found, wrong_state

KIND = "instance"
MEMBER = "ReplicationInstanceIdentifier"
DEFAULT_ENGINE_VERSION = "3.5.4"
DEFAULT_STORAGE_GB = 50


class Instances:
    def __init__(self, store: Store, aws: Aws, groups: SubnetGroups, *, delay: float) -> None:
        """``delay``: seconds that creating, modifying and deleting take."""
        self._store = store
        self._aws = aws
        self._groups = groups
        self._delay = delay

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_vpc_role(self._store.account)
        if not params["ReplicationInstanceClass"].startswith("dms."):
            raise invalid_value(f"The replication instance class {params['ReplicationInstanceClass']} is not valid.")
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Instance")
            if "ReplicationSubnetGroupIdentifier" not in params:
                raise not_found("No default replication subnet group exists in this account; name one.")
            group = self._groups.get(params["ReplicationSubnetGroupIdentifier"])
            arn = self._store.new_arn(KIND, identifiers.arn_part(params))
            shown = {
                MEMBER: identifier,
                "ReplicationInstanceArn": arn,
                "ReplicationInstanceClass": params["ReplicationInstanceClass"],
                "ReplicationInstanceStatus": "creating",
                "AllocatedStorage": params.get("AllocatedStorage", DEFAULT_STORAGE_GB),
                "InstanceCreateTime": self._store.clock(),
                "VpcSecurityGroups": _security_groups(params),
                "AvailabilityZone": params.get("AvailabilityZone", group.shown["Subnets"][0]["SubnetAvailabilityZone"]["Name"]),
                "PreferredMaintenanceWindow": params.get("PreferredMaintenanceWindow", "sun:01:00-sun:01:30"),
                "PendingModifiedValues": {},
                "MultiAZ": params.get("MultiAZ", False),
                "EngineVersion": params.get("EngineVersion", DEFAULT_ENGINE_VERSION),
                "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
                "KmsKeyId": params.get("KmsKeyId"),
                "PubliclyAccessible": params.get("PubliclyAccessible", True),
                "ReplicationInstancePrivateIpAddress": "127.0.0.1",
                "ReplicationInstancePrivateIpAddresses": ["127.0.0.1"],
                "DnsNameServers": params.get("DnsNameServers"),
                "NetworkType": params.get("NetworkType", "IPV4"),
            }
            instance = Resource(KIND, arn, identifier, shown, {"subnet_group": group.identifier}, tags.given(params))
            self._store.schedule(instance, self._delay, "available")
            self._store.add(instance)
        return {"ReplicationInstance": self._described(instance)}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            instance = self.available(params["ReplicationInstanceArn"])
            if MEMBER in params and identifiers.checked(MEMBER, params[MEMBER]) != instance.identifier:
                instance.identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Instance")
                instance.shown[MEMBER] = instance.identifier
            changed = {k: v for k, v in params.items() if k in instance.shown and k not in (MEMBER, "ReplicationInstanceArn")}
            instance.shown.update(changed)
            if "VpcSecurityGroupIds" in params:
                instance.shown["VpcSecurityGroups"] = _security_groups(params)
            if changed:
                instance.status = "modifying"
                self._store.schedule(instance, self._delay, "available")
        return {"ReplicationInstance": self._described(instance)}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {
            "replication-instance-arn": lambda i: i.arn,
            "replication-instance-id": lambda i: i.identifier,
            "replication-instance-class": lambda i: i.shown["ReplicationInstanceClass"],
            "engine-version": lambda i: i.shown["EngineVersion"],
        }
        instances = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not instances:
            raise not_found("No Replication Instances found matching the filters.")
        chosen, marker = page(instances, params)
        return {"ReplicationInstances": [self._described(i) for i in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            instance = self._store.get(KIND, params["ReplicationInstanceArn"])
            if instance.status == "deleting":
                raise wrong_state(f"Replication Instance {instance.identifier} is already being deleted.")
            tasks = [t.identifier for t in self._store.all("task") if t.shown["ReplicationInstanceArn"] == instance.arn]
            if tasks:
                raise wrong_state(f"Replication Instance {instance.identifier} has replication tasks: {', '.join(tasks)}.")
            for connection in [c for c in self._store.all("connection") if c.shown["ReplicationInstanceArn"] == instance.arn]:
                self._store.remove(connection)
            instance.status = "deleting"
            self._store.schedule(instance, self._delay, "")
        return {"ReplicationInstance": self._described(instance)}

    def available(self, arn: str) -> Resource:
        """The instance, ready to work. Raises Fault."""
        instance = self._store.get(KIND, arn)
        if instance.status != "available":
            raise wrong_state(f"Replication Instance {instance.identifier} is {instance.status}, not available.")
        return instance

    def _described(self, instance: Resource) -> dict[str, Any]:
        group = self._store.named("subnet_group", instance.inner["subnet_group"])
        return instance.shown | {"ReplicationSubnetGroup": group.shown if group else None}


def _security_groups(params: dict[str, Any]) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": i, "Status": "active"} for i in params.get("VpcSecurityGroupIds", [])]
