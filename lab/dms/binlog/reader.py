# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads the server's binary log as a replica would, and puts its events together to transactions."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from lab.dms.binlog.changes import Idle, RowEvent, RowEvents, Statement, Transaction
from lab.dms.binlog.errors import UnsupportedEvent
from lab.dms.binlog.groups import Group, mariadb_group, mysql_group, tagged_group
from lab.dms.binlog.position import FIRST_OFFSET, Position
from lab.dms.binlog.query import Query, decompressed
from lab.dms.binlog.stream import FORMAT_DESCRIPTION, HEARTBEAT, ROTATE, Event, EventStream
from lab.dms.binlog.table_map import TableMap, packed
from lab.dms.sources.mysql import Address, SourceError

Change: TypeAlias = Transaction | Statement | Idle

_QUERY = 2
_XID = 16
_TABLE_MAP = 19
_XA_PREPARE = 38
# Kind of a row event: operation, has it MySQL's extra data, is it compressed.
_ROWS = {
    23: ("I", False, False),
    24: ("U", False, False),
    25: ("D", False, False),
    30: ("I", True, False),
    31: ("U", True, False),
    32: ("D", True, False),
    166: ("I", False, True),
    167: ("U", False, True),
    168: ("D", False, True),
    169: ("I", True, True),
    170: ("U", True, True),
    171: ("D", True, True),
}
_QUERY_COMPRESSED = 165
_GTIDS = {33: mysql_group, 34: mysql_group, 42: tagged_group, 162: mariadb_group}
_REFUSED = {
    # MySQL's and MariaDB's LOAD DATA as a statement.
    17: "a LOAD DATA statement, since binlog_format was not ROW",
    18: "a LOAD DATA statement, since binlog_format was not ROW",
    20: "row events of a server older than MySQL 5.1.16",
    21: "row events of a server older than MySQL 5.1.16",
    22: "row events of a server older than MySQL 5.1.16",
    26: "an incident: the server lost changes that it should have logged",
    39: "partial JSON updates: set binlog_row_value_options to an empty value",
    40: "compressed transactions: set binlog_transaction_compression to OFF",
}
# Without a meaning for rows: STOP, INTVAR, RAND, USER_VAR, ROWS_QUERY, PREVIOUS_GTIDS, TRANSACTION_CONTEXT, VIEW_CHANGE; MariaDB's
# ANNOTATE_ROWS, BINLOG_CHECKPOINT, GTID_LIST, and START_ENCRYPTION, as the server decrypts what it sends.
_IGNORED = frozenset({3, 5, 13, 14, 28, 29, 35, 36, 37, 160, 161, 163, 164, FORMAT_DESCRIPTION, HEARTBEAT})
_IGNORABLE = 0x80
# Makes a named tuple in half the time, where there is one an event.
_new = tuple.__new__
# Bytes of the number of a table, with which events of rows and table maps begin.
_TABLE_ID = 6
# Definitions of tables that are kept, so that the same definition is the same object.
_KEPT_MAPS = 4096


@dataclass(slots=True)
class _Open:
    """A transaction that has begun. ``savepoints``: their names and how far the rows went."""

    group: Group
    rows: RowEvents
    savepoints: dict[str, tuple[int, int, int]]


