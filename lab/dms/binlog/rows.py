# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Turns row events into texts, by Python code that is made for each table.

A loop over the columns of each row spends most of its time on deciding what each column is. Here that is decided once for each table and
each set of columns that are NULL: what remains is a handful of calls of ``struct.unpack`` and one expression a column.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from lab.dms.binlog import types
from lab.dms.binlog.changes import RowEvent
from lab.dms.binlog.fields import Field, field_of
from lab.dms.binlog.table_map import TableMap
from lab.dms.dialects.dialect import Dialect
from lab.dms.sources.mysql import SourceTable, TableError

Image: TypeAlias = tuple[str | None, ...]
Rows: TypeAlias = list[tuple[Image | None, Image | None]]
Decoder: TypeAlias = Callable[[RowEvent], Rows]
# Reads one image: from the data and the place of its values to the texts and the place behind it.
_Reader: TypeAlias = Callable[[bytes, int], tuple[Image, int]]
# Reads both images of an update.
_PairReader: TypeAlias = Callable[[bytes, int], tuple[Image, Image, int]]

# Of how many sets of NULLs the code is kept.
_VARIANTS = 256
_HASH = Field(("Q",), "str({0})")


class _Absent(str):
    __slots__ = ()


# Stands for a column that an image does not have, since binlog_row_image is not FULL. Compare with ``is``.
ABSENT: Final = _Absent()


def compile_rows(table_map: TableMap, table: SourceTable, dialect: Dialect, wanted: Sequence[int] | None = None) -> Decoder:
    """A function that answers (before, after) for each row of an event: one text or None a wanted column. An insert has no before, a
    delete no after. ``ABSENT`` stands where the log has no value.

    ``wanted``: places of columns in ``table.all_columns``, counted from 0; by default the visible columns.
    Raises TableError where the log's table has other columns than ``table``: it was altered.
    """
    columns = table.all_columns
    hidden = _hidden_columns(table_map, table)
    if wanted is None:
        wanted = [place for place, column in enumerate(columns) if not column.invisible]
    fields = [field_of(place, table_map, column, dialect, wanted=place in wanted) for place, column in enumerate(columns)]
    return _Table([*fields, *[_HASH] * hidden], tuple(wanted)).decode


def _hidden_columns(table_map: TableMap, table: SourceTable) -> int:
    """How many columns the log has behind those that the catalogue lists: MariaDB's hashes for unique keys over long values."""
    columns = len(table.all_columns)
    names = tuple(column.name for column in table.all_columns)
    hidden = len(table_map.types) - columns
    same = hidden >= 0 and table_map.names[:columns] in ((), names)
    hashes = all(kind == types.LONGLONG for kind in table_map.types[columns:]) and all(
        name.startswith("DB_ROW_HASH_") for name in table_map.names[columns:]
    )
    if not same or not hashes:
        logged = f"{len(table_map.types)} columns {', '.join(table_map.names)}".rstrip()
        raise TableError(
            f"table {table.schema}.{table.name} has the columns {', '.join(names)} now, but the binary log has {logged}: "
            "the table was altered"
        )
    return hidden


class _Table:
    """The code for one table: readers of images, made when they are first needed."""

    def __init__(self, fields: list[Field], wanted: tuple[int, ...]) -> None:
        columns = len(fields)
        self._fields = fields
        self._wanted = wanted
        self._bitmap = (columns + 7) // 8
        count_bytes = 1 if columns < 251 else 3
        self._count_bytes = count_bytes
        self._readers: dict[bytes, _Readers] = {}

    def decode(self, event: RowEvent) -> Rows:
        try:
            rows, at = self._rows(event.operation, event.data)
        except (struct.error, IndexError) as error:
            raise TableError(f"a row of the binary log cannot be read ({error}): the table was altered") from None
        if at != len(event.data):
            raise TableError("a row event does not end where its last row ends: the table was altered")
        return rows

    def _rows(self, operation: str, data: bytes) -> tuple[Rows, int]:
        """The rows, and the place behind them."""
        end = len(data)
        first = self._count_bytes
        at = first + self._bitmap
        present = data[first:at]
        readers = self._readers.get(present) or self._readers_of(present)
        width = readers.width
        rows: Rows = []
        add = rows.append
        if operation == "U":
            after_present = data[at : at + self._bitmap]
            at += self._bitmap
            if after_present != present:
                return self._shortened_updates(data, at, readers, self._readers_of(after_present))
            pairs = readers.pairs
            while at < end:
                begin = at + width
                before, after, at = pairs[data[at:begin]](data, begin)
                add((before, after))
        elif operation == "I":
            while at < end:
                begin = at + width
                image, at = readers[data[at:begin]](data, begin)
                add((None, image))
        else:
            while at < end:
                begin = at + width
                image, at = readers[data[at:begin]](data, begin)
                add((image, None))
        return rows, at

    @staticmethod
    def _shortened_updates(data: bytes, at: int, before_readers: _Readers, after_readers: _Readers) -> tuple[Rows, int]:
        """Images with different columns: what the after image leaves out is as it was."""
        rows: Rows = []
        while at < len(data):
            begin = at + before_readers.width
            before, at = before_readers[data[at:begin]](data, begin)
            begin = at + after_readers.width
            after, at = after_readers[data[at:begin]](data, begin)
            rows.append((before, tuple([old if new is ABSENT else new for old, new in zip(before, after, strict=True)])))
        return rows, at

    def _readers_of(self, present: bytes) -> _Readers:
        readers = self._readers.get(present)
        if readers is None:
            readers = self._readers[present] = _Readers(self._fields, present, self._wanted)
        return readers


