# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The quick ways of writing and scanning give what the emulator's own give."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

PARTITIONS = 40
ROWS = 15


def items():
    for partition in range(PARTITIONS):
        for row in range(ROWS):
            yield {
                "PK": {"S": f"P#{partition:03d}"},
                "SK": {"S": f"R#{row:03d}"},
                "GSI1PK": {"S": f"G#{row % 3}"},
                "Amount": {"N": f"{row}.50"},
                "Text": {"S": "ü" * 1000 + "x" * 1500},
                "Open": {"BOOL": row % 2 == 0},
                "Gone": {"NULL": True},
                "List": {"L": [{"N": "1"}]},
            }


@pytest.fixture
def filled(lab, table):
    content = list(items())
    for begin in range(0, len(content), 25):
        batch = [{"PutRequest": {"Item": item}} for item in content[begin : begin + 25]]
        if begin % 50:
            for write in batch:
                del write["PutRequest"]["Item"]["List"]  # without a list an item is ordinary, and takes the quick way
        answer = lab.client("dynamodb").batch_write_item(RequestItems={table: batch})
        assert answer["UnprocessedItems"] == {}
    return table


def pages(lab, table, **options):
    """All pages of one scan, followed by hand."""
    result, start = [], {}
    while True:
        page = lab.client("dynamodb").scan(TableName=table, **options, **start)
        result.append(page)
        if "LastEvaluatedKey" not in page:
            return result
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def scanned(lab, table, **options):
    return [item for page in pages(lab, table, **options) for item in page["Items"]]


ALWAYS_TRUE = {"FilterExpression": "attribute_exists(PK)"}  # a filter takes the emulator's own way


@pytest.mark.parametrize("options", [{}, {"Limit": 7}, {"ConsistentRead": True}, {"Segment": 2, "TotalSegments": 5}], ids=str)
def test_pages_are_those_of_the_emulators_own_scan(lab, filled, options):
    quick, own = pages(lab, filled, **options), pages(lab, filled, **options, **ALWAYS_TRUE)
    for page in [*quick, *own]:
        del page["ResponseMetadata"]
    assert quick == own
    assert len(quick) > 1 or "Segment" in options


def test_segments_together_hold_everything_once(lab, filled):
    found = [(item["PK"]["S"], item["SK"]["S"]) for number in range(5) for item in scanned(lab, filled, Segment=number, TotalSegments=5)]
    assert sorted(found) == sorted((item["PK"]["S"], item["SK"]["S"]) for item in items())


def test_numbers_come_back_normalised(lab, filled):
    key = {"PK": {"S": "P#001"}, "SK": {"S": "R#003"}}
    assert lab.client("dynamodb").get_item(TableName=filled, Key=key)["Item"]["Amount"] == {"N": "3.5"}


def test_writes_and_deletions_between_scans_are_seen(lab, filled):
    dynamodb = lab.client("dynamodb")
    assert len(scanned(lab, filled)) == PARTITIONS * ROWS
    dynamodb.delete_item(TableName=filled, Key={"PK": {"S": "P#000"}, "SK": {"S": "R#000"}})
    dynamodb.put_item(TableName=filled, Item={"PK": {"S": "P#000"}, "SK": {"S": "R#000a"}})
    dynamodb.put_item(TableName=filled, Item={"PK": {"S": "A"}, "SK": {"S": "a"}})
    found = [(item["PK"]["S"], item["SK"]["S"]) for item in scanned(lab, filled)]
    assert len(found) == PARTITIONS * ROWS + 1
    assert found[:2] == [("A", "a"), ("P#000", "R#000a")]
    assert pages(lab, filled, Select="COUNT")[0]["Count"] > 0


def test_an_index_follows_quick_writes(lab, filled):
    answer = lab.client("dynamodb").query(
        TableName=filled,
        IndexName="GSI1",
        KeyConditionExpression="GSI1PK = :partition",
        ExpressionAttributeValues={":partition": {"S": "G#0"}},
        Select="COUNT",
    )
    assert answer["Count"] == PARTITIONS * ROWS // 3
    assert lab.client("dynamodb").describe_table(TableName=filled)["Table"]["ItemCount"] == PARTITIONS * ROWS


def throttle(lab, **document):
    request = urllib.request.Request(f"{lab.env['AWS_ENDPOINT_URL']}/_lab/throttle", data=json.dumps(document).encode(), method="POST")  # noqa: S310 - the lab
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.load(response)


def attempts(lab, table, count):
    """What became of ``count`` batches: the number of unprocessed writes, or the code of the refusal."""
    dynamodb = lab.client_with(
        "dynamodb", "000000000042", lab.secret("aws_secret_access_key"), config=Config(retries={"total_max_attempts": 1})
    )
    result = []
    for number in range(count):
        batch = [{"PutRequest": {"Item": {"PK": {"S": f"{number}"}, "SK": {"S": f"{row}"}}}} for row in range(10)]
        try:
            held = dynamodb.batch_write_item(RequestItems={table: batch})["UnprocessedItems"].get(table, [])
            result.append(len(held))
            for write in held:
                assert write in batch
                assert "Item" not in dynamodb.get_item(TableName=table, Key=write["PutRequest"]["Item"])
        except ClientError as error:
            result.append(error.response["Error"]["Code"])
    return result


def test_throttling_is_repeatable_and_ends_by_itself(lab, table):
    switch = {"table": table, "fraction": 0.5, "requests": 20, "seed": 7}
    throttle(lab, **switch)
    first = attempts(lab, table, 24)
    throttle(lab, **switch)
    assert attempts(lab, table, 24) == first
    assert "ProvisionedThroughputExceededException" in first
    assert any(isinstance(outcome, int) and outcome > 0 for outcome in first)
    assert first[20:] == [0, 0, 0, 0]


def test_throttling_everything_stores_nothing_more_until_it_is_switched_off(lab, table):
    throttle(lab, table=table, fraction=1, requests=1_000_000)
    assert 0 not in attempts(lab, table, 6)
    left = throttle(lab, table=table, fraction=0, requests=0)["throttles"]
    assert table not in [switch["table"] for switch in left]
    assert attempts(lab, table, 2) == [0, 0]


def test_a_bad_switch_is_refused(lab):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        throttle(lab, table="any", fraction=2, requests=1)
    assert refusal.value.code == 400
