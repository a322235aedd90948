# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The service as a whole: which operation is answered by whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.dms.admin.api import Admin
from lab.dms.api import endpoint_settings, instance_types, service_model
from lab.dms.api.assessments import Assessments
from lab.dms.api.certificates import Certificates
from lab.dms.api.connections import Connections
from lab.dms.api.data_type_assessments import DataTypeAssessments
from lab.dms.api.endpoints import Endpoints
from lab.dms.api.event_subscriptions import EventSubscriptions
from lab.dms.api.housekeeping import Housekeeping
from lab.dms.api.instances import Instances
from lab.dms.api.maintenance import Maintenance
from lab.dms.api.quotas import Quotas
from lab.dms.api.schemas import Schemas
from lab.dms.api.store import Store
from lab.dms.api.subnet_groups import SubnetGroups
from lab.dms.api.tags import Tags
from lab.dms.api.task_runs import TaskRuns
from lab.dms.api.task_source import TaskSource
from lab.dms.api.tasks import Tasks
from lab.dms.aws import Aws
from lab.dms.dialects.chosen import ChosenDialects
from lab.dms.dialects.dialect import GUIDE
from lab.dms.faults import Fault
from lab.dms.manners.catalogue import CATALOGUE
from lab.dms.monitoring.events import Events
from lab.dms.monitoring.metrics import Metrics
from lab.dms.monitoring.publisher import Publisher
from lab.manners import Manners


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """``delay``: seconds that an instance or a task takes to change its state where AWS takes minutes.

    ``metrics_seconds``: between two reports to CloudWatch; ``dialect``: the name of the dialect that the files are written in.
    """

    aws_endpoint: str
    region: str
    account: str
    state: Path
    delay: float = 0.3
    metrics_seconds: float = 60.0
    dialect: str = GUIDE.name


class Service:
    """Answers calls of the DMS API."""

    def __init__(self, config: ServiceConfig, aws: Aws | None = None, clock: Callable[[], float] = time.time) -> None:
        store = Store(config.state, region=config.region, account=config.account, clock=clock)
        aws = aws or Aws(config.aws_endpoint, config.region)
        quotas = Quotas(store)
        subscriptions = EventSubscriptions(store, aws, quotas, delay=config.delay)
        publisher = Publisher(aws, config.region, subscriptions.topics, subscriptions.refused)
        events = Events(store, publisher)
        groups = SubnetGroups(store, aws, quotas)
        instances = Instances(store, aws, groups, events, quotas, delay=config.delay)
        certificates = Certificates(store, aws, quotas)
        endpoints = Endpoints(store, aws, quotas)
        connections = Connections(store, aws, endpoints, instances)
        manners = Manners(CATALOGUE)
        dialects = ChosenDialects(config.dialect)
        self.admin = Admin(manners, dialects)
        runs = TaskRuns(store, aws, endpoints, events, dialects, manners, instances.fail_over)
        tasks = Tasks(store, instances, connections, runs, events, quotas, delay=config.delay)
        source = TaskSource(store, endpoints)
        assessments = Assessments(store, aws, source, delay=config.delay)
        data_types = DataTypeAssessments(store, aws, source, connections)
        tags = Tags(store)
        maintenance = Maintenance(store, instances)
        schemas = Schemas(store, endpoints, instances)
        self._store = store
        self.events = events
        self.subscriptions = subscriptions
        self.instances = instances
        metrics = Metrics(store, aws, tasks.running, seconds=config.metrics_seconds)
        self._workers = (publisher, Housekeeping(store), metrics)
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
            "RebootReplicationInstance": instances.reboot,
            "DescribePendingMaintenanceActions": maintenance.describe,
            "ApplyPendingMaintenanceAction": maintenance.apply,
            "DescribeOrderableReplicationInstances": instances.orderable,
            "DescribeEngineVersions": instance_types.engine_versions,
            "ImportCertificate": certificates.create,
            "DescribeCertificates": certificates.describe,
            "DeleteCertificate": certificates.delete,
            "CreateEndpoint": endpoints.create,
            "ModifyEndpoint": self._modify_endpoint,
            "DescribeEndpoints": endpoints.describe,
            "DeleteEndpoint": endpoints.delete,
            "DescribeEndpointTypes": endpoints.types,
            "DescribeEndpointSettings": endpoint_settings.describe,
            "RefreshSchemas": schemas.refresh,
            "DescribeRefreshSchemasStatus": schemas.status,
            "DescribeSchemas": schemas.describe,
            "TestConnection": connections.test,
            "DescribeConnections": connections.describe,
            "DeleteConnection": connections.delete,
            "CreateReplicationTask": tasks.create,
            "ModifyReplicationTask": tasks.modify,
            "DescribeReplicationTasks": tasks.describe,
            "StartReplicationTask": tasks.start,
            "StopReplicationTask": tasks.stop,
            "DeleteReplicationTask": tasks.delete,
            "MoveReplicationTask": tasks.move,
            "ReloadTables": tasks.reload_tables,
            "DescribeTableStatistics": tasks.table_statistics,
            "StartReplicationTaskAssessmentRun": assessments.start,
            "CancelReplicationTaskAssessmentRun": assessments.cancel,
            "DeleteReplicationTaskAssessmentRun": assessments.delete,
            "DescribeReplicationTaskAssessmentRuns": assessments.describe,
            "DescribeReplicationTaskIndividualAssessments": assessments.describe_individual,
            "DescribeApplicableIndividualAssessments": assessments.applicable,
            "StartReplicationTaskAssessment": data_types.start,
            "DescribeReplicationTaskAssessmentResults": data_types.results,
            "AddTagsToResource": tags.add,
            "RemoveTagsFromResource": tags.remove,
            "ListTagsForResource": tags.list,
            "DescribeEvents": events.describe,
            "DescribeEventCategories": events.describe_categories,
            "CreateEventSubscription": subscriptions.create,
            "ModifyEventSubscription": subscriptions.modify,
            "DescribeEventSubscriptions": subscriptions.describe,
            "DeleteEventSubscription": subscriptions.delete,
            "UpdateSubscriptionsToEventBridge": subscriptions.move_to_event_bus,
            "DescribeAccountAttributes": quotas.describe,
        }

    def start(self) -> None:
        """Begin what goes on beside the calls: states that change in time, events and metrics that are published."""
        for worker in self._workers:
            worker.start()

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
