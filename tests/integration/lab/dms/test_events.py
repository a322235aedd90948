# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What happens to an instance is told to the account: through EventBridge and through an SNS topic, each to a real queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Bench, wait


@dataclass
class Queue:
    """A queue of the test's own, with all that has come out of it so far."""

    sqs: Any
    url: str
    arn: str
    messages: list[dict[str, Any]] = field(default_factory=list)

    def until(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first message that is wanted."""

        def look() -> dict[str, Any] | None:
            for message in self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
                self.messages.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return next((m for m in self.messages if wanted(m)), None)

        return dict(wait(look, what))


@pytest.fixture
def queue(bench: Bench) -> Iterator[Queue]:
    sqs = bench.lab.client("sqs")
    url = sqs.create_queue(QueueName=bench.name("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    yield Queue(sqs, url, arn)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def machine(bench: Bench) -> Iterator[Callable[[], str]]:
    """Makes a Multi-AZ instance of the test's own; its identifier."""
    made: list[str] = []

    def make() -> str:
        name = bench.name("machine")
        answer = bench.dms.create_replication_instance(
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.medium",
            MultiAZ=True,
            ReplicationSubnetGroupIdentifier=bench.prefix,
        )
        made.append(answer["ReplicationInstance"]["ReplicationInstanceArn"])
        available(bench, made[-1])
        return name

    yield make
    for arn in made:
        bench.dms.delete_replication_instance(ReplicationInstanceArn=arn)


def available(bench: Bench, arn: str) -> None:
    bench.dms.get_waiter("replication_instance_available").wait(
        Filters=[{"Name": "replication-instance-arn", "Values": [arn]}], WaiterConfig={"Delay": 1}
    )


def arn_of(bench: Bench, name: str) -> str:
    filters = [{"Name": "replication-instance-id", "Values": [name]}]
    return str(bench.dms.describe_replication_instances(Filters=filters)["ReplicationInstances"][0]["ReplicationInstanceArn"])


def test_the_event_bus_is_told(bench: Bench, queue: Queue, machine: Callable[[], str]) -> None:
    events, rule = bench.lab.client("events"), bench.name("rule")
    pattern = {"source": ["aws.dms"], "detail": {"category": ["Creation"]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    arn = arn_of(bench, machine())
    created = queue.until(lambda m: m["resources"] == [arn] and m["detail"]["eventId"] == "DMS-EVENT-0005", "the event of the creation")
    assert (created["source"], created["detail-type"]) == ("aws.dms", "DMS Replication Instance State Change")
    assert (created["account"], created["region"]) == ("000000000042", "eu-west-1")
    assert created["detail"]["eventType"] == "REPLICATION_INSTANCE_CREATED"
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)


def test_nobody_else_may_speak_for_dms(bench: Bench) -> None:
    entry = {"Source": "aws.dms", "DetailType": "x", "Detail": "{}"}
    answer = bench.lab.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_topic_is_told_of_a_failover(bench: Bench, queue: Queue, machine: Callable[[], str]) -> None:
    sns, name = bench.lab.client("sns"), machine()
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    subscription = bench.name("subscription")
    bench.dms.create_event_subscription(
        SubscriptionName=subscription,
        SnsTopicArn=topic,
        SourceType="replication-instance",
        SourceIds=[name],
        EventCategories=["failover"],
    )
    wait(lambda: status(bench, subscription) == "active", "the subscription")
    arn = arn_of(bench, name)
    bench.dms.reboot_replication_instance(ReplicationInstanceArn=arn, ForceFailover=True)
    available(bench, arn)
    told = queue.until(lambda m: "DMS-EVENT-0049" in m["Message"], "the event of the failover")
    assert told["Subject"] == "DMS Notification Message"
    assert json.loads(told["Message"])["Event Source"] == "replication-instance"
    assert {json.loads(m["Message"])["Event ID"].strip()[-4:] for m in queue.messages} == {"0013", "0049"}
    found = bench.dms.describe_events(SourceType="replication-instance", SourceIdentifier=name, EventCategories=["failover"])["Events"]
    assert len(found) == 2
    assert found[0]["Date"] <= found[1]["Date"]
    sns.delete_topic(TopicArn=topic)
    bench.dms.reboot_replication_instance(ReplicationInstanceArn=arn, ForcePlannedFailover=True)
    wait(lambda: status(bench, subscription) == "topic-not-exist", "the subscription without a topic")
    available(bench, arn)
    bench.dms.delete_event_subscription(SubscriptionName=subscription)


def status(bench: Bench, subscription: str) -> str:
    return str(bench.dms.describe_event_subscriptions(SubscriptionName=subscription)["EventSubscriptionsList"][0]["Status"])


def test_a_topic_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(ClientError, match="SNSInvalidTopicFault"):
        bench.dms.create_event_subscription(
            SubscriptionName=bench.name("subscription"), SnsTopicArn="arn:aws:sns:eu-west-1:000000000042:not-there"
        )


def test_a_subscription_that_became_a_rule_still_reaches_its_topic(bench: Bench, queue: Queue, machine: Callable[[], str]) -> None:
    sns, events, name = bench.lab.client("sns"), bench.lab.client("events"), machine()
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    subscription = bench.name("subscription")
    selection = {"SourceType": "replication-instance", "SourceIds": [name], "EventCategories": ["failover"]}
    bench.dms.create_event_subscription(SubscriptionName=subscription, SnsTopicArn=topic, **selection)
    wait(lambda: status(bench, subscription) == "active", "the subscription")
    bench.dms.update_subscriptions_to_event_bridge()
    with pytest.raises(ClientError, match="ResourceNotFoundFault"):
        status(bench, subscription)
    arn = arn_of(bench, name)
    bench.dms.reboot_replication_instance(ReplicationInstanceArn=arn, ForceFailover=True)
    told = queue.until(lambda m: "DMS-EVENT-0013" in m["Message"], "the event of the failover")
    assert json.loads(told["Message"])["resources"] == [arn]
    available(bench, arn)
    events.remove_targets(Rule=f"dms-{subscription}", Ids=["topic"])
    events.delete_rule(Name=f"dms-{subscription}")
    sns.delete_topic(TopicArn=topic)
