# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the scenarios look at: the lab's account, its state and its files, past the code under test."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest


@dataclass(frozen=True)
class Account:
    """``folder``: the lab's."""

    folder: Path
    session: boto3.Session
    endpoint: str
    rows: int = 2000  # as scenario `default` makes them
    entities: frozenset[str] = frozenset(("BILLING_ACCOUNT", "CUSTOMER", "SUBSCRIBER", "SERVICE_AGREEMENT", "BILL", "CHARGE"))

    def bucket(self, purpose: str) -> str:
        return f"landbridge-billing-{purpose}-000000000042-eu-west-1"

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)

    def state(self, name: str, run: str = "r1") -> dict[str, Any]:
        """A state document of a run of the migration."""
        body = self.client("s3").get_object(Bucket=self.bucket("state"), Key=f"billing/{run}/{name}")["Body"].read()
        document: dict[str, Any] = json.loads(body)
        return document

    def staged(self, run: str = "r1") -> list[str]:
        """Keys of the staged files of a run, relative to its folder."""
        prefix = f"billing/{run}/"
        found = self.client("s3").list_objects_v2(Bucket=self.bucket("staging"), Prefix=prefix)
        return [entry["Key"].removeprefix(prefix) for entry in found.get("Contents", [])]

    def replication_tasks(self) -> list[dict[str, Any]]:
        dms = self.client("dms")
        try:
            found: list[dict[str, Any]] = dms.describe_replication_tasks()["ReplicationTasks"]
        except dms.exceptions.ResourceNotFoundFault:
            return []
        return found

    def replication_task(self, run: str) -> dict[str, Any]:
        return next(task for task in self.replication_tasks() if task["ReplicationTaskIdentifier"] == f"landbridge-billing-full-load-{run}")

    def items(self) -> list[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName="BillingSystem")
        return [item for page in pages for item in page["Items"]]

    def stacks(self) -> set[str]:
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        return {stack["StackName"] for page in pages for stack in page["Stacks"] if stack["StackStatus"].endswith("E_COMPLETE")}


@pytest.fixture(scope="session")
def account() -> Account:
    folder = Path(os.environ["LANDBRIDGE_LAB_DIR"]).resolve()
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(folder / "aws" / "credentials")
    os.environ["AWS_CONFIG_FILE"] = str(folder / "aws" / "config")
    endpoint = f"http://127.0.0.1:{int(os.environ['LANDBRIDGE_LAB_PORT_BASE']) + 66}"
    return Account(folder, boto3.Session(profile_name="landbridge-lab", region_name="eu-west-1"), endpoint)
