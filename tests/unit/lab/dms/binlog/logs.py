# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Binary logs made by hand, and a server that sends them."""

from __future__ import annotations

import struct
from contextlib import AbstractContextManager
from typing import Any
from zlib import crc32

from lab.dms.sources.mysql import Address

ADDRESS = Address("db", 3306, "dms", "hush-hush", "none", "")
SERVER_ID = 7
MYSQL = "8.4.0"


class Log:
    """``packets``: what the server sends, one after the other."""

    def __init__(self, *, checksums: bool = True, file: str = "log.000001", server: str = MYSQL) -> None:
        self.packets: list[bytes] = []
        self.end = 4
        self._checksums = checksums
        self.packet(b"\0" + self._sealed(4, 0, 0x20, struct.pack("<Q", 4) + file.encode(), checksums))
        body = struct.pack("<H50sIB", 4, server.encode(), 0, 19) + bytes(40) + bytes([checksums])
        self.packet(b"\0" + self._sealed(15, 0, 0, body, True))

    def event(self, kind: int, body: bytes, *, flags: int = 0, when: int = 1000, damaged: bool = False) -> int:
        """Adds an event; where it begins."""
        begin = self.end
        self.end += 19 + len(body) + 4 * self._checksums
        sealed = self._sealed(kind, self.end, flags, body, self._checksums, when)
        self.packet(b"\0" + (sealed[:-1] + bytes([sealed[-1] ^ 1]) if damaged else sealed))
        return begin

    def packet(self, payload: bytes) -> None:
        number = len(self.packets) + 1
        while len(payload) >= 0xFFFFFF:
            self.packets.append(b"\xff\xff\xff" + bytes([number & 255]) + payload[:0xFFFFFF])
            payload = payload[0xFFFFFF:]
        self.packets.append(len(payload).to_bytes(3, "little") + bytes([number & 255]) + payload)

    def error(self, code: int, text: str) -> None:
        self.packet(b"\xff" + struct.pack("<H", code) + b"#HY000" + text.encode())

    @staticmethod
    def _sealed(kind: int, end: int, flags: int, body: bytes, checksum: bool, when: int = 1000) -> bytes:
        size = 19 + len(body) + 4 * checksum
        event = struct.pack("<IBIIIH", when, kind, SERVER_ID, size, end, flags) + body
        return event + struct.pack("<I", crc32(event)) if checksum else event


class Connection:
    """As much of PyMySQL's connection as the stream uses. ``chunk``: how many bytes arrive at once."""

    def __init__(self, log: Log, chunk: int = 1 << 20) -> None:
        data = b"".join(log.packets)
        self._chunks = iter([data[at : at + chunk] for at in range(0, len(data), chunk)])
        self._sock = self
        self.closed = False
        self.sent: list[tuple[int, bytes]] = []

    def recv(self, _: int) -> bytes:
        return next(self._chunks, b"")

    def settimeout(self, _: float) -> None:
        pass

    def cursor(self) -> AbstractContextManager[Any]:
        return _Cursor()

    def _execute_command(self, command: int, argument: bytes) -> None:
        self.sent.append((command, argument))

    def _force_close(self) -> None:
        self.closed = True


class _Cursor:
    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, _: str) -> None:
        pass

    def fetchone(self) -> tuple[float]:
        return (5000.0,)


def gtid(number: int, microseconds: int = 0) -> bytes:
    """Body of MySQL's GTID event."""
    body = b"\1" + bytes(range(16)) + struct.pack("<q", number) + b"\2" + bytes(16)
    return body + microseconds.to_bytes(7, "little") if microseconds else body


def query(sql: str, schema: str = "s", variables: bytes = b"") -> bytes:
    return struct.pack("<IIBHH", 1, 0, len(schema), 0, len(variables)) + variables + schema.encode() + b"\0" + sql.encode()


def table_map(types: bytes, meta: bytes = b"", optional: bytes = b"", number: int = 9) -> bytes:
    nulls = bytes((len(types) + 7) // 8)
    return (
        number.to_bytes(6, "little") + bytes(2) + b"\1s\0\1t\0" + bytes([len(types)]) + types + bytes([len(meta)]) + meta + nulls + optional
    )


def rows(data: bytes, *, extra: bytes | None = b"", number: int = 9) -> bytes:
    """Body of a row event; of version 1 without ``extra``."""
    head = number.to_bytes(6, "little") + b"\1\0"
    return head + data if extra is None else head + struct.pack("<H", 2 + len(extra)) + extra + data
