# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Loads one staged file, a few rows at a time, so that several files can take turns.

A unit is a byte range; the records that begin in it belong to it. Where its first record begins is known from the unit before:
only reading from there tells a newline inside quotes from the end of a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO

from ..contract.rows import RowTransform
from ..errors import BadData, Rejected
from ..model.schema import Table
from ..model.work import UnitResult, WorkUnit
from ..ports import ObjectStore
from ..staging.profile import record_layouts
from ..staging.records import Block, RecordReader, uncompressed

Put = Callable[[str, str, object], None]
Origin = tuple["UnitAccount", Block, int, str]
_OPERATION = 1  # fields before the first column


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How rows of one source table become items. ``puts``: per entity, the ``put`` of its table's writer."""

    table: Table
    entities: tuple[str, ...]
    transform: RowTransform
    puts: Mapping[str, Put]

    @property
    def layouts(self) -> dict[int, tuple[int, ...]]:
        return record_layouts(self.table)

    def key_of(self, record: Sequence[str]) -> dict[str, str]:
        names = [column.name for column in self.table.staged_columns]
        positions = self.layouts[len(record)][_OPERATION:]
        return {name: record[positions[names.index(name)]] for name in self.table.primary_key if name in names}


@dataclass(slots=True, eq=False)
class UnitAccount:
    """Running account of a unit. Every row is in exactly one of written, filtered, rejected."""

    unit: WorkUnit
    plan: TablePlan
    rows: int = 0
    written: int = 0
    filtered: int = 0
    rejected: int = 0
    items: Counter[str] = field(default_factory=Counter)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    bytes_read: int = 0
    next_offset: int = 0
    next_record: int = 1
    _refused_rows: set[int] = field(default_factory=set)

    def reject(self, block: Block, index: int, reason: Rejected) -> None:
        """The row has no item: it goes to the rejects instead."""
        self.rejected += 1
        self._note(block, index, ",".join(self.plan.entities), reason.code, reason.message)

    def refuse(self, block: Block, index: int, entity: str, reason: str) -> None:
        """DynamoDB will not take an item that was counted as written."""
        self.items[entity] -= 1
        number = block.first + index
        if number not in self._refused_rows:
            self._refused_rows.add(number)
            self.written -= 1
            self.rejected += 1
        self._note(block, index, entity, "refused-by-dynamodb", reason)

    def result(self, retried: int) -> UnitResult:
        if self.rows != self.written + self.filtered + self.rejected:
            raise BadData(
                f"the account does not close: {self.rows} rows, {self.written} written, {self.filtered} filtered, {self.rejected} rejected",
                place=self.unit.id,
                remedy="This is a fault of Landbridge: report it with the unit's state document.",
            )
        return UnitResult(
            rows=self.rows,
            written=self.written,
            filtered=self.filtered,
            rejected=self.rejected,
            items=dict(self.items),
            retried=retried,
            bytes_read=self.bytes_read,
            next_offset=self.next_offset,
            next_record=self.next_record,
        )

    def _note(self, block: Block, index: int, entity: str, code: str, reason: str) -> None:
        self.rejects.append(
            {
                "entity": entity,
                "table": self.plan.table.qualified,
                "code": code,
                "reason": reason,
                "key": self.plan.key_of(block.records[index]),
                "file": self.unit.file.key,
                "record": block.first + index,
                "offset": block.offset_of(index),
                "raw": block.lines[index],
            }
        )


class FileLoad:
    """Consecutive units of one file that are not done yet.

    ``begin``: byte offset and number of the record where the first of them starts; ``on_start`` is told of each unit before its
    first row is read.
    """

    def __init__(
        self,
        units: Sequence[WorkUnit],
        begin: tuple[int, int],
        plan: TablePlan,
        staging: ObjectStore,
        on_start: Callable[[WorkUnit], None],
    ) -> None:
        self._waiting = list(units)
        self._begin = begin
        self._plan = plan
        self._staging = staging
        self._on_start = on_start
        self._layouts = plan.layouts
        self._moved = any(layout != tuple(range(len(layout))) for layout in self._layouts.values())
        self._file = units[0].file
        self._compressed = self._file.key.endswith(".gz")
        self._stream: BinaryIO | None = None
        self._blocks: Iterator[Block] = iter(())
        self._block: Block | None = None
        self._later: Block | None = None
        self._at = 0
        self.account: UnitAccount | None = None

    def advance(self, rows: int) -> list[UnitAccount]:
        """Load up to ``rows`` further rows. Returns the units that were read to their end by it; see ``finished``."""
        if self.account is None:
            self._open()
        ended: list[UnitAccount] = []
        if self._block is None or self._at == len(self._block.records):
            self._at = 0
            ended = self._fetch()
        if self._block is not None and self.account is not None:
            stop = min(self._at + rows, len(self._block.records))
            self._load(self._block, stop, self.account)
            self._at = stop
        return ended

    @property
    def finished(self) -> bool:
        return self.account is None and not self._waiting

    def _open(self) -> None:
        offset, number = self._begin
        if not self._compressed and self._file.size:
            self._check_ending()
        self._start_unit(offset, number)
        # The record before may have ended the file: then there is nothing left to ask for.
        ended = offset and offset >= self._file.size
        self._stream = BytesIO() if ended else self._staging.open(self._file.key, etag=self._file.etag, start=offset)
        content = uncompressed(self._stream, self._file.key)
        self._blocks = iter(RecordReader(content, self._file.key, self._layouts, offset=offset, first=number))

    def _check_ending(self) -> None:
        """A file that was cut short is found before a row of it is written."""
        with self._staging.open(self._file.key, etag=self._file.etag, start=self._file.size - 1, end=self._file.size) as stream:
            if stream.read() != b"\n":
                raise BadData(
                    "the last record has no newline: the file ends too early",
                    place=self._file.key,
                    remedy="The staged file is damaged: begin a new run, so that DMS stages it anew.",
                )

    def _start_unit(self, offset: int, number: int) -> None:
        unit = self._waiting.pop(0)
        self.account = UnitAccount(unit, self._plan, next_offset=offset, next_record=number)
        self._on_start(unit)

    def _fetch(self) -> list[UnitAccount]:
        """Get the next rows of the current unit, or of the one behind it. Returns the units that turned out to be at their end."""
        ended: list[UnitAccount] = []
        while self.account is not None:
            account = self.account
            block = self._later or next(self._blocks, None)
            to_the_end = self._compressed or account.unit.end >= self._file.size
            if block is not None and (to_the_end or block.offset < account.unit.end):
                self._block, self._later = (block, None) if to_the_end else block.split(account.unit.end)
                self._count(account, self._block)
                return ended
            self._later = block
            ended.append(account)
            self.account = None
            if self._waiting:
                self._start_unit(account.next_offset, account.next_record)
        self._block = None
        self.close()
        return ended

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _count(self, account: UnitAccount, block: Block) -> None:
        account.rows += len(block.records)
        account.bytes_read += block.size
        account.next_offset = block.offset + block.size
        account.next_record = block.first + len(block.records)

    def _load(self, block: Block, stop: int, account: UnitAccount) -> None:
        transform, puts, items = self._plan.transform, self._plan.puts, account.items
        for index in range(self._at, stop):
            record = block.records[index]
            if self._moved:
                record = [record[at] for at in self._layouts[len(record)]]
            try:
                made = transform(record)
            except Rejected as reason:
                account.reject(block, index, reason)
                continue
            if made:
                account.written += 1
                for entity, key, item in made:
                    puts[entity](key, item, (account, block, index, entity))
                    items[entity] += 1
            else:
                account.filtered += 1
