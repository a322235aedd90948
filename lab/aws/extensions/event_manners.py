# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Notifications of S3 that never arrive, or arrive twice: S3 promises them at least once, in no order, and not at all times soon.

A notification that comes twice is the same to the last byte, its sequencer and its request included; only the queue's own message differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

from ministack.services import eventbridge, s3

from lab.manners import Manner, Manners, Option

MISSING, TWICE = "event-missing", "event-twice"
_OPTIONS = (
    Option("bucket", "*", "only buckets whose name matches this pattern"),
    Option("prefix", "", "only objects whose key begins so"),
    Option("suffix", "", "only objects whose key ends so"),
    Option("event", "s3:ObjectCreated:*", "only events whose name matches this pattern"),
)
_WHERE = "notifications"
CATALOGUE = (
    Manner(
        MISSING,
        _WHERE,
        "An event of an object in a bucket that has notifications is told to nobody: SQS, SNS, Lambda, EventBridge.",
        "an object that no message tells of",
        _OPTIONS,
        of_task=False,
    ),
    Manner(
        TWICE,
        _WHERE,
        "An event of an object in a bucket that has notifications is told twice to everybody who is told of it.",
        "two messages with the same key and the same sequencer",
        _OPTIONS,
        of_task=False,
    ),
)

_copies: ContextVar[int] = ContextVar("copies", default=1)
_emulated_fire = s3._fire_s3_event_async


def install(manners: Manners) -> None:
    """Events are judged in the order of the requests; the emulator delivers each in a thread, which inherits the verdict."""

    def fire(bucket_name: str, key: str, event_name: str, *arguments: Any, **options: Any) -> None:
        copies = _judge(manners, bucket_name, key, event_name) if bucket_name in s3._bucket_notifications else 1
        if copies:
            token = _copies.set(copies)
            try:
                _emulated_fire(bucket_name, key, event_name, *arguments, **options)
            finally:
                _copies.reset(token)

    s3._fire_s3_event_async = fire
    for module, name in (
        (s3, "_deliver_event_to_sqs"),
        (s3, "_deliver_event_to_sns"),
        (s3, "_deliver_event_to_lambda"),
        (eventbridge, "_dispatch_event"),
    ):
        setattr(module, name, _copied(getattr(module, name)))


def _judge(manners: Manners, bucket: str, key: str, event: str) -> int:
    """How many times the event is told."""

    def fits(options: Mapping[str, Any]) -> bool:
        return (
            fnmatchcase(bucket, options["bucket"])
            and key.startswith(options["prefix"])
            and key.endswith(options["suffix"])
            and fnmatchcase(event, options["event"])
        )

    for name, copies in ((MISSING, 0), (TWICE, 2)):
        if strike := manners.take(name, fits=fits):
            strike.done(key=f"{bucket}/{key}", detail=event)
            return copies
    return 1


def _copied(deliver: Callable[..., None]) -> Callable[..., None]:
    def call(*arguments: Any, **options: Any) -> None:
        copies = _copies.get()
        # What follows from the event, such as a bus that hands it on, happens once for each copy.
        token = _copies.set(1)
        try:
            for _ in range(copies):
                deliver(*arguments, **options)
        finally:
            _copies.reset(token)

    return call
