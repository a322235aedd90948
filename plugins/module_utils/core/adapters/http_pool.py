# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Keep-alive HTTP/1.1 to one host over many connections from one thread: no library call per request but send, recv and select."""

from __future__ import annotations

import re
import selectors
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import InvalidInput, Unreachable
from ..ports import Clock

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r\n")
_CLOSE = re.compile(rb"\r\nconnection:[^\r\n]*close")
_BLOCKED = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_RECEIVE_BYTES = 256 * 1024
_CONNECT_SECONDS = 5.0
_UNKNOWN, _UNSTATED = -1, -2  # length of a body: its head is not whole yet; its head does not say


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. ``head``: status line and headers in lower case, each ended by CR LF."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Value of a header, empty where there is none."""
        _before, found, rest = self.head.partition(b"\r\n" + name.lower().encode() + b":")
        return rest.partition(b"\r\n")[0].decode("latin-1").strip() if found else ""


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer: the connection broke, or the time was up. ``stale``: it was an old connection that had said nothing yet."""

    reason: str
    stale: bool


class _Connection:
    __slots__ = ("deadline", "head", "length", "received", "reused", "sock", "token", "unsent")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.token: object = None  # of the request under way; None: idle
        self.unsent = memoryview(b"")
        self.received = bytearray()
        self.head = b""
        self.length = _UNKNOWN
        self.deadline = 0.0
        self.reused = False


class HttpPool:
    """Up to ``connections`` requests under way at a time. Not for use from several threads.

    ``url``: scheme, host and port; https checks certificate and host name against the system's CAs and ``ca_files``.
    ``timeout``: seconds from sending a request to the end of its answer.
    """

    def __init__(self, url: str, connections: int, clock: Clock, *, ca_files: tuple[str, ...] = (), timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"this is not the URL of an endpoint: {url!r}")
        self.host = parts.netloc
        self._url = url
        self._address = (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        self._context = _context(ca_files) if parts.scheme == "https" else None
        self._limit = connections
        self._clock = clock
        self._timeout = timeout
        self._selector = selectors.DefaultSelector()
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()
        self._lost: list[tuple[object, Lost]] = []
        self._next_check = 0.0

    @property
    def busy(self) -> int:
        """Requests whose outcome has not been received yet."""
        return len(self._busy) + len(self._lost)

    @property
    def full(self) -> bool:
        return self.busy >= self._limit

    def send(self, request: bytes, token: object) -> None:
        """Begin a request; its outcome comes out of ``receive`` together with ``token``. Must not be called when full."""
        try:
            connection = self._idle.pop() if self._idle else self._connect()
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(
                f"the server's certificate is not to be trusted: {error.verify_message}",
                place=self._url,
                remedy="Give the right CA bundle (ca_bundle of the profile, or AWS_CA_BUNDLE), or correct the endpoint's name.",
            ) from error
        except OSError as error:
            self._lost.append((token, Lost(f"could not connect to {self._url}: {error}", stale=False)))
            return
        connection.token = token
        connection.deadline = self._clock.monotonic() + self._timeout
        self._busy.add(connection)
        try:
            sent = connection.sock.send(request)
        except _BLOCKED:
            sent = 0
        except OSError as error:
            self._lose(connection, f"the connection broke: {error}")
            return
        if sent < len(request):
            connection.unsent = memoryview(request)[sent:]
            self._selector.modify(connection.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)

    def receive(self, timeout: float | None = None) -> list[tuple[object, Response | Lost]]:
        """Outcomes that are there; waits up to ``timeout`` seconds (None: as long as it takes) for the first. May return none."""
        done: list[tuple[object, Response | Lost]] = []
        if not self._lost:
            wait = self._timeout if timeout is None else timeout
            for key, mask in self._selector.select(min(wait, 1.0)):
                connection = key.data
                try:
                    if mask & selectors.EVENT_WRITE:
                        self._write(connection)
                    if mask & selectors.EVENT_READ:
                        self._read(connection, done)
                except _BLOCKED:
                    continue
                except (OSError, ValueError) as error:
                    self._lose(connection, f"the connection broke: {error}")
            self._expire()
        if self._lost:
            done += self._lost
            self._lost = []
        return done

    def close(self) -> None:
        for connection in [*self._idle, *self._busy]:
            connection.sock.close()
        self._idle.clear()
        self._busy.clear()
        self._selector.close()

    def _connect(self) -> _Connection:
        sock = socket.create_connection(self._address, timeout=_CONNECT_SECONDS)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_hostname=self._address[0])
            sock.setblocking(False)
        except BaseException:
            sock.close()
            raise
        connection = _Connection(sock)
        self._selector.register(sock, selectors.EVENT_READ, connection)
        return connection

    def _write(self, connection: _Connection) -> None:
        while connection.unsent:
            sent = connection.sock.send(connection.unsent)
            connection.unsent = connection.unsent[sent:]
        self._selector.modify(connection.sock, selectors.EVENT_READ, connection)

    def _read(self, connection: _Connection, done: list[tuple[object, Response | Lost]]) -> None:
        while True:
            data = connection.sock.recv(_RECEIVE_BYTES)
            if connection not in self._busy or (not data and not _ends_by_closing(connection)):
                self._lose(connection, "the server closed the connection")
                return
            connection.received += data
            response = _response(connection, ended=not data)
            if response is not None:
                done.append((connection.token, response))
                self._release(connection, response)
                return

    def _release(self, connection: _Connection, response: Response) -> None:
        keep = response.head.startswith(b"http/1.1") and not connection.unsent and not _CLOSE.search(response.head)
        self._busy.discard(connection)
        if not keep or connection.received:
            self._drop(connection)
            return
        connection.token, connection.head, connection.length, connection.reused = None, b"", _UNKNOWN, True
        self._idle.append(connection)

    def _lose(self, connection: _Connection, reason: str) -> None:
        if connection in self._busy:
            self._busy.discard(connection)
            self._lost.append((connection.token, Lost(reason, stale=connection.reused and not connection.received)))
        else:
            self._idle.remove(connection)
        self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        self._selector.unregister(connection.sock)
        connection.sock.close()

    def _expire(self) -> None:
        now = self._clock.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + 1.0
        for connection in [one for one in self._busy if one.deadline < now]:
            self._lose(connection, f"no answer from {self._url} within {self._timeout:g} seconds")


def _context(ca_files: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for file in ca_files:
        context.load_verify_locations(file)
    return context


def _ends_by_closing(connection: _Connection) -> bool:
    return connection.length == _UNSTATED and not _CHUNKED.search(connection.head)


def _response(connection: _Connection, *, ended: bool) -> Response | None:
    """Take a whole response out of what was received, or None while some of it is missing."""
    received = connection.received
    if connection.length == _UNKNOWN:
        split = received.find(b"\r\n\r\n")
        if split < 0:
            return None
        connection.head = bytes(received[: split + 2]).lower()
        del received[: split + 4]
        length = _LENGTH.search(connection.head)
        connection.length = int(length[1]) if length and not _CHUNKED.search(connection.head) else _UNSTATED
    if connection.length >= 0:
        if len(received) < connection.length:
            return None
        body = bytes(received[: connection.length])
        del received[: connection.length]
    elif _CHUNKED.search(connection.head):
        whole = _unchunk(received)
        if whole is None:
            return None
        body, used = whole
        del received[:used]
    elif ended:
        body = bytes(received)
        received.clear()
    else:
        return None
    return Response(int(connection.head[9:12]), connection.head, body)


def _unchunk(data: bytearray) -> tuple[bytes, int] | None:
    """The content of a chunked body and the bytes that it took, or None while its last chunk is missing."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(data[at:end].split(b";")[0], 16)
        if size == 0:
            close = data.find(b"\r\n\r\n", end)
            return (b"".join(parts), close + 4) if close >= 0 else None
        if len(data) < end + 2 + size + 2:
            return None
        parts.append(bytes(data[end + 2 : end + 2 + size]))
        at = end + 2 + size + 2
