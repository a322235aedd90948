# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What DMS tells of itself: events, EventBridge, SNS and CloudWatch."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .rules import mappings, select
from .site import Site

TASK_METRICS = {
    "CDCIncomingChanges",
    "CDCChangesMemorySource",
    "CDCChangesDiskSource",
    "CDCChangesMemoryTarget",
    "CDCChangesDiskTarget",
    "CDCThroughputRowsSource",
    "CDCThroughputRowsTarget",
    "CDCThroughputBandwidthTarget",
    "CDCLatencySource",
    "CDCLatencyTarget",
}
INSTANCE_METRICS = {"CPUUtilization", "FreeableMemory", "FreeStorageSpace"}
# Id of an event: its category, and the event type where the guide prints it.
EVENTS = {
    "DMS-EVENT-0074": ("Creation", None),
    "DMS-EVENT-0069": ("StateChange", "REPLICATION_TASK_STARTED"),
    "DMS-EVENT-0079": ("StateChange", None),
    "DMS-EVENT-0073": ("Deletion", None),
}


def letters(text: str) -> str:
    """A category without regard to its spelling."""
    return text.lower().replace(" ", "").replace("_", "")


@dataclass
class Queue:
    """A queue and all that came out of it."""

    site: Site
    url: str
    arn: str
    messages: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> list[dict[str, Any]]:
        sqs = self.site.client("sqs")
        for message in sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
            self.messages.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.messages


def new_queue(site: Site, service: str) -> Queue:
    """A queue that the service may fill."""
    sqs = site.client("sqs")
    url = sqs.create_queue(QueueName=site.name("queue"))["QueueUrl"]
    site.later.callback(sqs.delete_queue, QueueUrl=url)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allow(service, "sqs:SendMessage", arn)})
    return Queue(site, url, arn)


def allow(service: str, action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass
class Watched:
    """A task that was created, run and deleted, and what was told of it."""

    arn: str
    name: str
    bridge: Queue
    topic: Queue
    since: datetime
    subscription: str


@pytest.fixture(scope="module")
def capture(site: Site) -> str:
    """A task that captures changes while the other tests here run."""
    schema = site.schema()
    site.execute("CREATE TABLE tick (id INT PRIMARY KEY)")
    target, _ = site.target()
    task = site.task(mappings(select(schema)), target, kind="cdc")
    site.start(task)
    site.running(task)
    site.execute("INSERT INTO tick VALUES (1)")
    return task


@pytest.fixture(scope="module")
def watched(site: Site, capture: str) -> Watched:
    since = datetime.now(UTC) - timedelta(minutes=1)
    bridge, topic = new_queue(site, "events.amazonaws.com"), new_queue(site, "sns.amazonaws.com")
    events, sns = site.client("events"), site.client("sns")
    rule = site.name("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.dms"]}))
    site.later.callback(events.delete_rule, Name=rule)
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": bridge.arn}])
    site.later.callback(events.remove_targets, Rule=rule, Ids=["queue"])
    topic_arn = sns.create_topic(Name=site.name("topic"))["TopicArn"]
    site.later.callback(sns.delete_topic, TopicArn=topic_arn)
    sns.set_topic_attributes(
        TopicArn=topic_arn, AttributeName="Policy", AttributeValue=allow("dms.amazonaws.com", "sns:Publish", topic_arn)
    )
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=topic.arn)
    subscription = site.name("subscription")
    site.dms.create_event_subscription(
        SubscriptionName=subscription,
        SnsTopicArn=topic_arn,
        SourceType="replication-task",
        EventCategories=[state_change(site)],
        Enabled=True,
    )
    site.later.callback(site.dms.delete_event_subscription, SubscriptionName=subscription)
    site.wait(lambda: subscriptions(site, subscription)["Status"] == "active", "the subscription")
    schema = site.schema()
    site.execute("CREATE TABLE one (id INT PRIMARY KEY)")
    target, _ = site.target()
    task = site.task(mappings(select(schema)), target)
    name = site.describe(task)["ReplicationTaskIdentifier"]
    site.run(task)
    site.dms.delete_replication_task(ReplicationTaskArn=task)
    site.waiter("replication_task_deleted", {"replication-task-arn": task})
    return Watched(task, name, bridge, topic, since, subscription)


def categories(site: Site) -> dict[str, list[str]]:
    groups = site.dms.describe_event_categories()["EventCategoryGroupList"]
    return {group["SourceType"]: group["EventCategories"] for group in groups}


def state_change(site: Site) -> str:
    """The category as the API spells it."""
    return next(category for category in categories(site)["replication-task"] if letters(category) == "statechange")


def subscriptions(site: Site, name: str) -> dict[str, Any]:
    return dict(site.dms.describe_event_subscriptions(SubscriptionName=name)["EventSubscriptionsList"][0])


@pytest.mark.behaviour("events.categories")
def test_the_categories_of_events(site: Site) -> None:
    found = {kind: {letters(category) for category in names} for kind, names in categories(site).items()}
    assert {"statechange", "failure", "configurationchange", "deletion", "creation"} <= found["replication-task"]
    assert {"configurationchange", "creation", "deletion", "maintenance", "lowstorage", "failover", "failure"} <= found[
        "replication-instance"
    ]


