# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The two stacks: valid CloudFormation by AWS's own resource schemas, least privilege, and never a deleted database."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import cfnlint.api
import pytest
from botocore import xform_name
from landbridge.adapters.yaml_document import read_document
from landbridge.contract.definition import Contract
from landbridge.contract.parser import parse_contract
from landbridge.errors import InvalidInput
from landbridge.model.site import AwsSite, BucketSite, LoadSite, ReplicationSite, SecretReference, Site, SourceSite, TableSite
from landbridge.provision.foundation import foundation_template
from landbridge.provision.mappings import table_mappings, task_settings
from landbridge.provision.replication import replication_template
from landbridge.site.names import Names

REPOSITORY = Path(__file__).resolve().parents[3]
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="module")
def contract() -> Contract:
    path = REPOSITORY / "examples" / "billing" / "contract.yml"
    text = path.read_text(encoding="utf-8")
    return parse_contract(read_document(text, str(path)), text)


@pytest.fixture
def site() -> Site:
    return Site(
        file="site.yml",
        migration="billing",
        run="r1",
        contract_file="contract.yml",
        source=SourceSite(host="db.example.com", port=3306, user="reader", password=SecretReference("env", "PASSWORD")),
        aws=AwsSite(region="eu-west-1", account="123456789012", prefix="acme-billing"),
        staging=BucketSite("acme-billing-staging"),
        state=BucketSite("acme-billing-state"),
        replication=ReplicationSite(
            instance_class="dms.c5.large",
            storage_gb=100,
            subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
            security_group_ids=("sg-0123456789abcdef0",),
            multi_az=True,
            engine_version="",
            source_secret="acme/billing-source",
            tls_ca="ca.pem",
        ),
        table=TableSite(),
        load=LoadSite(),
    )


def lint(template: dict[str, Any]) -> list[str]:
    matches = cfnlint.api.lint(json.dumps(template), regions=["eu-west-1"])
    return [f"{match.rule.id} {'/'.join(map(str, match.path or []))}: {match.message}" for match in matches]


def with_kms(site: Site) -> Site:
    return replace(site, staging=replace(site.staging, kms_key=KMS_KEY), state=replace(site.state, kms_key=KMS_KEY))


def provisioned(site: Site) -> Site:
    return replace(site, table=TableSite(billing_mode="PROVISIONED", read_units=10, write_units=20))


def test_both_templates_are_valid_cloudformation(site: Site, contract: Contract) -> None:
    assert lint(foundation_template(site, contract)) == []
    assert lint(foundation_template(provisioned(with_kms(site)), contract)) == []
    assert lint(replication_template(with_kms(site), contract, source_ca_pem=PEM)) == []


def test_the_linter_would_notice(site: Site, contract: Contract) -> None:
    template = foundation_template(site, contract)
    template["Resources"]["TableBillingSystem"]["Properties"]["BilingMode"] = "PROVISIONED"
    assert lint(template)


def test_equal_input_gives_equal_templates(site: Site, contract: Contract) -> None:
    assert foundation_template(site, contract) == foundation_template(site, contract)
    assert replication_template(site, contract, source_ca_pem=PEM) == replication_template(site, contract, source_ca_pem=PEM)


def test_deleting_the_stack_keeps_data_and_history(site: Site, contract: Contract) -> None:
    resources = foundation_template(site, contract)["Resources"]
    kept = {name for name, resource in resources.items() if resource.get("DeletionPolicy") == "Retain"}
    assert kept == {"StagingBucket", "StateBucket", "TableBillingSystem"}
    assert resources["TableBillingSystem"]["Properties"]["DeletionProtectionEnabled"] is True


def test_the_table_is_the_contracts(site: Site, contract: Contract) -> None:
    properties = foundation_template(site, contract)["Resources"]["TableBillingSystem"]["Properties"]
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["PK", "SK"]
    assert {index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]] for index in properties["GlobalSecondaryIndexes"]} == {
        "GSI1": ["GSI1PK", "GSI1SK"],
        "GSI2": ["GSI2PK", "GSI2SK"],
    }
    defined = [definition["AttributeName"] for definition in properties["AttributeDefinitions"]]
    assert sorted(defined) == ["GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK", "PK", "SK"]


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents.append(properties["PolicyDocument"])
        found += [statement for document in documents for statement in document["Statement"]]
    return found


def test_nothing_is_allowed_on_everything_but_reading_the_tasks_state(site: Site, contract: Contract) -> None:
    for statement in statements(foundation_template(with_kms(site), contract)):
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert not any("*" in action for action in actions)
        if statement["Resource"] == "*":
            assert all(action.partition(":")[2].startswith("Describe") for action in actions)


