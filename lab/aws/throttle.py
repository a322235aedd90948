# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A switch that makes the emulator throttle, which it never does by itself: how else could retries be tried over real HTTP?

Which requests are throttled, and how, follows from a seed and the number of the request since the switch was set.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from lab.aws.asgi import Request

THROTTLE_PATH = "/_lab/throttle"
OPERATIONS = ("BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem")
MESSAGE = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)


class BadThrottle(ValueError):
    """The document of the switch is not one."""


@dataclass(slots=True)
class Throttle:
    """``fraction`` of the next ``requests`` writes to ``table`` are throttled. ``seen`` and ``throttled`` count."""

    table: str
    fraction: float
    requests: int
    seed: int
    seen: int = 0
    throttled: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    @classmethod
    def from_json(cls, document: Any) -> Throttle:
        """``{"table", "fraction", "requests", "seed"}``, the seed may be left out. Raises BadThrottle."""
        if not isinstance(document, dict) or document.keys() - {"table", "fraction", "requests", "seed"}:
            raise BadThrottle("expected table, fraction, requests and seed")
        table, fraction = document.get("table"), document.get("fraction")
        requests, seed = document.get("requests"), document.get("seed", 0)
        if not isinstance(table, str) or not table:
            raise BadThrottle("table: a name")
        if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 <= fraction <= 1:
            raise BadThrottle("fraction: a number from 0 to 1")
        if type(requests) is not int or requests < 0:
            raise BadThrottle("requests: how many of the next writes are concerned, 0 to switch off")
        if type(seed) is not int:
            raise BadThrottle("seed: a whole number")
        return cls(table=table, fraction=float(fraction), requests=requests, seed=seed)

    def to_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "fraction": self.fraction,
            "requests": self.requests,
            "seed": self.seed,
            "seen": self.seen,
            "throttled": self.throttled,
        }

    def decide(self) -> random.Random | None:
        """Count one write. None lets it pass; otherwise the source of chance for how it is throttled."""
        if self.seen >= self.requests:
            return None
        self.seen += 1
        if self._random.random() >= self.fraction:
            return None
        self.throttled += 1
        return self._random


@dataclass(frozen=True, slots=True)
class Verdict:
    """``refused``: answer with the exception. Otherwise send ``body`` on, and give ``unprocessed`` back with the answer."""

    refused: bool
    body: bytes = b""
    unprocessed: dict[str, list[Any]] = field(default_factory=dict)


class Throttles:
    """At most one throttle a table."""

    def __init__(self) -> None:
        self._by_table: dict[str, Throttle] = {}

    def set(self, throttle: Throttle) -> None:
        if throttle.requests:
            self._by_table[throttle.table] = throttle
        else:
            self._by_table.pop(throttle.table, None)

    def to_json(self) -> dict[str, Any]:
        return {"throttles": [throttle.to_json() for throttle in self._by_table.values()]}

    def judge(self, request: Request) -> Verdict | None:
        """What to do with a request; None: nothing. Every other throttled batch is refused whole, the rest lose some of their items."""
        if not self._by_table or request.operation not in OPERATIONS:
            return None
        try:
            document = json.loads(request.body)
            batch = document["RequestItems"] if request.operation == "BatchWriteItem" else {document["TableName"]: []}
        except (ValueError, KeyError, TypeError):
            return None  # the emulator says what is wrong with it
        throttle = next((self._by_table[name] for name in batch if name in self._by_table), None)
        chance = throttle.decide() if throttle else None
        if throttle is None or chance is None:
            return None
        writes = batch[throttle.table]
        if not writes or throttle.throttled % 2:
            return Verdict(refused=True)
        kept, held = _divide(writes, chance)
        rest = {name: requests for name, requests in {**batch, throttle.table: kept}.items() if requests}
        if not rest:
            return Verdict(refused=True)
        return Verdict(refused=False, body=json.dumps({**document, "RequestItems": rest}).encode(), unprocessed={throttle.table: held})


def _divide(writes: list[Any], chance: random.Random) -> tuple[list[Any], list[Any]]:
    """Some to store and at least one to hold back, both in their order."""
    held = set(chance.sample(range(len(writes)), chance.randint(1, len(writes))))
    return (
        [write for place, write in enumerate(writes) if place not in held],
        [write for place, write in enumerate(writes) if place in held],
    )
