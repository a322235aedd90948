# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Endpoints, connection tests and CloudFormation, against the lab's real database, bucket and emulator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.tls import create_tls

from .conftest import Bench, select_all, wait


@pytest.fixture
def secret(bench: Bench) -> Iterator[str]:
    """A secret with the login of the tests' source account."""
    client = bench.lab.client("secretsmanager")
    value = {"username": bench.user, "password": bench.password, "host": "127.0.0.1", "port": bench.lab.ports["mysql"]}
    name = bench.name("secret")
    client.create_secret(Name=name, SecretString=json.dumps(value))
    yield name
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def from_secret(bench: Bench, secret: str) -> dict[str, Any]:
    """What makes a source endpoint take its login from the secret."""
    clear = dict.fromkeys(("ServerName", "Port", "Username", "Password"))
    return clear | {"MySQLSettings": {"SecretsManagerSecretId": secret, "SecretsManagerAccessRoleArn": bench.secret_role}}


def test_a_login_from_a_secret(bench: Bench, secret: str) -> None:
    endpoint = bench.source(**from_secret(bench, secret))
    assert bench.tested(endpoint)["Status"] == "successful"
    bench.lab.client("secretsmanager").put_secret_value(SecretId=secret, SecretString='{"username": "only"}')
    failed = bench.tested(endpoint)
    assert failed["Status"] == "failed"
    assert "lacks the keys password, host, port" in failed["LastFailureMessage"]


# The lab's server under a name that its certificate does not hold.
OTHER_NAME = "127.1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Password": "wrong"}, "Access denied"),
        ({"SslMode": "none", "CertificateArn": None}, "Access denied"),
        ({"ServerName": OTHER_NAME}, "certificate verify failed: Hostname mismatch"),
        ({"Port": 1}, "Connection refused"),
    ],
)
def test_a_source_fails_for_its_reason(bench: Bench, changes: dict[str, Any], reason: str) -> None:
    connection = bench.tested(bench.source(**changes))
    assert connection["Status"] == "failed"
    assert reason in connection["LastFailureMessage"]


def test_a_server_of_another_authority_is_refused(bench: Bench, tmp_path: Path) -> None:
    create_tls(tmp_path, ("localhost",), ("127.0.0.1",))
    pem = (tmp_path / "ca.pem").read_text(encoding="utf-8")
    other = bench.dms.import_certificate(CertificateIdentifier=bench.name("other"), CertificatePem=pem)["Certificate"]["CertificateArn"]
    connection = bench.tested(bench.source(CertificateArn=other))
    assert connection["Status"] == "failed"
    assert "certificate verify failed" in connection["LastFailureMessage"]


def test_verify_ca_does_not_look_at_the_name(bench: Bench) -> None:
    assert bench.tested(bench.source(ServerName=OTHER_NAME, SslMode="verify-ca"))["Status"] == "successful"


def test_a_bucket_that_is_not_there(bench: Bench) -> None:
    name = bench.name("no-bucket")
    target, _ = bench.target(BucketName=name)
    failure = bench.tested(target)["LastFailureMessage"]
    assert "NoSuchBucket" in failure
    assert f"bucket {name}" in failure


def test_a_tested_bucket_is_left_as_it_was(bench: Bench) -> None:
    target, folder = bench.target()
    assert bench.tested(target)["Status"] == "successful"
    assert bench.keys(folder) == []


def test_a_changed_endpoint_is_tested_again(bench: Bench) -> None:
    endpoint = bench.source(Password="wrong")
    assert bench.tested(endpoint)["Status"] == "failed"
    answer = bench.dms.modify_endpoint(EndpointArn=endpoint, Password=bench.password)
    assert bench.password not in json.dumps(answer)
    bench.dms.get_waiter("test_connection_succeeds").wait(
        Filters=[{"Name": "endpoint-arn", "Values": [endpoint]}], WaiterConfig={"Delay": 1}
    )


def test_a_secret_behind_another_door(bench: Bench, secret: str) -> None:
    """The attribute leads to where it says: to the emulator, or to a port on which nobody answers."""
    here = f"secretsManagerEndpointOverride={bench.lab.env['AWS_ENDPOINT_URL']}"
    endpoint = bench.source(**from_secret(bench, secret), ExtraConnectionAttributes=here)
    assert bench.tested(endpoint)["Status"] == "successful"
    nowhere = "secretsManagerEndpointOverride=http://127.0.0.1:1"
    other = bench.source(**from_secret(bench, secret), ExtraConnectionAttributes=nowhere)
    assert "Unable to fetch the secret" in bench.tested(other)["LastFailureMessage"]


