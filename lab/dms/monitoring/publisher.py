# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tells events to EventBridge and to the topics of event subscriptions, in a thread of its own."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.aws import Aws
from lab.dms.monitoring.event_kinds import SOURCE, TASK, event_category, type_in_detail
from lab.dms.monitoring.events import Event

# Events that wait for a slow emulator; what comes on top is lost, as AWS too promises no more than its best effort.
LONGEST_QUEUE = 1000
GUIDE = "http://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html"
CONSOLE = "https://console.aws.amazon.com/dms"
SUBJECT = "DMS Notification Message"

_log = logging.getLogger(__name__)


class Publisher:
    """``topics``: the ARNs of the topics that an event goes to; ``failed``: told of a topic that took none, with the error's code."""

    def __init__(self, aws: Aws, region: str, topics: Callable[[Event], Iterable[str]], failed: Callable[[str, str], None]) -> None:
        self._aws = aws
        self._region = region
        self._topics = topics
        self._failed = failed
        self._queue: queue.Queue[Event] = queue.Queue(LONGEST_QUEUE)
        self._complained: set[str] = set()

    def start(self) -> None:
        threading.Thread(target=self._run, name="event-publisher", daemon=True).start()

    def publish(self, event: Event) -> None:
        """Never waits and never fails."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._complain("queue", "events are lost: they come faster than the account takes them")

    def _run(self) -> None:
        while True:
            try:
                self.publish_next()
            except Exception:
                _log.exception("an event could not be published")

    def publish_next(self) -> None:
        """Tell the oldest event that waits, or the next one that comes."""
        event = self._queue.get()
        self._tell_event_bus(event)
        for topic in self._topics(event):
            self._tell_topic(topic, event)

    def _tell_event_bus(self, event: Event) -> None:
        try:
            answer = self._aws.events.put_events(Entries=[bus_entry(event, self._region)])
            for refused in (entry for entry in answer["Entries"] if "ErrorCode" in entry):
                self._complain("EventBridge", f"{refused['ErrorCode']}: {refused.get('ErrorMessage', '')}")
        except (ClientError, BotoCoreError) as error:
            self._complain("EventBridge", str(error))

    def _tell_topic(self, topic: str, event: Event) -> None:
        try:
            self._aws.sns.publish(TopicArn=topic, Subject=SUBJECT, Message=notification(event, self._region))
        except ClientError as error:
            self._complain(topic, str(error))
            self._failed(topic, error.response["Error"]["Code"])
        except BotoCoreError as error:
            self._complain(topic, str(error))

    def _complain(self, where: str, what: str) -> None:
        """Once for each place: a task that runs for weeks must not fill the log."""
        if where not in self._complained:
            self._complained.add(where)
            _log.warning("publishing events to %s failed: %s", where, what)


def bus_entry(event: Event, region: str) -> dict[str, Any]:
    """The event as an entry of PutEvents. Form: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_EventBridge.html"""
    kind = event.kind
    page = "taskDetails" if kind.source_type == TASK else "replicationInstanceDetails"
    detail = {
        "type": type_in_detail(kind.source_type),
        "category": event_category(kind.category),
        "eventType": kind.event_type,
        "eventId": kind.id,
        "resourceLink": f"{CONSOLE}/v2/home?region={region}#{page}/{event.identifier}",
        "detailMessage": event.message,
    }
    return {
        "Source": SOURCE,
        "DetailType": kind.detail_type,
        "Resources": [event.arn],
        "Time": datetime.fromtimestamp(event.time, UTC),
        "Detail": json.dumps(detail),
    }


def notification(event: Event, region: str) -> str:
    """The event as the message of a topic. The form is not documented; it is the one that users have published."""
    page = "tasks" if event.kind.source_type == TASK else "replication-instances"
    time = datetime.fromtimestamp(event.time, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return json.dumps(
        {
            "Event Source": event.kind.source_type,
            "Event Time": time,
            "Identifier Link": f"{CONSOLE}/home?region={region}#{page}:ids={event.identifier}\nSourceId: {event.identifier} ",
            "Event ID": f"{GUIDE}#{event.id} ",
            "Event Message": event.message,
        }
    )
