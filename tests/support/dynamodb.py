# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A DynamoDB on a local socket that keeps items and misbehaves as it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from landbridge.adapters.aws import Credentials

Reaction = Callable[["FakeDynamoDB", socket.socket, str, dict[str, Any]], bool]


class FakeDynamoDB:
    """One table with the key PK. ``plan`` maps the number of a request, from 0, to how it is treated; ``always`` treats the others.

    A reaction returns whether the connection stays open.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.stored = Counter[str]()
        self.sent = Counter[str]()
        self.history: list[list[str]] = []
        self.heads: list[bytes] = []
        self.operations = Counter[str]()
        self.plan: dict[int, Reaction] = {}
        self.always: Reaction = ok
        self.describe: Reaction = described
        self.connections = 0
        self.in_flight = self.most_in_flight = 0
        self._lock = threading.Lock()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        # Closing alone would leave the port open for as long as a thread waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            sock.close()

    def store(self, payload: dict[str, Any], count: int | None = None) -> list[dict[str, Any]]:
        """Store the first ``count`` puts and return the others."""
        requests = payload["RequestItems"]["Things"]
        count = len(requests) if count is None else count
        with self._lock:
            for request in requests[:count]:
                item = request["PutRequest"]["Item"]
                self.items[item["PK"]["S"]] = item
                self.stored[item["PK"]["S"]] += 1
        return requests[count:]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            self._open.append(sock)
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    data = self._more(sock, data)
                head, _, data = data.partition(b"\r\n\r\n")
                lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
                while len(data) < int(lines[b"content-length"]):
                    data = self._more(sock, data)
                body, data = data[: int(lines[b"content-length"])], data[int(lines[b"content-length"]) :]
                operation = lines[b"x-amz-target"].decode().split(".")[1]
                if not self._react(sock, head, operation, json.loads(body)):
                    sock.close()
                    return
        except OSError:
            sock.close()

    def _react(self, sock: socket.socket, head: bytes, operation: str, payload: dict[str, Any]) -> bool:
        if operation == "describetable":
            return self.describe(self, sock, operation, payload)
        with self._lock:
            number = len(self.heads)
            self.heads.append(head)
            self.operations[operation] += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            keys = [request["PutRequest"]["Item"]["PK"]["S"] for request in payload.get("RequestItems", {}).get("Things", [])]
            self.sent.update(keys)
            self.history.append(keys)
        try:
            return self.plan.get(number, self.always)(self, sock, operation, payload)
        finally:
            with self._lock:
                self.in_flight -= 1

    @staticmethod
    def _more(sock: socket.socket, data: bytes) -> bytes:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError
        return data + more


def response(status: int, body: dict[str, Any] | bytes, *, headers: str = "", crc: int | None = None) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    check = zlib.crc32(content) if crc is None else crc
    return f"HTTP/1.1 {status} X\r\nX-Amz-Crc32: {check}\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content


def answer(sock: socket.socket, status: int, body: dict[str, Any], **more: Any) -> None:
    sock.sendall(response(status, body, **more))


def described(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    answer(sock, 200, {"Table": {"KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}]}})
    return True


def ok(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    server.store(payload)
    answer(sock, 200, {"UnprocessedItems": {}})
    return True


def unprocessed(stored: int) -> Reaction:
    """Store some, hand the others back."""

    def react(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
        rest = server.store(payload, stored)
        answer(sock, 200, {"UnprocessedItems": {"Things": rest} if rest else {}})
        return True

    return react


def fault(status: int, code: str, message: str = "because") -> Reaction:
    def react(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
        answer(sock, status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message})
        return True

    return react


def refusing(keys: set[str]) -> Reaction:
    """Refuse a request that holds one of these keys, as DynamoDB refuses a whole batch for one bad item."""

    def react(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
        sent = {request["PutRequest"]["Item"]["PK"]["S"] for request in payload["RequestItems"]["Things"]}
        return (fault(400, "ValidationException", "Item size has exceeded the limit") if sent & keys else ok)(
            server, sock, operation, payload
        )

    return react


def dropped(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    """The items are stored, the answer is lost."""
    server.store(payload)
    return False


def closing(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    server.store(payload)
    answer(sock, 200, {"UnprocessedItems": {}}, headers="Connection: close\r\n")
    return False


def leaving(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    """Answers as if the connection stayed, and closes it: the client meets it when it sends again."""
    ok(server, sock, operation, payload)
    return False


def fragmented(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    server.store(payload)
    for byte in response(200, {"UnprocessedItems": {}}):
        sock.sendall(bytes([byte]))
        if byte in b"\r{":
            time.sleep(0.001)
    return True


def chunked(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    server.store(payload)
    sock.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"Unproc\r\n')
    time.sleep(0.005)
    sock.sendall(b'e;x=1\r\nessedItems":{}\r\n1\r\n}\r\n0\r\nTrailer: 1\r\n\r\n')
    return True


def corrupt(server: FakeDynamoDB, sock: socket.socket, operation: str, payload: dict[str, Any]) -> bool:
    server.store(payload, 0)
    sock.sendall(response(200, {"UnprocessedItems": {"Other": []}}, crc=1))
    return True


class FakeConnection:
    """What the data plane needs of AwsConnection."""

    region = "eu-west-1"

    def __init__(self, url: str, ca_files: tuple[str, ...] = ()) -> None:
        self._url = url
        self._ca_files = ca_files
        self.renewals = 0

    def endpoint(self, service: str) -> str:
        return self._url

    def credentials(self) -> Credentials:
        return Credentials("AKIDEXAMPLE", "secret", f"token{self.renewals}")

    def renew(self) -> None:
        self.renewals += 1

    def ca_files(self) -> tuple[str, ...]:
        return self._ca_files
