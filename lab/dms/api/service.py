# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The service as a whole: which operation is answered by whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.dms.api import service_model
from lab.dms.api.certificates import Certificates
from lab.dms.api.connections import Connections
from lab.dms.api.endpoints import Endpoints
from lab.dms.api.instances import Instances
from lab.dms.api.store import Store
from lab.dms.api.subnet_groups import SubnetGroups
from lab.dms.api.tags import Tags
from lab.dms.api.tasks import Tasks
from lab.dms.aws import Aws
from lab.dms.faults import Fault

QUOTAS = {"ReplicationInstances": 60, "ReplicationSubnetGroups": 60, "Endpoints": 1000, "Certificates": 100, "ReplicationTasks": 600}
_QUOTA_KINDS = {
    "ReplicationInstances": "instance",
    "ReplicationSubnetGroups": "subnet_group",
    "Endpoints": "endpoint",
    "Certificates": "certificate",
    "ReplicationTasks": "task",
}


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """``delay``: seconds that an instance or a task takes to change its state where AWS takes minutes."""

    aws_endpoint: str
    region: str
    account: str
    state: Path
    delay: float = 0.3


class Service:
    """Answers calls of the DMS API."""

    def __init__(self, config: ServiceConfig, aws: Aws | None = None, clock: Callable[[], float] = time.time) -> None:
        store = Store(config.state, region=config.region, account=config.account, clock=clock)
        aws = aws or Aws(config.aws_endpoint, config.region)
        groups = SubnetGroups(store, aws)
        instances = Instances(store, aws, groups, delay=config.delay)
        certificates = Certificates(store)
        endpoints = Endpoints(store, aws)
        connections = Connections(store, aws, endpoints, instances)
        tasks = Tasks(store, aws, instances, endpoints, connections, delay=config.delay)
        tags = Tags(store)
        self._store = store
        self._endpoints = endpoints
        self._connections = connections
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "CreateReplicationSubnetGroup": groups.create,
            "ModifyReplicationSubnetGroup": groups.modify,
            "DescribeReplicationSubnetGroups": groups.describe,
            "DeleteReplicationSubnetGroup": groups.delete,
            "CreateReplicationInstance": instances.create,
            "ModifyReplicationInstance": instances.modify,
            "DescribeReplicationInstances": instances.describe,
            "DeleteReplicationInstance": instances.delete,
            "ImportCertificate": certificates.create,
            "DescribeCertificates": certificates.describe,
            "DeleteCertificate": certificates.delete,
            "CreateEndpoint": endpoints.create,
            "ModifyEndpoint": self._modify_endpoint,
            "DescribeEndpoints": endpoints.describe,
            "DeleteEndpoint": endpoints.delete,
            "DescribeEndpointTypes": endpoints.types,
            "TestConnection": connections.test,
            "DescribeConnections": connections.describe,
            "DeleteConnection": connections.delete,
            "CreateReplicationTask": tasks.create,
            "ModifyReplicationTask": tasks.modify,
            "DescribeReplicationTasks": tasks.describe,
            "StartReplicationTask": tasks.start,
            "StopReplicationTask": tasks.stop,
            "DeleteReplicationTask": tasks.delete,
            "DescribeTableStatistics": tasks.table_statistics,
            "AddTagsToResource": tags.add,
            "RemoveTagsFromResource": tags.remove,
            "ListTagsForResource": tags.list,
            "DescribeAccountAttributes": self._account,
        }

    @property
    def operations(self) -> list[str]:
        return list(self._operations)

    def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Fault for everything that the API refuses."""
        if operation not in service_model.operation_names():
            raise Fault("UnknownOperationException", f"{operation} is no operation of DMS.")
        handler = self._operations.get(operation)
        if handler is None:
            raise Fault("UnsupportedOperation", f"The lab's replication engine does not support {operation}.")
        service_model.check_input(operation, params)
        return service_model.shape_output(operation, handler(dict(params)))

    def _modify_endpoint(self, params: dict[str, Any]) -> dict[str, Any]:
        answer = self._endpoints.modify(params)
        self._connections.test_again(params["EndpointArn"])
        return answer

    def _account(self, params: dict[str, Any]) -> dict[str, Any]:
        quotas = [
            {"AccountQuotaName": name, "Used": len(self._store.all(_QUOTA_KINDS[name])), "Max": most} for name, most in QUOTAS.items()
        ]
        return {"AccountQuotas": quotas, "UniqueAccountIdentifier": f"dms-lab-{self._store.account}"}
