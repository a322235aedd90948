# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Replication instances: what can be ordered, changed and rebooted, and what they tell of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.dms.api.instance_changes import maintenance_window, next_window

from ..conftest import Bench


def shown(bench: Bench) -> dict[str, Any]:
    return dict(bench.call("DescribeReplicationInstances")["ReplicationInstances"][0])


def told(bench: Bench) -> list[str]:
    """The ids of all events so far."""
    return [event.id.removeprefix("DMS-EVENT-") for event in bench.service.events.all()]


def test_an_instance_lives_and_dies(bench: Bench) -> None:
    bench.group()
    arn = bench.instance()
    assert shown(bench)["ReplicationInstanceStatus"] == "available"
    in_use = bench.refusal("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")
    assert in_use.code == "InvalidResourceStateFault"
    bench.call("DeleteReplicationInstance", ReplicationInstanceArn=arn)
    assert shown(bench)["ReplicationInstanceStatus"] == "deleting"
    bench.now += 10
    assert bench.call("DescribeReplicationInstances") == {"ReplicationInstances": []}
    filters = [{"Name": "replication-instance-arn", "Values": [arn]}]
    assert bench.refusal("DescribeReplicationInstances", Filters=filters).code == "ResourceNotFoundFault"
    assert told(bench) == ["0067", "0005", "0066", "0003"]


def test_a_change_at_once(bench: Bench) -> None:
    bench.group()
    arn = bench.instance()
    changes = {"AllocatedStorage": 99, "ReplicationInstanceClass": "dms.c5.large", "MultiAZ": True}
    down: list[str] = []
    bench.service.instances.on_reboot.append(lambda instance: down.append(instance.identifier))
    answer = bench.call("ModifyReplicationInstance", ReplicationInstanceArn=arn, ApplyImmediately=True, **changes)["ReplicationInstance"]
    assert (answer["ReplicationInstanceStatus"], answer["AllocatedStorage"], answer["PendingModifiedValues"]) == ("modifying", 50, changes)
    assert down == ["machine"]
    assert bench.refusal("ModifyReplicationInstance", ReplicationInstanceArn=arn, AllocatedStorage=100).code == "InvalidResourceStateFault"
    bench.now += 10
    after = shown(bench)
    assert {member: after[member] for member in changes} == changes
    assert (after["ReplicationInstanceStatus"], after["PendingModifiedValues"]) == ("available", {})
    assert (after["AvailabilityZone"], after["SecondaryAvailabilityZone"]) == ("eu-west-1a", "eu-west-1b")
    assert sorted(told(bench)[2:]) == ["0012", "0014", "0017", "0018", "0024", "0025"]


def test_a_change_waits_for_its_window(bench: Bench) -> None:
    bench.group()
    # 1970-01-12, a Monday, 13:46.
    assert datetime.fromtimestamp(bench.now, UTC).weekday() == 0
    arn = bench.instance(PreferredMaintenanceWindow="mon:15:00-mon:15:30")
    bench.call("ModifyReplicationInstance", ReplicationInstanceArn=arn, AllocatedStorage=99)
    before = shown(bench)
    assert (before["ReplicationInstanceStatus"], before["AllocatedStorage"]) == ("available", 50)
    assert before["PendingModifiedValues"] == {"AllocatedStorage": 99}
    bench.call("RebootReplicationInstance", ReplicationInstanceArn=arn)
    bench.now += 10
    assert shown(bench)["PendingModifiedValues"] == {"AllocatedStorage": 99}
    bench.now = datetime(1970, 1, 12, 15, 0, 1, tzinfo=UTC).timestamp()
    assert shown(bench)["ReplicationInstanceStatus"] == "modifying"
    bench.now += 10
    assert shown(bench)["AllocatedStorage"] == 99


