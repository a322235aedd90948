# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Connection tests: does an endpoint answer from a replication instance?"""

from __future__ import annotations

import logging
import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.api.endpoints import Endpoints
from lab.dms.api.instances import Instances
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import ENDPOINTS_PER_INSTANCE, exceeded
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import not_found, wrong_state
from lab.dms.sources.mysql import MySQLSource, SourceError
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

KIND = "connection"
_log = logging.getLogger(__name__)


class Connections:
    def __init__(self, store: Store, aws: Aws, endpoints: Endpoints, instances: Instances) -> None:
        self._store = store
        self._aws = aws
        self._endpoints = endpoints
        self._instances = instances
        with store.changing():
            for connection in store.all(KIND):
                if connection.status == "testing":
                    _conclude(connection, "The replication service was restarted during the test.")

    def test(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            instance = self._instances.available(params["ReplicationInstanceArn"])
            endpoint = self._store.get("endpoint", params["EndpointArn"])
            connection = self._find(endpoint.arn, instance.arn)
            if connection is not None and connection.status == "testing":
                raise wrong_state(f"The connection of endpoint {endpoint.identifier} is already being tested.")
            if connection is None:
                self._check_quota(instance)
            connection = self._begin(endpoint, instance)
            shown = dict(connection.shown)
        self._run(connection, endpoint)
        return {"Connection": shown}

    def test_again(self, endpoint_arn: str) -> None:
        """Test every known connection of an endpoint that was changed: earlier results say nothing about it now."""
        with self._store.changing():
            endpoint = self._store.get("endpoint", endpoint_arn)
            known = [c for c in self._store.all(KIND) if c.shown["EndpointArn"] == endpoint_arn]
            begun = [self._begin(endpoint, self._store.get("instance", c.shown["ReplicationInstanceArn"])) for c in known]
        for connection in begun:
            self._run(connection, endpoint)

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {"endpoint-arn": lambda c: c.shown["EndpointArn"], "replication-instance-arn": lambda c: c.shown["ReplicationInstanceArn"]}
        connections = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not connections:
            raise not_found("No Connections found matching the filters.")
        chosen, marker = page(connections, params)
        return {"Connections": [c.shown for c in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            connection = self._find(params["EndpointArn"], params["ReplicationInstanceArn"])
            if connection is None:
                raise not_found("The connection was never tested.")
            if connection.status == "testing":
                raise wrong_state(f"The connection of endpoint {connection.identifier} is being tested.")
            self._store.remove(connection)
            connection.status = "deleting"
        return {"Connection": connection.shown}

    def require_success(self, endpoint_arn: str, instance_arn: str) -> None:
        """A task starts only on connections that were tested with success. Raises Fault."""
        connection = self._find(endpoint_arn, instance_arn)
        if connection is None or connection.status != "successful":
            endpoint = self._store.get("endpoint", endpoint_arn)
            instance = self._store.get("instance", instance_arn)
            raise wrong_state(
                f"Test connection for replication instance {instance.identifier} and endpoint {endpoint.identifier} "
                "should be successful for starting the replication task."
            )

    def _check_quota(self, instance: Resource) -> None:
        """Raises Fault."""
        if sum(c.shown["ReplicationInstanceArn"] == instance.arn for c in self._store.all(KIND)) >= ENDPOINTS_PER_INSTANCE:
            raise exceeded("EndpointsPerReplicationInstance", ENDPOINTS_PER_INSTANCE)

    def _find(self, endpoint_arn: str, instance_arn: str) -> Resource | None:
        wanted = (endpoint_arn, instance_arn)
        return next((c for c in self._store.all(KIND) if (c.shown["EndpointArn"], c.shown["ReplicationInstanceArn"]) == wanted), None)

    def _begin(self, endpoint: Resource, instance: Resource) -> Resource:
        shown = {
            "ReplicationInstanceArn": instance.arn,
            "EndpointArn": endpoint.arn,
            "Status": "testing",
            "EndpointIdentifier": endpoint.identifier,
            "ReplicationInstanceIdentifier": instance.identifier,
        }
        connection = Resource(KIND, f"connection:{endpoint.arn}|{instance.arn}", endpoint.identifier, shown)
        self._store.add(connection)
        return connection

    def _run(self, connection: Resource, endpoint: Resource) -> None:
        threading.Thread(target=self._test, args=(connection, endpoint), name="connection-test", daemon=True).start()

    def _test(self, connection: Resource, endpoint: Resource) -> None:
        try:
            failure = self._probe(endpoint)
        except Exception:
            _log.exception("connection test of %s", endpoint.identifier)
            failure = "The connection test itself failed; see the log of the replication service."
        with self._store.changing():
            _conclude(connection, failure)

    def _probe(self, endpoint: Resource) -> str:
        """Really connect. Answers what failed, or nothing."""
        try:
            if endpoint.shown["EngineName"] == "s3":
                S3Target(self._aws.s3, S3Settings.read(endpoint.shown["S3Settings"])).probe()
            else:
                with MySQLSource(self._endpoints.address(endpoint)) as source:
                    source.number("SELECT 1")
        except (SourceError, LookupError, ClientError, BotoCoreError) as error:
            bucket = f" (bucket {endpoint.shown['S3Settings']['BucketName']})" if endpoint.shown["EngineName"] == "s3" else ""
            return f"Test Endpoint failed: {error}{bucket}"
        return ""


def _conclude(connection: Resource, failure: str) -> None:
    connection.status = "failed" if failure else "successful"
    if failure:
        connection.shown["LastFailureMessage"] = failure
