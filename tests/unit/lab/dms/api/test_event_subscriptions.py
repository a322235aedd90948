# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Event subscriptions: their life, and the events that they let through."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.monitoring.events import Event

from ..conftest import TOPIC, Bench


def subscribe(bench: Bench, name: str = "Mine", **changes: Any) -> dict[str, Any]:
    """An active subscription."""
    made = bench.call("CreateEventSubscription", SubscriptionName=name, SnsTopicArn=TOPIC, **changes)["EventSubscription"]
    bench.now += 10
    return dict(made)


def described(bench: Bench) -> dict[str, Any]:
    return dict(bench.call("DescribeEventSubscriptions")["EventSubscriptionsList"][0])


def test_a_subscription_lives_and_dies(bench: Bench) -> None:
    made = subscribe(bench, Tags=[{"Key": "k", "Value": "v"}])
    assert (made["Status"], made["Enabled"], made["SubscriptionCreationTime"]) == ("creating", True, "1970-01-12 13:46:40.000")
    assert described(bench)["Status"] == "active"
    arn = "arn:aws:dms:eu-west-1:000000000042:es:Mine"
    assert bench.call("ListTagsForResource", ResourceArn=arn)["TagList"][0]["Value"] == "v"
    by_arn = [{"Name": "event-subscription-arn", "Values": [arn]}]
    assert len(bench.call("DescribeEventSubscriptions", Filters=by_arn)["EventSubscriptionsList"]) == 1
    changed = bench.call("ModifyEventSubscription", SubscriptionName="mine", Enabled=False, EventCategories=["Failure"])
    assert (changed["EventSubscription"]["Status"], changed["EventSubscription"]["EventCategoriesList"]) == ("modifying", ["failure"])
    assert bench.refusal("DeleteEventSubscription", SubscriptionName="Mine").code == "InvalidResourceStateFault"
    bench.now += 10
    bench.call("DeleteEventSubscription", SubscriptionName="Mine")
    assert described(bench)["Status"] == "deleting"
    bench.now += 10
    assert bench.call("DescribeEventSubscriptions") == {"EventSubscriptionsList": []}
    assert bench.refusal("DescribeEventSubscriptions", SubscriptionName="Mine").code == "ResourceNotFoundFault"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SnsTopicArn": "arn:aws:sns:x"}, "SNSInvalidTopicFault"),
        ({"SourceType": "replication-task", "SourceIds": ["none"]}, "ResourceNotFoundFault"),
        ({"SourceIds": ["machine"]}, "InvalidParameterCombinationException"),
        ({"SourceType": "endpoint"}, "InvalidParameterValueException"),
        ({"SourceType": "replication-task", "EventCategories": ["failover"]}, "InvalidParameterValueException"),
        ({"SubscriptionName": "MINE"}, "ResourceAlreadyExistsFault"),
        ({"SubscriptionName": "x" * 255}, "InvalidParameterValueException"),
    ],
)
def test_subscriptions_that_are_refused(bench: Bench, changes: dict[str, Any], code: str) -> None:
    subscribe(bench)
    params = {"SubscriptionName": "other", "SnsTopicArn": TOPIC} | changes
    assert bench.refusal("CreateEventSubscription", **params).code == code


def test_sixty_and_no_more(bench: Bench) -> None:
    for number in range(60):
        subscribe(bench, f"s{number}")
    assert bench.refusal("CreateEventSubscription", SubscriptionName="more", SnsTopicArn=TOPIC).code == "ResourceQuotaExceededFault"


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        ({}, True),
        ({"Enabled": False}, False),
        ({"SourceType": "replication-instance"}, True),
        ({"SourceType": "replication-task"}, False),
        ({"SourceType": "replication-instance", "SourceIds": ["Machine"]}, True),
        ({"SourceType": "replication-instance", "SourceIds": ["other"]}, False),
        ({"EventCategories": ["Failover", "creation"]}, True),
        ({"EventCategories": ["creation"]}, False),
    ],
)
def test_which_events_pass(bench: Bench, selection: dict[str, Any], wanted: bool) -> None:
    bench.group()
    bench.instance("machine")
    bench.instance("other")
    subscribe(bench, **selection)
    event = Event("DMS-EVENT-0013", "machine", "arn", "m", bench.now)
    assert bench.service.subscriptions.topics(event) == ([TOPIC] if wanted else [])


def test_a_topic_that_takes_nothing_silences_the_subscription(bench: Bench) -> None:
    subscribe(bench)
    event = Event("DMS-EVENT-0013", "machine", "arn", "m", bench.now)
    bench.service.subscriptions.refused(TOPIC, "NotFound")
    assert described(bench)["Status"] == "topic-not-exist"
    assert bench.service.subscriptions.topics(event) == []
    bench.call("ModifyEventSubscription", SubscriptionName="Mine", SnsTopicArn=TOPIC)
    bench.now += 10
    bench.service.subscriptions.refused(TOPIC, "AuthorizationError")
    assert described(bench)["Status"] == "no-permission"


def test_subscriptions_become_rules_ten_at_a_time(bench: Bench) -> None:
    bench.group()
    arn = bench.instance("machine")
    selected = {"SourceType": "replication-instance", "SourceIds": ["machine"], "EventCategories": ["low storage", "failover"]}
    subscribe(bench, "selected", **selected)
    subscribe(bench, "silent", Enabled=False)
    for number in range(10):
        subscribe(bench, f"all{number}")
    assert "10 event subscription(s) were migrated to EventBridge, 1 remain" in bench.call("UpdateSubscriptionsToEventBridge")["Result"]
    pattern = {
        "source": ["aws.dms"],
        "detail": {"type": ["REPLICATION_INSTANCE"], "category": ["LowStorage", "Failover"]},
        "resources": [arn],
    }
    assert bench.account.rules["dms-selected"] == (pattern, TOPIC)
    assert bench.account.rules["dms-all0"] == ({"source": ["aws.dms"]}, TOPIC)
    bench.call("UpdateSubscriptionsToEventBridge")
    left = bench.call("DescribeEventSubscriptions")["EventSubscriptionsList"]
    assert [s["CustSubscriptionId"] for s in left] == ["silent"]
