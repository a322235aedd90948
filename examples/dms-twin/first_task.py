#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""A first DMS task by boto3: the tables of a schema, and then every change of them, as CSV files in a bucket.

  first_task.py up --schema shop      make what is not there yet, and start the task; what is there stays as it is
  first_task.py files                 the files that it has written so far
  first_task.py down                  remove all of it

Nothing here knows whether the twin or AWS answers: boto3 finds region, credentials and endpoints in the environment.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

NAME = "first-task"
VPC_ROLE, VPC_POLICY = "dms-vpc-role", "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
QUICK = {"Delay": 0.5, "MaxAttempts": 3000}

try:
    iam, s3, ec2, sts, dms = (boto3.client(service) for service in ("iam", "s3", "ec2", "sts", "dms"))
except BotoCoreError as error:
    sys.exit(f'first_task: {error} For the lab: eval "$(lab/landbridge-lab env)"')
region = dms.meta.region_name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("up", help="make what is not there yet, and start the task")
    made.add_argument("--schema", default="billing", help="whose tables are copied (default: %(default)s)")
    made.add_argument("--table", default="%", help="which of them; %% and _ are wildcards (default: %(default)s)")
    made.add_argument(
        "--secret", default="landbridge-lab/source", help="the secret with host, port, username, password (default: %(default)s)"
    )
    made.add_argument("--ca", type=Path, default=lab_authority(), help="PEM of the authority that signed the source's certificate")
    commands.add_parser("files", help="print the files that the task has written so far")
    commands.add_parser("down", help="remove what up made")
    options = parser.parse_args()
    try:
        if options.command == "up":
            if options.ca is None:
                parser.error("--ca is missing: which authority signed the source's certificate?")
            up(options.schema, options.table, options.secret, options.ca.read_text(encoding="utf-8"))
        elif options.command == "files":
            show_files()
        else:
            down()
    except (ClientError, BotoCoreError, OSError, TaskError) as error:
        print(f"first_task: {error}", file=sys.stderr)
        return 1
    return 0


def lab_authority() -> Path | None:
    """The lab's own, if its environment is set: it lies beside the site file."""
    site = os.environ.get("LANDBRIDGE_SITE")
    return Path(site).parent / "tls" / "ca.pem" if site else None


class TaskError(Exception):
    """What the task or a connection test says of itself."""


def up(schema: str, table: str, secret: str, ca: str) -> None:
    # What DMS demands of an account before anything else: a role of exactly this name, with this policy.
    role(VPC_ROLE, "dms.amazonaws.com")
    iam.attach_role_policy(RoleName=VPC_ROLE, PolicyArn=VPC_POLICY)
    # Two services take the other roles: DMS itself writes to the bucket, the regional one reads the secret.
    bucket_role = role(f"{NAME}-bucket", "dms.amazonaws.com")
    secret_role = role(f"{NAME}-secret", f"dms.{region}.amazonaws.com")
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    once(s3.create_bucket, Bucket=bucket(), **place)

    once(
        dms.create_replication_subnet_group,
        ReplicationSubnetGroupIdentifier=NAME,
        ReplicationSubnetGroupDescription="A first task",
        SubnetIds=two_subnets(),
    )
    once(
        dms.create_replication_instance,
        ReplicationInstanceIdentifier=NAME,
        ReplicationInstanceClass="dms.t3.medium",
        ReplicationSubnetGroupIdentifier=NAME,
    )
    dms.get_waiter("replication_instance_available").wait(Filters=named("replication-instance-id", NAME), WaiterConfig=QUICK)
    instance = arn("ReplicationInstance")

    once(dms.import_certificate, CertificateIdentifier=NAME, CertificatePem=ca)
    once(
        dms.create_endpoint,
        EndpointIdentifier=f"{NAME}-source",
        EndpointType="source",
        EngineName="mysql",
        SslMode="verify-full",
        CertificateArn=arn("Certificate"),
        MySQLSettings={"SecretsManagerSecretId": secret, "SecretsManagerAccessRoleArn": secret_role},
    )
    once(
        dms.create_endpoint,
        EndpointIdentifier=f"{NAME}-target",
        EndpointType="target",
        EngineName="s3",
        S3Settings={
            "ServiceAccessRoleArn": bucket_role,
            "BucketName": bucket(),
            "BucketFolder": "data",
            "CsvNullValue": "__NULL__",
            "IncludeOpForFullLoad": True,
            "CdcPath": "changes",
            "PreserveTransactions": True,
            "CdcMaxBatchInterval": 1,
        },
    )
    for end in ("source", "target"):
        test_connection(instance, arn("Endpoint", f"{NAME}-{end}"))

    selection = {
        "rule-type": "selection",
        "rule-id": "1",
        "rule-name": "all",
        "rule-action": "include",
        "object-locator": {"schema-name": schema, "table-name": table},
    }
    once(
        dms.create_replication_task,
        ReplicationTaskIdentifier=NAME,
        MigrationType="full-load-and-cdc",
        ReplicationInstanceArn=instance,
        SourceEndpointArn=arn("Endpoint", f"{NAME}-source"),
        TargetEndpointArn=arn("Endpoint", f"{NAME}-target"),
        TableMappings=json.dumps({"rules": [selection]}),
    )
    start()
    wait_for_full_load()
    for statistics in dms.describe_table_statistics(ReplicationTaskArn=arn("ReplicationTask"))["TableStatistics"]:
        print("{SchemaName}.{TableName}: {FullLoadRows} rows, {TableState}".format_map(statistics))
    print(f"The files are in s3://{bucket()}/data; changes follow.")


