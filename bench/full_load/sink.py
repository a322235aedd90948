# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""An endpoint that takes every BatchWriteItem and stores nothing, as fast as Python answers.

Run as a process of its own. It prints its port, then serves until its standard input ends. ``GET /`` answers with what it took
since the last time: ``{"items", "requests", "digest"}``. The digest (only with ``--look``) is over all items in a form that
shares no code with either side.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import zlib
from decimal import Decimal
from typing import Any

_MARK = b'"PutRequest"'


def _response(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 0\r\n"
        b"x-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n" % (zlib.crc32(body), len(body)) + body
    )


_STORED = _response(b'{"UnprocessedItems":{}}')


class Account:
    """What was taken since the last time that somebody asked."""

    def __init__(self, *, look: bool) -> None:
        self._look = look
        self._clear()

    def _clear(self) -> None:
        self.items = self.requests = self._sum = 0

    def take(self, body: bytes) -> None:
        self.requests += 1
        self.items += body.count(_MARK)
        if self._look:
            for requests in json.loads(body)["RequestItems"].values():
                for request in requests:
                    spelled = json.dumps(_plain(request["PutRequest"]["Item"]), sort_keys=True).encode()
                    self._sum += int.from_bytes(hashlib.sha256(spelled).digest(), "big")

    def settle(self) -> bytes:
        account = {"items": self.items, "requests": self.requests, "digest": f"{self._sum % (1 << 256):064x}"}
        self._clear()
        return json.dumps(account).encode()


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """Numbers by value: ``1.50`` and ``1.5`` are one number to DynamoDB."""
    return {name: {"N": f"{Decimal(value['N']).normalize():f}"} if "N" in value else value for name, value in item.items()}


class Connection(asyncio.Protocol):
    def __init__(self, account: Account) -> None:
        self._account = account
        self._buffer = bytearray()
        self._needed = 0  # bytes of the request that is arriving, known from its head

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= self._needed:
            head_end = self._buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = bytes(self._buffer[:head_end]).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
            self._needed = head_end + 4 + length
            if len(self._buffer) < self._needed:
                return
            body = bytes(self._buffer[head_end + 4 : self._needed])
            del self._buffer[: self._needed]
            self._needed = 0
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get "):
            self._transport.write(_response(self._account.settle()))
        else:
            self._account.take(body)
            self._transport.write(_STORED)


async def serve(*, look: bool) -> None:
    account = Account(look=look)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(account), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(look="--look" in sys.argv))
