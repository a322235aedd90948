# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the two stacks brought into the account."""

from __future__ import annotations

from typing import Any

import pytest


def test_both_stacks_are_complete(account: Any) -> None:
    assert {"landbridge-billing-foundation", "landbridge-billing-replication"} <= account.stacks()


@pytest.mark.parametrize("purpose", ["staging", "state"])
def test_buckets_are_encrypted_and_closed(account: Any, purpose: str) -> None:
    s3, bucket = account.client("s3"), account.bucket(purpose)
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_table_has_both_indexes(account: Any) -> None:
    table = account.client("dynamodb").describe_table(TableName="BillingSystem")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["PK", "SK"]
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"GSI1", "GSI2"}
    assert table["DeletionProtectionEnabled"]


def test_replication_task_is_ready_and_asks_for_all_tables(account: Any) -> None:
    task = account.replication_task("r1")
    assert task["Status"] == "ready"
    assert task["TableMappings"].count('"rule-type":"selection"') == 6


@pytest.mark.parametrize("role", ["dms-vpc-role", "dms-cloudwatch-logs-role"])
def test_account_wide_roles_may_be_taken_by_dms(account: Any, role: str) -> None:
    iam = account.client("iam")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "dms.amazonaws.com"}
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"].split("/", 1)[0] for policy in attached] == ["arn:aws:iam::aws:policy"]
