# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Changes of a replication instance that wait: for the next maintenance window, or for the time that they take.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Modifying.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.dms.api import instance_types
from lab.dms.api.store import Resource, Store
from lab.dms.api.subnet_groups import zones_of
from lab.dms.faults import invalid_value
from lab.dms.monitoring.event_kinds import INSTANCE
from lab.dms.monitoring.events import Events

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST_WINDOW = timedelta(minutes=30)
MEMBERS = ("ReplicationInstanceClass", "AllocatedStorage", "MultiAZ", "EngineVersion")
# What cannot change while the machine runs.
_INTERRUPTING = ("ReplicationInstanceClass", "EngineVersion")
_WEEK = timedelta(days=7)
_WINDOW = re.compile(rf"({'|'.join(DAYS)}):([01]\d|2[0-3]):([0-5]\d)-({'|'.join(DAYS)}):([01]\d|2[0-3]):([0-5]\d)")
# For each change: the events of its begin and its end, and what it is called.
_EVENTS: dict[str, tuple[str, str, str]] = {
    "ReplicationInstanceClass": ("DMS-EVENT-0012", "DMS-EVENT-0014", "The replication instance class is being changed."),
    "AllocatedStorage": ("DMS-EVENT-0018", "DMS-EVENT-0017", "The storage for the replication instance is being increased."),
    "EngineVersion": ("DMS-EVENT-0026", "DMS-EVENT-0047", "Offline maintenance of the replication instance is taking place."),
}
_ENDS = {
    "ReplicationInstanceClass": "The replication instance class has changed.",
    "AllocatedStorage": "The storage for the replication instance has been increased.",
    "EngineVersion": "Management software on the replication instance has been updated.",
}
_TO_MULTI = ("DMS-EVENT-0024", "DMS-EVENT-0025")
_TO_SINGLE = ("DMS-EVENT-0030", "DMS-EVENT-0029")


class InstanceChanges:
    def __init__(self, store: Store, events: Events, *, delay: float) -> None:
        self._store = store
        self._events = events
        self._delay = delay

    def plan(self, instance: Resource, changes: dict[str, Any], *, at_once: bool) -> bool:
        """Let the changes begin now or in the next window, on top of those that wait already. Is the instance interrupted now?"""
        pending = instance.shown["PendingModifiedValues"] | changes
        instance.shown["PendingModifiedValues"] = pending
        if not pending:
            return False
        if at_once:
            return self._begin(instance)
        self._wait_for_window(instance)
        return False

    def begin_in_window(self, instance: Resource, before: str) -> bool:
        """For an instance that has just become available: begin what waits if this is its time. Is the instance interrupted now?"""
        if not instance.shown["PendingModifiedValues"]:
            return False
        if before == "available":
            return self._begin(instance)
        self._wait_for_window(instance)
        return False

    def apply(self, instance: Resource) -> None:
        """The changes are made."""
        shown = instance.shown
        changes, shown["PendingModifiedValues"] = shown["PendingModifiedValues"], {}
        shown.update(changes)
        if "MultiAZ" in changes:
            shown["SecondaryAvailabilityZone"] = self._other_zone(instance) if changes["MultiAZ"] else None
            self._multi_az(instance, changes["MultiAZ"], 1, "has finished")
        for member in (m for m in changes if m in _EVENTS):
            self._events.record(INSTANCE, instance, _EVENTS[member][1], _ENDS[member])
        if "EngineVersion" in changes:
            self._events.record(INSTANCE, instance, "DMS-EVENT-0027", "Offline maintenance of the replication instance is complete.")

    def _begin(self, instance: Resource) -> bool:
        changes = instance.shown["PendingModifiedValues"]
        for member in (m for m in changes if m in _EVENTS):
            self._events.record(INSTANCE, instance, _EVENTS[member][0], _EVENTS[member][2])
        if "MultiAZ" in changes:
            self._multi_az(instance, changes["MultiAZ"], 0, "is")
        instance.status = "upgrading" if "EngineVersion" in changes else "modifying"
        self._store.schedule(instance, self._delay, "available")
        return any(member in changes for member in _INTERRUPTING)

    def _multi_az(self, instance: Resource, multi: bool, place: int, verb: str) -> None:
        event = (_TO_MULTI if multi else _TO_SINGLE)[place]
        word = "Multi-AZ" if multi else "Single-AZ"
        self._events.record(INSTANCE, instance, event, f"The replication instance {verb} transitioning to a {word} configuration.")

    def _other_zone(self, instance: Resource) -> str:
        group = self._store.named("subnet_group", instance.inner["subnet_group"])
        zones = zones_of(group) if group else []
        return next((zone for zone in zones if zone != instance.shown["AvailabilityZone"]), "")

    def _wait_for_window(self, instance: Resource) -> None:
        now = datetime.fromtimestamp(self._store.clock(), UTC)
        begin = next_window(instance.shown["PreferredMaintenanceWindow"], now)
        self._store.schedule(instance, (begin - now).total_seconds(), "available")


def pending_values(instance: Resource, params: dict[str, Any]) -> dict[str, Any]:
    """What a modify call changes of the machine itself. Raises Fault."""
    shown = instance.shown
    changes = {member: params[member] for member in MEMBERS if member in params and params[member] != shown[member]}
    if "AllocatedStorage" in changes:
        instance_types.check_storage(changes["AllocatedStorage"])
        if changes["AllocatedStorage"] < shown["AllocatedStorage"]:
            raise invalid_value(f"The storage of a replication instance cannot shrink: it has {shown['AllocatedStorage']} GB.")
    if "EngineVersion" in changes:
        allowed = params.get("AllowMajorVersionUpgrade", False)
        instance_types.check_upgrade(shown["EngineVersion"], changes["EngineVersion"], major_allowed=allowed)
    return changes


def next_window(window: str, now: datetime) -> datetime:
    """When the window next begins; ``now`` itself within one."""
    begin, length = maintenance_window(window)
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    start = monday - _WEEK + begin
    while start + length <= now:
        start += _WEEK
    return max(start, now)


def maintenance_window(text: str) -> tuple[timedelta, timedelta]:
    """Begin (from Monday, 00:00 UTC) and length of a window ``ddd:hh24:mi-ddd:hh24:mi``. Raises Fault."""
    found = _WINDOW.fullmatch(text.lower())
    if not found:
        raise invalid_value(f"The maintenance window {text} is not valid; its form is ddd:hh24:mi-ddd:hh24:mi.")
    words = found.groups()
    begin, end = (timedelta(days=DAYS.index(d), hours=int(h), minutes=int(m)) for d, h, m in (words[:3], words[3:]))
    length = (end - begin) % _WEEK
    if length < SHORTEST_WINDOW:
        raise invalid_value(f"The maintenance window {text} is shorter than 30 minutes.")
    return begin, length
