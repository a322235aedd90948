# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a reader of the binary log answers: transactions, statements, and that nothing happens."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from lab.dms.binlog.position import Position
from lab.dms.binlog.table_map import TableMap

# Of one row event in the file: number of its table map, operation, offset in the log, length of its data.
_RECORD = struct.Struct("<IcQI")
_READ_BUFFER = 256 * 1024


class RowEvent(NamedTuple):
    """``operation``: "I", "U" or "D". ``offset``: where the event begins in the log. ``data``: the event from its column count on;
    one event holds one or more rows of one table."""

    table: TableMap
    operation: str
    offset: int
    data: bytes


class RowEvents:
    """The row events of one transaction in order, as often as one iterates: the first ``buffer_bytes`` of them in memory, the
    others in a file without a name, which goes when the object goes."""

    # There is one a transaction, and there are many small transactions.
    __slots__ = ("_file", "_file_bytes", "_file_events", "_maps", "_memory", "_room", "_spool_dir")

    def __init__(self, buffer_bytes: int, spool_dir: Path) -> None:
        self._room = buffer_bytes
        self._spool_dir = spool_dir
        self._memory: list[RowEvent] = []
        # Of the events in the file, each with its number there.
        self._maps: dict[TableMap, int] = {}
        self._file: IO[bytes] | None = None
        self._file_bytes = 0
        self._file_events = 0

    def __len__(self) -> int:
        return len(self._memory) + self._file_events

    @property
    def on_disk(self) -> bool:
        return self._file is not None

    @property
    def in_file(self) -> int:
        """How many of them are on disk."""
        return self._file_events

    def append(self, event: RowEvent) -> None:
        if self._file is None:
            if self._room > 0:
                self._room -= len(event.data)
                self._memory.append(event)
                return
            self._file = tempfile.TemporaryFile(dir=self._spool_dir)  # noqa: SIM115 - lives as long as this object
        number = self._maps.setdefault(event.table, len(self._maps))
        self._file.write(_RECORD.pack(number, event.operation.encode(), event.offset, len(event.data)))
        self._file.write(event.data)
        self._file_bytes += _RECORD.size + len(event.data)
        self._file_events += 1

    def cut(self, mark: tuple[int, int, int]) -> None:
        """Forget what came after the ``mark``."""
        events, self._file_events, self._file_bytes = mark
        del self._memory[events:]
        if self._file is not None:
            self._file.seek(self._file_bytes)
            self._file.truncate()

    def mark(self) -> tuple[int, int, int]:
        """Where the transaction stands now, for ``cut``."""
        return len(self._memory), self._file_events, self._file_bytes

    def __iter__(self) -> Iterator[RowEvent]:
        return iter(self._memory) if self._file is None else self._with_spooled(self._file)

    def _with_spooled(self, spooled: IO[bytes]) -> Iterator[RowEvent]:
        yield from self._memory
        spooled.flush()
        maps = list(self._maps)
        # A file object of its own: several may iterate at once, and appending goes on at the end.
        with Path(f"/proc/self/fd/{spooled.fileno()}").open("rb", buffering=_READ_BUFFER) as file:
            for _ in range(self._file_events):
                number, operation, offset, length = _RECORD.unpack(file.read(_RECORD.size))
                yield RowEvent(maps[number], operation.decode(), offset, file.read(length))


@dataclass(slots=True)
class Transaction:
    """A committed transaction. A reader that starts at ``begin`` reads it again; one that starts at ``end`` reads what follows.

    ``commit_time``: seconds since 1970 by the server's clock, to the microsecond where the log has it (MySQL 8.0), else to the second.
    ``server_time``: the server's clock when the transaction was read. ``gtid``: empty where the server has none.
    """

    begin: Position
    end: Position
    commit_time: float
    server_time: float
    gtid: str
    rows: RowEvents = field(repr=False)

    @property
    def on_disk(self) -> bool:
        return self.rows.on_disk


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is logged as its text: DDL, TRUNCATE, GRANT and the like. ``schema``: the default schema of its session.

    Where the statement is part of a transaction (CREATE TABLE ... SELECT) it comes before it, and ``end`` is where that began.
    ``server_time``: as in ``Transaction``.
    """

    begin: Position
    end: Position
    time: float
    server_time: float
    schema: str
    sql: str


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing came for a while. ``position``: from where to read on; ``server_time``: the server's clock now, seconds since 1970."""

    position: Position
    server_time: float
