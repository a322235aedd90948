# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where the contract is tested: on the lab, or on an account of AWS that the environment names (docs/dms-fidelity.md has the variables)."""

from __future__ import annotations

import functools
import getpass
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pymysql
import pytest

from lab.dms.dialects.dialect import GUIDE, Dialect
from tests.support.lab import Lab

SWITCH = "LANDBRIDGE_DMS_CONTRACT"
# Schemas that the tests make at the source begin so; the account that DMS uses may read them.
SCHEMAS = "dms_contract_"


@dataclass(frozen=True)
class Login:
    """How to reach the source. ``authority``: the PEM text of the certificate authority, or nothing for a connection without TLS."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    authority: str = ""


@dataclass(frozen=True)
class Place:
    """What must be there before the first test. ``poll`` and ``patience``: seconds between looks, and until a wait is given up."""

    client: Callable[[str], Any]
    connect: Callable[[], pymysql.Connection[Any]]
    source: Login
    engine: str
    bucket: str
    bucket_role: str
    secret_role: str
    instance: str
    subnet_group: str
    security_groups: tuple[str, ...]
    # None: the place answers as it does, and that is what is to be found out.
    dialect: Dialect | None
    poll: float
    patience: float


@functools.cache
def _session() -> Any:
    return boto3.Session()


@functools.cache
def _client(service: str) -> Any:
    return _session().client(service)


def _trust(*services: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _role(iam: Any, name: str, *services: str) -> str:
    try:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=_trust(*services))["Role"]["Arn"])


def _execute(connect: Callable[[], pymysql.Connection[Any]], sql: str) -> None:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql)


def the_lab(lab: Lab, prefix: str, later: ExitStack) -> Place:
    """The lab with a bucket, roles, subnet group and source account for these tests. ``later`` removes them, but for the roles."""

    def connect() -> pymysql.Connection[Any]:
        socket = str(lab.dir / "mysql" / "mysqld.sock")
        return pymysql.connect(unix_socket=socket, user=getpass.getuser(), charset="utf8mb4", autocommit=True)

    user, password = f"contract_{prefix}", secrets.token_urlsafe(20)
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE USER {user}@'%%' IDENTIFIED BY %s REQUIRE SSL", (password,))
        cursor.execute(f"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {user}@'%'")
        cursor.execute(f"GRANT SELECT ON `{SCHEMAS.replace('_', chr(92) + '_')}%`.* TO {user}@'%'")
    later.callback(_execute, connect, f"DROP USER {user}@'%'")
    iam, s3, dms = lab.client("iam"), lab.client("s3"), lab.client("dms")
    region = lab.env["AWS_DEFAULT_REGION"]
    _role(iam, "dms-vpc-role", "dms.amazonaws.com")
    iam.attach_role_policy(RoleName="dms-vpc-role", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole")
    bucket = f"contract-{prefix}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    later.callback(s3.delete_bucket, Bucket=bucket)
    subnets = lab.client("ec2").describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["landbridge-lab"]}])["Subnets"]
    group = dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier=f"contract-{prefix}",
        ReplicationSubnetGroupDescription="contract tests",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"]
    later.callback(dms.delete_replication_subnet_group, ReplicationSubnetGroupIdentifier=group)
    authority = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    return Place(
        client=lab.client,
        connect=connect,
        source=Login("127.0.0.1", lab.ports["mysql"], user, password, authority),
        engine="mysql",
        bucket=bucket,
        bucket_role=_role(iam, "dms-contract-bucket", "dms.amazonaws.com"),
        secret_role=_role(iam, "dms-contract-secret", f"dms.{region}.amazonaws.com"),
        instance="",
        subnet_group=group,
        security_groups=(),
        dialect=GUIDE,
        poll=0.1,
        patience=30,
    )


_NEEDED = ("BUCKET", "BUCKET_ROLE_ARN", "SECRET_ROLE_ARN", "SUBNET_GROUP", "SOURCE_HOST", "SOURCE_USER", "SOURCE_PASSWORD_FILE")


def aws(environ: Mapping[str, str] = os.environ) -> Place:
    """The account of boto3's credentials. Fails with the names of the variables that are missing."""
    given = {name.removeprefix(f"{SWITCH}_"): value for name, value in environ.items() if name.startswith(f"{SWITCH}_")}
    if missing := [f"{SWITCH}_{name}" for name in _NEEDED if not given.get(name)]:
        pytest.fail(f"not set: {', '.join(missing)} (docs/dms-fidelity.md)", pytrace=False)

    def content(name: str) -> str:
        return Path(given[name]).read_text(encoding="utf-8").rstrip("\n") if given.get(name) else ""

    source = Login(
        given["SOURCE_HOST"],
        int(given.get("SOURCE_PORT", "3306")),
        given["SOURCE_USER"],
        content("SOURCE_PASSWORD_FILE"),
        content("SOURCE_CA_FILE"),
    )
    admin: dict[str, Any] = {
        "host": given.get("ADMIN_HOST", source.host),
        "port": int(given.get("ADMIN_PORT", source.port)),
        "user": given.get("ADMIN_USER", source.user),
        "password": content("ADMIN_PASSWORD_FILE") or source.password,
    }
    if given.get("ADMIN_CA_FILE"):
        admin["ssl"] = {"ca": given["ADMIN_CA_FILE"], "check_hostname": True}
    return Place(
        client=_client,
        connect=lambda: pymysql.connect(charset="utf8mb4", autocommit=True, **admin),
        source=source,
        engine=given.get("SOURCE_ENGINE", "mysql"),
        bucket=given["BUCKET"],
        bucket_role=given["BUCKET_ROLE_ARN"],
        secret_role=given["SECRET_ROLE_ARN"],
        instance=given.get("INSTANCE_ARN", ""),
        subnet_group=given["SUBNET_GROUP"],
        security_groups=tuple(given.get("SECURITY_GROUPS", "").split()),
        dialect=None,
        poll=15,
        patience=1800,
    )