class _Readers(dict[bytes, _Reader]):
    """Readers of images with one set of columns, by the bitmap of what is NULL. ``width``: its bytes; ``pairs``: readers of both images of
    an update, by the bitmap of the first."""

    def __init__(self, fields: list[Field], present: bytes, wanted: tuple[int, ...]) -> None:
        super().__init__()
        self._fields = fields
        self._present = [place for place in range(len(fields)) if present[place >> 3] >> (place & 7) & 1]
        self._wanted = wanted
        self.width = (len(self._present) + 7) // 8
        self.pairs = _Pairs(self)

    def __missing__(self, nulls: bytes) -> _Reader:
        if len(self) >= _VARIANTS:
            self.clear()
        code = self.first_image(nulls)
        code.add(f"return {self._image(code.texts)}, at")
        reader: _Reader = code.compiled()
        self[nulls] = reader
        return reader

    def first_image(self, nulls: bytes) -> _Code:
        """The code that reads an image with these NULLs."""
        code = _Code()
        for place in self._filled(nulls):
            code.take(place, self._fields[place], "t", wanted=place in self._wanted)
        code.flush()
        return code

    def pair(self, nulls: bytes) -> _PairReader:
        """Most values of an update stay as they are: what has the same bytes in the second image has the same text."""
        code = self.first_image(nulls)
        before = self._image(code.texts)
        code.names |= {"readers": self, "nulls": nulls}
        code.add(f"begin = at + {self.width}")
        code.add("found = data[at:begin]")
        code.add("if found != nulls:")
        code.add("    after, at = readers[found](data, begin)")
        code.add(f"    return {before}, after, at")
        code.add("at = begin")
        for place in self._filled(nulls):
            code.take(place, self._fields[place], "s", wanted=place in self._wanted)
        code.flush()
        code.add(f"return {before}, {self._image(code.texts)}, at")
        reader: _PairReader = code.compiled()
        return reader

    def _filled(self, nulls: bytes) -> list[int]:
        return [place for number, place in enumerate(self._present) if not nulls[number >> 3] >> (number & 7) & 1]

    def _image(self, texts: dict[int, str]) -> str:
        """The tuple of an image, from the names of the texts that it has."""
        here = frozenset(self._present)
        return "(" + "".join(f"{texts.get(place, 'None' if place in here else 'ABSENT')}, " for place in self._wanted) + ")"


class _Pairs(dict[bytes, _PairReader]):
    """Readers of both images of an update, made when they are first needed."""

    def __init__(self, readers: _Readers) -> None:
        super().__init__()
        self._readers = readers

    def __missing__(self, nulls: bytes) -> _PairReader:
        if len(self) >= _VARIANTS:
            self.clear()
        reader = self[nulls] = self._readers.pair(nulls)
        return reader


class _Code:
    """Source text of a reader. ``names``: the objects that it uses; ``texts``: the variable that holds the text of each column.

    Of a first image the texts are in variables ``t``, what they are made of in ``v`` and ``r``; of a second in ``s``, ``w`` and ``q``.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"ABSENT": ABSENT}
        self.texts: dict[int, str] = {}
        self._lines: list[str] = []
        self._codes = ""
        self._targets: list[str] = []
        self._waiting: list[str] = []

    def add(self, line: str) -> None:
        self._lines.append(line)

    def take(self, place: int, field: Field, image: str, *, wanted: bool) -> None:
        """Read the column, or pass over it."""
        if not wanted and not field.variable:
            self._codes += f"{struct.calcsize('<' + ''.join(field.codes))}x"
            return
        value, raw = ("v", "r") if image == "t" else ("w", "q")
        targets = [f"{value}{place}_{number}" for number in range(len(field.codes))]
        self._codes += "".join(field.codes)
        self._targets += targets
        if field.variable:
            self.flush()
            length = targets[0] if len(targets) == 1 else f"{targets[0]} + ({targets[1]} << 16)"
            if not wanted:
                self.add(f"at += {length}")
                return
            self.add(f"end = at + {length}")
            self.add(f"{raw}{place} = data[at:end]")
            self.add("at = end")
        helper = f"h{place}"
        self.names[helper] = field.helper
        text = field.text.format(*targets, raw=f"{raw}{place}", helper=helper)
        if image == "s":
            same = f"q{place} == r{place}" if field.variable else " and ".join(f"{name} == v{name[1:]}" for name in targets)
            text = f"t{place} if {same} else {text}"
        self._waiting.append(f"{image}{place} = {text}")
        self.texts[place] = f"{image}{place}"

    def flush(self) -> None:
        """Read the fixed parts so far, and make the texts that wait for them."""
        if self._codes:
            layout = struct.Struct("<" + self._codes)
            if self._targets:
                name = f"u{len(self._lines)}"
                self.names[name] = layout.unpack_from
                self.add(f"{', '.join(self._targets)}, = {name}(data, at)")
            self.add(f"at += {layout.size}")
        self._lines += self._waiting
        self._codes = ""
        self._targets = []
        self._waiting = []

    def compiled(self) -> Any:
        body = "\n    ".join(self._lines)
        # The text is made of numbers and of the expressions of the fields: nothing of it comes from the server.
        exec(f"def read(data, at):\n    {body}\n", self.names)  # noqa: S102
        return self.names["read"]
