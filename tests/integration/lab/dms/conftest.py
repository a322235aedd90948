# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A replication instance, a source account of its own and helpers that run a task from a table to its files."""

from __future__ import annotations

import csv
import getpass
import gzip
import io
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
import pytest

from .captures import captures as captures
from .waiting import WAIT_SECONDS as WAIT_SECONDS
from .waiting import wait as wait

VPC_ROLE = "dms-vpc-role"
VPC_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"


def trust(*services: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def select_all(schema: str, *tables: str, extra: list[dict[str, Any]] | None = None) -> str:
    rules: list[dict[str, Any]] = [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": str(number),
            "object-locator": {"schema-name": schema, "table-name": table},
            "rule-action": "include",
        }
        for number, table in enumerate(tables or ("%",), 1)
    ]
    for number, rule in enumerate(extra or [], len(rules) + 1):
        rules.append({"rule-id": str(number), "rule-name": str(number), **rule})
    return json.dumps({"rules": rules})


@dataclass
class Bench:
    """Everything a test needs to run tasks. Names begin with ``prefix``, so that tests on one lab do not meet."""

    lab: Any
    prefix: str
    dms: Any
    s3: Any
    bucket: str
    s3_role: str
    secret_role: str
    instance: str
    certificate: str
    user: str
    password: str
    made_endpoints: list[str] = field(default_factory=list)
    made_tasks: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Delete the tasks and endpoints that were made so far."""
        for task in self.made_tasks:
            # A test that failed may have left it running.
            if self.describe(task)["Status"] == "running":
                self.dms.stop_replication_task(ReplicationTaskArn=task)
                self.until(task, "stopped", "failed")
            self.dms.delete_replication_task(ReplicationTaskArn=task)
        for task in self.made_tasks:
            wait(partial(_gone, self.dms, task), "deletion of a task")
        for endpoint in self.made_endpoints:
            self.dms.delete_endpoint(EndpointArn=endpoint)
        self.made_tasks.clear()
        self.made_endpoints.clear()

    def name(self, word: str) -> str:
        return f"{self.prefix}-{word}-{secrets.token_hex(3)}"

    def source(self, **changes: Any) -> str:
        """A source endpoint with clear-text login over TLS."""
        params = {
            "EndpointIdentifier": self.name("source"),
            "EndpointType": "source",
            "EngineName": "mysql",
            "ServerName": "127.0.0.1",
            "Port": self.lab.ports["mysql"],
            "Username": self.user,
            "Password": self.password,
            "SslMode": "verify-full",
            "CertificateArn": self.certificate,
        }
        return self.endpoint({name: value for name, value in (params | changes).items() if value is not None})

    def target(self, **settings: Any) -> tuple[str, str]:
        """A target endpoint with a folder of its own; its ARN and the folder."""
        folder = self.name("run")
        strict = {
            "ServiceAccessRoleArn": self.s3_role,
            "BucketName": self.bucket,
            "BucketFolder": folder,
            "CsvNullValue": "__DMS_NULL__",
            "IncludeOpForFullLoad": True,
        }
        params = {"EndpointIdentifier": self.name("target"), "EndpointType": "target", "EngineName": "s3", "S3Settings": strict | settings}
        return self.endpoint(params), folder

    def endpoint(self, params: dict[str, Any]) -> str:
        arn = self.dms.create_endpoint(**params)["Endpoint"]["EndpointArn"]
        self.made_endpoints.append(arn)
        return str(arn)

    def tested(self, endpoint: str) -> dict[str, Any]:
        """The outcome of a connection test."""
        self.dms.test_connection(ReplicationInstanceArn=self.instance, EndpointArn=endpoint)
        filters = [{"Name": "endpoint-arn", "Values": [endpoint]}]

        def ended() -> Any:
            connection = self.dms.describe_connections(Filters=filters)["Connections"][0]
            return connection if connection["Status"] != "testing" else None

        return dict(wait(ended, "connection test"))

    def task(self, source: str, target: str, mappings: str, settings: dict[str, Any] | None = None, **params: Any) -> str:
        """A task in the state ready, its endpoints tested; it loads tables unless ``params`` give another MigrationType."""
        for endpoint in (source, target):
            connection = self.tested(endpoint)
            assert connection["Status"] == "successful", connection
        extra = {"ReplicationTaskSettings": json.dumps(settings)} if settings else {}
        arn = self.dms.create_replication_task(
            ReplicationTaskIdentifier=self.name("task"),
            SourceEndpointArn=source,
            TargetEndpointArn=target,
            ReplicationInstanceArn=self.instance,
            TableMappings=mappings,
            **({"MigrationType": "full-load"} | extra | params),
        )["ReplicationTask"]["ReplicationTaskArn"]
        self.made_tasks.append(arn)
        self.until(arn, "ready")
        return str(arn)

    def describe(self, task: str) -> dict[str, Any]:
        filters = [{"Name": "replication-task-arn", "Values": [task]}]
        return dict(self.dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"][0])

    def until(self, task: str, *states: str) -> dict[str, Any]:
        def arrived() -> Any:
            found = self.describe(task)
            return found if found["Status"] in states else None

        return dict(wait(arrived, f"task in {states}"))

    def run(self, task: str, kind: str = "start-replication") -> dict[str, Any]:
        """Start the task; what it is when it has ended."""
        self.dms.start_replication_task(ReplicationTaskArn=task, StartReplicationTaskType=kind)
        return self.until(task, "stopped", "failed")

    def load(self, mappings: str, settings: dict[str, Any] | None = None, **s3: Any) -> tuple[dict[str, Any], str]:
        """A whole full load that must succeed: the task afterwards, and the folder of its files."""
        target, folder = self.target(**s3)
        task = self.run(self.task(self.source(), target, mappings, settings))
        assert task["Status"] == "stopped", task
        return task, folder

    def keys(self, folder: str) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=folder + "/").get("Contents", [])]

    def content(self, key: str) -> bytes:
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return bytes(gzip.decompress(body) if key.endswith(".gz") else body)

    def rows(self, folder: str, schema: str, table: str) -> list[list[str]]:
        """The records of all files of a table, in their order, as Python's csv module reads them."""
        found = []
        for key in self.keys(f"{folder}/{schema}/{table}"):
            found += list(csv.reader(io.StringIO(self.content(key).decode("utf-8"), newline="")))
        return found

    def statistics(self, task: str) -> dict[str, dict[str, Any]]:
        answer = self.dms.describe_table_statistics(ReplicationTaskArn=task)
        return {item["TableName"]: item for item in answer["TableStatistics"]}