def test_the_script_after_the_connection_is_run(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE seen (id INT)")
    execute(f"GRANT INSERT ON {schema}.seen TO {bench.user}@'%'")
    script = f"INSERT INTO {schema}.seen VALUES (1)"  # noqa: S608 - the name is made by a fixture
    endpoint = bench.source(MySQLSettings={"AfterConnectScript": script})
    assert bench.tested(endpoint)["Status"] == "successful"
    assert execute("SELECT COUNT(*) FROM seen")[0][0] == 1
    execute("DROP TABLE seen")
    execute(f"REVOKE INSERT ON {schema}.seen FROM {bench.user}@'%'")
    # The API reference: work goes on whether the script succeeds or not.
    assert bench.tested(endpoint)["Status"] == "successful"


def test_the_schemas_of_a_source(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE there (id INT PRIMARY KEY)")
    endpoint = bench.source()

    def refreshed() -> dict[str, Any]:
        bench.dms.refresh_schemas(EndpointArn=endpoint, ReplicationInstanceArn=bench.instance)
        return dict(wait(ended, "schemas"))

    def ended() -> Any:
        found = bench.dms.describe_refresh_schemas_status(EndpointArn=endpoint)["RefreshSchemasStatus"]
        return found if found["Status"] != "refreshing" else None

    assert refreshed()["Status"] == "successful"
    assert schema in bench.dms.describe_schemas(EndpointArn=endpoint)["Schemas"]
    bench.dms.modify_endpoint(EndpointArn=endpoint, Password="wrong")
    failed = refreshed()
    assert (failed["Status"], "Access denied" in failed["LastFailureMessage"]) == ("failed", True)


def test_a_key_of_kms(bench: Bench) -> None:
    kms = bench.lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    bench.source(KmsKeyId=key)
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match="KMSKeyNotAccessibleFault"):
        bench.source(KmsKeyId=key)
    with pytest.raises(ClientError, match="KMSKeyNotAccessibleFault"):
        bench.target(EncryptionMode="sse-kms", ServerSideEncryptionKmsKeyId="no-such-key")


def test_what_can_be_ordered_comes_in_pages(bench: Bench) -> None:
    pages = bench.dms.get_paginator("describe_orderable_replication_instances").paginate(PaginationConfig={"PageSize": 20})
    offered = [o for page in pages for o in page["OrderableReplicationInstances"]]
    assert len({(o["EngineVersion"], o["ReplicationInstanceClass"]) for o in offered}) == len(offered) > 20
    assert "eu-west-1a" in offered[0]["AvailabilityZones"]
    quotas = {q["AccountQuotaName"]: q for q in bench.dms.describe_account_attributes()["AccountQuotas"]}
    assert quotas["AllocatedStorage"]["Used"] >= 50
    assert quotas["EventSubscriptions"]["Max"] == 60


def stack(bench: Bench, template: dict[str, Any], name: str, call: str) -> dict[str, Any]:
    """Create or update a stack and wait for its end; what it is then."""
    client = bench.lab.client("cloudformation")
    getattr(client, call)(StackName=name, TemplateBody=json.dumps(template))
    for _ in range(600):
        found = client.describe_stacks(StackName=name)["Stacks"][0]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.1)
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"].endswith("_FAILED")]
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons
    return dict(found)


