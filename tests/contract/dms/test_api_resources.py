# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Subnet groups, instances, certificates, endpoints and connection tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .rules import mappings, select
from .site import Site, by

UNKNOWN = "arn:aws:dms:eu-west-1:111122223333:endpoint:AAAAAAAAAAAAAAAAAAAAAAAAAA"


def target_params(site: Site, **settings: Any) -> dict[str, Any]:
    s3 = {"ServiceAccessRoleArn": site.place.bucket_role, "BucketName": site.bucket, "BucketFolder": site.prefix} | settings
    return {"EndpointIdentifier": site.name("target"), "EndpointType": "target", "EngineName": "s3", "S3Settings": s3}


@pytest.fixture(scope="module")
def second(site: Site) -> str:
    """An instance beside the one of the tasks."""
    return site.new_instance()


def instance_state(site: Site, arn: str) -> dict[str, Any]:
    return dict(site.dms.describe_replication_instances(Filters=by("replication-instance-arn", arn))["ReplicationInstances"][0])


@pytest.mark.behaviour("api.subnet_group")
def test_a_subnet_group_covers_two_zones(site: Site) -> None:
    groups = site.dms.describe_replication_subnet_groups(Filters=by("replication-subnet-group-id", site.place.subnet_group))
    subnets = groups["ReplicationSubnetGroups"][0]["Subnets"]
    assert len({subnet["SubnetAvailabilityZone"]["Name"] for subnet in subnets}) >= 2
    params = {
        "ReplicationSubnetGroupIdentifier": site.name("group"),
        "ReplicationSubnetGroupDescription": "contract tests",
        "SubnetIds": [subnets[0]["SubnetIdentifier"]],
    }
    assert site.refusal("create_replication_subnet_group", **params) == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"


@pytest.mark.behaviour("api.subnet_group_in_use")
def test_a_subnet_group_in_use_is_kept(site: Site) -> None:
    assert site.instance
    refused = site.refusal("delete_replication_subnet_group", ReplicationSubnetGroupIdentifier=site.place.subnet_group)
    assert refused == "InvalidResourceStateFault"


@pytest.mark.behaviour("api.instance")
def test_an_instance_is_described(site: Site) -> None:
    found = instance_state(site, site.instance)
    assert found["ReplicationInstanceStatus"] == "available"
    assert found["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"]
    assert found["ReplicationInstancePrivateIpAddresses"]
    params = {"ReplicationInstanceIdentifier": found["ReplicationInstanceIdentifier"], "ReplicationInstanceClass": "dms.t3.medium"}
    assert site.refusal("create_replication_instance", **params) == "ResourceAlreadyExistsFault"


@pytest.mark.behaviour("api.instance_modify")
def test_an_instance_is_modified(site: Site, second: str) -> None:
    site.dms.modify_replication_instance(ReplicationInstanceArn=second, AllocatedStorage=60, ApplyImmediately=True)
    site.wait(lambda: instance_state(site, second)["AllocatedStorage"] == 60, "a larger storage")
    site.waiter("replication_instance_available", {"replication-instance-arn": second})


@pytest.mark.behaviour("api.instance_reboot")
def test_an_instance_is_rebooted(site: Site, second: str) -> None:
    answer = site.dms.reboot_replication_instance(ReplicationInstanceArn=second)["ReplicationInstance"]
    assert answer["ReplicationInstanceStatus"] == "rebooting"
    site.waiter("replication_instance_available", {"replication-instance-arn": second})


@pytest.mark.behaviour("api.failover_needs_two_zones")
def test_an_instance_in_one_zone_has_nothing_to_fail_over_to(site: Site, second: str) -> None:
    assert site.refusal("reboot_replication_instance", ReplicationInstanceArn=second, ForceFailover=True).startswith("Invalid")


