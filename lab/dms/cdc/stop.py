# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where a task stops by itself: ``CdcStopPosition`` of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lab.dms.binlog import Idle, Statement, Transaction
from lab.dms.binlog.position import Position
from lab.dms.outcome import STOPPED_AFTER_CACHED_EVENTS, STOPPED_AT_COMMIT_TIME, STOPPED_AT_SERVER_TIME

_REASONS = {"server_time": STOPPED_AT_SERVER_TIME, "commit_time": STOPPED_AT_COMMIT_TIME}


@dataclass(frozen=True, slots=True)
class StopPosition:
    """``kind``: "server_time" stops when the server's clock has passed ``when`` and everything from before it is captured; "commit_time"
    stops at the first transaction that was committed later. ``when``: seconds since 1970."""

    kind: str
    when: float

    @classmethod
    def parse(cls, text: str) -> StopPosition:
        """Reads ``server_time:2018-02-09T12:12:12`` or ``commit_time:...``, a time of UTC. Raises ValueError."""
        kind, _, time = text.partition(":")
        if kind not in _REASONS:
            raise ValueError(f"'{text}' is not a stop position: 'server_time:2018-02-09T12:12:12' and 'commit_time:...' are")
        when = datetime.fromisoformat(time.strip())
        return cls(kind, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())

    @property
    def reason(self) -> str:
        """The stop reason of a task that arrived."""
        return _REASONS[self.kind]

    def reached(self, event: Transaction | Statement | Idle) -> bool:
        """Does capture end before this event? What was logged until ``when``, that second included, is captured in either case."""
        if isinstance(event, Idle):
            return self.kind == "server_time" and event.server_time > self.when
        return logged_at(event) > self.when


@dataclass(frozen=True, slots=True)
class AfterPosition:
    """Stops behind what was logged before ``position``: the changes that a full load left to be written after it."""

    position: Position
    reason: str = STOPPED_AFTER_CACHED_EVENTS

    def reached(self, event: Transaction | Statement | Idle) -> bool:
        return (event.position if isinstance(event, Idle) else event.begin).place >= self.position.place


def logged_at(event: Transaction | Statement) -> float:
    """When the server logged it, in seconds since 1970."""
    return event.commit_time if isinstance(event, Transaction) else event.time
