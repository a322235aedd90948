# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Lets the emulator speak DMS: API calls go on to the replication service, and the events of that service are taken for those of AWS.

``install`` uses private names of ministack 1.5.33, the version that the lab pins.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from ministack.services import eventbridge

from lab.aws import dms_cloudformation

TARGET = b"AmazonDMSv20160101."
PUT_EVENTS = b"AWSEvents.PutEvents"
# The user agent and the source by which the replication service tells its events.
SERVICE = b"dms.amazonaws.com"
SOURCE = "aws.dms"
CALL_SECONDS = 300

_from_service: ContextVar[bool] = ContextVar("from_service", default=False)
_emulated_put_events = eventbridge._put_events


def install(asgi_app: Any, dms_url: str) -> Any:
    """The application with DMS in front of it. Registers the resource types ``AWS::DMS::*`` as a side effect."""
    dms_cloudformation.register(dms_url)
    eventbridge._put_events = put_events
    address = urlsplit(dms_url)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ())) if scope["type"] == "http" else {}
        target = headers.get(b"x-amz-target", b"")
        if not target.startswith(TARGET):
            agent = headers.get(b"user-agent", b"").split(b" ")[0]
            _from_service.set(target == PUT_EVENTS and agent == SERVICE)
            await asgi_app(scope, receive, send)
            return
        body = await _body(receive)
        status, content_type, answer = await asyncio.to_thread(_forward, address.netloc, headers, body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", content_type)]})
        await send({"type": "http.response.body", "body": answer})

    return app


def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
    """EventBridge refuses sources ``aws.*`` from callers; the replication service tells of itself, as DMS does inside of AWS."""
    own = _from_service.get() and all(entry.get("Source") == SOURCE for entry in data.get("Entries", []))
    return _emulated_put_events(data, allow_aws_source=allow_aws_source or own)


async def _body(receive: Any) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _forward(netloc: str, headers: Mapping[bytes, bytes], body: bytes) -> tuple[int, bytes, bytes]:
    connection = http.client.HTTPConnection(netloc, timeout=CALL_SECONDS)
    try:
        kept = {name: headers[name].decode() for name in (b"x-amz-target", b"content-type") if name in headers}
        connection.request("POST", "/", body, {name.decode(): value for name, value in kept.items()})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", "").encode(), answer.read()
    except OSError as error:
        text = f'{{"__type": "ServiceUnavailable", "message": "The replication service does not answer: {type(error).__name__}"}}'
        return 503, b"application/x-amz-json-1.1", text.encode()
    finally:
        connection.close()
