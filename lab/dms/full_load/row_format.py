# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How the rows of one table become lines: by the source alone where it can, otherwise by the client from the parts of the line.

The source writes the whole line as one expression. Where a column needs more than SQL can do (expressions of SQLite, a change of type,
some texts of some dialects), the source sends the fields between such columns as parts, and the values that these columns need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import Literal, ValueText, field_sql, value_text
from lab.dms.full_load.time_zones import to_utc
from lab.dms.mappings import OutputColumn, RowContext, TablePlan
from lab.dms.mappings.data_types import converter
from lab.dms.mappings.expressions import Evaluator, Expression
from lab.dms.sources.mysql import SourceColumn, TableError
from lab.dms.sources.packets import Row
from lab.dms.targets.csv_text import Quote, absent_field, quoting
from lab.dms.targets.settings import S3Settings

Value = str | None
# A field that the client makes of the values of the row, which it finds by the source names of their columns.
ClientField = Callable[[dict[str, Value]], str]


@dataclass(frozen=True, slots=True)
class Constants:
    """What stays the same in all rows of one load. ``now``: the time, in UTC, as ``yyyy-MM-dd HH:mm:ss.SSSSSS``."""

    settings: S3Settings
    dialect: Dialect
    lob_bytes: int
    literal: Literal
    now: str
    zone: str = ""


@dataclass(slots=True)
class RowFormat:
    """``select``: the expressions to ask for. ``columns``: how many they are; with one, that is the finished line."""

    select: str
    columns: int
    _delimiter: bytes = b","
    _pieces: list[int | ClientField] = field(default_factory=list)
    _values: list[tuple[str, int, Callable[[str], str] | None]] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Does the source write the whole line?"""
        return not self._pieces

    def line(self, row: Row) -> bytes:
        """The line of a row that is not finished. Raises TableError or ValueError where it has none."""
        values: dict[str, Value] = {}
        for name, place, finish in self._values:
            found = row[place]
            text = None if found is None else found.decode("utf-8")
            values[name] = finish(text) if finish and text is not None else text
        parts = []
        for piece in self._pieces:
            part = row[piece] if isinstance(piece, int) else piece(values).encode("utf-8")
            if part is None:
                raise ValueError("it is longer than the server's max_allowed_packet")
            parts.append(part)
        return self._delimiter.join(parts)


def row_format(plan: TablePlan, constants: Constants) -> RowFormat:
    """Raises TableError for what cannot be read or evaluated."""
    return _Builder(plan, constants).build()


class _Builder:
    """Collects the fields of a line: texts are SQL of the source, functions are the client's."""

    def __init__(self, plan: TablePlan, constants: Constants) -> None:
        self._plan = plan
        self._c = constants
        self._quote: Quote = quoting(constants.settings, constants.dialect)
        self._needed: dict[str, ValueText] = {}

    def build(self) -> RowFormat:
        fields = [self._field(column) for column in self._plan.columns]
        if not any(callable(f) for f in fields):
            return RowFormat(self._joined([f for f in fields if isinstance(f, str)]), 1)
        pieces: list[int | ClientField] = []
        select: list[str] = []
        run: list[str] = []
        for made in [*fields, None]:
            if isinstance(made, str):
                run.append(made)
                continue
            if run:
                pieces.append(len(select))
                select.append(self._joined(run))
                run = []
            if made is not None:
                pieces.append(made)
        values = [(name, len(select) + n, value.finish) for n, (name, value) in enumerate(self._needed.items())]
        select += [value.sql for value in self._needed.values()]
        return RowFormat(", ".join(select), len(select), self._c.settings.delimiter.encode(), pieces, values)

    def _joined(self, fields: Sequence[str]) -> str:
        return f"CONCAT_WS({self._c.literal(self._c.settings.delimiter)}, {', '.join(fields)})"

    def _field(self, column: OutputColumn) -> str | ClientField:
        if column.source is not None:
            return self._source_field(column.source, column.data_type)
        if column.before is not None:
            return self._c.literal(absent_field(self._c.settings, self._c.dialect))
        return self._added_field(column.expression) if column.expression is not None else self._c.literal("")

    def _source_field(self, column: SourceColumn, data_type: str) -> str | ClientField:
        value = self._value(column)
        convert = converter(data_type)
        if value.finish is None and convert is None:
            return field_sql(value, self._c.dialect, self._c.settings, self._c.literal)
        self._needed[column.name] = value
        # Only a text has special characters, and an empty one its own form.
        write = self._quote if value.free or convert else partial(_plain, self._c.settings.null)
        return partial(_converted, column.name, convert, write)

    def _added_field(self, expression: Expression) -> str | ClientField:
        if expression.absent_in_full_load:
            return self._c.literal(absent_field(self._c.settings, self._c.dialect))
        evaluate = Evaluator((expression,))
        if expression.constant:
            return self._c.literal(self._quote(evaluate(self._context({}))[0]))
        by_name = {c.name: c for c in self._plan.source.columns}
        for name in expression.columns:
            self._needed[name] = self._value(by_name[name])
        return lambda values: self._quote(evaluate(self._context(values))[0])

    def _context(self, values: dict[str, Value]) -> RowContext:
        source, now = self._plan.source, self._c.now
        return RowContext("INSERT", values, "", "", now, now, source.schema, source.name)

    def _value(self, column: SourceColumn) -> ValueText:
        value = value_text(column, self._c.dialect, self._c.settings, self._plan.lob_bytes or self._c.lob_bytes, self._c.literal)
        if self._c.zone and column.data_type == "timestamp":
            return ValueText(value.sql, finish=to_utc(self._c.zone))
        return value


def _plain(null: str, text: Value) -> str:
    return null if text is None else text


def _converted(name: str, convert: Callable[[Value], Value] | None, write: Quote, values: dict[str, Value]) -> str:
    value = values[name]
    try:
        return write(convert(value) if convert else value)
    except ValueError as error:
        raise TableError(f"column {name}: {error}") from None
