# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is gone and what stays."""

from __future__ import annotations

from typing import Any


def test_replication_is_gone(account: Any) -> None:
    assert "landbridge-billing-replication" not in account.stacks()
    assert account.replication_tasks() == []


def test_data_state_and_account_wide_roles_stay(account: Any) -> None:
    assert "landbridge-billing-foundation" in account.stacks()
    assert account.client("dynamodb").describe_table(TableName="BillingSystem")["Table"]["TableStatus"] == "ACTIVE"
    for purpose in ("staging", "state"):
        account.client("s3").head_bucket(Bucket=account.bucket(purpose))
    for role in ("dms-vpc-role", "dms-cloudwatch-logs-role"):
        account.client("iam").get_role(RoleName=role)