def role(name: str, service: str) -> str:
    """The ARN of a role that the service may take."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    once(iam.create_role, RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return str(iam.get_role(RoleName=name)["Role"]["Arn"])


def bucket() -> str:
    """Names of buckets are unique in the whole world, so the account is in it."""
    return f"{NAME}-{sts.get_caller_identity()['Account']}"


def two_subnets() -> list[str]:
    """Two subnets of one network in two availability zones: a subnet group needs them."""
    zones: dict[str, dict[str, str]] = {}
    for subnet in ec2.describe_subnets()["Subnets"]:
        zones.setdefault(subnet["VpcId"], {})[subnet["AvailabilityZone"]] = subnet["SubnetId"]
    found = next((list(ids.values()) for ids in zones.values() if len(ids) > 1), None)
    if found is None:
        raise TaskError("no network of this account has subnets in two availability zones")
    return found[:2]


def test_connection(instance: str, endpoint: str) -> None:
    """A task starts only if both its endpoints were reached from its instance."""
    dms.test_connection(ReplicationInstanceArn=instance, EndpointArn=endpoint)
    try:
        dms.get_waiter("test_connection_succeeds").wait(Filters=named("endpoint-arn", endpoint), WaiterConfig=QUICK)
    except WaiterError as error:
        connection = dms.describe_connections(Filters=named("endpoint-arn", endpoint))["Connections"][0]
        raise TaskError(connection["LastFailureMessage"]) from error


def start() -> None:
    """A task that has ended loads its tables again; one that runs is left alone."""
    status = task()["Status"]
    if status not in ("starting", "running"):
        kind = "start-replication"
        if status in ("stopped", "failed"):
            kind = "reload-target"
        else:
            dms.get_waiter("replication_task_ready").wait(Filters=named("replication-task-id", NAME), WaiterConfig=QUICK)
        dms.start_replication_task(ReplicationTaskArn=arn("ReplicationTask"), StartReplicationTaskType=kind)


def wait_for_full_load() -> None:
    while (now := task())["Status"] in ("starting", "running"):
        if now["ReplicationTaskStats"].get("FullLoadProgressPercent") == 100:
            return
        time.sleep(0.2)
    raise TaskError(f"the task is {now['Status']}: {now.get('LastFailureMessage') or now.get('StopReason')}")


def show_files() -> None:
    for item in s3.list_objects_v2(Bucket=bucket()).get("Contents", []):
        print(f"--- {item['Key']}")
        print(s3.get_object(Bucket=bucket(), Key=item["Key"])["Body"].read().decode(), end="")


def down() -> None:
    """In the opposite order. What is not there is passed over."""
    if (found := arn("ReplicationTask")) and task()["Status"] in ("starting", "running"):
        dms.stop_replication_task(ReplicationTaskArn=found)
        dms.get_waiter("replication_task_stopped").wait(Filters=named("replication-task-id", NAME), WaiterConfig=QUICK)
    if found:
        dms.delete_replication_task(ReplicationTaskArn=found)
        dms.get_waiter("replication_task_deleted").wait(Filters=named("replication-task-id", NAME), WaiterConfig=QUICK)
    for end in ("source", "target"):
        if found := arn("Endpoint", f"{NAME}-{end}"):
            dms.delete_endpoint(EndpointArn=found)
            dms.get_waiter("endpoint_deleted").wait(Filters=named("endpoint-arn", found), WaiterConfig=QUICK)
    if found := arn("Certificate"):
        dms.delete_certificate(CertificateArn=found)
    if found := arn("ReplicationInstance"):
        dms.delete_replication_instance(ReplicationInstanceArn=found)
        dms.get_waiter("replication_instance_deleted").wait(Filters=named("replication-instance-arn", found), WaiterConfig=QUICK)
    if_there(dms.delete_replication_subnet_group, ReplicationSubnetGroupIdentifier=NAME)
    for name in (f"{NAME}-bucket", f"{NAME}-secret"):
        if_there(iam.delete_role, RoleName=name)
    for item in if_there(s3.list_objects_v2, Bucket=bucket()).get("Contents", []):
        s3.delete_object(Bucket=bucket(), Key=item["Key"])
    if_there(s3.delete_bucket, Bucket=bucket())
    print(f"Removed; the role {VPC_ROLE} stays, it belongs to the account.")


KINDS = {
    "ReplicationInstance": (dms.describe_replication_instances, "replication-instance-id"),
    "Certificate": (dms.describe_certificates, "certificate-id"),
    "Endpoint": (dms.describe_endpoints, "endpoint-id"),
    "ReplicationTask": (dms.describe_replication_tasks, "replication-task-id"),
}


def arn(kind: str, name: str = NAME) -> str:
    """Of the resource with that identifier; empty if there is none."""
    describe, by = KINDS[kind]
    found = if_there(describe, Filters=named(by, name)).get(f"{kind}s", [])
    return str(found[0][f"{kind}Arn"]) if found else ""


def task() -> dict[str, Any]:
    return dict(dms.describe_replication_tasks(Filters=named("replication-task-id", NAME))["ReplicationTasks"][0])


def named(by: str, value: str) -> list[dict[str, Any]]:
    return [{"Name": by, "Values": [value]}]


def once(create: Any, **parameters: Any) -> None:
    """Make it, unless it is there already."""
    unless(("ResourceAlreadyExistsFault", "EntityAlreadyExists", "BucketAlreadyOwnedByYou"), create, parameters)


def if_there(call: Any, **parameters: Any) -> dict[str, Any]:
    """The answer; empty if what the call is about does not exist."""
    return unless(("ResourceNotFoundFault", "NoSuchEntity", "NoSuchBucket"), call, parameters)


def unless(codes: tuple[str, ...], call: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(call(**parameters))
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
        return {}


if __name__ == "__main__":
    sys.exit(main())
