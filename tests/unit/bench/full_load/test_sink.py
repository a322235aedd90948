# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

import pytest

from bench.full_load.sink import Account, Connection


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: Any) -> None:
        self.sent += data


def connected(*, look: bool = False) -> tuple[Connection, Wire, Account]:
    account, wire = Account(look=look), Wire()
    connection = Connection(account)
    connection.connection_made(wire)
    return connection, wire, account


def request(*items: dict[str, Any]) -> bytes:
    body = json.dumps({"RequestItems": {"T": [{"PutRequest": {"Item": item}} for item in items]}}).encode()
    return b"POST / HTTP/1.1\r\nHost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def test_every_request_is_answered_with_a_checksum_that_clients_verify() -> None:
    connection, wire, _ = connected()
    connection.data_received(request({"PK": {"S": "1"}}))
    head, _, body = wire.sent.partition(b"\r\n\r\n")
    assert body == b'{"UnprocessedItems":{}}'
    assert b"x-amz-crc32: %d\r\n" % zlib.crc32(body) in head + b"\r\n"
    assert b"Content-Length: 23" in head


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_requests_are_found_however_they_arrive(size: int) -> None:
    connection, wire, account = connected()
    stream = request({"PK": {"S": "1"}}, {"PK": {"S": "2"}}) + request({"PK": {"S": "3"}})
    for start in range(0, len(stream), size):
        connection.data_received(stream[start : start + size])
    assert (account.items, account.requests) == (3, 2)
    assert wire.sent.count(b"HTTP/1.1 200 OK") == 2


def test_asking_settles_the_account() -> None:
    connection, wire, _ = connected()
    connection.data_received(request({"PK": {"S": "1"}}))
    wire.sent = b""
    connection.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert json.loads(wire.sent.partition(b"\r\n\r\n")[2])["items"] == 1
    wire.sent = b""
    connection.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert json.loads(wire.sent.partition(b"\r\n\r\n")[2])["items"] == 0


def digest(*items: dict[str, Any]) -> str:
    connection, _, account = connected(look=True)
    for item in items:
        connection.data_received(request(item))
    found: str = json.loads(account.settle())["digest"]
    return found


def test_the_digest_ignores_order_and_spelling_and_sees_every_value() -> None:
    one, two = {"PK": {"S": "1"}, "n": {"N": "1.50"}}, {"PK": {"S": "2"}}
    assert digest(one, two) == digest(two, {"n": {"N": "1.5"}, "PK": {"S": "1"}})
    assert digest(one, two) != digest(one)
    assert digest(one) != digest({"PK": {"S": "1"}, "n": {"N": "1.51"}})
    assert digest(one) != digest({"PK": {"S": "1"}, "n": {"S": "1.5"}})
