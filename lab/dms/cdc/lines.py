# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Code that makes lines of rows, one function a table and operation.

A function that looks at each field of each row in turn spends most of its time on looking. The code made here puts a whole line together
in one expression, takes it that no field needs quotes, and then finds out by counting whether that was so: a block of lines in which there
are as many delimiters as fields ask for, and no quotes, is right. Lines for which it was not so are made again, field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lab.dms.cdc.fields import Fields, Piece, Stamp, constant, needed_columns
from lab.dms.dialects.dialect import Dialect
from lab.dms.mappings import TablePlan
from lab.dms.sources.mysql import SourceTable, TableError
from lab.dms.targets.csv_text import special_texts
from lab.dms.targets.settings import S3Settings

Image: TypeAlias = tuple[str | None, ...]
Rows: TypeAlias = Sequence[tuple[Image | None, Image | None]]
# (before, after) of rows, the stamp, the number of the first change -> the lines of those that pass the filter.
Maker: TypeAlias = Callable[[Rows, Stamp, int], list[str]]


@dataclass(frozen=True, slots=True)
class Lines:
    """``wanted``: places of the columns that a row's images must have, in this order, in ``SourceTable.all_columns``.
    ``make``: by operation. ``header``: the first line of per-table files, without its end, or ""."""

    wanted: tuple[int, ...]
    make: dict[str, Maker]
    header: str


def compile_lines(plan: TablePlan, shape: SourceTable, settings: S3Settings, dialect: Dialect) -> Lines:
    """``shape``: the table as the log has it, which may be another than the one that was planned for: columns are found by their name.

    Raises TableError where none of the planned columns is left.
    """
    ordinals = {column.name: place for place, column in enumerate(shape.all_columns)}
    names = tuple(name for name in needed_columns(plan) if name in ordinals)
    if not any(column.source is not None and column.source.name in ordinals for column in plan.columns):
        raise TableError("none of its columns is left")
    fields = Fields(plan, {name: place for place, name in enumerate(names)}, settings, dialect)
    keep = plan.filters.predicate(names)
    make = {operation: _filtered(_maker(fields, operation, len(names)), keep, operation) for operation in "IUD"}
    return Lines(tuple(ordinals[name] for name in names), make, fields.header())


def _filtered(maker: Maker, keep: Callable[[Image], bool] | None, operation: str) -> Maker:
    """Rows that do not pass the filter are left out: inserts and updates by what they are afterwards, deletes by what they were.

    A row that an update moves into the filter therefore appears as an update, and of one that is moved out nothing is seen: DMS
    filters changes by columns that never change, and promises nothing for others.
    """
    if keep is None:
        return maker
    place = 0 if operation == "D" else 1
    return lambda rows, stamp, first: maker([row for row in rows if keep(row[place])], stamp, first)  # type: ignore[arg-type]


def _maker(fields: Fields, operation: str, width: int) -> Maker:
    pieces = fields.line(operation)
    rows = _rows(fields, operation, width) + fields.computed(operation)
    names: dict[str, Any] = dict(fields.names)
    code = _SOURCE.format(rows=rows, fast=_joined(pieces, 0, fields), exact=_joined(pieces, 1, fields))
    exec(code, names)  # noqa: S102 - it holds names made here and constant texts, escaped as in a literal
    fast: Maker = names["fast"]
    special = special_texts(fields.settings, fields.dialect)
    if not special or all(piece.fast == piece.exact for piece in pieces):
        return fast
    return _checked(fast, names["exact"], _needs_quotes(special, fields, len(pieces)), fields.settings.row_delimiter)


_SOURCE = """
def fast(rows, stamp, n):
    t, p, c = stamp
    return [f'{fast}' for n, {rows}]

def exact(rows, stamp, n):
    t, p, c = stamp
    return [f'{exact}' for n, {rows}]
"""


def _rows(fields: Fields, operation: str, width: int) -> str:
    """How the rows' values get their names."""
    before, after = ("".join(f"{image}{place}, " for place in range(width)) for image in "ba")
    rows = "in enumerate(rows, n)"
    if operation == "D":
        return f"(image, _) {rows} for ({after}) in (image,)"
    if operation == "I" or all(column.before is None for column in fields.plan.columns):
        return f"(_, image) {rows} for ({after}) in (image,)"
    return f"(({before}), image) {rows} for ({after}) in (image,)"


def _joined(pieces: Sequence[Piece], kind: int, fields: Fields) -> str:
    return constant(fields.settings.delimiter).fast.join(piece[kind] for piece in pieces)


def _needs_quotes(special: Sequence[str], fields: Fields, width: int) -> Callable[[str, int], bool]:
    """Does any of so many lines, joined by their ends, hold a text that needs quotes? It may say yes where none does."""
    delimiter, end = fields.settings.delimiter, fields.settings.row_delimiter
    tests, names = [], {f"s{number}": text for number, text in enumerate(special)}
    for name, text in names.items():
        a_line, an_end = (width - 1) * delimiter.count(text), end.count(text)
        if a_line or an_end:
            tests.append(f"block.count({name}) != {a_line} * lines + {an_end} * (lines - 1)")
        else:
            tests.append(f"{name} in block")
    needed: Callable[[str, int], bool] = eval(f"lambda block, lines: {' or '.join(tests)}", dict(names))  # noqa: S307 - of what stands above
    return needed


def _checked(fast: Maker, exact: Maker, needed: Callable[[str, int], bool], end: str) -> Maker:
    def make(rows: Rows, stamp: Stamp, first: int) -> list[str]:
        lines = fast(rows, stamp, first)
        if needed(end.join(lines), len(lines)):
            for index, line in enumerate(lines):
                if needed(line, 1):
                    lines[index] = exact(rows[index : index + 1], stamp, first + index)[0]
        return lines

    return make
