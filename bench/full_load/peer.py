# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The usual way: csv module, a dictionary for each item, boto3's batch writer. Run as a process of its own: FILE ENDPOINT."""

from __future__ import annotations

import csv
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3

from bench.process import report

_NULL = "__DMS_NULL__"
_VERSION = "000001" + 32 * "0"


def load(path: Path, endpoint: str) -> int:
    """Load the whole file; the number of items that were put."""
    table = boto3.resource("dynamodb", region_name="eu-west-1", endpoint_url=endpoint).Table("BillingSystem")
    items = 0
    with path.open(encoding="utf-8", newline="") as file, table.batch_writer() as batch:
        for row in csv.reader(file):
            batch.put_item(Item=item_of(row))
            items += 1
    return items


def item_of(row: list[str]) -> dict[str, Any]:
    """The item of one staged charge, as the billing contract says."""
    _, serial, activity, ban, subscriber, feature, amount, tax, charged, text, created, updated, *_ = row
    moment = charged.replace(" ", "T")
    item = {
        "PK": f"BAN#{int(ban):010d}",
        "SK": f"CHARGE#{int(serial):020d}#{int(activity):010d}",
        "GSI1PK": f"SUB#{int(subscriber):020d}",
        "GSI1SK": f"CHARGE#{moment}",
        "GSI2PK": f"CHARGE#{feature}",
        "GSI2SK": moment,
        "EntityType": "CHARGE",
        "CreatedAt": created.replace(" ", "T"),
        "UpdatedAt": (created if updated == _NULL else updated).replace(" ", "T"),
        "_v": _VERSION,
        "charge_seq": Decimal(serial),
        "activity_num": Decimal(activity),
        "ban": Decimal(ban),
        "subscriber_no": Decimal(subscriber),
        "feature_code": feature,
        "actv_amt": Decimal(amount),
        "charge_creation_date": moment,
    }
    if tax != _NULL:
        item["tax_amt"] = Decimal(tax)
    if text != _NULL:
        item["description"] = text
    if updated != _NULL:
        item["sys_update_date"] = item["UpdatedAt"]
    return item


if __name__ == "__main__":
    report(lambda: {"items": load(Path(sys.argv[1]), sys.argv[2])})