@pytest.fixture(scope="session")
def administrator(lab: Any) -> Iterator[Any]:
    socket = str(lab.dir / "mysql" / "mysqld.sock")
    with pymysql.connect(unix_socket=socket, user=getpass.getuser(), charset="utf8mb4", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def roles(lab: Any) -> dict[str, str]:
    """The account's DMS role, made if nothing else made it, and the roles for the bucket and the secret."""
    iam = lab.client("iam")
    made = {}
    for key, name, services in (
        ("vpc", VPC_ROLE, ("dms.amazonaws.com",)),
        ("s3", "dms-tests-s3", ("dms.amazonaws.com",)),
        ("secret", "dms-tests-secret", ("dms.eu-west-1.amazonaws.com",)),
    ):
        try:
            made[key] = iam.get_role(RoleName=name)["Role"]["Arn"]
        except iam.exceptions.NoSuchEntityException:
            made[key] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(*services))["Role"]["Arn"]
    iam.attach_role_policy(RoleName=VPC_ROLE, PolicyArn=VPC_POLICY)
    return made


@pytest.fixture(scope="session")
def subnets(lab: Any) -> list[dict[str, Any]]:
    """The lab's two subnets, in two availability zones."""
    found = lab.client("ec2").describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["landbridge-lab"]}])["Subnets"]
    return sorted(found, key=lambda s: s["AvailabilityZone"])


