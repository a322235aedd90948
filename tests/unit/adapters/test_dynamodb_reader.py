# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import socket
from typing import Any

import pytest
from landbridge.adapters.dynamodb_reader import TableReader
from landbridge.errors import Denied

from tests.support.dynamodb import FakeConnection, FakeDynamoDB, Reaction, answer, fault
from tests.support.memory import FastClock

ITEMS = [{"PK": {"S": f"k{number}"}, "n": {"N": "1.50"}} for number in range(10)]


def pages(asked: list[dict[str, Any]], size: int = 3) -> Reaction:
    def react(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
        asked.append(payload)
        begin = int(payload.get("ExclusiveStartKey", {}).get("PK", {}).get("S", "k-1")[1:]) + 1
        page: dict[str, Any] = {"Items": ITEMS[begin : begin + size]}
        if begin + size < len(ITEMS):
            page["LastEvaluatedKey"] = {"PK": ITEMS[begin + size - 1]["PK"]}
        answer(sock, 200, page)
        return True

    return react


def test_scans_all_pages_strongly_consistent(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    asked: list[dict[str, Any]] = []
    dynamodb.always = pages(asked)
    found = list(TableReader(FakeConnection(dynamodb.url), clock).scan("Things"))  # type: ignore[arg-type]
    assert [len(page) for page in found] == [3, 3, 3, 1]
    assert [item for page in found for item in page] == ITEMS
    assert all(request["ConsistentRead"] and request["TableName"] == "Things" and "Segment" not in request for request in asked)


def test_a_segment(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    asked: list[dict[str, Any]] = []
    dynamodb.always = pages(asked, size=100)
    list(TableReader(FakeConnection(dynamodb.url), clock).scan("Things", segment=2, segments=4))  # type: ignore[arg-type]
    assert (asked[0]["Segment"], asked[0]["TotalSegments"]) == (2, 4)


def test_scans_side_by_side_and_given_up_halfway(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = pages([])
    reader = TableReader(FakeConnection(dynamodb.url), clock)  # type: ignore[arg-type]
    first, second = reader.scan("Things"), reader.scan("Things")
    next(first)
    assert sum(len(page) for page in second) == 10
    first.close()  # type: ignore[attr-defined]


def test_faults_pass(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = pages([])

    def gone(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
        return False

    dynamodb.plan = {
        0: fault(500, "InternalServerError"),
        2: fault(400, "ThrottlingException"),
        3: gone,
        5: fault(400, "ExpiredTokenException"),
    }
    connection = FakeConnection(dynamodb.url)
    found = list(TableReader(connection, clock).scan("Things"))  # type: ignore[arg-type]
    assert [item for page in found for item in page] == ITEMS
    assert connection.renewals == 1


def test_denied(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = fault(400, "AccessDeniedException", "User is not authorized to perform: dynamodb:Scan")
    with pytest.raises(Denied, match="could not do Scan: User is not authorized"):
        list(TableReader(FakeConnection(dynamodb.url), clock).scan("Things"))  # type: ignore[arg-type]


def test_describe(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    reader = TableReader(FakeConnection(dynamodb.url), clock)  # type: ignore[arg-type]
    assert reader.describe("Things") == {"KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}]}
    dynamodb.describe = fault(400, "ResourceNotFoundException", "Requested resource not found")
    assert reader.describe("Things") is None