class BinlogReader:
    """One connection, as a context manager; every error is a SourceError. Iterate it once: it ends when ``stopped`` says so, which is
    asked several times a second. It answers an Idle whenever it had nothing else to answer for ``idle_seconds``.

    ``buffer_bytes``: of one transaction in memory; the rest of it goes into a file in ``spool_dir``.
    """

    def __init__(
        self,
        address: Address,
        start: Position,
        *,
        buffer_bytes: int,
        spool_dir: Path,
        stopped: Callable[[], bool],
        idle_seconds: float = 1.0,
    ) -> None:
        self._stream = EventStream(address, start, stopped=stopped)
        self._buffer_bytes = buffer_bytes
        self._spool_dir = spool_dir
        self._idle_seconds = idle_seconds
        # From where one could read on without missing anything, and the file that is read now.
        self._safe = start
        self._file = start.file
        self._group: Group | None = None
        self._open: _Open | None = None
        # By the number that row events name, in its six bytes; and all definitions, by the events' bodies.
        self._tables: dict[bytes, TableMap] = {}
        self._maps: dict[bytes, TableMap] = {}
        # The server's clock when the events at hand came.
        self._now = 0.0
        self._handlers: dict[int, Callable[[Event], Change | None]] = {
            **dict.fromkeys(_ROWS, self._add_rows),
            **dict.fromkeys(_GTIDS, self._begin_group),
            _TABLE_MAP: self._add_map,
            _XID: self._commit,
            _QUERY: lambda event: self._query(event, Query.parse(event.body)),
            _QUERY_COMPRESSED: lambda event: self._query(event, Query.parse_compressed(event.body)),
            ROTATE: self._rotate,
            _XA_PREPARE: self._xa_prepared,
        }

    def __enter__(self) -> BinlogReader:
        self._stream.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.__exit__(kind, error, trace)
        # The reader refers to itself by its handlers: what it holds on disk is given back now, not when that is found.
        self._open = None

    @property
    def open_rows(self) -> RowEvents | None:
        """What was read so far of a transaction whose end was not read yet."""
        opened = self._open
        return opened.rows if opened is not None else None

    def __iter__(self) -> Iterator[Change]:
        answered = time.monotonic()
        for events in self._stream.chunks():
            if not events:
                if time.monotonic() - answered >= self._idle_seconds:
                    yield Idle(self._safe, self._server_time())
                    answered = time.monotonic()
                continue
            changes: list[Change] = []
            try:
                self._digest(events, changes)
            except SourceError:
                yield from changes
                raise
            if changes:
                yield from changes
                answered = time.monotonic()

    def _digest(self, events: list[Event], changes: list[Change]) -> None:
        """Appends the changes that the events complete."""
        self._now = self._server_time()
        handlers, other = self._handlers, self._other
        for event in events:
            try:
                change = handlers.get(event.kind, other)(event)
            except (struct.error, IndexError, ValueError, KeyError, zlib.error, UnicodeError) as error:
                raise SourceError(f"The event before {self._place(event)} cannot be read: {error!r}", recoverable=False) from error
            if change is not None:
                changes.append(change)

    def _server_time(self) -> float:
        return time.time() + self._stream.clock_ahead

    def _place(self, event: Event) -> Position:
        return _new(Position, (self._file, event.end))

    def _other(self, event: Event) -> None:
        """What says nothing of rows, or what cannot be understood."""
        kind = event.kind
        if kind in _IGNORED:
            if not event.artificial and kind != HEARTBEAT and self._group is None and self._open is None:
                self._safe = self._place(event)
        elif kind in _REFUSED or not event.flags & _IGNORABLE:
            what = _REFUSED.get(kind, f"an event of type {kind}")
            raise UnsupportedEvent(f"The binary log has {what} before {self._place(event)}; changes cannot be captured from it")

    def _rotate(self, event: Event) -> None:
        """The log goes on in another file, whose name follows the offset to read from."""
        self._file = event.body[8:].decode()
        offset = int.from_bytes(event.body[:8], "little")
        if self._group is None and self._open is None:
            self._safe = Position(self._file, max(offset, FIRST_OFFSET))

    def _begin_group(self, event: Event) -> None:
        group = _GTIDS[event.kind](event, Position(self._file, event.end - event.size))
        if group.implicit_begin:
            self._begin(group)
        else:
            self._group = group

    def _begin(self, group: Group) -> None:
        self._open = _Open(group, RowEvents(self._buffer_bytes, self._spool_dir), {})
        self._group = None
        self._tables.clear()

    def _add_map(self, event: Event) -> None:
        body = event.body
        table = self._maps.get(body)
        if table is None:
            if len(self._maps) >= _KEPT_MAPS:
                self._maps.clear()
            table = self._maps[body] = TableMap.parse(body, self._stream.server)
        self._tables[body[:_TABLE_ID]] = table

    def _add_rows(self, event: Event) -> None:
        operation, has_extra, compressed = _ROWS[event.kind]
        body = event.body
        table = self._tables.get(body[:_TABLE_ID])
        opened = self._open
        if opened is None or table is None:
            raise SourceError(
                f"Position {self._safe} lies inside a transaction: {self._place(event)} has rows of a table that was described before it. "
                "Start where a transaction begins.",
                recoverable=False,
            )
        first = 8 + (int.from_bytes(body[8:10], "little") if has_extra else 0)
        data = _uncompressed_rows(body[first:], operation) if compressed else body[first:]
        opened.rows.append(_new(RowEvent, (table, operation, event.end - event.size, data)))

    def _commit(self, event: Event) -> Transaction | None:
        opened, self._open, self._group = self._open, None, None
        self._safe = self._place(event)
        if opened is None:
            return None
        group = opened.group
        return Transaction(group.begin, self._safe, group.commit_time or float(event.time), self._now, group.gtid, opened.rows)

    def _query(self, event: Event, query: Query) -> Change | None:
        """A statement: the frame of a transaction, a part of it, or one of its own."""
        begin = Position(self._file, event.end - event.size)
        word = query.sql[:9].upper()
        if word == "BEGIN":
            self._begin(self._group or Group(begin))
            return None
        if word == "COMMIT":
            return self._commit(event)
        if word == "ROLLBACK":
            if self._open is not None:
                self._open.rows.cut((0, 0, 0))
            return self._commit(event)
        if word.startswith("XA "):
            return self._xa(event, query, begin)
        if query.changes_data:
            raise UnsupportedEvent(
                f"The binary log has a data change as a statement at {begin}, not as rows. Set binlog_format to ROW, end the sessions "
                "that still use another format, and load the tables again."
            )
        if self._open is not None:
            return self._inside(self._open, event, query)
        group, self._group = self._group, None
        self._safe = self._place(event)
        return Statement(group.begin if group else begin, self._safe, float(event.time), self._now, query.schema, query.sql)

    def _inside(self, opened: _Open, event: Event, query: Query) -> Statement | None:
        if name := query.savepoint:
            opened.savepoints[name] = opened.rows.mark()
            return None
        if name := query.rollback_to:
            opened.rows.cut(opened.savepoints[name])
            return None
        begin = opened.group.begin
        return Statement(begin, begin, float(event.time), self._now, query.schema, query.sql)

    def _xa(self, event: Event, query: Query, begin: Position) -> Change | None:
        """XA transactions that commit in one phase are like others; of the others the rows come long before it is known whether they
        count, which DMS does not follow on MariaDB either."""
        words = query.sql.split(None, 2)
        if words[1].upper() in ("START", "BEGIN"):
            self._begin(self._group or Group(begin))
            return None
        if words[1].upper() == "END":
            return None
        if words[1].upper() == "ROLLBACK":
            self._safe, self._group = self._place(event), None
            return None
        raise self._two_phases(event)

    def _xa_prepared(self, event: Event) -> Change | None:
        if event.body[0]:
            return self._commit(event)
        raise self._two_phases(event)

    def _two_phases(self, event: Event) -> UnsupportedEvent:
        return UnsupportedEvent(
            f"The binary log has an XA transaction in two phases before {self._place(event)}; its changes cannot be captured"
        )


def _uncompressed_rows(data: bytes, operation: str) -> bytes:
    """MariaDB compresses what follows the column count and the bitmaps of columns."""
    count, at = packed(data, 0)
    at += (count + 7) // 8 * (2 if operation == "U" else 1)
    return data[:at] + decompressed(data[at:])
