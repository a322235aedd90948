# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""DynamoDB's wire protocol (JSON 1.0 over signed POST requests), as far as reading and writing whole tables needs it.

boto3 spends most of its time on each attribute of each item; here items pass as text. Credentials and endpoint come from boto3.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import Denied, LandbridgeError, Retryable, Unreachable
from ..ports import Clock
from .aws import EXPIRED, THROTTLES, AwsConnection, error_for
from .http_pool import HttpPool, Lost, Response
from .sigv4 import Signer

PATIENCE_SECONDS = 120.0
_BACKOFF_FIRST = 0.05
_BACKOFF_LONGEST = 5.0
_SIGN_ANEW_SECONDS = 1.0
_RENEW_SECONDS = 5.0
_INVALID = frozenset(("ValidationException", "SerializationException", "ItemCollectionSizeLimitExceededException"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an outcome means.

    ``ok``: ``body`` is the result. ``again``: a passing fault, ``throttled`` or not; ``at_once`` where waiting has no point.
    ``renew``: the credentials have expired. ``invalid``: the request's content is refused. ``fatal``: asking again is vain.
    ``error`` is what to raise where the caller gives up.
    """

    kind: Literal["ok", "again", "renew", "invalid", "fatal"]
    body: bytes = b""
    reason: str = ""
    throttled: bool = False
    at_once: bool = False
    error: LandbridgeError | None = None


class Wire:
    """Signed requests to DynamoDB, several under way at a time. Not for use from several threads."""

    def __init__(self, connection: AwsConnection, clock: Clock, connections: int) -> None:
        self._connection = connection
        self._clock = clock
        self._pool = HttpPool(connection.endpoint("dynamodb"), connections, clock, ca_files=connection.ca_files())
        self._signers: dict[str, tuple[Signer, bytes]] = {}
        self._signed_until = 0.0
        self._renewed = float("-inf")

    @property
    def busy(self) -> int:
        return self._pool.busy

    @property
    def full(self) -> bool:
        return self._pool.full

    def send(self, operation: str, body: bytes, token: object) -> None:
        """Begin a request; see HttpPool.send."""
        signer, head = self._signer(operation)
        authorization = signer.authorization(body)
        self._pool.send(b"%s%s\r\ncontent-length: %d\r\n\r\n%s" % (head, authorization.encode(), len(body), body), token)

    def receive(self, timeout: float | None = None) -> list[tuple[Any, Response | Lost]]:
        return self._pool.receive(timeout)

    def renew(self) -> None:
        """Get new credentials, unless that was done a moment ago for another request."""
        now = self._clock.monotonic()
        if now - self._renewed >= _RENEW_SECONDS:
            self._renewed = now
            self._connection.renew()
        self._signed_until = 0.0

    def call(self, operation: str, payload: dict[str, Any], place: str) -> Any:
        """One request, repeated while its fault may pass. Must not be mixed with requests that are under way."""
        self.send(operation, json.dumps(payload).encode(), payload)
        return self.finish(operation, payload, place)

    def finish(self, operation: str, payload: dict[str, Any], place: str) -> Any:
        """The result of the one request that ``send`` began, repeating it while its fault may pass."""
        began = self._clock.monotonic()
        renewed = False
        failures = 0
        while True:
            outcomes = self.receive()
            while not outcomes:
                outcomes = self.receive()
            answer = judge(outcomes[0][1], f"do {operation}", place)
            if answer.kind == "ok":
                return json.loads(answer.body)
            if answer.kind == "renew" and not renewed:
                renewed = True
                self.renew()
            elif answer.kind != "again" or self._clock.monotonic() - began > PATIENCE_SECONDS:
                raise answer.error or LandbridgeError(answer.reason, place=place)
            elif not answer.at_once:
                self._clock.sleep(backoff(self._clock, failures))
            failures += 1
            self.send(operation, json.dumps(payload).encode(), payload)

    def close(self) -> None:
        self._pool.close()

    def _signer(self, operation: str) -> tuple[Signer, bytes]:
        now = self._clock.monotonic()
        if now >= self._signed_until:
            self._signed_until = now + _SIGN_ANEW_SECONDS
            self._signers.clear()
        found = self._signers.get(operation)
        if found is None:
            headers = {
                "host": self._pool.host,
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": f"DynamoDB_20120810.{operation}",
            }
            signer = Signer(self._connection.credentials(), self._connection.region, "dynamodb", headers, self._clock.now())
            lines = "".join(f"{name}: {value}\r\n" for name, value in signer.headers.items())
            found = (signer, f"POST / HTTP/1.1\r\n{lines}accept-encoding: identity\r\nauthorization: ".encode())
            self._signers[operation] = found
        return found


def backoff(clock: Clock, attempt: int) -> float:
    """Seconds to wait before the next try: full jitter over a span that doubles (DynamoDB Developer Guide, "Error retries")."""
    return clock.random() * min(_BACKOFF_LONGEST, _BACKOFF_FIRST * 2.0 ** min(attempt, 16))


def judge(outcome: Response | Lost, doing: str, place: str) -> Answer:
    """What an outcome means, by DynamoDB's error codes (Developer Guide, "Error messages and codes")."""
    if isinstance(outcome, Lost):
        error = Unreachable(
            f"could not {doing}: {outcome.reason}", place=place, remedy="Check route, name and proxy from this host, then run again."
        )
        return Answer("again", reason=outcome.reason, at_once=outcome.stale, error=error)
    checksum = outcome.header("x-amz-crc32")
    if checksum and checksum != str(zlib.crc32(outcome.body)):
        reason = "the answer's checksum does not fit"
        return Answer("again", reason=reason, error=Retryable(f"could not {doing}: {reason}", place=place))
    if outcome.status == 200:
        return Answer("ok", outcome.body)
    code, text = _fault(outcome.body)
    said = error_for(code, text, outcome.status, doing, place)
    reason = f"{code or outcome.status}: {text}" if text else code or str(outcome.status)
    if code in EXPIRED:
        return Answer("renew", reason=reason, error=said)
    if code in _INVALID or outcome.status == 413:
        return Answer("invalid", reason=reason, error=said)
    # DynamoDB also says so while a new access key is not known everywhere yet; a wrong one must not be asked for minutes.
    if isinstance(said, Denied):
        return Answer("fatal", reason=reason, error=said)
    if isinstance(said, Retryable):
        return Answer("again", reason=reason, throttled=code in THROTTLES, error=said)
    return Answer("fatal", reason=reason, error=said)


def _fault(body: bytes) -> tuple[str, str]:
    """Error code and message of an answer: ``{"__type": "com.amazonaws...#Code", "message": "..."}``; Message where AWS so spells it."""
    try:
        data = json.loads(body)
        return str(data.get("__type", "")).rpartition("#")[2], str(data.get("message") or data.get("Message") or "")
    except (ValueError, AttributeError):
        return "", body[:200].decode("utf-8", "replace")
