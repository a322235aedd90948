# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from landbridge.adapters.aws import AwsConnection, connect
from landbridge.adapters.clock import SystemClock
from landbridge.adapters.dynamodb_reader import TableReader
from landbridge.adapters.dynamodb_writer import BatchWriter
from landbridge.errors import Denied, NotFound
from landbridge.model.site import AwsSite

TABLE = "AdapterTest"


@pytest.fixture
def table(lab: Any) -> Iterator[str]:
    client = lab.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}, {"AttributeName": "SK", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield TABLE
    client.delete_table(TableName=TABLE)


def item(number: int) -> dict[str, Any]:
    return {
        "PK": {"S": f'é"\\\n{number % 7}'},
        "SK": {"N": str(number)},
        "exact": {"N": f"{number}.00000000000000000000000000001"},
        "text": {"S": "x" * (number % 300)},
        "flag": {"BOOL": number % 2 == 0},
    }


def load(writer: BatchWriter, items: list[dict[str, Any]]) -> None:
    for one in items:
        writer.put(f"{one['PK']['S']}|{one['SK']['N']}", json.dumps(one, ensure_ascii=False))
    writer.flush()
    writer.close()


def test_what_is_written_is_scanned(connection: AwsConnection, table: str) -> None:
    items = [item(number) for number in range(6000)]
    load(BatchWriter(connection, table, connections=4, clock=SystemClock()), items)
    reader = TableReader(connection)
    pages = list(reader.scan(table))
    assert len(pages) > 1
    found = {one["SK"]["N"]: one for page in pages for one in page}
    assert found == {one["SK"]["N"]: one for one in items}
    parts = [[one["SK"]["N"] for page in reader.scan(table, segment=part, segments=3) for one in page] for part in range(3)]
    assert sorted(number for part in parts for number in part) == sorted(found)


def test_describe(connection: AwsConnection, table: str) -> None:
    description = TableReader(connection).describe(table)
    assert description is not None
    assert description["TableStatus"] == "ACTIVE"
    assert TableReader(connection).describe("NoSuchTable") is None


def test_a_table_that_is_not_there(connection: AwsConnection) -> None:
    with pytest.raises(NotFound, match="dynamodb:NoSuchTable"):
        load(BatchWriter(connection, "NoSuchTable", connections=1, clock=SystemClock()), [item(1)])
    with pytest.raises(NotFound, match="dynamodb:NoSuchTable"):
        list(TableReader(connection).scan("NoSuchTable"))


def test_items_that_dynamodb_refuses_stand_alone(connection: AwsConnection, table: str) -> None:
    items = [item(number) for number in range(60)]
    items[13] |= {"PK": {"S": ""}}
    items[44] |= {"text": {"S": "x" * 410_000}}
    refused: list[tuple[str, str, object]] = []
    writer = BatchWriter(
        connection,
        table,
        connections=2,
        clock=SystemClock(),
        on_refused=lambda key, text, reason, origin: refused.append((key, reason, origin)),
    )
    for number, one in enumerate(items):
        writer.put(str(number), json.dumps(one), number)
    writer.flush()
    writer.close()
    assert sorted(origin for _, _, origin in refused) == [13, 44]  # type: ignore[type-var]
    assert all("ValidationException" in reason for _, reason, _ in refused)
    assert sum(len(page) for page in TableReader(connection).scan(table)) == 58


def test_a_wrong_secret_is_denied_at_once(lab: Any, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "credentials"
    file.write_text("[wrong]\naws_access_key_id = 000000000042\naws_secret_access_key = wrong\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    site = AwsSite("eu-west-1", "000000000042", "test", profile="wrong", endpoint_url=lab.env["AWS_ENDPOINT_URL"])
    with pytest.raises(Denied, match="signature"):
        load(BatchWriter(connect(site), table, connections=1, clock=SystemClock()), [item(1)])
