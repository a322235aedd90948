# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Endpoint settings, given as such and as extra connection attributes."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.targets.settings import S3Settings

from ..conftest import S3_ROLE, SECRET_ROLE, Bench

SECRET = {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": SECRET_ROLE}


def s3_endpoint(bench: Bench, extra: str, **settings: Any) -> dict[str, Any]:
    params = {"EndpointIdentifier": "t", "EndpointType": "target", "EngineName": "s3", "ServiceAccessRoleArn": S3_ROLE}
    return dict(bench.call("CreateEndpoint", **params, S3Settings=settings, ExtraConnectionAttributes=extra)["Endpoint"])


def test_attributes_of_a_target(bench: Bench) -> None:
    extra = "bucketName=b;bucketFolder=f;cdcPath=cdc;preserveTransactions=true;CSVNULLVALUE=\\N;maxFileSize=512;includeOpForFullLoad=y;"
    made = s3_endpoint(bench, extra)
    assert made["ExtraConnectionAttributes"] == extra
    read = S3Settings.read(made["S3Settings"])
    assert (read.bucket, read.folder, read.transaction_folder, read.null) == ("b", "f", "f/cdc/", "\\N")
    assert (read.preserve_transactions, read.operation, read.max_file_size) == (True, True, 512 * 1024)


def test_attributes_are_replaced_and_reset(bench: Bench) -> None:
    arn = s3_endpoint(bench, "bucketFolder=f;compressionType=GZIP", BucketName="b")["EndpointArn"]
    changed = bench.call("ModifyEndpoint", EndpointArn=arn, ExtraConnectionAttributes="bucketFolder=g")["Endpoint"]
    assert changed["S3Settings"] == {"BucketName": "b", "BucketFolder": "g", "ServiceAccessRoleArn": S3_ROLE}
    reset = bench.call("ModifyEndpoint", EndpointArn=arn, ExtraConnectionAttributes="", S3Settings={"CsvDelimiter": "|"})["Endpoint"]
    assert reset["S3Settings"] == {"BucketName": "b", "CsvDelimiter": "|", "ServiceAccessRoleArn": S3_ROLE}
    assert "ExtraConnectionAttributes" not in reset
    exact = {"BucketName": "c", "ServiceAccessRoleArn": S3_ROLE}
    replaced = bench.call("ModifyEndpoint", EndpointArn=arn, ExactSettings=True, S3Settings=exact)["Endpoint"]
    assert replaced["S3Settings"] == exact


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("colour=red", "the extra connection attribute colour"),
        ("bucketFolder", "has not the form"),
        ("bucketFolder=a;BucketFolder=b", "given twice"),
        ("bucketName=other", "one value in the settings and another"),
        ("maxFileSize=big", "is no number"),
        ("addColumnName=perhaps", "neither true nor false"),
        ("compressionType=zip", "enum value set"),
        ("glueCatalogGeneration=true", "S3Settings.GlueCatalogGeneration"),
    ],
)
def test_attributes_of_a_target_that_are_refused(bench: Bench, extra: str, words: str) -> None:
    params = {"EndpointIdentifier": "t", "EndpointType": "target", "EngineName": "s3"}
    settings = {"BucketName": "b", "ServiceAccessRoleArn": S3_ROLE}
    refused = bench.refusal("CreateEndpoint", **params, S3Settings=settings, ExtraConnectionAttributes=extra)
    assert words in refused.message


def test_attributes_of_a_source(bench: Bench) -> None:
    extra = "eventsPollInterval=10;serverTimezone=US/Pacific;afterConnectScript=SET @x=1;cleanSrcMetadataOnMismatch=y;ConnectionTimeout=10"
    made = bench.source(ExtraConnectionAttributes=extra, ServerName="db.example.org")
    assert made["MySQLSettings"] == {
        "EventsPollInterval": 10,
        "ServerTimezone": "US/Pacific",
        "AfterConnectScript": "SET @x=1",
        "CleanSourceMetadataOnMismatch": True,
        "ServerName": "db.example.org",
        "Port": 3306,
        "Username": "u",
    }
    endpoints, store = bench.service._endpoints, bench.service._store
    address = endpoints.address(store.get("endpoint", made["EndpointArn"]))
    assert (address.after_connect, address.server_timezone, address.password) == ("SET @x=1", "US/Pacific", "hush-hush")
    reset = bench.call("ModifyEndpoint", EndpointArn=made["EndpointArn"], ExtraConnectionAttributes="")["Endpoint"]
    assert set(reset["MySQLSettings"]) == {"ServerName", "Port", "Username"}
    assert endpoints.address(store.get("endpoint", made["EndpointArn"])).password == "hush-hush"


