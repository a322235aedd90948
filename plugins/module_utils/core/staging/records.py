# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads records of the strict staging profile: RFC 4180 with commas, ``\\n`` behind every record, UTF-8, operation first.

Stricter than the csv module, which repairs silently: a quote may only stand in a quoted field, nothing may follow a closing
quote but a comma or the end, the last record must end with a newline. A carriage return is data like any other character.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, cast

from ..errors import BadData

BLOCK_BYTES = 256 * 1024
RECORD_BYTES = 32 * 1024 * 1024
_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",]*+))(,|\Z)')
_RESTAGE = "The staged file is damaged: begin a new run, so that DMS stages it anew."


@dataclass(slots=True)
class Block:
    """Consecutive records. ``lines``: each record's text as staged, without its newline; ``records``: its fields, operation first."""

    records: list[list[str]]
    lines: list[str]
    first: int  # number of the first record in the file, from 1
    offset: int  # byte offset of the first record in the file (in its uncompressed content)
    size: int  # bytes of all records, newlines included

    def offset_of(self, index: int) -> int:
        return self.offset + sum(len(line.encode()) + 1 for line in self.lines[:index])

    def split(self, end: int) -> tuple[Block, Block | None]:
        """The records that begin before byte offset ``end``, and the others."""
        if self.offset + self.size <= end:
            return self, None
        at, offset = 0, self.offset
        while offset < end:
            offset += len(self.lines[at].encode()) + 1
            at += 1
        head = Block(self.records[:at], self.lines[:at], self.first, self.offset, offset - self.offset)
        if at == len(self.lines):
            return head, None
        return head, Block(self.records[at:], self.lines[at:], self.first + at, offset, self.size - head.size)


class RecordReader:
    """Iterates over the blocks of one staged file.

    ``stream``: its uncompressed content from byte ``offset`` on, where record number ``first`` begins (see ``uncompressed``).
    ``widths``: the numbers of fields that a record may have, the operation counted. Raises BadData naming key, record and byte.
    """

    def __init__(self, stream: BinaryIO, key: str, widths: Collection[int], *, offset: int = 0, first: int = 1) -> None:
        self._stream = stream
        self._key = key
        self._widths = frozenset(widths)
        self._offset = offset
        self._next = first

    def __iter__(self) -> Iterator[Block]:
        rest = b""
        while True:
            try:
                data = self._stream.read(BLOCK_BYTES)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                self._refuse(f"the compressed file is damaged: {error}", self._next, self._offset)
            if not data:
                break
            rest += data
            cut = rest.rfind(b"\n") + 1
            if cut:
                block, used = self._parse(rest[:cut])
                rest = rest[used:]
                if block.records:
                    yield block
            if len(rest) > RECORD_BYTES:
                self._refuse(f"a record does not end within {RECORD_BYTES} bytes: a quote is not closed", self._next, self._offset)
        if rest:
            open_quote = rest.count(b'"') % 2
            what = "a quoted field is not closed" if open_quote else "the last record has no newline"
            self._refuse(f"{what}: the file ends too early", self._next, self._offset)

    def _parse(self, data: bytes) -> tuple[Block, int]:
        """The whole records at the beginning of ``data``, which ends with a newline, and how many bytes they take."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            self._refuse_encoding(data, error.start)
        lines = text.split("\n")
        lines.pop()
        used = len(data)
        if '"' in text:
            lines, rest = _join(lines)
            used -= len(rest.encode())
            records = [line.split(",") if '"' not in line else self._fields(line, index, lines) for index, line in enumerate(lines)]
        else:
            records = [line.split(",") for line in lines]
        block = Block(records, lines, self._next, self._offset, used)
        if not self._widths.issuperset(map(len, records)) or not all(record[0] == "I" for record in records):
            self._refuse_record(block)
        self._next += len(lines)
        self._offset += used
        return block, used

    def _fields(self, line: str, index: int, lines: list[str]) -> list[str]:
        fields: list[str] = []
        position, length = 0, len(line)
        while True:
            match = _FIELD.match(line, position)
            if match is None:
                offset = self._offset + sum(len(one.encode()) + 1 for one in lines[:index]) + len(line[:position].encode())
                self._refuse(f"field {len(fields) + 1} has a quote where none may be", self._next + index, offset)
            quoted, plain, separator = match.groups()
            fields.append(plain if quoted is None else quoted.replace('""', '"'))
            position = match.end()
            if not separator:
                return fields
            if position == length:
                fields.append("")
                return fields

    def _refuse_record(self, block: Block) -> NoReturn:
        index = next(i for i, record in enumerate(block.records) if len(record) not in self._widths or record[0] != "I")
        record = block.records[index]
        wanted = " or ".join(str(width) for width in sorted(self._widths))
        wrong = "the operation is not I" if len(record) in self._widths else f"the record has {len(record)} fields, not {wanted}"
        self._refuse(wrong, block.first + index, block.offset_of(index))

    def _refuse_encoding(self, data: bytes, at: int) -> NoReturn:
        begin = data.rfind(b"\n", 0, at) + 1
        before, _rest = _join(data[:begin].decode().split("\n")[:-1])
        self._refuse("a byte is not UTF-8", self._next + len(before), self._offset + at)

    def _refuse(self, message: str, record: int, offset: int) -> NoReturn:
        raise BadData(f"record {record}, byte {offset}: {message}", place=self._key, remedy=_RESTAGE)


def uncompressed(stream: BinaryIO, key: str) -> BinaryIO:
    """The content of a staged file: unpacked where its name ends with ``.gz``."""
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if key.endswith(".gz") else stream


def _join(lines: list[str]) -> tuple[list[str], str]:
    """Lines to records: a newline inside quotes does not end one. Second: the text of a last record that is not whole yet."""
    records = []
    pending: list[str] = []
    for line in lines:
        odd = line.count('"') & 1
        if not pending:
            if odd:
                pending.append(line)
            else:
                records.append(line)
        else:
            pending.append(line)
            if odd:
                records.append("\n".join(pending))
                pending = []
    return records, "\n".join(pending) + "\n" if pending else ""