@pytest.fixture(scope="session")
def bench(lab: Any, administrator: Any, roles: dict[str, str], subnets: list[dict[str, Any]]) -> Iterator[Bench]:
    prefix = f"t{secrets.token_hex(3)}"
    dms, s3 = lab.client("dms"), lab.client("s3")
    user, password = f"dms_{prefix}", secrets.token_urlsafe(20)
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE USER {user}@'%%' IDENTIFIED BY %s REQUIRE SSL", (password,))
        cursor.execute(f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {user}@'%'")
    bucket = f"{prefix}-staging"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    group = dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier=prefix,
        ReplicationSubnetGroupDescription="tests",
        SubnetIds=[s["SubnetId"] for s in subnets],
    )["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"]
    instance = dms.create_replication_instance(
        ReplicationInstanceIdentifier=prefix, ReplicationInstanceClass="dms.t3.medium", ReplicationSubnetGroupIdentifier=group
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    dms.get_waiter("replication_instance_available").wait(
        Filters=[{"Name": "replication-instance-arn", "Values": [instance]}], WaiterConfig={"Delay": 1}
    )
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    certificate = dms.import_certificate(CertificateIdentifier=prefix, CertificatePem=pem)["Certificate"]["CertificateArn"]
    made = Bench(lab, prefix, dms, s3, bucket, roles["s3"], roles["secret"], instance, certificate, user, password)
    yield made
    made.clear()
    dms.delete_replication_instance(ReplicationInstanceArn=instance)
    dms.get_waiter("replication_instance_deleted").wait(
        Filters=[{"Name": "replication-instance-arn", "Values": [instance]}], WaiterConfig={"Delay": 1}
    )
    dms.delete_replication_subnet_group(ReplicationSubnetGroupIdentifier=group)
    dms.delete_certificate(CertificateArn=certificate)
    with administrator.cursor() as cursor:
        cursor.execute(f"DROP USER {user}@'%'")


@pytest.fixture(scope="module", autouse=True)
def _cleared(bench: Bench) -> Iterator[None]:
    """An instance takes a hundred endpoints, fewer than all modules make."""
    yield
    bench.clear()


def _gone(dms: Any, task: str) -> bool:
    try:
        dms.describe_replication_tasks(Filters=[{"Name": "replication-task-arn", "Values": [task]}])
    except dms.exceptions.ResourceNotFoundFault:
        return True
    return False


@pytest.fixture
def schema(administrator: Any, bench: Bench) -> Iterator[str]:
    """A schema of the test's own, which the source account may read."""
    name = f"s_{secrets.token_hex(4)}"
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"GRANT SELECT ON {name}.* TO {bench.user}@'%'")
        cursor.execute(f"USE {name}")
        yield name
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"REVOKE SELECT ON {name}.* FROM {bench.user}@'%'")  # noqa: S608 - both names are made here


@pytest.fixture
def execute(administrator: Any, schema: str) -> Callable[..., Any]:
    """Runs a statement in the test's schema."""

    def run(sql: str, *rows: tuple[Any, ...]) -> Any:
        with administrator.cursor() as cursor:
            if rows:
                return cursor.executemany(sql, list(rows))
            cursor.execute(sql)
            return cursor.fetchall()

    return run


@pytest.fixture
def loader(bench: Bench) -> Any:
    """Runs full loads without a task."""
    from .direct import Loader

    return Loader(bench)


@pytest.fixture
def log(lab: Any, administrator: Any, tmp_path: Path) -> Iterator[Any]:
    """The binary log from here on, and a schema of the test's own."""
    from .binlogs import Log, account

    name = f"b_{secrets.token_hex(4)}"
    address = account(lab)
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"GRANT SELECT ON {name}.* TO {address.user}@'127.0.0.1'")
        cursor.execute(f"USE {name}")
        yield Log(administrator, address, name, tmp_path)
        cursor.execute("SET SESSION sql_mode = DEFAULT")
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"REVOKE SELECT ON {name}.* FROM {address.user}@'127.0.0.1'")  # noqa: S608 - both names are made here
