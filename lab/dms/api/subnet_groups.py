# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication subnet groups: where in the VPC a replication instance may stand."""

from __future__ import annotations

from typing import Any

from lab.dms.api import identifiers, tags
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import SUBNETS_PER_GROUP, Quotas, exceeded
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import Fault, invalid_value, not_found, wrong_state

MEMBER = "ReplicationSubnetGroupIdentifier"
KIND = "subnet_group"


class SubnetGroups:
    def __init__(self, store: Store, aws: Aws, quotas: Quotas) -> None:
        self._store = store
        self._aws = aws
        self._quotas = quotas

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_vpc_role(self._store.account)
        place = self._place(params["SubnetIds"])
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Replication Subnet Group")
            if identifier == "default":
                raise invalid_value(f"The parameter {MEMBER} must not be 'default'.")
            self._quotas.check("ReplicationSubnetGroups")
            shown = {
                MEMBER: identifier,
                "ReplicationSubnetGroupDescription": params["ReplicationSubnetGroupDescription"],
                "SubnetGroupStatus": "Complete",
                "SupportedNetworkTypes": ["IPV4"],
                **place,
            }
            group = Resource(KIND, self._store.new_arn(KIND, identifier), identifier, shown, tags=tags.given(params))
            self._store.add(group)
        return {"ReplicationSubnetGroup": group.shown}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_vpc_role(self._store.account)
        place = self._place(params["SubnetIds"])
        with self._store.changing():
            group = self.get(params[MEMBER])
            self._refuse_while_used(group, place)
            group.shown.update(place)
            if "ReplicationSubnetGroupDescription" in params:
                group.shown["ReplicationSubnetGroupDescription"] = params["ReplicationSubnetGroupDescription"]
        return {"ReplicationSubnetGroup": group.shown}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {"replication-subnet-group-id": lambda g: g.identifier}
        groups = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not groups:
            raise not_found("No Replication Subnet Groups found matching the filters.")
        chosen, marker = page(groups, params)
        return {"ReplicationSubnetGroups": [g.shown for g in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            group = self.get(params[MEMBER])
            users = [i.identifier for i in self._store.all("instance") if i.inner["subnet_group"] == group.identifier]
            if users:
                raise wrong_state(f"Replication Subnet Group {group.identifier} is in use by {', '.join(users)}.")
            self._store.remove(group)
        return {}

    def get(self, identifier: str) -> Resource:
        """Raises Fault where there is none."""
        group = self._store.named(KIND, identifier.lower())
        if group is None:
            raise not_found(f"Replication Subnet Group {identifier} not found.")
        return group

    def _refuse_while_used(self, group: Resource, place: dict[str, Any]) -> None:
        """An instance must keep a subnet in each zone that it stands in. Raises Fault."""
        left = {subnet["SubnetAvailabilityZone"]["Name"] for subnet in place["Subnets"]}
        for instance in (i for i in self._store.all("instance") if i.inner["subnet_group"] == group.identifier):
            zones = {instance.shown["AvailabilityZone"], instance.shown.get("SecondaryAvailabilityZone")} - {None}
            if not zones <= left:
                raise Fault("SubnetAlreadyInUse", f"Replication Instance {instance.identifier} uses a subnet in {', '.join(zones - left)}.")

    def _place(self, subnet_ids: list[str]) -> dict[str, Any]:
        if len(subnet_ids) > SUBNETS_PER_GROUP:
            raise exceeded("SubnetsPerReplicationSubnetGroup", SUBNETS_PER_GROUP)
        subnets = self._aws.subnets(subnet_ids)
        missing = sorted(set(subnet_ids) - {s["SubnetId"] for s in subnets})
        if missing:
            raise Fault("InvalidSubnet", f"Subnets {', '.join(missing)} do not exist.")
        if len({s["VpcId"] for s in subnets}) > 1:
            raise Fault("InvalidSubnet", "The subnets belong to more than one VPC.")
        zones = {s["AvailabilityZone"] for s in subnets}
        if len(zones) < 2:
            raise Fault(
                "ReplicationSubnetGroupDoesNotCoverEnoughAZs",
                f"The replication subnet group covers {len(zones)} Availability Zone(s); at least two are needed.",
            )
        shown = [
            {"SubnetIdentifier": s["SubnetId"], "SubnetAvailabilityZone": {"Name": s["AvailabilityZone"]}, "SubnetStatus": "Active"}
            for s in subnets
        ]
        return {"VpcId": subnets[0]["VpcId"], "Subnets": shown}


def zones_of(group: Resource) -> list[str]:
    """The availability zones of its subnets, in their order."""
    return list(dict.fromkeys(subnet["SubnetAvailabilityZone"]["Name"] for subnet in group.shown["Subnets"]))
