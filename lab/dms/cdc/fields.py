# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which fields a line has, for each operation, as pieces of the code that writes it.

Per table: ``Op, [timestamp], source columns, added columns``; in the files that hold all tables in the order of their transactions:
``Op, table, schema, source columns, added columns``.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import TEXTS
from lab.dms.mappings import Expression, OutputColumn, RowContext, TablePlan
from lab.dms.mappings.data_types import converter
from lab.dms.mappings.expressions import Evaluator
from lab.dms.sources.mysql import SourceColumn
from lab.dms.targets.csv_text import Quote, absent_field, quoting
from lab.dms.targets.settings import S3Settings

OPERATIONS = {"I": "INSERT", "U": "UPDATE", "D": "DELETE"}
# Headers that need no evaluation: as they stand in a line, and as a value that a data type converts.
_HEADERS = {
    "$AR_H_CHANGE_SEQ": ("{t}{n:019d}", 't + format(n, "019d")'),
    "$AR_H_STREAM_POSITION": ("{p}", "p"),
    "$AR_H_TIMESTAMP": ("{c}", "c"),
    "$AR_H_COMMIT_TIMESTAMP": ("{c}", "c"),
}
# A change sequence number, to see whether a data type leaves it as it is.
_SAMPLE = "2026112210152100" + "0" * 19


class Stamp(NamedTuple):
    """What all changes of a transaction share. ``sequence``: the time part of their numbers; ``position``: of the transaction, as the
    dialect writes it; ``committed``: ``yyyy-MM-dd HH:mm:ss.SSSSSS``."""

    sequence: str
    position: str
    committed: str


class Piece(NamedTuple):
    """One field as an expression of Python. ``fast``: right where no text needs quotes; ``exact``: right always."""

    fast: str
    exact: str


