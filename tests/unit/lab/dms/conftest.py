# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The replication service over an account in memory, with a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.dms.api import service_model
from lab.dms.api.service import Service, ServiceConfig
from lab.dms.faults import Fault, access_denied

ACCOUNT = "000000000042"
S3_ROLE = f"arn:aws:iam::{ACCOUNT}:role/s3"
SECRET_ROLE = f"arn:aws:iam::{ACCOUNT}:role/secret"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic"
MAPPINGS = (
    '{"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",'
    ' "object-locator": {"schema-name": "billing", "table-name": "%"}}]}'
)


# Codes that AWS answers without a word about it in the model of an operation.
COMMON_CODES = frozenset(
    {
        "InvalidParameterCombinationException",
        "InvalidParameterValueException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "ValidationException",
    }
)


def _documented(operation: str) -> frozenset[str]:
    """The error codes that the API reference lists for an operation."""
    known = operation in service_model.operation_names()
    return frozenset(shape.name for shape in service_model.model().operation_model(operation).error_shapes) if known else frozenset()


class Account:
    """The other services, as ``lab.dms.aws.Aws`` answers for them."""

    def __init__(self) -> None:
        self.vpc_role = True
        self.subnet_zones = {"subnet-a": "eu-west-1a", "subnet-b": "eu-west-1b", "subnet-c": "eu-west-1a", "subnet-d": "eu-west-1c"}
        self.trusts = {S3_ROLE: "dms.amazonaws.com", SECRET_ROLE: "dms.eu-west-1.amazonaws.com"}
        self.topics = {TOPIC}
        self.keys = {"key-1"}
        self.rules: dict[str, tuple[dict[str, Any], str]] = {}
        self.s3 = object()
        self.cloudwatch: Any = None

    def subnets(self, ids: list[str]) -> list[dict[str, Any]]:
        return [{"SubnetId": i, "AvailabilityZone": self.subnet_zones[i], "VpcId": "vpc-1"} for i in ids if i in self.subnet_zones]

    def check_vpc_role(self, account: str) -> None:
        if not self.vpc_role:
            raise access_denied(f"The IAM Role arn:aws:iam::{account}:role/dms-vpc-role is not configured properly.")

    def check_topic(self, arn: str) -> None:
        if arn not in self.topics:
            raise Fault("SNSInvalidTopicFault", arn)

    def send_events(self, rule: str, pattern: dict[str, Any], topic: str) -> None:
        self.rules[rule] = (pattern, topic)

    def check_key(self, key: str) -> None:
        if key not in self.keys:
            raise Fault("KMSKeyNotAccessibleFault", key)

    def zones(self) -> list[str]:
        return ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

    def check_service_role(self, arn: str, principals: tuple[str, ...]) -> None:
        if self.trusts.get(arn) not in principals:
            raise access_denied(arn)

    def secret(self, secret_id: str, endpoint: str = "") -> dict[str, Any]:
        raise LookupError(f"Unable to fetch the secret {secret_id} {endpoint}")


class Bench:
    """One service that can be ended and begun again on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.account = Account()
        self.now = 1_000_000.0
        self._config = ServiceConfig("http://127.0.0.1:1", "eu-west-1", ACCOUNT, folder, delay=10.0)
        self.folder = folder
        self.restart()

    def restart(self) -> None:
        self.service = Service(self._config, self.account, clock=lambda: self.now)  # type: ignore[arg-type]

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.service.call(operation, params)

    def refusal(self, operation: str, **params: Any) -> Fault:
        with pytest.raises(Fault) as refused:
            self.service.call(operation, params)
        assert refused.value.code in _documented(operation) | COMMON_CODES
        return refused.value

    def group(self, name: str = "group", subnets: tuple[str, ...] = ("subnet-a", "subnet-b")) -> dict[str, Any]:
        return self.call(
            "CreateReplicationSubnetGroup",
            ReplicationSubnetGroupIdentifier=name,
            ReplicationSubnetGroupDescription="d",
            SubnetIds=list(subnets),
        )

    def instance(self, name: str = "machine", **changes: Any) -> str:
        """An available instance."""
        params = {
            "ReplicationInstanceIdentifier": name,
            "ReplicationInstanceClass": "dms.t3.medium",
            "ReplicationSubnetGroupIdentifier": "group",
        }
        made = self.call("CreateReplicationInstance", **params | changes)
        self.now += 10
        return str(made["ReplicationInstance"]["ReplicationInstanceArn"])

    def source(self, **changes: Any) -> dict[str, Any]:
        params = {
            "EndpointIdentifier": "source",
            "EndpointType": "source",
            "EngineName": "mysql",
            "ServerName": "db",
            "Port": 3306,
            "Username": "u",
            "Password": "hush-hush",
        }
        return dict(self.call("CreateEndpoint", **{k: v for k, v in (params | changes).items() if v is not None})["Endpoint"])

    def target(self, **settings: Any) -> dict[str, Any]:
        s3 = {"ServiceAccessRoleArn": S3_ROLE, "BucketName": "b", "BucketFolder": "f"} | settings
        params = {"EndpointIdentifier": "target", "EndpointType": "target", "EngineName": "s3", "S3Settings": s3}
        return dict(self.call("CreateEndpoint", **params)["Endpoint"])

    def task_params(self, **changes: Any) -> dict[str, Any]:
        """All that a task needs, made on the way."""
        self.group()
        params = {
            "ReplicationTaskIdentifier": "task",
            "ReplicationInstanceArn": self.instance(),
            "SourceEndpointArn": self.source()["EndpointArn"],
            "TargetEndpointArn": self.target()["EndpointArn"],
            "MigrationType": "full-load",
            "TableMappings": MAPPINGS,
        }
        return params | changes


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
