# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The API: what it accepts, shows, refuses and keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from lab.tls import create_tls

from ..conftest import MAPPINGS, S3_ROLE, SECRET_ROLE, Bench


def test_input_is_held_against_the_service_model(bench: Bench) -> None:
    assert bench.refusal("Nonsense").code == "UnknownOperationException"
    assert bench.refusal("StartReplication", ReplicationConfigArn="x").code == "UnsupportedOperation"
    missing = bench.refusal("CreateReplicationInstance", ReplicationInstanceIdentifier="x")
    assert missing.code == "ValidationException"
    assert "ReplicationInstanceClass" in missing.message
    assert bench.refusal("DescribeEndpoints", Colour="red").code == "ValidationException"
    assert bench.refusal("DescribeEndpoints", MaxRecords="20").code == "ValidationException"
    enumeration = bench.refusal("CreateEndpoint", EndpointIdentifier="e", EndpointType="sideways", EngineName="s3")
    assert "'sideways' at 'EndpointType'" in enumeration.message


def test_a_subnet_group_covers_two_zones(bench: Bench) -> None:
    group = bench.group("Mixed-Case")["ReplicationSubnetGroup"]
    assert (group["ReplicationSubnetGroupIdentifier"], group["VpcId"]) == ("mixed-case", "vpc-1")
    params = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d"}
    create = "CreateReplicationSubnetGroup"
    one_zone = bench.refusal(create, **params, SubnetIds=["subnet-a", "subnet-c"])
    assert one_zone.code == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"
    assert bench.refusal(create, **params, SubnetIds=["subnet-a", "subnet-x"]).code == "InvalidSubnet"
    again = bench.refusal(create, **params | {"ReplicationSubnetGroupIdentifier": "MIXED-case"}, SubnetIds=["subnet-a", "subnet-b"])
    assert again.code == "ResourceAlreadyExistsFault"


def test_the_account_needs_its_role(bench: Bench) -> None:
    bench.group()
    bench.account.vpc_role = False
    group = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d", "SubnetIds": ["subnet-a", "subnet-b"]}
    assert bench.refusal("CreateReplicationSubnetGroup", **group).code == "AccessDeniedFault"
    instance = {
        "ReplicationInstanceIdentifier": "i",
        "ReplicationInstanceClass": "dms.t3.medium",
        "ReplicationSubnetGroupIdentifier": "group",
    }
    denied = bench.refusal("CreateReplicationInstance", **instance)
    assert denied.message == "The IAM Role arn:aws:iam::000000000042:role/dms-vpc-role is not configured properly."


@pytest.mark.parametrize("name", ["1abc", "a--b", "a-", "a_b", "ä"])
def test_identifiers_follow_the_rules(bench: Bench, name: str) -> None:
    params = {"ReplicationSubnetGroupDescription": "d", "SubnetIds": ["subnet-a", "subnet-b"]}
    refused = bench.refusal("CreateReplicationSubnetGroup", ReplicationSubnetGroupIdentifier=name, **params)
    assert refused.code == "InvalidParameterValueException"


def test_pages_and_filters(bench: Bench) -> None:
    for number in range(45):
        bench.group(f"g{number:02}")
    first = bench.call("DescribeReplicationSubnetGroups", MaxRecords=20)
    second = bench.call("DescribeReplicationSubnetGroups", MaxRecords=20, Marker=first["Marker"])
    third = bench.call("DescribeReplicationSubnetGroups", MaxRecords=20, Marker=second["Marker"])
    names = [g["ReplicationSubnetGroupIdentifier"] for a in (first, second, third) for g in a["ReplicationSubnetGroups"]]
    assert names == [f"g{n:02}" for n in range(45)]
    assert "Marker" not in third
    assert bench.refusal("DescribeReplicationSubnetGroups", MaxRecords=19).code == "InvalidParameterValueException"
    assert bench.refusal("DescribeReplicationSubnetGroups", Marker="?").code == "InvalidParameterValueException"
    wrong = [{"Name": "colour", "Values": ["red"]}]
    assert bench.refusal("DescribeReplicationSubnetGroups", Filters=wrong).code == "InvalidParameterValueException"


