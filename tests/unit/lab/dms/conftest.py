# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The replication service over an account in memory, with a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.dms.api.service import Service, ServiceConfig
from lab.dms.faults import Fault, access_denied

ACCOUNT = "000000000042"
S3_ROLE = f"arn:aws:iam::{ACCOUNT}:role/s3"
SECRET_ROLE = f"arn:aws:iam::{ACCOUNT}:role/secret"
MAPPINGS = (
    '{"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",'
    ' "object-locator": {"schema-name": "billing", "table-name": "%"}}]}'
)


class Account:
    """The other services, as ``lab.dms.aws.Aws`` answers for them."""

    def __init__(self) -> None:
        self.vpc_role = True
        self.zones = {"subnet-a": "eu-west-1a", "subnet-b": "eu-west-1b", "subnet-c": "eu-west-1a"}
        self.trusts = {S3_ROLE: "dms.amazonaws.com", SECRET_ROLE: "dms.eu-west-1.amazonaws.com"}
        self.s3 = object()

    def subnets(self, ids: list[str]) -> list[dict[str, Any]]:
        return [{"SubnetId": i, "AvailabilityZone": self.zones[i], "VpcId": "vpc-1"} for i in ids if i in self.zones]

    def check_vpc_role(self, account: str) -> None:
        if not self.vpc_role:
            raise access_denied(f"The IAM Role arn:aws:iam::{account}:role/dms-vpc-role is not configured properly.")

    def check_service_role(self, arn: str, principals: tuple[str, ...]) -> None:
        if self.trusts.get(arn) not in principals:
            raise access_denied(arn)

    def secret(self, secret_id: str) -> dict[str, Any]:
        raise LookupError(f"Unable to fetch the secret {secret_id}")


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
        return refused.value

    def group(self, name: str = "group", subnets: tuple[str, ...] = ("subnet-a", "subnet-b")) -> dict[str, Any]:
        return self.call(
            "CreateReplicationSubnetGroup",
            ReplicationSubnetGroupIdentifier=name,
            ReplicationSubnetGroupDescription="d",
            SubnetIds=list(subnets),
        )

    def instance(self, name: str = "machine") -> str:
        """An available instance."""
        made = self.call(
            "CreateReplicationInstance",
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.medium",
            ReplicationSubnetGroupIdentifier="group",
        )
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