def test_windows() -> None:
    assert maintenance_window("sun:23:45-mon:00:15") == (timedelta(days=6, hours=23, minutes=45), timedelta(minutes=30))
    wednesday = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert next_window("sun:23:45-mon:00:15", wednesday) == datetime(2026, 11, 29, 23, 45, tzinfo=UTC)
    within = datetime(2026, 11, 30, 0, 10, tzinfo=UTC)
    assert next_window("sun:23:45-mon:00:15", within) == within
    assert next_window("tue:01:00-tue:02:00", wednesday) == datetime(2026, 12, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ReplicationInstanceClass": "dms.z9.huge"}, "InvalidParameterValueException"),
        ({"AllocatedStorage": 49}, "InvalidParameterValueException"),
        ({"AllocatedStorage": 6145}, "InvalidParameterValueException"),
        ({"EngineVersion": "3.5.3"}, "InvalidParameterValueException"),
        ({"EngineVersion": "9.9.9"}, "InvalidParameterValueException"),
        ({"EngineVersion": "3.6.1"}, "InvalidParameterCombinationException"),
        ({"PreferredMaintenanceWindow": "sun:01:00-sun:01:29"}, "InvalidParameterValueException"),
        ({"PreferredMaintenanceWindow": "someday"}, "InvalidParameterValueException"),
        ({"NetworkType": "DUAL"}, "InvalidParameterValueException"),
        ({"ReplicationInstanceArn": "arn:aws:dms:x"}, "ResourceNotFoundFault"),
        ({"ReplicationInstanceIdentifier": "other"}, "ResourceAlreadyExistsFault"),
    ],
)
def test_changes_that_are_refused(bench: Bench, changes: dict[str, Any], code: str) -> None:
    bench.group()
    bench.instance("other")
    arn = bench.instance()
    assert bench.refusal("ModifyReplicationInstance", **{"ReplicationInstanceArn": arn} | changes).code == code


def test_a_major_upgrade_with_the_callers_word(bench: Bench) -> None:
    bench.group()
    arn = bench.instance()
    upgrade = {"EngineVersion": "3.6.1", "AllowMajorVersionUpgrade": True, "ApplyImmediately": True}
    assert bench.call("ModifyReplicationInstance", ReplicationInstanceArn=arn, **upgrade)["ReplicationInstance"][
        "ReplicationInstanceStatus"
    ] == ("upgrading")
    bench.now += 10
    assert shown(bench)["EngineVersion"] == "3.6.1"
    assert told(bench)[2:] == ["0026", "0047", "0027"]


def test_a_failover_goes_to_the_other_zone(bench: Bench) -> None:
    bench.group()
    single, multi = bench.instance("single"), bench.instance("multi", MultiAZ=True)
    for flag in ("ForceFailover", "ForcePlannedFailover"):
        refused = bench.refusal("RebootReplicationInstance", ReplicationInstanceArn=single, **{flag: True})
        assert refused.code == "InvalidParameterCombinationException"
    both = bench.refusal("RebootReplicationInstance", ReplicationInstanceArn=multi, ForceFailover=True, ForcePlannedFailover=True)
    assert both.code == "InvalidParameterCombinationException"
    answer = bench.call("RebootReplicationInstance", ReplicationInstanceArn=multi, ForceFailover=True)["ReplicationInstance"]
    assert answer["ReplicationInstanceStatus"] == "rebooting"
    assert bench.refusal("RebootReplicationInstance", ReplicationInstanceArn=multi).code == "InvalidResourceStateFault"
    bench.now += 10
    zones = {
        i["ReplicationInstanceIdentifier"]: i["AvailabilityZone"]
        for i in bench.call("DescribeReplicationInstances")["ReplicationInstances"]
    }
    assert zones == {"single": "eu-west-1a", "multi": "eu-west-1b"}
    assert told(bench)[-2:] == ["0013", "0049"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"MultiAZ": True, "AvailabilityZone": "eu-west-1a"}, "InvalidParameterCombinationException"),
        ({"AvailabilityZone": "eu-west-1c"}, "InvalidParameterValueException"),
        ({"AllocatedStorage": 4}, "InvalidParameterValueException"),
        ({"EngineVersion": "1.0"}, "InvalidParameterValueException"),
        ({"KmsKeyId": "no-key"}, "KMSKeyNotAccessibleFault"),
        ({"ReplicationSubnetGroupIdentifier": "none"}, "ResourceNotFoundFault"),
        ({"DnsNameServers": "10.0.0.1"}, "InvalidParameterValueException"),
    ],
)
def test_orders_that_are_refused(bench: Bench, changes: dict[str, Any], code: str) -> None:
    bench.group()
    params = {
        "ReplicationInstanceIdentifier": "i",
        "ReplicationInstanceClass": "dms.t3.medium",
        "ReplicationSubnetGroupIdentifier": "group",
    }
    assert bench.refusal("CreateReplicationInstance", **params | changes).code == code