def test_passwords_are_never_shown_nor_kept_with_the_rest(bench: Bench) -> None:
    made = bench.source()
    shown = [made, *bench.call("DescribeEndpoints")["Endpoints"]]
    bench.source(EndpointIdentifier="second", MySQLSettings={"Password": "hush-hush", "ServerName": "x"}, Password=None, ServerName=None)
    changed = bench.call("ModifyEndpoint", EndpointArn=made["EndpointArn"], Password="hush-hush-2")
    text = repr((shown, changed, bench.call("DescribeEndpoints")))
    assert "hush" not in text
    assert "hush" not in (bench.folder / "resources.json").read_text(encoding="utf-8")
    assert all(path.stat().st_mode & 0o077 == 0 for path in bench.folder.rglob("*") if path.is_file())
    bench.call("DeleteEndpoint", EndpointArn=made["EndpointArn"])
    assert len(list((bench.folder / "passwords").iterdir())) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SslMode": "require"}, "InvalidParameterValueException"),
        ({"SslMode": "verify-full"}, "InvalidParameterCombinationException"),
        ({"SslMode": "verify-ca", "CertificateArn": "arn:aws:dms:x"}, "ResourceNotFoundFault"),
        ({"Password": None}, "InvalidParameterCombinationException"),
        (
            {"MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": SECRET_ROLE}},
            "InvalidParameterCombinationException",
        ),
        ({"EngineName": "oracle"}, "InvalidParameterValueException"),
        ({"EndpointType": "target"}, "InvalidParameterValueException"),
        ({"ExtraConnectionAttributes": "initstmt=SET x"}, "InvalidParameterValueException"),
    ],
)
def test_a_source_that_contradicts_itself(bench: Bench, changes: dict[str, Any], code: str) -> None:
    params = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql"}
    clear = {"ServerName": "db", "Port": 3306, "Username": "u", "Password": "p"}
    merged = {k: v for k, v in (params | clear | changes).items() if v is not None}
    assert bench.refusal("CreateEndpoint", **merged).code == code