def test_cloudformation_makes_and_removes_everything(
    bench: Bench, schema: str, secret: str, subnets: list[dict[str, Any]], execute: Callable[..., Any]
) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    execute("INSERT INTO small VALUES (1)")
    name, folder = bench.name("stack"), bench.name("folder")
    pem = (bench.lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    resources: dict[str, Any] = {
        "Certificate": {"Type": "AWS::DMS::Certificate", "Properties": {"CertificateIdentifier": name, "CertificatePem": pem}},
        "Group": {
            "Type": "AWS::DMS::ReplicationSubnetGroup",
            "Properties": {
                "ReplicationSubnetGroupIdentifier": name,
                "ReplicationSubnetGroupDescription": "tests",
                "SubnetIds": [s["SubnetId"] for s in subnets],
                "Tags": [{"Key": "purpose", "Value": "tests"}],
            },
        },
        "Instance": {
            "Type": "AWS::DMS::ReplicationInstance",
            "Properties": {
                "ReplicationInstanceIdentifier": name,
                "ReplicationInstanceClass": "dms.t3.medium",
                "AllocatedStorage": "60",
                "PubliclyAccessible": "false",
                "ReplicationSubnetGroupIdentifier": {"Ref": "Group"},
            },
        },
        "Source": {
            "Type": "AWS::DMS::Endpoint",
            "Properties": {
                "EndpointIdentifier": f"{name}-source",
                "EndpointType": "source",
                "EngineName": "mysql",
                "SslMode": "verify-full",
                "CertificateArn": {"Ref": "Certificate"},
                "MySqlSettings": {"SecretsManagerSecretId": secret, "SecretsManagerAccessRoleArn": bench.secret_role},
            },
        },
        "Target": {
            "Type": "AWS::DMS::Endpoint",
            "Properties": {
                "EndpointIdentifier": f"{name}-target",
                "EndpointType": "target",
                "EngineName": "s3",
                "S3Settings": {
                    "ServiceAccessRoleArn": bench.s3_role,
                    "BucketName": bench.bucket,
                    "BucketFolder": folder,
                    "IncludeOpForFullLoad": "true",
                    "MaxFileSize": "1024",
                },
            },
        },
        "Task": {
            "Type": "AWS::DMS::ReplicationTask",
            "Properties": {
                "ReplicationTaskIdentifier": name,
                "MigrationType": "full-load",
                "ReplicationInstanceArn": {"Ref": "Instance"},
                "SourceEndpointArn": {"Ref": "Source"},
                "TargetEndpointArn": {"Ref": "Target"},
                "TableMappings": select_all(schema, "absent"),
            },
        },
    }
    outputs = {
        "Group": {"Value": {"Ref": "Group"}},
        "Instance": {"Value": {"Ref": "Instance"}},
        "Task": {"Value": {"Ref": "Task"}},
        "Address": {"Value": {"Fn::Select": [0, {"Fn::GetAtt": ["Instance", "ReplicationInstancePrivateIpAddresses"]}]}},
    }
    template = {"Resources": resources, "Outputs": outputs}
    made = {o["OutputKey"]: o["OutputValue"] for o in stack(bench, template, name, "create_stack")["Outputs"]}
    assert made["Group"] == name
    assert made["Instance"].startswith("arn:aws:dms:eu-west-1:000000000042:rep:")
    assert made["Address"] == "127.0.0.1"
    assert bench.describe(made["Task"])["Status"] == "ready"
    group_arn = f"arn:aws:dms:eu-west-1:000000000042:subgrp:{name}"
    assert [t["Key"] for t in bench.dms.list_tags_for_resource(ResourceArn=group_arn)["TagList"]] == ["purpose"]

    resources["Task"]["Properties"]["TableMappings"] = select_all(schema, "small")
    resources["Group"]["Properties"]["Tags"] = [{"Key": "owner", "Value": "tests"}]
    resources["Group"]["Properties"]["ReplicationSubnetGroupDescription"] = "changed"
    stack(bench, template, name, "update_stack")
    assert [t["Key"] for t in bench.dms.list_tags_for_resource(ResourceArn=group_arn)["TagList"]] == ["owner"]
    task = bench.describe(made["Task"])
    for endpoint in (task["SourceEndpointArn"], task["TargetEndpointArn"]):
        bench.dms.test_connection(ReplicationInstanceArn=made["Instance"], EndpointArn=endpoint)
        bench.dms.get_waiter("test_connection_succeeds").wait(
            Filters=[{"Name": "endpoint-arn", "Values": [endpoint]}], WaiterConfig={"Delay": 1}
        )
    bench.run(made["Task"])
    assert bench.rows(folder, schema, "small") == [["I", "1"]]

    client = bench.lab.client("cloudformation")
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="ResourceNotFoundFault"):
        bench.describe(made["Task"])
    with pytest.raises(ClientError, match="ResourceNotFoundFault"):
        bench.dms.describe_replication_subnet_groups(Filters=[{"Name": "replication-subnet-group-id", "Values": [name]}])
