# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What happened to replication instances and tasks: kept for DescribeEvents, and told to EventBridge and SNS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from botocore.utils import parse_to_aware_datetime

from lab.dms.api.listing import page, select
from lab.dms.api.store import Resource, Store
from lab.dms.faults import invalid_combination, invalid_value
from lab.dms.monitoring.event_kinds import KINDS, SOURCE_TYPES, EventKind, categories

# Amazon RDS, of which this part of the API is a copy, keeps events for this long.
KEPT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``time`` in seconds since 1970."""

    id: str
    identifier: str
    arn: str
    message: str
    time: float

    @property
    def kind(self) -> EventKind:
        return KINDS[self.id]

    def to_api(self) -> dict[str, Any]:
        """An ``Event`` of the API."""
        return {
            "SourceIdentifier": self.identifier,
            "SourceType": self.kind.source_type,
            "Message": self.message,
            "EventCategories": [self.kind.category],
            "Date": self.time,
        }


class Outlet(Protocol):
    """Where events go on to; must not block."""

    def publish(self, event: Event) -> None: ...


class Events:
    """All events of the account. They outlive the process in a file of one line per event."""

    def __init__(self, store: Store, outlet: Outlet | None = None) -> None:
        self._store = store
        self._outlet = outlet
        self._lock = threading.Lock()
        self._path = store.folder / "events.jsonl"
        self._events = self._read()

    def record(self, kind: str, resource: Resource, event_id: str, message: str) -> None:
        """Something happened to a resource of that source type. ``event_id``: ``DMS-EVENT-0069`` and its like."""
        if KINDS[event_id].source_type != kind:
            raise ValueError(f"{event_id} is no event of a {kind}")
        event = Event(event_id, resource.identifier, resource.arn, message, self._store.clock())
        with self._lock:
            self._events.append(event)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(event)) + "\n")
        if self._outlet is not None:
            self._outlet.publish(event)

    def all(self) -> list[Event]:
        """Oldest first."""
        with self._lock:
            return list(self._events)

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        source_type, identifier = params.get("SourceType"), params.get("SourceIdentifier")
        if identifier and not source_type:
            raise invalid_combination("SourceIdentifier needs SourceType.")
        wanted = {category.lower() for category in params.get("EventCategories", [])}
        start, end = self._span(params)
        tests: list[Callable[[Event], bool]] = [
            lambda e: start <= e.time <= end,
            lambda e: not source_type or e.kind.source_type == source_type,
            lambda e: not identifier or e.identifier == identifier.lower(),
            lambda e: not wanted or e.kind.category in wanted,
        ]
        found = [event for event in self.all() if all(test(event) for test in tests)]
        events = select(found, params.get("Filters", []), {"replication-instance-id": lambda e: e.identifier})
        chosen, marker = page(events, params)
        return {"Events": [e.to_api() for e in chosen], "Marker": marker}

    def describe_categories(self, params: dict[str, Any]) -> dict[str, Any]:
        asked = params.get("SourceType")
        if asked and asked not in SOURCE_TYPES:
            raise invalid_value(f"SourceType {asked} is not one of {', '.join(SOURCE_TYPES)}.")
        groups = [{"SourceType": t, "EventCategories": categories(t)} for t in SOURCE_TYPES if asked in (None, t)]
        return {"EventCategoryGroupList": select(groups, params.get("Filters", []), {"source-type": lambda g: g["SourceType"]})}

    def _span(self, params: dict[str, Any]) -> tuple[float, float]:
        """Seconds since 1970; ``Duration`` is in minutes and ends now, as in the RDS API."""
        now = self._store.clock()
        start, end, minutes = params.get("StartTime"), params.get("EndTime"), params.get("Duration")
        if minutes is not None and (start is not None or end is not None):
            raise invalid_combination("Give either Duration or StartTime and EndTime, not both.")
        if minutes is not None:
            return now - 60 * minutes, now
        first, last = _seconds(start, 0.0), _seconds(end, now)
        if first > last:
            raise invalid_combination("StartTime is later than EndTime.")
        return first, last

    def _read(self) -> list[Event]:
        """What an earlier process left, without what is too old; the file is rewritten with just that."""
        if not self._path.exists():
            return []
        oldest = self._store.clock() - KEPT_SECONDS
        lines = self._path.read_text(encoding="utf-8").splitlines()
        # A process that was killed while it wrote leaves half a line.
        events = [Event(**json.loads(line)) for line in lines if line.endswith("}")]
        events = [event for event in events if event.time >= oldest]
        self._path.write_text("".join(json.dumps(asdict(e)) + "\n" for e in events), encoding="utf-8")
        return events


def _seconds(value: Any, default: float) -> float:
    """A timestamp of a request, a number or a text, in seconds since 1970."""
    return default if value is None else float(parse_to_aware_datetime(value).timestamp())
