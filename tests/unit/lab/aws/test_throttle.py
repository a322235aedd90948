# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The throttle: which writes, how, and how many."""

from __future__ import annotations

import json

import pytest

from lab.aws.asgi import Request
from lab.aws.throttle import BadThrottle, Throttle, Throttles


def batch(table="billing", rows=10, operation="BatchWriteItem"):
    writes = [{"PutRequest": {"Item": {"PK": {"S": str(row)}}}} for row in range(rows)]
    body = {"RequestItems": {table: writes}} if operation == "BatchWriteItem" else {"TableName": table}
    return Request("POST", "/", "", {"x-amz-target": f"DynamoDB_20120810.{operation}"}, json.dumps(body).encode())


def throttles(fraction=1.0, requests=100, seed=0):
    result = Throttles()
    result.set(Throttle("billing", fraction, requests, seed))
    return result


def test_without_a_switch_nothing_is_touched():
    assert Throttles().judge(batch()) is None


def test_refusals_and_partial_answers_take_turns():
    switch = throttles()
    verdicts = [switch.judge(batch()) for _ in range(20)]
    assert [verdict.refused for verdict in verdicts][::2] == [True] * 10
    assert any(not verdict.refused for verdict in verdicts)


def test_a_partial_answer_divides_the_batch_and_loses_nothing():
    switch = throttles()
    partial = next(verdict for verdict in (switch.judge(batch()) for _ in range(50)) if not verdict.refused)
    stored = json.loads(partial.body)["RequestItems"]["billing"]
    held = partial.unprocessed["billing"]
    assert stored
    assert held
    every = json.loads(batch().body)["RequestItems"]["billing"]
    assert sorted(map(json.dumps, stored + held)) == sorted(map(json.dumps, every))


def test_the_same_seed_decides_alike_and_another_does_not():
    def decisions(seed):
        switch = throttles(fraction=0.4, seed=seed)
        return [switch.judge(batch()) for _ in range(40)]

    assert decisions(3) == decisions(3)
    assert decisions(3) != decisions(4)


def test_it_ends_after_its_requests():
    switch = throttles(requests=2)
    assert [switch.judge(batch()) is None for _ in range(4)] == [False, False, True, True]
    assert switch.to_json()["throttles"][0] | {"seed": 0} == {
        "table": "billing",
        "fraction": 1.0,
        "requests": 2,
        "seed": 0,
        "seen": 2,
        "throttled": 2,
    }


@pytest.mark.parametrize(
    "request_", [batch(table="other"), batch(operation="Scan"), Request("POST", "/", "", {"x-amz-target": "a.PutItem"}, b"x")]
)
def test_other_tables_reads_and_nonsense_pass_uncounted(request_):
    switch = throttles()
    assert switch.judge(request_) is None
    assert switch.to_json()["throttles"][0]["seen"] == 0


def test_single_writes_are_only_ever_refused():
    switch = throttles()
    assert all(switch.judge(batch(operation="PutItem")).refused for _ in range(6))


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"table": "", "fraction": 0.5, "requests": 1},
        {"table": "t", "fraction": 1.5, "requests": 1},
        {"table": "t", "fraction": True, "requests": 1},
        {"table": "t", "fraction": 0.5, "requests": -1},
        {"table": "t", "fraction": 0.5, "requests": 1, "seed": "x"},
        {"table": "t", "fraction": 0.5, "requests": 1, "unknown": 1},
    ],
    ids=str,
)
def test_a_bad_document_is_refused(document):
    with pytest.raises(BadThrottle):
        Throttle.from_json(document)
