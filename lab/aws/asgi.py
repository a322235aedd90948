# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The little of ASGI that the wrapper needs. A request is read whole: the emulator would do so too."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` and ``query`` as they stood on the wire, still percent-encoded; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The operation of AWS's JSON protocols, without the service's name: ``BatchWriteItem``. Empty for other protocols."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2]


class Disconnected(Exception):
    """The client went away in the middle of its request."""


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The whole request. Raises Disconnected."""
    chunks = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", errors="replace")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Request(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("ascii", errors="replace").partition("?")[0],
        query=scope.get("query_string", b"").decode("ascii", errors="replace"),
        headers=headers,
        body=b"".join(chunks),
    )


def replay(request: Request, receive: Receive) -> Receive:
    """A ``receive`` that gives the request's body once more, and then whatever the client still sends."""
    given = False

    async def receive_again() -> dict[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    return receive_again


async def respond(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    """A whole response."""
    fields = {**headers, "content-length": str(len(body))}
    raw = [(name.lower().encode("latin-1"), value.encode("utf-8")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, document: dict[str, Any], *, error: str = "") -> None:
    """A response of AWS's JSON protocols; ``error`` is the type of the exception, where it is one."""
    if error:
        document = {"__type": error, **document}
    await respond(send, status, {"content-type": "application/x-amz-json-1.0"}, json.dumps(document).encode())
