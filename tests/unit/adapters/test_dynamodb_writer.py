# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from landbridge.adapters.dynamodb_writer import BatchWriter
from landbridge.errors import BadData, Denied, LandbridgeError, NotFound, Retryable, Unreachable

from tests.support.dynamodb import (
    FakeConnection,
    FakeDynamoDB,
    chunked,
    closing,
    corrupt,
    dropped,
    fault,
    fragmented,
    leaving,
    ok,
    refusing,
    unprocessed,
)
from tests.support.memory import FastClock


def item(key: str, **more: str) -> str:
    return json.dumps({"PK": {"S": key}, **{name: {"S": value} for name, value in more.items()}}, ensure_ascii=False)


def writer(dynamodb: FakeDynamoDB, clock: FastClock, **options: Any) -> BatchWriter:
    connection = options.pop("connection", None) or FakeConnection(dynamodb.url)
    return BatchWriter(connection, "Things", **{"connections": 4, "clock": clock, **options})


def load(target: BatchWriter, count: int) -> None:
    for number in range(count):
        target.put(f"k{number}", item(f"k{number}", text=f"Zoë {number}"))
    target.flush()
    target.close()


def keys(count: int) -> set[str]:
    return {f"k{number}" for number in range(count)}


def test_every_item_is_stored_once_in_batches_of_25(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    load(writer(dynamodb, clock), 1013)
    assert set(dynamodb.items) == keys(1013)
    assert dynamodb.items["k7"] == {"PK": {"S": "k7"}, "text": {"S": "Zoë 7"}}
    assert set(dynamodb.stored.values()) == {1}
    assert sorted(map(len, dynamodb.history)) == [13] + [25] * 40
    assert dynamodb.connections <= 4


def test_signed_with_the_session_token(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    load(writer(dynamodb, clock), 1)
    head = dynamodb.heads[0].decode()
    assert re.search(r"authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-west-1/dynamodb/aws4_request", head)
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target" in head
    assert "x-amz-security-token: token0" in head


def test_several_requests_are_under_way(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = fragmented
    load(writer(dynamodb, clock), 400)
    assert dynamodb.most_in_flight > 1
    assert set(dynamodb.items) == keys(400)


@pytest.mark.parametrize(
    "reaction", [dropped, closing, leaving, fragmented, chunked, corrupt, fault(500, "InternalServerError"), fault(503, "")]
)
def test_passing_faults(dynamodb: FakeDynamoDB, clock: FastClock, reaction: Any) -> None:
    dynamodb.plan = dict.fromkeys((0, 1, 2, 5, 8), reaction)
    load(writer(dynamodb, clock), 300)
    assert set(dynamodb.items) == keys(300)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError"]
)
def test_throttles_are_retried_and_counted(dynamodb: FakeDynamoDB, clock: FastClock, code: str) -> None:
    dynamodb.plan = {0: fault(400 if code != "InternalServerError" else 500, code), 1: fault(400, "ThrottlingException")}
    target = writer(dynamodb, clock, connections=1)
    load(target, 60)
    assert target.retried == 50
    assert sum(dynamodb.sent.values()) == 60 + target.retried
    assert set(dynamodb.stored.values()) == {1}
    assert len(clock.sleeps) == 2


def test_only_unprocessed_items_are_sent_again(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.plan = {0: unprocessed(10), 1: unprocessed(0), 2: unprocessed(14)}
    target = writer(dynamodb, clock, connections=1)
    load(target, 25)
    assert [len(sent) for sent in dynamodb.history] == [25, 15, 15, 1]
    assert target.retried == 15 + 15 + 1
    assert set(dynamodb.stored.values()) == {1}
    assert set(dynamodb.items) == keys(25)


def test_an_unprocessed_storm_ends_when_capacity_comes(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = unprocessed(1)
    target = writer(dynamodb, clock)
    load(target, 100)
    assert set(dynamodb.items) == keys(100)
    assert set(dynamodb.stored.values()) == {1}
    assert sum(dynamodb.sent.values()) == 100 + target.retried


def test_patience_ends(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = unprocessed(0)
    with pytest.raises(Retryable, match=r"dynamodb:Things: could not write items: 25 of 25 items came back unprocessed"):
        load(writer(dynamodb, clock), 25)
    assert clock.ahead > 100
    dynamodb.always = fault(400, "ThrottlingException", "Rate exceeded")
    with pytest.raises(Retryable, match="Rate exceeded"):
        load(writer(dynamodb, clock), 25)


def test_waits_grow_with_jitter(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.plan = {number: fault(400, "ThrottlingException") for number in range(12)}
    load(writer(dynamodb, clock, connections=1), 25)
    assert len(clock.sleeps) == 12
    assert all(slept <= min(5.0, 0.05 * 2**number) for number, slept in enumerate(clock.sleeps))
    assert len({round(slept, 6) for slept in clock.sleeps}) == 12


def test_throttling_narrows_what_is_under_way(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.plan = {number: fault(400, "ThrottlingException") for number in range(30)}
    target = writer(dynamodb, clock, connections=8)
    load(target, 1000)
    assert set(dynamodb.stored.values()) == {1}
    assert len(dynamodb.items) == 1000


def test_nobody_answers(clock: FastClock, dynamodb: FakeDynamoDB) -> None:
    dynamodb.close()
    with pytest.raises(Unreachable, match="could not connect"):
        load(writer(dynamodb, clock), 1)


def test_one_bad_item_does_not_hold_up_the_others(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    bad = {"k3", "k4", "k77"}
    dynamodb.always = refusing(bad)
    refused: list[tuple[str, str, str, object]] = []
    target = writer(dynamodb, clock, on_refused=lambda *args: refused.append(args))
    for number in range(100):
        target.put(f"k{number}", item(f"k{number}"), ("row", number))
    target.flush()
    assert {(key, origin) for key, _, _, origin in refused} == {("k3", ("row", 3)), ("k4", ("row", 4)), ("k77", ("row", 77))}
    assert all(reason == "ValidationException: Item size has exceeded the limit" for _, _, reason, _ in refused)
    assert set(dynamodb.items) == keys(100) - bad
    assert target.retried == sum(dynamodb.sent.values()) - 100
    target.close()


def test_a_refused_item_without_anybody_to_tell(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.always = refusing({"k3"})
    with pytest.raises(BadData, match="'k3': ValidationException"):
        load(writer(dynamodb, clock), 10)


@pytest.mark.parametrize(
    ("code", "message", "kind", "remedy"),
    [
        ("AccessDeniedException", "no", Denied, "policy"),
        ("UnrecognizedClientException", "The security token is invalid", Denied, "profile"),
        ("InvalidSignatureException", "The request signature does not match", Denied, "secret access key"),
        ("InvalidSignatureException", "Signature expired: 2020 is now earlier than 2026", Denied, "clock"),
        ("RequestTimeTooSkewed", "The difference is too large", Denied, "clock"),
        ("ResourceNotFoundException", "Requested resource not found", NotFound, "name"),
    ],
)
def test_errors_that_no_retry_mends(
    dynamodb: FakeDynamoDB, clock: FastClock, code: str, message: str, kind: type[LandbridgeError], remedy: str
) -> None:
    dynamodb.always = fault(400, code, message)
    with pytest.raises(kind, match=re.escape(message)) as raised:
        load(writer(dynamodb, clock, connections=1), 30)
    assert remedy in raised.value.remedy
    assert len(dynamodb.heads) <= 2
    assert clock.sleeps == []


def test_expired_credentials_are_renewed_once(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.plan = {0: fault(400, "ExpiredTokenException")}
    connection = FakeConnection(dynamodb.url)
    load(writer(dynamodb, clock, connection=connection, connections=1), 30)
    assert connection.renewals == 1
    assert b"x-amz-security-token: token1" in dynamodb.heads[1]
    assert set(dynamodb.items) == keys(30)
    dynamodb.always = fault(400, "ExpiredTokenException", "The security token included in the request is expired")
    with pytest.raises(Denied, match="expired") as raised:
        load(writer(dynamodb, clock, connections=1), 5)
    assert "Sign in again" in raised.value.remedy


def test_two_puts_of_one_key_keep_their_order(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    dynamodb.plan = dict(enumerate([fragmented, fault(500, "InternalServerError"), dropped] * 5))
    target = writer(dynamodb, clock)
    for number in range(200):
        target.put(f"k{number % 7}", item(f"k{number % 7}", text=str(number)))
    target.flush()
    target.close()
    assert {key: held["text"]["S"] for key, held in dynamodb.items.items()} == {f"k{n % 7}": str(n) for n in range(193, 200)}
    assert all(len(sent) == len(set(sent)) for sent in dynamodb.history)


def test_a_request_stays_below_16_megabytes(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    sizes: list[int] = []

    def react(server: FakeDynamoDB, sock: Any, operation: str, payload: dict[str, Any]) -> bool:
        sizes.append(len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()))
        return ok(server, sock, operation, payload)

    dynamodb.always = react
    target = writer(dynamodb, clock, connections=2)
    for number in range(25):
        target.put(f"k{number}", item(f"k{number}", text="é" * 400_000))
    target.flush()
    target.close()
    assert len(sizes) == 2
    assert max(sizes) <= 16 * 1024 * 1024
    assert set(dynamodb.items) == keys(25)


def test_the_operators_limit_holds(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    before = clock.monotonic()
    load(writer(dynamodb, clock, max_items_per_second=100), 1000)
    assert clock.monotonic() - before >= 9.7
    assert set(dynamodb.items) == keys(1000)


def test_many_faults_in_any_order(dynamodb: FakeDynamoDB, clock: FastClock) -> None:
    faults = [
        ok,
        dropped,
        closing,
        unprocessed(7),
        unprocessed(0),
        fault(400, "ThrottlingException"),
        fault(500, "X"),
        chunked,
        corrupt,
    ]
    dynamodb.plan = {number: faults[int(clock.random() * len(faults))] for number in range(150)}
    target = writer(dynamodb, clock, connections=6)
    load(target, 2000)
    assert set(dynamodb.items) == keys(2000)
    assert sum(dynamodb.sent.values()) == 2000 + target.retried
