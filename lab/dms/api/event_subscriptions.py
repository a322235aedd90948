# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Event subscriptions: which events go to which SNS topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lab.dms.api import tags
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import Quotas
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import already_exists, invalid_combination, invalid_value, not_found, wrong_state
from lab.dms.monitoring.event_kinds import SOURCE, SOURCE_TYPES, TASK, categories, event_category, type_in_detail
from lab.dms.monitoring.events import Event

KIND = "event_subscription"
LONGEST_NAME = 254
# API reference, UpdateSubscriptionsToEventBridge.
MOVED_AT_ONCE = 10
# EventBridge API reference, PutRule, less the beginning that every rule of ours has.
LONGEST_RULE = 60
_KINDS_OF_SOURCES = {TASK: "task", "replication-instance": "instance"}
# The status that a refusal of the topic leads to: ``EventSubscription.Status`` of the API reference.
_STATUS_BY_CODE = {"NotFound": "topic-not-exist", "NotFoundException": "topic-not-exist"}


class EventSubscriptions:
    def __init__(self, store: Store, aws: Aws, quotas: Quotas, *, delay: float) -> None:
        """``delay``: seconds that creating, modifying and deleting take."""
        self._store = store
        self._aws = aws
        self._quotas = quotas
        self._delay = delay

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["SubscriptionName"]
        if not name or len(name) > LONGEST_NAME:
            raise invalid_value(f"SubscriptionName must have between 1 and {LONGEST_NAME} characters.")
        self._aws.check_topic(params["SnsTopicArn"])
        with self._store.changing():
            if self._find(name) is not None:
                raise already_exists(f"Event Subscription {name} already exists.")
            self._quotas.check("EventSubscriptions")
            shown = {
                "CustomerAwsId": self._store.account,
                "CustSubscriptionId": name,
                "SnsTopicArn": params["SnsTopicArn"],
                "Status": "creating",
                "SubscriptionCreationTime": datetime.fromtimestamp(self._store.clock(), UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                "Enabled": params.get("Enabled", True),
                **self._selection(params),
            }
            subscription = Resource(KIND, self._store.new_arn(KIND, name), name, shown, tags=tags.given(params))
            self._store.schedule(subscription, self._delay, "active")
            self._store.add(subscription)
        return {"EventSubscription": shown}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        if "SnsTopicArn" in params:
            self._aws.check_topic(params["SnsTopicArn"])
        with self._store.changing():
            subscription = self._settled(params["SubscriptionName"])
            shown = subscription.shown
            before = {
                "SourceType": shown["SourceType"],
                "SourceIds": shown["SourceIdsList"],
                "EventCategories": shown["EventCategoriesList"],
            }
            shown.update(self._selection(before | params))
            shown.update({member: params[member] for member in ("SnsTopicArn", "Enabled") if member in params})
            subscription.status = "modifying"
            self._store.schedule(subscription, self._delay, "active")
        return {"EventSubscription": shown}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        subscriptions = self._store.all(KIND)
        if "SubscriptionName" in params:
            subscriptions = [self._get(params["SubscriptionName"])]
        values = {"event-subscription-arn": lambda s: s.arn, "event-subscription-id": lambda s: s.identifier}
        subscriptions = select(subscriptions, params.get("Filters", []), values)
        if params.get("Filters") and not subscriptions:
            raise not_found("No Event Subscriptions found matching the filters.")
        chosen, marker = page(subscriptions, params)
        return {"EventSubscriptionsList": [s.shown for s in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            subscription = self._settled(params["SubscriptionName"])
            subscription.status = "deleting"
            self._store.schedule(subscription, self._delay, "")
        return {"EventSubscription": subscription.shown}

    def move_to_event_bus(self, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateSubscriptionsToEventBridge: ten at a time become rules that send the same events to the same topics."""
        active = [s for s in self._store.all(KIND) if s.status == "active" and s.shown["Enabled"]]
        moved = active[:MOVED_AT_ONCE]
        for subscription in moved:
            self._aws.send_events(_rule_name(subscription), self._pattern(subscription), subscription.shown["SnsTopicArn"])
        with self._store.changing():
            for subscription in moved:
                self._store.remove(subscription)
        return {"Result": f"{len(moved)} event subscription(s) were migrated to EventBridge, {len(active) - len(moved)} remain."}

    def topics(self, event: Event) -> list[str]:
        """The topics that are told of the event, each once."""
        return list(dict.fromkeys(s.shown["SnsTopicArn"] for s in self._store.all(KIND) if _wants(s, event)))

    def refused(self, topic: str, code: str) -> None:
        """The topic took no message: its subscriptions rest until they are modified."""
        with self._store.changing():
            for subscription in self._store.all(KIND):
                if subscription.shown["SnsTopicArn"] == topic and subscription.status == "active":
                    subscription.status = _STATUS_BY_CODE.get(code, "no-permission")

    def _pattern(self, subscription: Resource) -> dict[str, Any]:
        """What EventBridge compares events with to find those of the subscription."""
        shown = subscription.shown
        pattern: dict[str, Any] = {"source": [SOURCE]}
        detail = {}
        if shown["SourceType"]:
            detail["type"] = [type_in_detail(shown["SourceType"])]
        if shown["EventCategoriesList"]:
            detail["category"] = [event_category(category) for category in shown["EventCategoriesList"]]
        if detail:
            pattern["detail"] = detail
        if shown["SourceIdsList"]:
            kind = _KINDS_OF_SOURCES[shown["SourceType"]]
            pattern["resources"] = [r.arn for r in self._store.all(kind) if r.identifier in shown["SourceIdsList"]]
        return pattern

    def _selection(self, params: dict[str, Any]) -> dict[str, Any]:
        """The members that say which events are meant. Raises Fault."""
        source_type, identifiers = params.get("SourceType"), [i.lower() for i in params.get("SourceIds") or []]
        if source_type and source_type not in SOURCE_TYPES:
            raise invalid_value(f"SourceType {source_type} is not one of {', '.join(SOURCE_TYPES)}.")
        if identifiers and not source_type:
            raise invalid_combination("SourceIds needs SourceType.")
        for identifier in identifiers:
            if self._store.named(_KINDS_OF_SOURCES[str(source_type)], identifier) is None:
                raise not_found(f"Event source {identifier} of the type {source_type} not found.")
        known = categories(source_type) if source_type else sorted({c for t in SOURCE_TYPES for c in categories(t)})
        return {
            "SourceType": source_type,
            "SourceIdsList": identifiers,
            "EventCategoriesList": _categories(params.get("EventCategories") or [], known),
        }

    def _settled(self, name: str) -> Resource:
        subscription = self._get(name)
        if subscription.status in ("creating", "modifying", "deleting"):
            raise wrong_state(f"Event Subscription {name} is {subscription.status}.")
        return subscription

    def _get(self, name: str) -> Resource:
        subscription = self._find(name)
        if subscription is None:
            raise not_found(f"Event Subscription {name} not found.")
        return subscription

    def _find(self, name: str) -> Resource | None:
        return next((s for s in self._store.all(KIND) if s.identifier.lower() == name.lower()), None)


def _rule_name(subscription: Resource) -> str:
    """In the signs and the length that EventBridge allows."""
    return "dms-" + re.sub(r"[^.\-_A-Za-z0-9]", "-", subscription.identifier)[:LONGEST_RULE]


def _categories(given: Sequence[str], known: list[str]) -> list[str]:
    """As the service spells them: templates of the guide write them in capitals. Raises Fault for an unknown one."""
    spelled = [category.lower() for category in given]
    unknown = [category for category in spelled if category not in known]
    if unknown:
        raise invalid_value(f"The event category {unknown[0]} is not one of {', '.join(known)}.")
    return spelled


def _wants(subscription: Resource, event: Event) -> bool:
    shown = subscription.shown
    return (
        subscription.status == "active"
        and shown["Enabled"]
        and shown["SourceType"] in (None, event.kind.source_type)
        and (not shown["SourceIdsList"] or event.identifier in shown["SourceIdsList"])
        and (not shown["EventCategoriesList"] or event.kind.category in shown["EventCategoriesList"])
    )