def test_dms_may_write_below_the_migrations_folder_only(site: Site, contract: Contract) -> None:
    role = foundation_template(site, contract)["Resources"]["StagingRole"]["Properties"]
    write, listing = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert write["Resource"] == "arn:aws:s3:::acme-billing-staging/billing/*"
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["billing", "billing/*"]}}
    assert "acme-billing-state" not in json.dumps(role)


def test_the_worker_may_not_change_a_table(site: Site, contract: Contract) -> None:
    policy = foundation_template(site, contract)["Resources"]["WorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    deny = next(statement for statement in policy if statement["Effect"] == "Deny")
    assert {"dynamodb:DeleteTable", "dynamodb:UpdateTable"} <= set(deny["Action"])
    assert deny["Resource"] == ["arn:aws:dynamodb:eu-west-1:123456789012:table/BillingSystem"]


def calls_of_the_engine() -> set[str]:
    """IAM actions behind every AWS operation that the adapters name: as a client's method, as a paginator, as an operation on the wire."""
    session = botocore.session.get_session()
    actions = {}
    for service in ("s3", "dms", "sts", "ec2", "secretsmanager", "dynamodb"):
        for operation in session.get_service_model(service).operation_names:
            action = f"{service}:{_ACTION_OF.get(operation, operation)}"
            actions[xform_name(operation)] = action
            if service == "dynamodb":
                actions[operation] = action
    called: set[str] = set()
    for path in (REPOSITORY / "plugins" / "module_utils" / "core" / "adapters").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in actions:
                called.add(actions[node.attr])
            elif isinstance(node, ast.Constant) and node.value in actions:
                called.add(actions[node.value])
    return called


_ACTION_OF = {"ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject"}
# Needs no permission; and staged files are removed by the stage cleanup, which the worker never runs.
_NOT_OF_THE_WORKER = {"sts:GetCallerIdentity", "s3:DeleteObject"}


def test_the_worker_may_do_exactly_what_it_does(site: Site, contract: Contract) -> None:
    site = replace(site, source=replace(site.source, password=SecretReference("secretsmanager", "acme/reader")))
    policy = foundation_template(site, contract)["Resources"]["WorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = {
        action
        for statement in policy
        if statement["Effect"] == "Allow"
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert allowed - {"secretsmanager:DescribeSecret"} == calls_of_the_engine() - _NOT_OF_THE_WORKER


def test_a_password_outside_secrets_manager_needs_no_access_to_it(site: Site, contract: Contract) -> None:
    policy = foundation_template(site, contract)["Resources"]["WorkerPolicy"]
    assert "secretsmanager" not in json.dumps(policy)


def test_names_of_a_run_never_meet_those_of_another(site: Site) -> None:
    first, second = Names(site), Names(replace(site, run="r2"))
    assert first.full_load_task != second.full_load_task
    assert first.staging_endpoint != second.staging_endpoint
    assert first.replication_instance == second.replication_instance


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_arns_follow_the_partition(site: Site, region: str, partition: str) -> None:
    names = Names(replace(site, aws=replace(site.aws, region=region)))
    assert names.arn("dynamodb", "table/T") == f"arn:{partition}:dynamodb:{region}:123456789012:table/T"


def test_the_instance_is_private_and_the_source_is_verified(site: Site, contract: Contract) -> None:
    resources = replication_template(site, contract, source_ca_pem=PEM)["Resources"]
    assert resources["Instance"]["Properties"]["PubliclyAccessible"] is False
    source = resources["SourceEndpoint"]["Properties"]
    assert source["SslMode"] == "verify-full"
    assert source["CertificateArn"] == {"Ref": "SourceCertificate"}
    assert "Password" not in json.dumps(source)


def test_tls_without_a_ca_is_refused(site: Site, contract: Contract) -> None:
    with pytest.raises(InvalidInput, match="no CA certificate"):
        replication_template(site, contract, source_ca_pem="")


def test_the_task_selects_exactly_the_contracts_tables(contract: Contract) -> None:
    rules = table_mappings(contract)["rules"]
    selected = [rule["object-locator"] for rule in rules if rule["rule-type"] == "selection"]
    assert [(where["schema-name"], where["table-name"]) for where in selected] == list(contract.source_tables)
    assert len({rule["rule-id"] for rule in rules}) == len(rules)


def test_a_bad_row_stops_the_task(site: Site) -> None:
    policies = {name: value for name, value in task_settings(site)["ErrorBehavior"].items() if name.endswith("Policy")}
    assert policies
    assert set(policies.values()) == {"STOP_TASK"}
