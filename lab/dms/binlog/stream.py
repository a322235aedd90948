# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The events of the binary log as the server sends them to a replica.

Protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html and, for MariaDB,
https://mariadb.com/kb/en/replication-protocol/
"""

from __future__ import annotations

import secrets
import struct
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NamedTuple
from zlib import crc32

import pymysql
from pymysql.constants import COMMAND, ER

from lab.dms.binlog.errors import LogPurged, UnsupportedEvent
from lab.dms.binlog.position import Position
from lab.dms.sources.mysql import Address, SourceError, as_source_error, connect

ROTATE = 4
FORMAT_DESCRIPTION = 15
HEARTBEAT = 27

# How long a silent connection waits before it looks whether it should stop.
TICK_SECONDS = 0.25
HEARTBEAT_SECONDS = 5
# Without a heartbeat for so long the server is gone.
LOST_SECONDS = 60.0
READ_BYTES = 256 * 1024

_NON_BLOCKING = 1
_FATAL_LOG_ERROR = 1236
_ARTIFICIAL = 0x20
_LONGEST_PACKET = 0xFFFFFF
_PACKET = struct.Struct("<I")
_PACKET_HEADER = 4
# Behind the packet's header: status; time, type, server id, size, end position and flags of the event.
_EVENT = struct.Struct("<BIBIIIH")
# Both.
_EVENT_PACKET = struct.Struct("<IBIBIIIH")
_EVENT_HEADER = 19
_OVERHEAD = 1 + _EVENT_HEADER
_CRC32 = 1
# What the CRC-32 of anything with its own CRC-32 behind it is.
_RESIDUE = 0x2144DF1C
# Whether these have a checksum is another matter.
_SPECIAL = frozenset({ROTATE, FORMAT_DESCRIPTION, HEARTBEAT})
# Of a format description: version of the log, version of the server, time of its making, length of an event's header.
_FORMAT = struct.Struct("<H50sIB")


class Event(NamedTuple):
    """``time``: seconds since 1970. ``size``: bytes in the log. ``end``: offset of the next event in the log, 0 if this one is not in
    it. ``body``: without header and checksum."""

    kind: int
    time: int
    server_id: int
    size: int
    end: int
    flags: int
    body: bytes

    @property
    def artificial(self) -> bool:
        """Made for this connection, not read from the log."""
        return bool(self.flags & _ARTIFICIAL) or self.end == 0


class EventStream:
    """One connection, as a context manager. Iterating it answers the events, and None at least every ``TICK_SECONDS`` or so between
    them. It ends when ``stopped`` says so, and with ``to_end`` at the end of the log; every error is a SourceError.

    ``clock_ahead``: seconds that the server's clock is ahead of ours; ``server``: the version that wrote the log.
    """

    def __init__(self, address: Address, start: Position, *, stopped: Callable[[], bool], to_end: bool = False) -> None:
        self._address = address
        self._start = start
        self._stopped = stopped
        self._to_end = to_end
        self._connection: Any = None
        self._checksums = False
        # Of one event that is longer than a packet; and whether the log's end was reached.
        self._pieces: list[bytes] = []
        self._over = False
        self.clock_ahead = 0.0
        self.server = ""

    def __enter__(self) -> EventStream:
        try:
            self._connection = connect(self._address)
            self._prepare()
            server_id = 0x80000000 | secrets.randbits(31)
            flags = _NON_BLOCKING if self._to_end else 0
            request = struct.pack("<IHI", self._start.offset, flags, server_id) + self._start.file.encode()
            self._connection._execute_command(COMMAND.COM_BINLOG_DUMP, request)
            self._connection._sock.settimeout(TICK_SECONDS)
        except (pymysql.err.Error, OSError, ValueError, struct.error) as error:
            self._close()
            raise as_source_error(error, self._address) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection._force_close()

    def _prepare(self) -> None:
        """Tell the server what we can do: otherwise it sends no checksums, rewrites MariaDB's events and stays silent for long."""
        with self._connection.cursor() as cursor:
            cursor.execute("SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'")
            cursor.execute("SET @mariadb_slave_capability = 4")
            nanoseconds = HEARTBEAT_SECONDS * 1_000_000_000
            cursor.execute(f"SET @master_heartbeat_period = {nanoseconds}, @source_heartbeat_period = {nanoseconds}")
            cursor.execute("SET SESSION net_write_timeout = 600")
            cursor.execute("SELECT UNIX_TIMESTAMP(SYSDATE(6))")
            self.clock_ahead = float(cursor.fetchone()[0]) - time.time()

    def __iter__(self) -> Iterator[Event | None]:
        """The events one by one; None as an empty list of ``chunks``."""
        for events in self.chunks():
            if events:
                yield from events
            else:
                yield None

    def chunks(self) -> Iterator[list[Event]]:
        """The events as they come, many at once; an empty list where iterating answers None. Those before an error come before it."""
        heard = ticked = time.monotonic()
        parts: list[bytes] = []
        size = 0
        wanted = _PACKET_HEADER
        while not self._over and not self._stopped():
            data = self._receive()
            now = time.monotonic()
            if now - ticked >= TICK_SECONDS:
                ticked = now
                yield []
            if not data:
                if now - heard > LOST_SECONDS:
                    raise self._lost("nothing was heard for a minute")
                continue
            heard = now
            parts.append(data)
            size += len(data)
            if size < wanted:
                continue
            buffer = b"".join(parts)
            events: list[Event] = []
            try:
                at, wanted = self._split(buffer, events)
            except SourceError:
                if events:
                    yield events
                raise
            if events:
                yield events
            parts = [buffer[at:]]
            size -= at

    def _split(self, buffer: bytes, events: list[Event]) -> tuple[int, int]:
        """Take whole packets off the buffer. Where the first one begins that is not whole, and how many bytes it has at least."""
        size = len(buffer)
        # Up to here there are the headers of a packet and of an event.
        room = size - _PACKET_HEADER - _OVERHEAD
        view = memoryview(buffer)
        parse = _EVENT_PACKET.unpack_from
        new = tuple.__new__
        add = events.append
        # Local names, as this runs once an event.
        special, header, headers = _SPECIAL, _PACKET_HEADER, _EVENT_PACKET.size
        at = 0
        while not self._over:
            if at <= room and self._checksums and not self._pieces:
                # As below and in ``_event``, for the many.
                head, status, when, kind, server_id, in_log, end, flags = parse(buffer, at)
                length = head & _LONGEST_PACKET
                behind = at + header + length
                if behind > size:
                    return at, header + length
                if not status and kind not in special and length != _LONGEST_PACKET:
                    if crc32(view[at + header + 1 : behind]) != _RESIDUE:
                        raise self._damaged(end)
                    add(new(Event, (kind, when, server_id, in_log, end, flags, buffer[at + headers : behind - 4])))
                    at = behind
                    continue
            if size - at < _PACKET_HEADER:
                break
            length = _PACKET.unpack_from(buffer, at)[0] & _LONGEST_PACKET
            first = at + _PACKET_HEADER
            if size - first < length:
                return at, _PACKET_HEADER + length
            at = first + length
            packet = buffer[first:at]
            if length == _LONGEST_PACKET or self._pieces:
                self._pieces.append(packet)
                if length == _LONGEST_PACKET:
                    continue
                packet = b"".join(self._pieces)
                self._pieces.clear()
            event = self._event(packet)
            if event is None:
                self._over = True
            else:
                add(event)
        return at, _PACKET_HEADER

    def _receive(self) -> bytes:
        """What the server sent; nothing if that was nothing for some time."""
        try:
            data: bytes = self._connection._sock.recv(READ_BYTES)
        except TimeoutError:
            return b""
        except OSError as error:
            raise self._lost(str(error)) from None
        if not data:
            raise self._lost("the server closed the connection")
        return data

    def _event(self, packet: bytes) -> Event | None:
        """The event in the packet; None at the end of the log."""
        if packet[0]:
            self._ended(packet)
            return None
        _, when, kind, server_id, size, end, flags = _EVENT.unpack_from(packet)
        last = len(packet)
        if kind == FORMAT_DESCRIPTION:
            # It names the kind of checksum of this log in front of its own checksum, which it has in either case.
            self._checksums = packet[-5] == _CRC32
            self._read_format(packet[_OVERHEAD:])
        elif kind == ROTATE and (flags & _ARTIFICIAL or not end):
            # Comes before the description of the log it announces: whether it has a checksum only shows in itself.
            if crc32(packet[1:]) == _RESIDUE:
                last -= 4
        elif self._checksums and kind != HEARTBEAT:
            if crc32(packet[1:]) != _RESIDUE:
                raise self._damaged(end)
            last -= 4
        return Event(kind, when, server_id, size, end, flags, packet[_OVERHEAD:last])

    @staticmethod
    def _damaged(end: int) -> SourceError:
        return SourceError(f"The event that ends at offset {end} of the binary log has a wrong checksum", recoverable=False)

    def _read_format(self, body: bytes) -> None:
        version, server, _, header = _FORMAT.unpack_from(body)
        self.server = server.rstrip(b"\0").decode(errors="replace")
        if version != 4 or header != _EVENT_HEADER:
            raise UnsupportedEvent(f"The binary log of a server {self.server} has version {version}; only version 4 can be read")

    def _ended(self, packet: bytes) -> None:
        """Raises what the server's last packet says, unless it is the end of the log that was asked for."""
        if packet[0] != 255:
            if self._to_end:
                return
            raise self._lost("the server ended the binary log")
        code = int.from_bytes(packet[1:3], "little")
        text = packet[9 if packet[3:4] == b"#" else 3 :].decode(errors="replace")
        if code == _FATAL_LOG_ERROR:
            if "max_allowed_packet" in text:
                raise SourceError(f"The server cannot send an event of its binary log: {text}", recoverable=False)
            raise LogPurged.answered(self._start, text)
        if code == ER.SPECIFIC_ACCESS_DENIED_ERROR:
            raise SourceError(f"The source account cannot read the binary log: {text}", recoverable=False)
        raise self._lost(f"{text} ({code})")

    def _lost(self, why: str) -> SourceError:
        return SourceError(f"Lost connection to MySQL server '{self._address.host}:{self._address.port}': {why}", recoverable=True)