@pytest.mark.behaviour("events.described")
def test_events_of_a_task_are_described(site: Site, watched: Watched) -> None:
    def found() -> list[dict[str, Any]]:
        pages = site.dms.get_paginator("describe_events").paginate(
            SourceIdentifier=watched.name, SourceType="replication-task", StartTime=watched.since
        )
        return [event for page in pages for event in page["Events"]]

    events = site.wait(lambda: found() if len(found()) >= len(EVENTS) else None, "events of the task")
    assert {letters(category) for event in events for category in event["EventCategories"]} >= {"creation", "statechange", "deletion"}
    assert {(event["SourceIdentifier"], event["SourceType"]) for event in events} == {(watched.name, "replication-task")}


@pytest.mark.behaviour("events.bridge")
@pytest.mark.parametrize("event_id", EVENTS)
def test_eventbridge_is_told(site: Site, watched: Watched, event_id: str) -> None:
    def told() -> Any:
        own = [event for event in watched.bridge.look() if event["resources"] == [watched.arn]]
        return next((event for event in own if event["detail"]["eventId"] == event_id), None)

    event = site.wait(told, event_id)
    category, kind = EVENTS[event_id]
    assert (event["source"], event["detail-type"]) == ("aws.dms", "DMS Replication Task State Change")
    assert (event["detail"]["type"], letters(event["detail"]["category"])) == ("REPLICATION_TASK", letters(category))
    assert kind is None or event["detail"]["eventType"] == kind
    assert event["detail"]["detailMessage"]


@pytest.mark.behaviour("events.topic")
def test_a_topic_is_told_what_was_subscribed(site: Site, watched: Watched) -> None:
    def told() -> Any:
        texts = [message["Message"] for message in watched.topic.look() if watched.name in message["Message"]]
        return texts if {"DMS-EVENT-0069", "DMS-EVENT-0079"} <= {name for name in EVENTS for text in texts if name in text} else None

    texts = site.wait(told, "messages of the topic")
    assert not [text for text in texts if "DMS-EVENT-0074" in text or "DMS-EVENT-0073" in text], "other categories"


@pytest.mark.behaviour("events.subscription")
def test_a_subscription_is_described_and_changed(site: Site, watched: Watched) -> None:
    found = subscriptions(site, watched.subscription)
    assert (found["SourceType"], found["Enabled"], found["EventCategoriesList"]) == ("replication-task", True, [state_change(site)])
    site.dms.modify_event_subscription(SubscriptionName=watched.subscription, Enabled=False)
    site.wait(lambda: subscriptions(site, watched.subscription)["Enabled"] is False, "the change")
    again = {"SubscriptionName": watched.subscription, "SnsTopicArn": found["SnsTopicArn"]}
    assert site.refusal("create_event_subscription", **again) == "ResourceAlreadyExistsFault"


def dimensions(site: Site, metric: str) -> list[dict[str, str]]:
    pages = site.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="AWS/DMS", MetricName=metric)
    return [{d["Name"]: d["Value"] for d in found["Dimensions"]} for page in pages for found in page["Metrics"]]


def names(site: Site, task: str) -> tuple[str, set[str]]:
    """The instance's identifier, and the two names by which metrics may call the task."""
    described = site.describe(task)
    instances = site.dms.describe_replication_instances(Filters=[{"Name": "replication-instance-arn", "Values": [site.instance]}])
    identifier = instances["ReplicationInstances"][0]["ReplicationInstanceIdentifier"]
    return identifier, {task.rsplit(":", 1)[1], described["ReplicationTaskIdentifier"]}


@pytest.mark.behaviour("metrics.task")
@pytest.mark.parametrize("metric", sorted(TASK_METRICS))
def test_a_metric_of_a_task(site: Site, capture: str, watched: Watched, metric: str) -> None:
    instance, task_names = names(site, capture)

    def reported() -> bool:
        return any(
            found.get("ReplicationInstanceIdentifier") == instance and found.get("ReplicationTaskIdentifier") in task_names
            for found in dimensions(site, metric)
        )

    site.wait(reported, metric)


@pytest.mark.behaviour("metrics.instance")
@pytest.mark.parametrize("metric", sorted(INSTANCE_METRICS))
def test_a_metric_of_an_instance(site: Site, capture: str, watched: Watched, metric: str) -> None:
    instance, _ = names(site, capture)
    site.wait(lambda: {"ReplicationInstanceIdentifier": instance} in dimensions(site, metric), metric)


@pytest.mark.behaviour("metrics.latency")
@pytest.mark.parametrize("metric", ["CDCLatencySource", "CDCLatencyTarget"])
def test_latencies_are_seconds(site: Site, capture: str, watched: Watched, metric: str) -> None:
    instance, task_names = names(site, capture)
    values: list[float] = []

    def measured() -> bool:
        now = datetime.now(UTC)
        for name in task_names:
            answer = site.client("cloudwatch").get_metric_statistics(
                Namespace="AWS/DMS",
                MetricName=metric,
                Dimensions=[
                    {"Name": "ReplicationInstanceIdentifier", "Value": instance},
                    {"Name": "ReplicationTaskIdentifier", "Value": name},
                ],
                StartTime=now - timedelta(hours=1),
                EndTime=now + timedelta(minutes=1),
                Period=60,
                Statistics=["Maximum"],
            )
            values.extend(point["Maximum"] for point in answer["Datapoints"])
        return bool(values)

    site.wait(measured, metric)
    assert all(0 <= value < 600 for value in values)