@dataclass
class Fields:
    """Makes the pieces of one table's lines. ``places``: where the image of a row has which source column; ``names``: what the pieces'
    code refers to. In that code ``a3`` is the fourth value of the image that the operation shows, ``b3`` of the one before the update,
    ``n`` the change's counter, ``t, p, c`` the stamp, ``image`` all of the values, ``x0`` the first computed field."""

    plan: TablePlan
    places: dict[str, int]
    settings: S3Settings
    dialect: Dialect
    names: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._computed: list[Expression] = []
        self._quote: Quote = quoting(self.settings, self.dialect)
        self.names |= {"N": self.settings.null, "q": self._quote}
        self._absent = absent_field(self.settings, self.dialect)
        # A column that the table no longer has, or not yet.
        supplement = self.settings.csv_no_sup_value
        self._missing = self.settings.null if supplement is None else supplement

    @property
    def operation_shown(self) -> bool:
        """With inserts only, or inserts and updates only, the operation is written where the full load writes it."""
        return self.settings.operation or not (self.settings.inserts_only or self.settings.inserts_and_updates)

    def header(self) -> str:
        """The first line of a per-table file, without its end; nothing where the endpoint asks for none."""
        if not self.settings.header:
            return ""
        operation = ["Op"] if self.operation_shown else []
        timestamp = [self.settings.timestamp_column] if self.settings.timestamp_column else []
        names = [*operation, *timestamp, *(column.name for column in self.plan.columns)]
        return self.settings.delimiter.join(self._quote(name) for name in names)

    def line(self, operation: str) -> list[Piece]:
        self._computed.clear()
        pieces = [constant(operation)] if self.operation_shown else []
        timestamp = [Piece("{c}", "{c}")] if self.settings.timestamp_column else []
        table: list[Piece] = []
        if self.settings.preserve_transactions:
            table = [constant(self._quote(self.plan.table)), constant(self._quote(self.plan.schema))]
        if self.dialect.transaction_timestamp == "after-schema":
            pieces += table + timestamp
        else:
            pieces += timestamp + table
        return pieces + [self._column(column, operation) for column in self.plan.columns]

    def _column(self, column: OutputColumn, operation: str) -> Piece:
        if column.before is not None:
            return self._before(column.before, operation)
        if column.source is not None:
            return self._own(column.source, operation, column.data_type)
        return self._added(column.expression) if column.expression is not None else constant(self._absent)

    def _own(self, column: SourceColumn, operation: str, data_type: str) -> Piece:
        key_only = operation == "D" and self.dialect.deletes == "key" and bool(self.plan.key)
        if key_only and column.name not in self.plan.key:
            return constant(self.settings.null)
        return self._value(column, "a", data_type)

    def _value(self, column: SourceColumn, image: str, data_type: str = "") -> Piece:
        if column.name not in self.places:
            return constant(self._missing)
        value = f"{image}{self.places[column.name]}"
        if pad := self._padding(column):
            value = f"{self._named('w', pad)}({value})"
        convert = converter(data_type)
        if convert is not None:
            value = self._named("v", convert) + f"({value})"
        plain = f"{{N if {value} is None else {value}}}"
        if column.data_type not in TEXTS and convert is None:
            return Piece(plain, plain)
        # A call is not made twice. Nor are empty texts told from others where they are written as a pair of quotes: those would look
        # like a text that needs quotes.
        if "(" in value or (self.settings.quoted and self.dialect.empty_string == "quoted"):
            return Piece(f"{{q({value})}}", f"{{q({value})}}")
        return Piece(plain, f"{{q({value})}}")

    def _before(self, column: SourceColumn, operation: str) -> Piece:
        """A before image: of updates only."""
        if operation != "U":
            return constant(self._absent)
        piece = self._value(column, "b")
        if self.dialect.before_image == "always" or column.name not in self.places:
            return piece
        place = self.places[column.name]
        absent = self._named("k", self._absent)
        return Piece(*(f"{{{absent} if b{place} == a{place} else {code[1:-1]}}}" for code in piece))

    def _added(self, expression: Expression) -> Piece:
        if expression.header not in _HEADERS:
            self._computed.append(expression)
            code = f"{{x{len(self._computed) - 1}}}"
            return Piece(code, code)
        written, value = _HEADERS[expression.header]
        convert = converter(expression.data_type)
        if convert is None:
            return Piece(written, f"{{q({value})}}")
        if expression.header == "$AR_H_CHANGE_SEQ" and convert(_SAMPLE) == _SAMPLE:
            return Piece(written, written)
        converted = f"{{q({self._named('v', convert)}({value}))}}"
        return Piece(converted, converted)

    def computed(self, operation: str) -> str:
        """The clause that gives the values of expressions their names, after ``line``; nothing where there are none."""
        if not self._computed:
            return ""
        names = "".join(f"x{number}, " for number in range(len(self._computed)))
        return f" for ({names}) in ({self._named('e', self._evaluation(operation))}(image, n, t, p, c),)"

    def _evaluation(self, operation: str) -> Callable[..., list[str]]:
        """A function of the row's image and its numbers that answers the finished fields."""
        quote, source, evaluator = self._quote, self.plan.source, Evaluator(self._computed)
        needed = dict.fromkeys(name for expression in self._computed for name in expression.columns)
        shown = {column.name: self._padding(column) for column in source.all_columns}
        columns = [(name, self.places[name], shown.get(name)) for name in needed if name in self.places]
        missing = {name: None for name in needed if name not in self.places}
        word = OPERATIONS[operation]

        def evaluate(image: tuple[str | None, ...], counter: int, time: str, position: str, committed: str) -> list[str]:
            values = missing | {name: pad(image[place]) if pad else image[place] for name, place, pad in columns}
            context = RowContext(word, values, f"{time}{counter:019d}", position, committed, committed, source.schema, source.name)
            return [quote(value) for value in evaluator(context)]

        return evaluate

    def _padding(self, column: SourceColumn) -> Callable[[str | None], str | None] | None:
        """Fills CHAR(n) up to n characters with blanks, if the endpoint asks for that."""
        if not self.settings.trailing_padding or column.data_type != "char":
            return None
        width = column.length
        return lambda text: None if text is None else text.ljust(width)

    def _named(self, letter: str, value: Any) -> str:
        name = f"{letter}_{len(self.names)}"
        self.names[name] = value
        return name


def needed_columns(plan: TablePlan) -> list[str]:
    """The source names of the columns that lines and filters look at, each once."""
    names: list[str] = []
    for column in plan.columns:
        if column.expression is not None:
            names += column.expression.columns
        else:
            names += [c.name for c in (column.source, column.before) if c is not None]
    return list(dict.fromkeys([*names, *plan.filters.columns]))


def constant(text: str) -> Piece:
    """The text itself, as it stands in an f-string between single quotes."""
    escaped = text.encode("unicode_escape").decode("ascii").replace("'", "\\'").replace("{", "{{").replace("}", "}}")
    return Piece(escaped, escaped)
