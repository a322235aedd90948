# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Events: how they are found again, who is told, and in what form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.dms.monitoring.event_kinds import INSTANCE, KINDS, TASK, event_category
from lab.dms.monitoring.events import Event
from lab.dms.monitoring.publisher import LONGEST_QUEUE, Publisher, bus_entry, notification

from ..conftest import TOPIC, Bench

STARTED = Event("DMS-EVENT-0069", "task-1", "arn:aws:dms:eu-west-1:000000000042:task:ABC", "Replication task started.", 1_000_000.5)


@pytest.fixture
def told(bench: Bench) -> Bench:
    """Three events, a minute apart; the last one now."""
    bench.group()
    bench.instance("one")
    store = bench.service._store
    for number, event in enumerate(("DMS-EVENT-0013", "DMS-EVENT-0049")):
        bench.now += 60
        bench.service.events.record(INSTANCE, store.named("instance", "one"), event, f"failover {number}")
    return bench


@pytest.mark.parametrize(
    ("asked", "messages"),
    [
        ({"EventCategories": ["failover"]}, ["failover 0", "failover 1"]),
        ({"EventCategories": ["Failover"], "Duration": 1}, ["failover 0", "failover 1"]),
        ({"StartTime": 1_000_000 + 80}, ["failover 1"]),
        ({"StartTime": 1_000_000 + 10, "EndTime": 1_000_000 + 80}, ["The replication instance is created.", "failover 0"]),
        ({"SourceType": "replication-instance", "SourceIdentifier": "two"}, []),
        ({"SourceType": "replication-task"}, []),
        ({"Filters": [{"Name": "replication-instance-id", "Values": ["two"]}]}, []),
    ],
)
def test_events_are_found(told: Bench, asked: dict[str, Any], messages: list[str]) -> None:
    assert [e["Message"] for e in told.call("DescribeEvents", **asked)["Events"]] == messages


@pytest.mark.parametrize(
    "asked",
    [
        {"SourceIdentifier": "one"},
        {"Duration": 5, "StartTime": 1_000_000},
        {"StartTime": 1_000_060, "EndTime": 1_000_000},
        {"MaxRecords": 5},
    ],
)
def test_questions_that_contradict_themselves(told: Bench, asked: dict[str, Any]) -> None:
    assert told.refusal("DescribeEvents", **asked).code.startswith("InvalidParameter")


def test_events_outlive_the_process_for_a_fortnight(told: Bench) -> None:
    before = told.call("DescribeEvents")
    assert len(before["Events"]) == 4
    with (told.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "DMS-EV')  # a process that was killed
    told.restart()
    assert told.call("DescribeEvents") == before
    told.now += 14 * 24 * 3600
    told.restart()
    assert [e["Message"] for e in told.call("DescribeEvents")["Events"]] == ["failover 1"]


def test_an_event_of_another_kind_is_a_mistake(told: Bench) -> None:
    with pytest.raises(ValueError, match="no event of a replication-task"):
        told.service.events.record(TASK, told.service._store.named("instance", "one"), "DMS-EVENT-0013", "x")


def test_categories(bench: Bench) -> None:
    groups = {g["SourceType"]: g["EventCategories"] for g in bench.call("DescribeEventCategories")["EventCategoryGroupList"]}
    assert groups["replication-task"] == ["configuration change", "creation", "deletion", "failure", "state change"]
    assert "low storage" in groups["replication-instance"]
    assert bench.refusal("DescribeEventCategories", SourceType="endpoint").code == "InvalidParameterValueException"


def test_the_form_for_the_event_bus() -> None:
    entry = bus_entry(STARTED, "eu-west-1")
    assert (entry["Source"], entry["DetailType"]) == ("aws.dms", "DMS Replication Task State Change")
    assert entry["Resources"] == [STARTED.arn]
    detail = json.loads(entry["Detail"])
    assert detail.pop("resourceLink").endswith("/v2/home?region=eu-west-1#taskDetails/task-1")
    assert detail == {
        "type": "REPLICATION_TASK",
        "category": "StateChange",
        "eventType": "REPLICATION_TASK_STARTED",
        "eventId": "DMS-EVENT-0069",
        "detailMessage": "Replication task started.",
    }
    assert {event_category(kind.category) for kind in KINDS.values()} == {
        *("Creation", "Deletion", "Failure", "StateChange", "ConfigurationChange", "LowStorage", "Failover", "Maintenance")
    }


def test_the_form_for_a_topic() -> None:
    message = json.loads(notification(STARTED, "eu-west-1"))
    assert message["Event ID"].strip().endswith("CHAP_Events.html#DMS-EVENT-0069")
    assert (message["Event Source"], message["Event Time"]) == ("replication-task", "1970-01-12 13:46:40.500")
    assert "SourceId: task-1" in message["Identifier Link"]


class Account:
    """An account in which every call fails."""

    class Client:
        def put_events(self, **_: Any) -> Any:
            return {"Entries": [{"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "no"}]}

        def publish(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "NotFound", "Message": "no topic"}}, "Publish")

    events = sns = Client()


def test_publishing_neither_waits_nor_fails_nor_fills_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refused: list[tuple[str, str]] = []
    publisher = Publisher(Account(), "eu-west-1", lambda _: [TOPIC], lambda *what: refused.append(what))  # type: ignore[arg-type]
    for _ in range(LONGEST_QUEUE + 5):
        publisher.publish(STARTED)
    for _ in range(2):
        publisher.publish_next()
    assert refused == [(TOPIC, "NotFound")] * 2
    assert [r.getMessage().split(" failed")[0] for r in caplog.records] == [
        "publishing events to queue",
        "publishing events to EventBridge",
        f"publishing events to {TOPIC}",
    ]
