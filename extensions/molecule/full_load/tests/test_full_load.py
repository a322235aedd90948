# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was loaded."""

from __future__ import annotations

from typing import Any


def test_every_row_became_an_item(account: Any) -> None:
    items = account.items()
    assert len(items) == account.rows
    assert {item["EntityType"]["S"] for item in items} == account.entities


def test_an_account_owns_its_partition(account: Any) -> None:
    found = next(item for item in account.items() if item["EntityType"]["S"] == "BILLING_ACCOUNT")
    answer = account.client("dynamodb").query(
        TableName="BillingSystem", KeyConditionExpression="PK = :pk", ExpressionAttributeValues={":pk": found["PK"]}
    )
    assert {"BILLING_ACCOUNT", "CUSTOMER"} <= {item["EntityType"]["S"] for item in answer["Items"]}


def test_the_account_of_the_load_closes(account: Any) -> None:
    record = account.state("stages/full_load.json")
    assert record["state"] == "finished"
    assert all(t["expected"] == t["staged"] == t["written"] + t["filtered"] + t["rejected"] for t in record["outcome"]["tables"])


def test_the_worker_left_log_and_result(account: Any) -> None:
    folder = account.folder / "work" / "billing" / "r1"
    assert "stage full_load is finished" in (folder / "worker.log").read_text()
    assert not (folder / "worker.pid").exists()
