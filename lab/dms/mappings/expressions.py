# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What add-column rules compute: a header of the change, metadata of the table, or an expression of SQLite over the row.

SQLite's own engine evaluates the expressions. It sees integers as INTEGER while they fit into 64 bits, DECIMAL, FLOAT and DOUBLE as REAL,
BIT(1) as 0 or 1, and everything else as the text that the dialect writes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.dms.full_load.csv_line import INTEGERS
from lab.dms.mappings.data_types import converter
from lab.dms.mappings.sandbox import check, open_sandbox, parse, statement
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError

# Header or metadata -> the member of RowContext that holds it.
HEADERS = {
    "AR_H_CHANGE_SEQ": "change_sequence",
    "AR_H_STREAM_POSITION": "stream_position",
    "AR_H_TIMESTAMP": "timestamp",
    "AR_H_COMMIT_TIMESTAMP": "commit_timestamp",
    "AR_H_OPERATION": "operation",
    "AR_M_SOURCE_SCHEMA": "schema",
    "AR_M_SOURCE_TABLE_NAME": "table",
}
COLUMN_METADATA = ("AR_M_SOURCE_COLUMN_NAME", "AR_M_SOURCE_COLUMN_DATATYPE")
_LONG = range(-(2**63), 2**63)
_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class RowContext:
    """One row on its way.

    ``operation``: INSERT, UPDATE or DELETE; ``values``: the texts of the source's columns by their source names; ``schema`` and ``table``:
    the source's; timestamps: ``yyyy-MM-dd HH:mm:ss.SSSSSS``. A header that is None becomes NULL.
    """

    operation: str
    values: Mapping[str, str | None]
    change_sequence: str | None
    stream_position: str | None
    timestamp: str | None
    commit_timestamp: str | None
    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One ``$name``. ``kind``: "header", "constant", or how SQLite sees a column: "integer", "real", "bit", "text".

    ``value``: the member of RowContext, the constant, or the column's name.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression. ``text``: as the rule has it; ``data_type``: of the column that it fills, which decides what its text becomes."""

    rule_id: str
    text: str
    data_type: str = ""
    parameters: tuple[Parameter, ...] = ()

    @property
    def header(self) -> str:
        """The name, such as "$AR_H_CHANGE_SEQ", where the expression is one header or one piece of metadata; "" otherwise."""
        name = self.text.strip()
        return name if name[1:] in HEADERS or name[1:] in COLUMN_METADATA else ""

    @property
    def absent_in_full_load(self) -> bool:
        """Is it a header that a full load has no value for?"""
        return self.header in ("$AR_H_CHANGE_SEQ", "$AR_H_STREAM_POSITION")

    @property
    def columns(self) -> tuple[str, ...]:
        """The source names of the columns that it needs."""
        return tuple(p.value for p in self.parameters if p.kind not in ("header", "constant"))

    @property
    def constant(self) -> bool:
        """Is the value the same for every row of a full load?"""
        return not self.columns and (bool(self.header) or not parse(self.text).volatile)

    def bind(self, table: SourceTable, column: SourceColumn | None) -> Expression:
        """The expression over a table. ``column``: the one that the rule's locator names. Raises TableError for an unknown column."""
        if "operation_indicator" in self.text.lower() and not table.primary_key:
            raise TableError(f"rule-id {self.rule_id}: operation_indicator needs a table with a primary key")
        by_name = {c.name: c for c in table.columns}
        return replace(self, parameters=tuple(self._parameter(name, by_name, column) for name in parse(self.text).names))

    def evaluate(self, row: RowContext) -> str | None:
        """The value for one row, in any thread. ``Evaluator`` is faster where a table has several expressions."""
        evaluators: dict[Expression, Evaluator] = _LOCAL.__dict__.setdefault("evaluators", {})
        evaluator = evaluators.get(self)
        if evaluator is None:
            evaluator = evaluators[self] = Evaluator((self,))
        return evaluator(row)[0]

    def _parameter(self, name: str, by_name: Mapping[str, SourceColumn], column: SourceColumn | None) -> Parameter:
        if name in HEADERS:
            return Parameter("header", HEADERS[name])
        if name in COLUMN_METADATA and column is not None:
            return Parameter("constant", column.name if name.endswith("_NAME") else column.data_type)
        if name not in by_name:
            raise TableError(f"rule-id {self.rule_id}: the expression names the column {name}, which the table does not have")
        return Parameter(_kind(by_name[name]), name)


