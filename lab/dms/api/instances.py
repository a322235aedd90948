# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication instances: the machine that a task runs on. Here it is this process; the record has the life that AWS gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.dms.api import identifiers, instance_types, tags
from lab.dms.api.instance_changes import InstanceChanges, maintenance_window, pending_values
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import Quotas
from lab.dms.api.store import Resource, Store
from lab.dms.api.subnet_groups import SubnetGroups, zones_of
from lab.dms.aws import Aws
from lab.dms.faults import invalid_combination, invalid_value, not_built, not_found, wrong_state
from lab.dms.monitoring.event_kinds import INSTANCE
from lab.dms.monitoring.events import Events

KIND = "instance"
MEMBER = "ReplicationInstanceIdentifier"
# AWS reaches them through the VPC; this process has no network of its own.
_UNSUPPORTED = ("KerberosAuthenticationSettings", "DnsNameServers")


class Instances:
    """``on_reboot``: called, without the lock, with an instance that goes down; its running tasks are interrupted."""

    def __init__(self, store: Store, aws: Aws, groups: SubnetGroups, events: Events, quotas: Quotas, *, delay: float) -> None:
        """``delay``: seconds that creating, modifying, rebooting and deleting take."""
        self._store = store
        self._aws = aws
        self._groups = groups
        self._events = events
        self._quotas = quotas
        self._delay = delay
        self._changes = InstanceChanges(store, events, delay=delay)
        self.on_reboot: list[Callable[[Resource], None]] = []
        store.on_settled(KIND, self._settled)

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_vpc_role(self._store.account)
        _check(params)
        if "KmsKeyId" in params:
            self._aws.check_key(params["KmsKeyId"])
        version = params.get("EngineVersion", instance_types.DEFAULT_VERSION)
        instance_types.check_version(version)
        storage = params.get("AllocatedStorage", instance_types.default_storage(params["ReplicationInstanceClass"]))
        instance_types.check_storage(storage)
        multi = params.get("MultiAZ", False)
        if multi and "AvailabilityZone" in params:
            raise invalid_combination("AvailabilityZone cannot be given where MultiAZ is true.")
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Instance")
            self._quotas.check("ReplicationInstances")
            self._quotas.check_storage(storage)
            if "ReplicationSubnetGroupIdentifier" not in params:
                raise not_found("No default replication subnet group exists in this account; name one.")
            group = self._groups.get(params["ReplicationSubnetGroupIdentifier"])
            zones = zones_of(group)
            zone = params.get("AvailabilityZone", zones[0])
            if zone not in zones:
                raise invalid_value(f"The replication subnet group {group.identifier} does not cover the availability zone {zone}.")
            arn = self._store.new_arn(KIND, identifiers.arn_part(params))
            shown = {
                MEMBER: identifier,
                "ReplicationInstanceArn": arn,
                "ReplicationInstanceClass": params["ReplicationInstanceClass"],
                "ReplicationInstanceStatus": "creating",
                "AllocatedStorage": storage,
                "InstanceCreateTime": self._store.clock(),
                "VpcSecurityGroups": _security_groups(params),
                "AvailabilityZone": zone,
                "SecondaryAvailabilityZone": _other(zone, zones) if multi else None,
                "PreferredMaintenanceWindow": params.get("PreferredMaintenanceWindow", "sun:01:00-sun:01:30"),
                "PendingModifiedValues": {},
                "MultiAZ": multi,
                "EngineVersion": version,
                "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
                "KmsKeyId": params.get("KmsKeyId"),
                "PubliclyAccessible": params.get("PubliclyAccessible", True),
                "ReplicationInstancePrivateIpAddress": "127.0.0.1",
                "ReplicationInstancePrivateIpAddresses": ["127.0.0.1"],
                "NetworkType": "IPV4",
            }
            instance = Resource(KIND, arn, identifier, shown, {"subnet_group": group.identifier}, tags.given(params))
            self._store.schedule(instance, self._delay, "available")
            self._store.add(instance)
            self._events.record(INSTANCE, instance, "DMS-EVENT-0067", "The replication instance is being created.")
        return {"ReplicationInstance": self._described(instance)}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        _check(params)
        at_once = params.get("ApplyImmediately", False)
        with self._store.changing():
            instance = self.available(params["ReplicationInstanceArn"])
            later = pending_values(instance, params)
            self._quotas.check_storage(later.get("AllocatedStorage", 0) - instance.shown["AllocatedStorage"])
            if MEMBER in params and identifiers.checked(MEMBER, params[MEMBER]) != instance.identifier:
                instance.identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Instance")
                instance.shown[MEMBER] = instance.identifier
            for member in ("PreferredMaintenanceWindow", "AutoMinorVersionUpgrade"):
                if member in params:
                    instance.shown[member] = params[member]
            if "VpcSecurityGroupIds" in params:
                instance.shown["VpcSecurityGroups"] = _security_groups(params)
            interrupted = self._changes.plan(instance, later, at_once=at_once)
            described = self._described(instance)
        if interrupted:
            self._interrupt(instance)
        return {"ReplicationInstance": described}

    def change(self, arn: str, changes: dict[str, Any], *, at_once: bool) -> None:
        """Change an available instance, in the members that ``instance_changes`` knows. Raises Fault."""
        with self._store.changing():
            instance = self.available(arn)
            interrupted = self._changes.plan(instance, changes, at_once=at_once)
        if interrupted:
            self._interrupt(instance)

    def reboot(self, params: dict[str, Any]) -> dict[str, Any]:
        forced, planned = params.get("ForceFailover", False), params.get("ForcePlannedFailover", False)
        if forced and planned:
            raise invalid_combination("ForceFailover and ForcePlannedFailover cannot both be true.")
        with self._store.changing():
            instance = self.available(params["ReplicationInstanceArn"])
            if (forced or planned) and not instance.shown["MultiAZ"]:
                raise invalid_combination(
                    f"Replication Instance {instance.identifier} is not configured for Multi-AZ and cannot fail over."
                )
            self._go_down(instance, failover=forced or planned)
            described = self._described(instance)
        self._interrupt(instance)
        return {"ReplicationInstance": described}

    def fail_over(self, arn: str) -> bool:
        """The machine is lost: a Multi-AZ instance fails over, another one is replaced. False, and nothing, unless it is available."""
        with self._store.changing():
            instance = self._store.get(KIND, arn)
            if instance.status != "available":
                return False
            self._go_down(instance, failover=instance.shown["MultiAZ"])
        self._interrupt(instance)
        return True

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
            self._events.record(INSTANCE, instance, "DMS-EVENT-0066", "The replication instance is being deleted.")
        return {"ReplicationInstance": self._described(instance)}

    def orderable(self, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeOrderableReplicationInstances."""
        return instance_types.orderable(self._aws.zones(), params)

    def available(self, arn: str) -> Resource:
        """The instance, ready to work. Raises Fault."""
        instance = self._store.get(KIND, arn)
        if instance.status != "available":
            raise wrong_state(f"Replication Instance {instance.identifier} is {instance.status}, not available.")
        return instance

    def _go_down(self, instance: Resource, *, failover: bool) -> None:
        instance.inner["failover"] = failover
        if failover:
            self._events.record(INSTANCE, instance, "DMS-EVENT-0013", "A Multi-AZ failover of the replication instance has started.")
        instance.status = "rebooting"
        self._store.schedule(instance, self._delay, "available")

    def _interrupt(self, instance: Resource) -> None:
        for listener in self.on_reboot:
            listener(instance)

    def _settled(self, instance: Resource, before: str) -> None:
        if not instance.next_status:
            self._events.record(INSTANCE, instance, "DMS-EVENT-0003", "The replication instance is deleted.")
            return
        if before == "creating":
            self._events.record(INSTANCE, instance, "DMS-EVENT-0005", "The replication instance is created.")
        elif before == "rebooting" and instance.inner.pop("failover", False):
            shown = instance.shown
            shown["AvailabilityZone"], shown["SecondaryAvailabilityZone"] = shown["SecondaryAvailabilityZone"], shown["AvailabilityZone"]
            self._events.record(INSTANCE, instance, "DMS-EVENT-0049", "The Multi-AZ failover of the replication instance is complete.")
        elif before in ("modifying", "upgrading"):
            self._changes.apply(instance)
        if self._changes.begin_in_window(instance, before):
            self._interrupt(instance)

    def _described(self, instance: Resource) -> dict[str, Any]:
        group = self._store.named("subnet_group", instance.inner["subnet_group"])
        return instance.shown | {"ReplicationSubnetGroup": group.shown if group else None}


def _check(params: dict[str, Any]) -> None:
    """What creating and modifying refuse alike. Raises Fault."""
    for member in _UNSUPPORTED:
        if params.get(member):
            raise not_built(member)
    if params.get("NetworkType", "IPV4").upper() != "IPV4":
        raise not_built(f"the network type {params['NetworkType']}")
    if "ReplicationInstanceClass" in params:
        instance_types.check_class(params["ReplicationInstanceClass"])
    if "PreferredMaintenanceWindow" in params:
        maintenance_window(params["PreferredMaintenanceWindow"])


def _other(zone: str, zones: list[str]) -> str:
    return next(z for z in zones if z != zone)


def _security_groups(params: dict[str, Any]) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": i, "Status": "active"} for i in params.get("VpcSecurityGroupIds", [])]
