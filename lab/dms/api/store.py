# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Every resource that the service knows, in memory and in one file, so that a new process finds what the old one left."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.dms.faults import not_found
from lab.secret_files import write_private

# Letters and digits of which AWS makes the last part of an ARN.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ARN_WORDS = {
    "instance": "rep",
    "endpoint": "endpoint",
    "task": "task",
    "certificate": "cert",
    "subnet_group": "subgrp",
    "event_subscription": "es",
    "assessment_run": "assessment-run",
    "individual_assessment": "individual-assessment",
}
_TITLES = {
    "instance": "Replication Instance",
    "endpoint": "Endpoint",
    "task": "Replication Task",
    "certificate": "Certificate",
    "subnet_group": "Replication Subnet Group",
    "connection": "Connection",
    "event_subscription": "Event Subscription",
    "assessment_run": "Replication Task Assessment Run",
}
STATUS_MEMBER = {
    "instance": "ReplicationInstanceStatus",
    "endpoint": "Status",
    "task": "Status",
    "connection": "Status",
    "event_subscription": "Status",
    "assessment_run": "Status",
}


@dataclass(slots=True)
class Resource:
    """One resource. ``shown``: the members of the API's answer; ``inner``: what the service keeps for itself.

    ``due`` is the time (seconds since 1970) at which the resource takes the status ``next_status``, or vanishes where that is empty.
    """

    kind: str
    arn: str
    identifier: str
    shown: dict[str, Any]
    inner: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    due: float | None = None
    next_status: str = ""

    @property
    def status(self) -> str:
        return str(self.shown.get(STATUS_MEMBER.get(self.kind, ""), ""))

    @status.setter
    def status(self, value: str) -> None:
        self.shown[STATUS_MEMBER[self.kind]] = value


class Store:
    """All resources of one account in one Region. Its lock guards every read and every change."""

    def __init__(self, folder: Path, *, region: str, account: str, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.region = region
        self.account = account
        self.clock = clock
        self._lock = threading.RLock()
        self._resources: dict[str, Resource] = {}
        self._listeners: dict[str, list[Callable[[Resource, str], None]]] = {}
        self._path = folder / "resources.json"
        if self._path.exists():
            for item in json.loads(self._path.read_text(encoding="utf-8"))["resources"]:
                self._resources[item["arn"]] = Resource(**item)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; keep what was changed when the block ends without an error."""
        with self._lock:
            self._settle()
            yield
            self._write()

    def on_settled(self, kind: str, listener: Callable[[Resource, str], None]) -> None:
        """Call ``listener`` when a resource of that kind took its scheduled status or vanished (its ``next_status`` is empty then).

        It is given the resource and the status that it had before, and is called under the lock.
        """
        self._listeners.setdefault(kind, []).append(listener)

    def settle(self) -> None:
        """Let every resource whose time has come take its next status."""
        with self._lock:
            self._settle()

    def all(self, kind: str) -> list[Resource]:
        """The resources of that kind, oldest first."""
        with self._lock:
            self._settle()
            return [r for r in self._resources.values() if r.kind == kind]

    def get(self, kind: str, arn: str) -> Resource:
        """Raises Fault where there is none."""
        with self._lock:
            self._settle()
            resource = self._resources.get(arn)
        if resource is None or resource.kind != kind:
            raise not_found(f"{_TITLES[kind]} {arn} not found.")
        return resource

    def get_any(self, arn: str) -> Resource:
        """Raises Fault where there is none."""
        with self._lock:
            self._settle()
            resource = self._resources.get(arn)
        if resource is None:
            raise not_found(f"Resource {arn} not found.")
        return resource

    def named(self, kind: str, identifier: str) -> Resource | None:
        return next((r for r in self.all(kind) if r.identifier == identifier), None)

    def add(self, resource: Resource) -> None:
        self._resources[resource.arn] = resource

    def remove(self, resource: Resource) -> None:
        self._resources.pop(resource.arn, None)

    def new_arn(self, kind: str, last_part: str = "") -> str:
        """An ARN as AWS forms it, its last part chosen at random unless given."""
        last_part = last_part or "".join(secrets.choice(_ALPHABET) for _ in range(26))
        return f"arn:aws:dms:{self.region}:{self.account}:{_ARN_WORDS[kind]}:{last_part}"

    def schedule(self, resource: Resource, seconds: float, status: str) -> None:
        """Let the resource take that status after that time; an empty status means that it vanishes."""
        resource.due = self.clock() + seconds
        resource.next_status = status

    def _settle(self) -> None:
        now = self.clock()
        settled = [r for r in self._resources.values() if r.due is not None and r.due <= now]
        before = [r.status for r in settled]
        for resource in settled:
            resource.due = None
            if resource.next_status:
                resource.status = resource.next_status
            else:
                del self._resources[resource.arn]
        for resource, status in zip(settled, before, strict=True):
            for listener in self._listeners.get(resource.kind, []):
                listener(resource, status)
        if settled:
            # Or a new process would see the same arrival again.
            self._write()

    def _write(self) -> None:
        text = json.dumps({"resources": [asdict(r) for r in self._resources.values()]}, indent=1)
        fresh = self._path.with_suffix(".new")
        write_private(fresh, text)
        fresh.replace(self._path)