class Evaluator:
    """Evaluates expressions, all by one statement. For one thread at a time."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._operation = ""
        self._headers: list[tuple[int, str]] = []
        self._computed: list[int] = []
        self._readers: list[Callable[[RowContext], Any]] = []
        self._count = len(expressions)
        self._rules = ", ".join(dict.fromkeys(e.rule_id for e in expressions))
        self._converters = [(i, c) for i, e in enumerate(expressions) if (c := converter(e.data_type)) is not None]
        written: list[str] = []
        for index, expression in enumerate(expressions):
            if expression.header and expression.parameters[0].kind == "header":
                self._headers.append((index, expression.parameters[0].value))
                continue
            self._computed.append(index)
            written.append(parse(expression.text, len(self._readers) + 1).sql)
            self._readers += [_reader(p) for p in expression.parameters]
        self._statement = statement(written)
        self._execute = open_sandbox(lambda: self._operation).execute if written else None

    def __call__(self, row: RowContext) -> tuple[str | None, ...]:
        """One value for each expression. Raises TableError where SQLite cannot compute it or the data type does not take it."""
        values: list[str | None] = [None] * self._count
        for index, member in self._headers:
            values[index] = getattr(row, member)
        try:
            if self._execute is not None:
                self._operation = row.operation
                found = self._execute(self._statement, [read(row) for read in self._readers]).fetchone()
                for index, value in zip(self._computed, found, strict=True):
                    values[index] = value
            for index, convert in self._converters:
                values[index] = convert(values[index])
        except (sqlite3.Error, ValueError) as error:
            raise TableError(f"rule-id {self._rules}: an expression has no value for a row: {error}") from None
        return tuple(values)


def read_expression(rule_id: str, text: str, data_type: str) -> Expression:
    """Raises ValueError for what is no expression of the guide."""
    parsed = parse(text)
    if "AR_H_USER" in parsed.names:
        raise ValueError("$AR_H_USER is for Oracle and SQL Server sources")
    for name in parsed.names:
        if name.startswith(("AR_H_", "AR_M_")) and name not in HEADERS and name not in COLUMN_METADATA:
            raise ValueError(f"${name} is not one of {', '.join(f'${known}' for known in (*HEADERS, *COLUMN_METADATA))}")
    check(parsed)
    return Expression(rule_id, text, data_type)


def _kind(column: SourceColumn) -> str:
    if column.data_type in INTEGERS:
        return "integer"
    if column.data_type == "bit" and column.column_type in ("bit", "bit(1)"):
        return "bit"
    return "real" if column.data_type in ("decimal", "float", "double") else "text"


def _reader(parameter: Parameter) -> Callable[[RowContext], Any]:
    value = parameter.value
    if parameter.kind == "constant":
        return lambda row: value
    if parameter.kind == "header":
        return lambda row: getattr(row, value)
    convert = _CONVERSIONS[parameter.kind]

    def read(row: RowContext) -> Any:
        text = row.values[value]
        return None if text is None else convert(text)

    return read


def _long(text: str) -> int | str:
    number = int(text)
    return number if number in _LONG else text


def _bit(text: str) -> int:
    return 1 if text in ("1", "true") else 0


_CONVERSIONS: dict[str, Callable[[str], Any]] = {"integer": _long, "real": float, "bit": _bit, "text": str}