@pytest.mark.behaviour("api.instance_delete")
def test_an_instance_is_deleted(site: Site) -> None:
    arn = site.new_instance()
    assert (
        site.dms.delete_replication_instance(ReplicationInstanceArn=arn)["ReplicationInstance"]["ReplicationInstanceStatus"] == "deleting"
    )
    site.waiter("replication_instance_deleted", {"replication-instance-arn": arn})
    assert site.refusal("delete_replication_instance", ReplicationInstanceArn=arn) == "ResourceNotFoundFault"


@pytest.fixture(scope="module")
def certificates(site: Site) -> Iterator[list[str]]:
    """More than the smallest page holds."""
    pem = site.place.source.authority or site.own_authority()
    made = [site.new_certificate(pem) for _ in range(21)]
    yield made
    for arn in made:
        site.dms.delete_certificate(CertificateArn=arn)


@pytest.mark.behaviour("api.certificate")
def test_a_certificate_is_imported_and_deleted(site: Site, certificates: list[str]) -> None:
    arn = site.new_certificate(site.place.source.authority or site.own_authority())
    (found,) = site.dms.describe_certificates(Filters=by("certificate-arn", arn))["Certificates"]
    assert found["CertificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    assert found["ValidFromDate"] < found["ValidToDate"]
    site.dms.delete_certificate(CertificateArn=arn)
    assert site.refusal("delete_certificate", CertificateArn=arn) == "ResourceNotFoundFault"


@pytest.mark.behaviour("api.certificate_invalid")
def test_what_is_no_certificate_is_refused(site: Site) -> None:
    assert site.refusal("import_certificate", CertificateIdentifier=site.name("x"), CertificatePem="no") == "InvalidCertificateFault"


@pytest.mark.behaviour("api.paging")
def test_lists_come_in_pages(site: Site, certificates: list[str]) -> None:
    first = site.dms.describe_certificates(MaxRecords=20)
    assert len(first["Certificates"]) == 20
    pages = site.dms.get_paginator("describe_certificates").paginate(PaginationConfig={"PageSize": 20})
    found = [item["CertificateArn"] for page in pages for item in page["Certificates"]]
    assert len(found) == len(set(found))
    assert set(certificates) <= set(found)
    assert first["Marker"]


@pytest.mark.behaviour("api.page_size")
@pytest.mark.parametrize("size", [19, 101])
def test_a_page_holds_twenty_to_a_hundred(site: Site, size: int) -> None:
    assert site.refusal("describe_certificates", MaxRecords=size).startswith("InvalidParameter")


@pytest.mark.behaviour("api.identifiers")
@pytest.mark.parametrize("identifier", ["1st", "ends-", "two--hyphens", "under_score"])
def test_identifiers(site: Site, identifier: str) -> None:
    assert site.refusal("create_endpoint", **(target_params(site) | {"EndpointIdentifier": identifier})).startswith("InvalidParameter")


@pytest.mark.behaviour("api.endpoint_unique")
def test_an_identifier_is_used_once(site: Site) -> None:
    arn, _ = site.target()
    name = site.dms.describe_endpoints(Filters=by("endpoint-arn", arn))["Endpoints"][0]["EndpointIdentifier"]
    assert site.refusal("create_endpoint", **(target_params(site) | {"EndpointIdentifier": name})) == "ResourceAlreadyExistsFault"


@pytest.mark.behaviour("api.endpoint_settings_kept")
def test_settings_that_were_given_are_shown(site: Site) -> None:
    given: dict[str, Any] = {
        "CsvNullValue": "none",
        "CdcMaxBatchInterval": 7,
        "CdcMinFileSize": 9,
        "MaxFileSize": 11,
        "TimestampColumnName": "ts",
    }
    arn, _ = site.target(**given)
    found = site.dms.describe_endpoints(Filters=by("endpoint-arn", arn))["Endpoints"][0]["S3Settings"]
    assert {name: found[name] for name in given} == given


@pytest.mark.behaviour("api.password_hidden")
def test_no_answer_holds_a_password(site: Site) -> None:
    arn = site.source()
    answers = [site.dms.describe_endpoints(Filters=by("endpoint-arn", arn)), site.dms.modify_endpoint(EndpointArn=arn, **site.login())]
    assert site.place.source.password not in json.dumps(answers, default=str)


@pytest.mark.behaviour("api.endpoint_filters")
def test_endpoints_are_found_by_filters(site: Site) -> None:
    arn, _ = site.target()
    name = site.dms.describe_endpoints(Filters=by("endpoint-arn", arn))["Endpoints"][0]["EndpointIdentifier"]

    def found(*filters: list[dict[str, Any]]) -> list[str]:
        pages = site.dms.get_paginator("describe_endpoints").paginate(Filters=[wanted for named in filters for wanted in named])
        return [item["EndpointArn"] for page in pages for item in page["Endpoints"]]

    assert found(by("endpoint-id", name)) == [arn]
    assert arn in found(by("endpoint-type", "target"), by("engine-name", "s3"))
    assert site.shared_source in found(by("endpoint-type", "source"), by("engine-name", site.place.engine))
    assert arn not in found(by("endpoint-type", "source"))
    assert set(found(by("endpoint-arn", arn, site.shared_source))) == {arn, site.shared_source}


@pytest.mark.behaviour("api.not_found")
@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("describe_endpoints", {"Filters": by("endpoint-arn", UNKNOWN)}),
        ("describe_replication_tasks", {"Filters": by("replication-task-id", "no-such-task")}),
        ("describe_replication_instances", {"Filters": by("replication-instance-id", "no-such-instance")}),
        ("delete_endpoint", {"EndpointArn": UNKNOWN}),
        ("list_tags_for_resource", {"ResourceArn": UNKNOWN}),
    ],
)
def test_what_is_not_there_is_not_found(site: Site, call: str, params: dict[str, Any]) -> None:
    assert site.refusal(call, **params) == "ResourceNotFoundFault"