def test_a_secret_needs_a_role_that_trusts_the_regional_service(bench: Bench) -> None:
    params = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql"}
    settings = {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": SECRET_ROLE}
    assert bench.call("CreateEndpoint", **params, MySQLSettings=settings)["Endpoint"]["MySQLSettings"] == settings
    other = settings | {"SecretsManagerAccessRoleArn": S3_ROLE}
    refused = bench.refusal("CreateEndpoint", **params | {"EndpointIdentifier": "f"}, MySQLSettings=other)
    assert refused.code == "AccessDeniedFault"


@pytest.mark.parametrize(
    "settings",
    [
        {"DataFormat": "parquet"},
        {"MaxFileSize": 0},
        {"EncryptionMode": "sse-kms"},
        {"PreserveTransactions": True},
        {"PreserveTransactions": True, "CdcPath": "cdc", "AddColumnName": True},
    ],
)
def test_a_target_that_is_refused(bench: Bench, settings: dict[str, Any]) -> None:
    s3 = {"ServiceAccessRoleArn": S3_ROLE, "BucketName": "b"} | settings
    refused = bench.refusal("CreateEndpoint", EndpointIdentifier="t", EndpointType="target", EngineName="s3", S3Settings=s3)
    assert refused.code.startswith("InvalidParameter")


def test_words_of_the_guide_are_taken_too(bench: Bench) -> None:
    assert bench.target(CompressionType="GZIP", EncryptionMode="SSE_S3")["S3Settings"]["CompressionType"] == "GZIP"


def test_certificates(bench: Bench, tmp_path: Path) -> None:
    create_tls(tmp_path / "tls", ("localhost",), ("127.0.0.1",))
    text = (tmp_path / "tls" / "ca.pem").read_text(encoding="utf-8")
    made = bench.call("ImportCertificate", CertificateIdentifier="ca", CertificatePem=text)["Certificate"]
    assert made["CertificatePem"] == text
    assert made["ValidFromDate"] < made["ValidToDate"]
    assert bench.refusal("ImportCertificate", CertificateIdentifier="x", CertificatePem="no").code == "InvalidCertificateFault"
    source = bench.source(SslMode="verify-full", CertificateArn=made["CertificateArn"])
    assert bench.refusal("DeleteCertificate", CertificateArn=made["CertificateArn"]).code == "InvalidResourceStateFault"
    bench.call("DeleteEndpoint", EndpointArn=source["EndpointArn"])
    bench.call("DeleteCertificate", CertificateArn=made["CertificateArn"])
    assert bench.call("DescribeCertificates") == {"Certificates": []}


def test_a_task_needs_the_right_endpoints_and_is_ready_after_a_while(bench: Bench) -> None:
    params = bench.task_params()
    swapped = params | {"SourceEndpointArn": params["TargetEndpointArn"]}
    assert bench.refusal("CreateReplicationTask", **swapped).code == "InvalidParameterValueException"
    task = bench.call("CreateReplicationTask", **params)["ReplicationTask"]
    arn = task["ReplicationTaskArn"]
    assert task["Status"] == "creating"
    assert bench.refusal("StartReplicationTask", ReplicationTaskArn=arn, StartReplicationTaskType="start-replication").code == (
        "InvalidResourceStateFault"
    )
    bench.now += 10
    assert bench.call("DescribeReplicationTasks")["ReplicationTasks"][0]["Status"] == "ready"
    assert bench.call("DescribeTableStatistics", ReplicationTaskArn=arn)["TableStatistics"] == []
    assert bench.refusal("DeleteEndpoint", EndpointArn=params["SourceEndpointArn"]).code == "InvalidResourceStateFault"
    assert bench.refusal("DeleteReplicationInstance", ReplicationInstanceArn=params["ReplicationInstanceArn"]).code == (
        "InvalidResourceStateFault"
    )
    untested = bench.refusal("StartReplicationTask", ReplicationTaskArn=arn, StartReplicationTaskType="start-replication")
    assert "should be successful" in untested.message
    bench.call("DeleteReplicationTask", ReplicationTaskArn=arn)
    bench.now += 10
    assert bench.call("DescribeReplicationTasks") == {"ReplicationTasks": []}


@pytest.mark.parametrize(
    "changes",
    [
        {"CdcStartPosition": "mysql-bin.000001:4"},
        {"TableMappings": "{}"},
        {"ReplicationTaskSettings": "[]"},
    ],
)
def test_tasks_that_are_refused(bench: Bench, changes: dict[str, Any]) -> None:
    assert bench.refusal("CreateReplicationTask", **bench.task_params(**changes)).code == "InvalidParameterValueException"


def test_everything_outlives_the_process_and_a_running_task_fails(bench: Bench) -> None:
    task = bench.call("CreateReplicationTask", **bench.task_params(), Tags=[{"Key": "k", "Value": "v"}])["ReplicationTask"]
    bench.now += 10
    store = bench.service._store
    with store.changing():
        resource = store.get("task", task["ReplicationTaskArn"])
        resource.status = "running"
        resource.inner["times"] = {"StartDate": bench.now, "FreshStartDate": bench.now}
    before = bench.call("DescribeEndpoints")
    bench.restart()
    assert bench.call("DescribeEndpoints") == before
    found = bench.call("DescribeReplicationTasks")["ReplicationTasks"][0]
    assert (found["Status"], found["StopReason"]) == ("failed", "Stop Reason RECOVERABLE_ERROR")
    assert "restarted while the task was running" in found["LastFailureMessage"]
    assert found["TableMappings"] == MAPPINGS
    assert bench.call("ListTagsForResource", ResourceArn=task["ReplicationTaskArn"])["TagList"][0]["Value"] == "v"


def test_what_the_account_may_have_and_the_engines(bench: Bench) -> None:
    bench.source()
    quotas = {q["AccountQuotaName"]: q["Used"] for q in bench.call("DescribeAccountAttributes")["AccountQuotas"]}
    assert (quotas["Endpoints"], quotas["ReplicationTasks"]) == (1, 0)
    engines = bench.call("DescribeEndpointTypes", Filters=[{"Name": "endpoint-type", "Values": ["target"]}])["SupportedEndpointTypes"]
    assert [e["EngineName"] for e in engines] == ["s3"]


@pytest.mark.parametrize(
    "tag",
    [{"Key": "aws:x", "Value": "v"}, {"Key": "k", "Value": "dms:v"}, {"Key": "k" * 129}, {"Value": "v"}, {"Key": "k", "Value": "a*b"}],
)
def test_tags_that_are_refused(bench: Bench, tag: dict[str, str]) -> None:
    arn = bench.source()["EndpointArn"]
    assert bench.refusal("AddTagsToResource", ResourceArn=arn, Tags=[tag]).code == "InvalidParameterValueException"


def test_tags_of_many_resources(bench: Bench) -> None:
    source = bench.source(Tags=[{"Key": "k", "Value": "ä b"}])["EndpointArn"]
    target = bench.target()["EndpointArn"]
    bench.call("AddTagsToResource", ResourceArn=target, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    bench.call("RemoveTagsFromResource", ResourceArn=target, TagKeys=["a"])
    found = bench.call("ListTagsForResource", ResourceArnList=[source, target])["TagList"]
    assert [(t["Key"], t["Value"], t["ResourceArn"]) for t in found] == [("k", "ä b", source), ("b", "", target)]
    assert bench.refusal("ListTagsForResource").code == "InvalidParameterCombinationException"
    assert bench.refusal("ListTagsForResource", ResourceArn="arn:x").code == "ResourceNotFoundFault"


def test_quotas_of_what_hangs_together(bench: Bench) -> None:
    bench.group()
    instance = bench.instance()
    for number in range(101):
        bench.source(EndpointIdentifier=f"e{number}")
    arns = [e["EndpointArn"] for page in (None, "next") for e in _endpoints(bench, page)]
    store = bench.service._store
    for arn in arns[:100]:
        with store.changing():
            bench.service._connections._begin(store.get("endpoint", arn), store.get("instance", instance))
    refused = bench.refusal("TestConnection", ReplicationInstanceArn=instance, EndpointArn=arns[100])
    assert refused.code == "ResourceQuotaExceededFault"
    many = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d", "SubnetIds": ["subnet-a"] * 61}
    assert bench.refusal("CreateReplicationSubnetGroup", **many).code == "ResourceQuotaExceededFault"


def _endpoints(bench: Bench, page: str | None) -> list[dict[str, Any]]:
    first = bench.call("DescribeEndpoints")
    return list((bench.call("DescribeEndpoints", Marker=first["Marker"]) if page else first)["Endpoints"])


def test_a_certificate_tells_what_is_in_it(bench: Bench, tmp_path: Path) -> None:
    create_tls(tmp_path, ("localhost",), ("127.0.0.1",))
    text = (tmp_path / "ca.pem").read_text(encoding="utf-8")
    found = x509.load_pem_x509_certificate(text.encode())
    made = bench.call("ImportCertificate", CertificateIdentifier="ca", CertificatePem=text)["Certificate"]
    assert made["ValidToDate"] == found.not_valid_after_utc.timestamp()
    assert (made["KeyLength"], made["CertificateOwner"]) == (found.public_key().key_size, "000000000042")
    assert bench.refusal("ImportCertificate", CertificateIdentifier="CA", CertificatePem=text).code == "ResourceAlreadyExistsFault"
    assert bench.refusal("ImportCertificate", CertificateIdentifier="x").code == "InvalidCertificateFault"
    cut = text.replace("\n", "\nAAAA", 1)
    assert bench.refusal("ImportCertificate", CertificateIdentifier="x", CertificatePem=cut).code == "InvalidCertificateFault"
    wallet = bench.refusal("ImportCertificate", CertificateIdentifier="x", CertificateWallet=b"x")
    assert "Oracle wallets" in wallet.message
    key = {"CertificateIdentifier": "x", "CertificatePem": text, "KmsKeyId": "none"}
    assert bench.refusal("ImportCertificate", **key).code == "KMSKeyNotAccessibleFault"