@pytest.mark.parametrize(
    "changes",
    [
        {"ExtraConnectionAttributes": "initstmt=SET x"},
        {"ExtraConnectionAttributes": "CharsetMapping=utf8,65001"},
        {"ExtraConnectionAttributes": "ConnectionTimeout=11"},
        {"ExtraConnectionAttributes": "executeTimeout=5"},
        {"ExtraConnectionAttributes": "eventsPollInterval=61"},
        {"MySQLSettings": {"EventsPollInterval": 0}},
        {"MySQLSettings": {"ServerTimezone": "Middle/Earth"}},
        {"MySQLSettings": {"AuthenticationMethod": "iam"}},
        {"MySQLSettings": {"TargetDbType": "specific-database"}},
        {"DatabaseName": "billing"},
        {"Port": 0},
    ],
)
def test_sources_that_are_refused(bench: Bench, changes: dict[str, Any]) -> None:
    params = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql"}
    clear = {"ServerName": "db", "Port": 3306, "Username": "u", "Password": "p"}
    assert bench.refusal("CreateEndpoint", **params | clear | changes).code == "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("engine", "extra"),
    [
        ("s3", {"MySQLSettings": {"Port": 3306}}),
        ("s3", {"ServerName": "db"}),
        ("s3", {"CertificateArn": "arn"}),
        ("mysql", {"S3Settings": {"BucketName": "b"}}),
        ("mysql", {"PostgreSQLSettings": {"Port": 5432}}),
        ("mysql", {"ServiceAccessRoleArn": S3_ROLE}),
    ],
)
def test_what_is_of_another_engine(bench: Bench, engine: str, extra: dict[str, Any]) -> None:
    own: dict[str, Any] = (
        {"S3Settings": {"BucketName": "b", "ServiceAccessRoleArn": S3_ROLE}} if engine == "s3" else {"MySQLSettings": SECRET}
    )
    params = {"EndpointIdentifier": "e", "EndpointType": "target" if engine == "s3" else "source", "EngineName": engine} | own
    assert bench.refusal("CreateEndpoint", **params | extra).code == "InvalidParameterCombinationException"
    arn = bench.call("CreateEndpoint", **params)["Endpoint"]["EndpointArn"]
    assert bench.refusal("ModifyEndpoint", EndpointArn=arn, **extra).code == "InvalidParameterCombinationException"


def test_a_secret_may_be_behind_another_door(bench: Bench) -> None:
    params = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mariadb", "MySQLSettings": SECRET}
    made = bench.call("CreateEndpoint", **params, ExtraConnectionAttributes="secretsManagerEndpointOverride=vpce-1.example")["Endpoint"]
    endpoint = bench.service._store.get("endpoint", made["EndpointArn"])
    with pytest.raises(LookupError, match=r"secret s vpce-1\.example"):
        bench.service._endpoints.address(endpoint)


def test_a_source_that_goes_over_to_a_secret_shows_no_clear_text(bench: Bench) -> None:
    arn = bench.source()["EndpointArn"]
    changed = bench.call("ModifyEndpoint", EndpointArn=arn, MySQLSettings=SECRET)["Endpoint"]
    assert changed["MySQLSettings"] == SECRET
    assert not {"ServerName", "Port", "Username"} & set(changed)


def test_a_key_must_be_accessible(bench: Bench) -> None:
    params = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", "MySQLSettings": SECRET}
    assert bench.refusal("CreateEndpoint", **params, KmsKeyId="none").code == "KMSKeyNotAccessibleFault"
    assert bench.call("CreateEndpoint", **params, KmsKeyId="key-1")["Endpoint"]["KmsKeyId"] == "key-1"


def test_the_settings_of_an_engine(bench: Bench) -> None:
    settings = {s["Name"]: s for s in bench.call("DescribeEndpointSettings", EngineName="s3")["EndpointSettings"]}
    assert settings["CompressionType"] == {
        "Name": "CompressionType",
        "Type": "enum",
        "EnumValues": ["none", "gzip"],
        "Sensitive": False,
        "DefaultValue": "none",
    }
    assert settings["MaxFileSize"]["IntValueMax"] == 1_048_576
    assert settings["CdcInsertsOnly"]["DefaultValue"] == "false"
    assert "GlueCatalogGeneration" not in settings
    names = [s["Name"] for s in bench.call("DescribeEndpointSettings", EngineName="mysql")["EndpointSettings"]]
    assert "EventsPollInterval" in names
    assert bench.refusal("DescribeEndpointSettings", EngineName="oracle").code == "InvalidParameterValueException"


def test_both_ends_can_follow_changes(bench: Bench) -> None:
    types = bench.call("DescribeEndpointTypes")["SupportedEndpointTypes"]
    assert {(t["EngineName"], t["EndpointType"], t["SupportsCDC"]) for t in types} == {
        ("mysql", "source", True),
        ("mariadb", "source", True),
        ("s3", "target", True),
    }


def test_schemas_that_nobody_asked_for(bench: Bench) -> None:
    bench.group()
    arn, instance = bench.source()["EndpointArn"], bench.instance()
    assert bench.refusal("DescribeSchemas", EndpointArn=arn).code == "InvalidResourceStateFault"
    assert bench.refusal("DescribeRefreshSchemasStatus", EndpointArn="arn:x").code == "ResourceNotFoundFault"
    target = bench.target()["EndpointArn"]
    refused = bench.refusal("RefreshSchemas", EndpointArn=target, ReplicationInstanceArn=instance)
    assert refused.code == "InvalidParameterValueException"
