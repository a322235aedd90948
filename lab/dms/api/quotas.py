# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How much of each resource an account may have in one Region.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Limits.html; names as DescribeAccountAttributes gives them.
"""

from __future__ import annotations

from typing import Any

from lab.dms.api.store import Store
from lab.dms.faults import Fault

MAXIMA = {
    "ReplicationInstances": 60,
    "AllocatedStorage": 30_000,
    "ReplicationSubnetGroups": 60,
    "Endpoints": 1000,
    "EventSubscriptions": 60,
    "Certificates": 100,
    "ReplicationTasks": 600,
}
SUBNETS_PER_GROUP = 60
ENDPOINTS_PER_INSTANCE = 100
TASKS_PER_INSTANCE = 200
_KINDS = {
    "ReplicationInstances": "instance",
    "ReplicationSubnetGroups": "subnet_group",
    "Endpoints": "endpoint",
    "EventSubscriptions": "event_subscription",
    "Certificates": "certificate",
    "ReplicationTasks": "task",
}


class Quotas:
    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, name: str) -> None:
        """Is there room for one more? Raises Fault."""
        if self._used(name) >= MAXIMA[name]:
            raise exceeded(name, MAXIMA[name])

    def check_task(self, instance_arn: str) -> None:
        """Is there room for one more task, in the account and on that instance? Raises Fault."""
        self.check("ReplicationTasks")
        if sum(task.shown["ReplicationInstanceArn"] == instance_arn for task in self._store.all("task")) >= TASKS_PER_INSTANCE:
            raise exceeded("ReplicationTasksPerReplicationInstance", TASKS_PER_INSTANCE)

    def check_storage(self, gigabytes: int) -> None:
        """Is there room for that much more storage? Raises Fault."""
        most = MAXIMA["AllocatedStorage"]
        if self._used("AllocatedStorage") + gigabytes > most:
            raise Fault("StorageQuotaExceededFault", f"The storage of all replication instances would be more than {most} GB.")

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAccountAttributes."""
        quotas = [{"AccountQuotaName": name, "Used": self._used(name), "Max": most} for name, most in MAXIMA.items()]
        # The form that the API reference states: a letter and eleven digits.
        return {"AccountQuotas": quotas, "UniqueAccountIdentifier": f"c{self._store.account[-11:]}"}

    def _used(self, name: str) -> int:
        if name == "AllocatedStorage":
            return sum(instance.shown["AllocatedStorage"] for instance in self._store.all("instance"))
        return len(self._store.all(_KINDS[name]))


def exceeded(name: str, most: int) -> Fault:
    return Fault("ResourceQuotaExceededFault", f"The quota {name} of this account, {most}, is used up.")
