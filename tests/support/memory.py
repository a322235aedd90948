# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The engine's ports in memory."""

from __future__ import annotations

import hashlib
import io
import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from landbridge.errors import BadData
from landbridge.model.work import StoredObject
from landbridge.ports import PreconditionFailed


class FastClock:
    """Real time that jumps ahead when somebody sleeps; randomness that is the same in every run."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.sleeps: list[float] = []
        self._random = random.Random(1)  # noqa: S311 - repeatable on purpose

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.ahead += seconds

    def random(self) -> float:
        return self._random.random()


class MemoryStore:
    """A bucket. ``puts`` names the keys in the order of writing; ``before_put`` may raise or write in between."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.gets: list[str] = []
        self.before_put: Callable[[str, bytes], None] = lambda key, content: None

    @staticmethod
    def etag(content: bytes) -> str:
        return hashlib.md5(content, usedforsecurity=False).hexdigest()

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield StoredObject(key, len(self.objects[key]), self.etag(self.objects[key]))

    def get(self, key: str) -> tuple[bytes, str] | None:
        self.gets.append(key)
        content = self.objects.get(key)
        return None if content is None else (content, self.etag(content))

    def open(self, key: str, *, etag: str, start: int = 0, end: int | None = None) -> BinaryIO:
        content = self.objects.get(key)
        if content is None or self.etag(content) != etag:
            raise BadData("the object is not the one that was listed", place=key)
        return io.BytesIO(content[start:end])

    def put(self, key: str, content: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        self.before_put(key, content)
        held = self.objects.get(key)
        if (if_absent and held is not None) or (if_match is not None and (held is None or self.etag(held) != if_match)):
            raise PreconditionFailed(key)
        self.objects[key] = content
        self.puts.append(key)
        return self.etag(content)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)