@pytest.mark.behaviour("api.endpoint_delete")
def test_an_endpoint_is_deleted(site: Site) -> None:
    arn, _ = site.target()
    site.dms.delete_endpoint(EndpointArn=arn)
    site.waiter("endpoint_deleted", {"endpoint-arn": arn})
    assert site.gone(site.dms.describe_endpoints, "endpoint-arn", arn)


@pytest.mark.behaviour("api.in_use")
def test_what_a_task_uses_is_kept(site: Site) -> None:
    target, _ = site.target()
    site.task(mappings(select("any")), target)
    assert site.refusal("delete_endpoint", EndpointArn=target) == "InvalidResourceStateFault"
    assert site.refusal("delete_replication_instance", ReplicationInstanceArn=site.instance) == "InvalidResourceStateFault"


@pytest.mark.behaviour("api.secret")
def test_a_login_from_a_secret(site: Site) -> None:
    secrets, source = site.client("secretsmanager"), site.place.source
    value = {"username": source.user, "password": source.password, "host": source.host, "port": source.port}
    arn = secrets.create_secret(Name=site.name("login"), SecretString=json.dumps(value))["ARN"]
    site.later.callback(secrets.delete_secret, SecretId=arn, ForceDeleteWithoutRecovery=True)
    access = {"SecretsManagerSecretId": arn, "SecretsManagerAccessRoleArn": site.place.secret_role}
    clear = dict.fromkeys(("ServerName", "Port", "Username", "Password"))
    assert site.tested(site.source(MySQLSettings=access, **clear))["Status"] == "successful"


