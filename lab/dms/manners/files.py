# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Files on their way into the bucket: a target that delivers them badly when it is asked to."""

from __future__ import annotations

import logging
import threading
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.manners import catalogue, keys, texts
from lab.dms.targets.s3 import GZIP_WINDOW, ObjectWriter, S3Target
from lab.manners import Fits, Strike

_log = logging.getLogger(__name__)
Take = Callable[[str, Fits], Strike | None]


class BadTarget(S3Target):
    """Writes as the target that it stands for, until ``armed`` says that a manner of files waits. ``take``: asks for one;
    ``delivered``: the task's last files of changes; ``next_key``: of a change file behind the given one, None for a full load's files."""

    def __init__(
        self, target: S3Target, armed: Callable[[], bool], take: Take, delivered: deque[str], next_key: Callable[[str], str] | None
    ) -> None:
        super().__init__(target.client, target.settings)
        self._target = target
        self._armed = armed
        self._take = take
        self._delivered = delivered
        self._next_key = next_key

    def open(self, key: str) -> ObjectWriter:
        writer = _Held(self, key) if self._armed() else self._target.open(key)
        if self._next_key is not None:
            self._delivered.append(key)
        return writer

    def deliver(self, key: str, content: bytes) -> None:
        """A finished file, with whatever is armed for it. It is in memory as a whole. Raises botocore's errors."""
        delivery = _Delivery(key, content)
        for name, act in self._acts().items():
            strike = self._take(name, partial(self._fits, name, key))
            if strike is not None:
                act(delivery, strike)
        body = self._packed(delivery.content) if delivery.body is None else delivery.body
        for second_key, seconds in [(delivery.key, 0.0), *delivery.again]:
            put = partial(self._target.put, second_key, body)
            if delivery.seconds + seconds:
                _later(delivery.seconds + seconds, put)
            else:
                put()

    def _acts(self) -> dict[str, Callable[[_Delivery, Strike], None]]:
        return {
            catalogue.ROW_MALFORMED: self._malform,
            catalogue.FILE_TRUNCATED: self._truncate,
            catalogue.FILE_OUT_OF_ORDER: self._rename,
            catalogue.FILE_LATE: self._delay,
            catalogue.FILE_TWICE: self._repeat,
        }

    def _fits(self, name: str, key: str, options: Mapping[str, Any]) -> bool:
        if name == catalogue.FILE_OUT_OF_ORDER and not self._before(key):
            return False
        return fnmatchcase(key, options["key"])

    def _before(self, key: str) -> str:
        """The file that was delivered before this one in its folder, or an empty text."""
        return next((k for k in reversed(self._delivered) if k != key and keys.folder(k) == keys.folder(key)), "")

    def _malform(self, delivery: _Delivery, strike: Strike) -> None:
        content, row, detail = texts.malformed(delivery.content, strike.options["kind"], self.settings, strike.chance)
        delivery.content = content
        strike.done(key=delivery.key, row=row, detail=detail)

    def _truncate(self, delivery: _Delivery, strike: Strike) -> None:
        whole = self._packed(delivery.content)
        delivery.body = texts.truncated(whole, strike.options["bytes"], strike.chance)
        strike.done(key=delivery.key, detail=f"{len(delivery.body)} of {len(whole)} bytes")

    def _rename(self, delivery: _Delivery, strike: Strike) -> None:
        key = keys.earlier(self._before(delivery.key), self._delivered)
        strike.done(key=key, detail=f"it should have been {delivery.key}")
        # The next file must not take the name once more, nor find its own predecessor under a name that is not there.
        self._delivered.remove(delivery.key)
        self._delivered.appendleft(key)
        delivery.key = key

    def _delay(self, delivery: _Delivery, strike: Strike) -> None:
        delivery.seconds = strike.options["seconds"]
        strike.done(key=delivery.key, detail=f"{delivery.seconds:g} s late")

    def _repeat(self, delivery: _Delivery, strike: Strike) -> None:
        key = delivery.key
        if strike.options["under"] == "later-key":
            key = self._next_key(key) if self._next_key else keys.higher(key)
        delivery.again.append((key, strike.options["seconds"]))
        strike.done(key=key, detail=f"once more what is in {delivery.key}")

    def _packed(self, content: bytes) -> bytes:
        if not self.settings.gzip:
            return content
        compressor = zlib.compressobj(wbits=GZIP_WINDOW)
        return compressor.compress(content) + compressor.flush()


@dataclass(slots=True)
class _Delivery:
    """``body``: what is put if it is not the content as it is; ``again``: keys of further objects, and how many seconds later."""

    key: str
    content: bytes
    body: bytes | None = None
    seconds: float = 0.0
    again: list[tuple[str, float]] = field(default_factory=list)


class _Held(ObjectWriter):
    """Keeps the content of a file until it is whole."""

    def __init__(self, target: BadTarget, key: str) -> None:
        super().__init__(target, key)
        self._bad_target = target
        self._content = bytearray()

    def write(self, block: bytes) -> None:
        self._content += block

    def close(self) -> None:
        self._bad_target.deliver(self._key, bytes(self._content))


def _later(seconds: float, put: Callable[[], None]) -> None:
    def work() -> None:
        try:
            put()
        except (ClientError, BotoCoreError) as error:
            _log.warning("a file that was to be late is lost: %s", error)

    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
