# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A table with one index, for tests of the emulator."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def table(lab):
    name = f"probe-{uuid.uuid4().hex[:12]}"
    lab.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK", "GSI1PK")],
        GlobalSecondaryIndexes=[
            {"IndexName": "GSI1", "KeySchema": [{"AttributeName": "GSI1PK", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
        ],
    )
    yield name
    lab.client("dynamodb").delete_table(TableName=name)
