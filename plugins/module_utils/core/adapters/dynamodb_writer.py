# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Writes items with BatchWriteItem, many requests under way at a time, at a small fraction of boto3's cost per item."""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..errors import BadData, NotFound, Retryable
from ..ports import Clock, OnRefused
from .aws import AwsConnection
from .dynamodb_reader import TableReader
from .dynamodb_wire import PATIENCE_SECONDS, Answer, Wire, backoff, judge
from .http_pool import Lost, Response

_ITEMS_AT_ONCE = 25  # limits of BatchWriteItem
_REQUEST_BYTES = 16 * 1024 * 1024
_BETWEEN = '}},{"PutRequest":{"Item":'
_BEHIND = "}}]}}"
_ALL_STORED = b'{"UnprocessedItems":{}}'
_CALM_SECONDS = 0.2


@dataclass(slots=True, eq=False)
class _Batch:
    keys: list[str]
    items: list[str]
    origins: list[object]
    failures: int = 0
    failing_since: float = 0.0
    renewed: bool = False

    def part(self, indexes: range | list[int]) -> _Batch:
        return _Batch([self.keys[i] for i in indexes], [self.items[i] for i in indexes], [self.origins[i] for i in indexes])


class BatchWriter:
    """Fulfils ``ports.ItemWriter`` for one table.

    ``connections``: requests under way at most; on throttling fewer, then gradually more again. ``max_items_per_second``: 0 means
    no limit. ``on_refused``: told of each item that DynamoDB will never accept; without it such an item raises BadData.
    """

    def __init__(
        self,
        connection: AwsConnection,
        table: str,
        *,
        connections: int,
        clock: Clock,
        max_items_per_second: int = 0,
        on_refused: OnRefused | None = None,
    ) -> None:
        self._connection = connection
        self._table = table
        self._clock = clock
        self._on_refused = on_refused
        self._wire = Wire(connection, clock, connections)
        self._before = f'{{"RequestItems":{{"{table}":[{{"PutRequest":{{"Item":'
        self._connections = connections
        self._window = float(connections)
        self._calm_until = 0.0
        self._seconds_per_item = 1.0 / max_items_per_second if max_items_per_second else 0.0
        self._next_turn = 0.0
        self._keys: list[str] = []
        self._items: list[str] = []
        self._origins: list[object] = []
        self._unsettled: set[str] = set()
        self._held: list[tuple[float, int, _Batch]] = []
        self._held_count = 0
        self._key_names: list[str] = []
        self._retried = 0

    @property
    def retried(self) -> int:
        return self._retried

    def put(self, key: str, item: str, origin: object = None) -> None:
        if key in self._unsettled:
            self._settle(key)
        self._unsettled.add(key)
        self._keys.append(key)
        self._items.append(item)
        self._origins.append(origin)
        if len(self._items) == _ITEMS_AT_ONCE:
            self._dispatch()

    def flush(self) -> None:
        self._dispatch()
        while self._unsettled:
            self._pump()

    def close(self) -> None:
        self._wire.close()

    def _settle(self, key: str) -> None:
        """Wait until the former put of this key has its outcome."""
        if key in self._keys:
            self._dispatch()
        while key in self._unsettled:
            self._pump()

    def _dispatch(self) -> None:
        if not self._items:
            return
        batch = _Batch(self._keys, self._items, self._origins)
        self._keys, self._items, self._origins = [], [], []
        while self._wire.busy + len(self._held) >= int(self._window):
            self._pump()
        self._schedule(batch, 0.0)

    def _schedule(self, batch: _Batch, wait: float) -> None:
        """Send the batch after ``wait`` seconds, or later where the operator's limit says so."""
        if not wait and not self._seconds_per_item and not self._wire.full:
            self._send(batch)
            return
        due = now = self._clock.monotonic()
        due += wait
        if self._seconds_per_item:
            due = max(due, self._next_turn)
            self._next_turn = due + len(batch.items) * self._seconds_per_item
        self._held_count += 1
        heapq.heappush(self._held, (due, self._held_count, batch))
        if due <= now:
            self._send_due()

    def _send_due(self) -> None:
        now = self._clock.monotonic()
        while self._held and self._held[0][0] <= now and not self._wire.full:
            self._send(heapq.heappop(self._held)[2])

    def _send(self, batch: _Batch) -> None:
        body = f"{self._before}{_BETWEEN.join(batch.items)}{_BEHIND}".encode()
        if len(body) > _REQUEST_BYTES and len(batch.items) > 1:
            self._halve(batch)
        else:
            self._wire.send("BatchWriteItem", body, batch)

    def _pump(self) -> None:
        """Take in outcomes, or wait until something may be sent again."""
        if self._held:
            self._send_due()
        wait = self._held[0][0] - self._clock.monotonic() if self._held and not self._wire.full else None
        if not self._wire.busy:
            if wait is not None:
                self._clock.sleep(max(wait, 0.0))
            return
        for batch, outcome in self._wire.receive(wait if wait is None else max(wait, 0.0)):
            if outcome.__class__ is Response and outcome.body == _ALL_STORED and outcome.status == 200:
                self._stored(batch)
            else:
                self._judge(batch, outcome)

    def _stored(self, batch: _Batch) -> None:
        self._unsettled.difference_update(batch.keys)
        if self._window < self._connections:
            self._window = min(self._window + 1.0 / self._window, self._connections)

    def _judge(self, batch: _Batch, outcome: Response | Lost) -> None:
        answer = judge(outcome, "write items", f"dynamodb:{self._table}")
        if answer.kind == "ok":
            self._keep_unprocessed(batch, json.loads(answer.body).get("UnprocessedItems", {}).get(self._table, []))
        elif answer.kind == "again":
            self._again(batch, answer)
        elif answer.kind == "renew" and not batch.renewed:
            batch.renewed = True
            self._wire.renew()
            self._resend(batch, 0.0)
        elif answer.kind == "invalid":
            self._find_guilty(batch, answer.reason)
        elif answer.error is not None:
            raise answer.error

    def _keep_unprocessed(self, batch: _Batch, requests: list[dict[str, Any]]) -> None:
        if not requests:
            self._stored(batch)
            return
        mine = {self._identity(json.loads(item)): index for index, item in enumerate(batch.items)}
        left = {mine.get(self._identity(request["PutRequest"]["Item"]), -1) for request in requests}
        if -1 in left or len(left) == len(batch.items):
            rest = batch
        else:
            rest = batch.part(sorted(left))
            self._unsettled.difference_update(set(batch.keys).difference(rest.keys))
        reason = f"{len(requests)} of {len(batch.items)} items came back unprocessed"
        place = f"dynamodb:{self._table}"
        error = Retryable(f"could not write items: {reason}", place=place, remedy="Give the table more write capacity, then run again.")
        self._again(rest, Answer("again", reason=reason, throttled=True, error=error))

    def _again(self, batch: _Batch, answer: Answer) -> None:
        now = self._clock.monotonic()
        if answer.throttled and now >= self._calm_until:
            self._window = max(self._window / 2.0, 1.0)
            self._calm_until = now + _CALM_SECONDS
        if batch.failures == 0:
            batch.failing_since = now
        elif now - batch.failing_since > PATIENCE_SECONDS and answer.error is not None:
            raise answer.error
        wait = 0.0 if answer.at_once else backoff(self._clock, batch.failures)
        batch.failures += 1
        self._resend(batch, wait)

    def _resend(self, batch: _Batch, wait: float) -> None:
        self._retried += len(batch.items)
        self._schedule(batch, wait)

    def _find_guilty(self, batch: _Batch, reason: str) -> None:
        """One bad item fails its whole request: halve it until the item stands alone, so that all others are written."""
        if len(batch.items) > 1:
            self._retried += len(batch.items)
            self._halve(batch)
            return
        key = batch.keys[0]
        self._unsettled.discard(key)
        if self._on_refused is None:
            raise BadData(f"DynamoDB refuses the item {key!r}: {reason}", place=f"dynamodb:{self._table}")
        self._on_refused(key, batch.items[0], reason, batch.origins[0])

    def _halve(self, batch: _Batch) -> None:
        size = len(batch.items)
        for part in (batch.part(range(size // 2)), batch.part(range(size // 2, size))):
            self._schedule(part, 0.0)

    def _identity(self, item: dict[str, dict[str, Any]]) -> tuple[tuple[str, object], ...]:
        """The key of an item. A number may come back in another spelling of the same value."""
        if not self._key_names:
            description = TableReader(self._connection, self._clock).describe(self._table)
            if description is None:
                raise NotFound("the table has gone", place=f"dynamodb:{self._table}")
            self._key_names = [part["AttributeName"] for part in description["KeySchema"]]
        values = (next(iter(item[name].items())) for name in self._key_names)
        return tuple((kind, Decimal(value) if kind == "N" else value) for kind, value in values)