def test_storage_and_instances_have_quotas(bench: Bench) -> None:
    bench.group()
    for number in range(4):
        bench.instance(f"big{number}", AllocatedStorage=6144)
    fifth = {"ReplicationInstanceClass": "dms.t3.medium", "ReplicationSubnetGroupIdentifier": "group", "AllocatedStorage": 6144}
    assert bench.refusal("CreateReplicationInstance", ReplicationInstanceIdentifier="big5", **fifth).code == "StorageQuotaExceededFault"
    for number in range(56):
        bench.instance(f"small{number}", AllocatedStorage=5)
    small = fifth | {"AllocatedStorage": 5}
    assert bench.refusal("CreateReplicationInstance", ReplicationInstanceIdentifier="more", **small).code == "ResourceQuotaExceededFault"


def test_what_can_be_ordered(bench: Bench) -> None:
    first = bench.call("DescribeOrderableReplicationInstances", MaxRecords=20)
    assert len(first["OrderableReplicationInstances"]) == 20
    assert first["OrderableReplicationInstances"][0]["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    versions = {v["Version"]: v for v in bench.call("DescribeEngineVersions")["EngineVersions"]}
    assert versions["3.5.4"]["Lifecycle"] == "DEFAULT_VERSION"
    assert versions["3.5.4"]["AvailableUpgrades"] == ["3.6.0", "3.6.1"]


def test_a_change_outlives_the_process(bench: Bench) -> None:
    bench.group()
    arn = bench.instance()
    bench.call("ModifyReplicationInstance", ReplicationInstanceArn=arn, AllocatedStorage=60, ApplyImmediately=True)
    bench.restart()
    bench.now += 10
    assert shown(bench)["AllocatedStorage"] == 60
    bench.restart()
    assert told(bench) == ["0067", "0005", "0018", "0017"]


def test_maintenance_that_waits(bench: Bench) -> None:
    bench.group()
    bench.instance("new")
    arn = bench.instance("old", EngineVersion="3.5.1")
    waiting = bench.call("DescribePendingMaintenanceActions")["PendingMaintenanceActions"]
    assert [(w["ResourceIdentifier"], w["PendingMaintenanceActionDetails"][0]["Action"]) for w in waiting] == [(arn, "db-upgrade")]
    apply = {"ReplicationInstanceArn": arn, "ApplyAction": "db-upgrade"}
    assert bench.refusal("ApplyPendingMaintenanceAction", **apply, OptInType="later").code == "InvalidParameterValueException"
    os_patch = apply | {"ApplyAction": "os-patch"}
    assert bench.refusal("ApplyPendingMaintenanceAction", **os_patch, OptInType="immediate").code == "ResourceNotFoundFault"
    chosen = bench.call("ApplyPendingMaintenanceAction", **apply, OptInType="next-maintenance")["ResourcePendingMaintenanceActions"]
    assert chosen["PendingMaintenanceActionDetails"][0]["OptInStatus"] == "next-maintenance"
    undone = bench.call("ApplyPendingMaintenanceAction", **apply, OptInType="undo-opt-in")["ResourcePendingMaintenanceActions"]
    assert "OptInStatus" not in undone["PendingMaintenanceActionDetails"][0]
    bench.call("ApplyPendingMaintenanceAction", **apply, OptInType="immediate")
    bench.now += 10
    assert bench.call("DescribePendingMaintenanceActions", ReplicationInstanceArn=arn) == {"PendingMaintenanceActions": []}


def test_a_group_keeps_the_subnets_of_its_instances(bench: Bench) -> None:
    bench.group(subnets=("subnet-a", "subnet-b", "subnet-d"))
    bench.instance(AvailabilityZone="eu-west-1b")
    name = {"ReplicationSubnetGroupIdentifier": "group"}
    in_use = bench.refusal("ModifyReplicationSubnetGroup", **name, SubnetIds=["subnet-a", "subnet-d"])
    assert in_use.code == "SubnetAlreadyInUse"
    bench.call("ModifyReplicationSubnetGroup", **name, SubnetIds=["subnet-b", "subnet-d"])