@pytest.mark.behaviour("api.connection_test")
def test_a_connection_is_tested(site: Site) -> None:
    target, _ = site.target()
    answer = site.dms.test_connection(ReplicationInstanceArn=site.instance, EndpointArn=target)["Connection"]
    assert (answer["Status"], answer["EndpointArn"], answer["ReplicationInstanceArn"]) == ("testing", target, site.instance)
    site.waiter("test_connection_succeeds", {"endpoint-arn": target})
    found = site.dms.describe_connections(Filters=by("endpoint-arn", target))["Connections"]
    assert [connection["Status"] for connection in found] == ["successful"]
    site.dms.delete_connection(EndpointArn=target, ReplicationInstanceArn=site.instance)
    site.wait(partial(site.gone, site.dms.describe_connections, "endpoint-arn", target), "deletion of a connection")


@pytest.mark.behaviour("api.connection_fails")
def test_a_connection_fails_for_its_reason(site: Site) -> None:
    wrong = site.tested(site.source(Password="wrong-" + "x" * 10))
    assert (wrong["Status"], "Access denied" in wrong["LastFailureMessage"]) == ("failed", True)
    target, _ = site.target(BucketName=f"{site.bucket}-absent")
    absent = site.tested(target)
    assert absent["Status"] == "failed"
    assert absent["LastFailureMessage"]


@pytest.mark.behaviour("api.ssl_modes")
def test_a_mysql_source_knows_no_mode_require(site: Site) -> None:
    try:
        endpoint = site.source(SslMode="require", CertificateArn=None)
    except ClientError as refused:
        assert refused.response["Error"]["Code"].startswith("InvalidParameter")
        return
    assert site.tested(endpoint)["Status"] == "failed"


@pytest.mark.behaviour("api.tags")
def test_tags(site: Site) -> None:
    arn, _ = site.target()
    site.dms.add_tags_to_resource(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "a"}, {"Key": "stage", "Value": "b"}])
    site.dms.add_tags_to_resource(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "c"}])
    site.dms.remove_tags_from_resource(ResourceArn=arn, TagKeys=["stage"])
    found = site.dms.list_tags_for_resource(ResourceArn=arn)["TagList"]
    assert [(tag["Key"], tag["Value"]) for tag in found] == [("owner", "c")]


@pytest.mark.behaviour("api.account")
def test_the_quotas_of_the_account(site: Site) -> None:
    assert site.instance
    answer = site.dms.describe_account_attributes()
    quotas = {quota["AccountQuotaName"]: quota for quota in answer["AccountQuotas"]}
    assert {"ReplicationInstances", "AllocatedStorage", "Endpoints"} <= set(quotas)
    assert 1 <= quotas["ReplicationInstances"]["Used"] <= quotas["ReplicationInstances"]["Max"]
    assert answer["UniqueAccountIdentifier"]


@pytest.mark.behaviour("api.endpoint_types")
def test_the_types_of_endpoints(site: Site) -> None:
    found = site.dms.describe_endpoint_types(Filters=by("engine-name", "mysql"))["SupportedEndpointTypes"]
    assert {(kind["EngineName"], kind["EndpointType"].lower()) for kind in found} >= {("mysql", "source")}
    assert all(kind["SupportsCDC"] for kind in found if kind["EndpointType"].lower() == "source")


@pytest.mark.behaviour("api.endpoint_settings")
def test_the_settings_that_an_engine_knows(site: Site) -> None:
    found = {item["Name"].lower() for item in site.dms.describe_endpoint_settings(EngineName="s3", MaxRecords=100)["EndpointSettings"]}
    assert {"cdcpath", "preservetransactions", "csvnullvalue", "timestampcolumnname"} <= found


@pytest.mark.behaviour("api.orderable_instances")
def test_the_classes_of_instances(site: Site) -> None:
    pages = site.dms.get_paginator("describe_orderable_replication_instances").paginate()
    found = [item for page in pages for item in page["OrderableReplicationInstances"]]
    assert "dms.t3.medium" in {item["ReplicationInstanceClass"] for item in found}
    assert all(item["MinAllocatedStorage"] <= item["DefaultAllocatedStorage"] <= item["MaxAllocatedStorage"] for item in found)
