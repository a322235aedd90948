# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Source filters: which rows of a table a task takes.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import LOBS, quoted_name
from lab.dms.mappings.comparing import Comparison, Literal, check_value, comparison
from lab.dms.mappings.rules import Rule, bad, check_members, text_of
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError

Row = tuple[str | None, ...]
Test = Callable[[str | None], bool]

NEGATIVE = frozenset({"noteq", "notbetween", "notnull"})
# Operator -> the members of its condition.
VALUES = {
    "eq": ("value",),
    "noteq": ("value",),
    "gte": ("value",),
    "lte": ("value",),
    "ste": ("value",),
    "between": ("start-value", "end-value"),
    "notbetween": ("start-value", "end-value"),
    "null": (),
    "notnull": (),
}
# Not BETWEEN: MySQL 9.7 takes x BETWEEN 'a' AND 'A' for x = 'a', even where the values are bytes, which do not equal each other.
_SQL = {
    "eq": "{0} = {1}",
    "noteq": "{0} <> {1}",
    "gte": "{0} >= {1}",
    "lte": "{0} <= {1}",
    "ste": "{0} <= {1}",
    "between": "({0} >= {1} AND {0} <= {2})",
    "notbetween": "({0} < {1} OR {0} > {2})",
    "null": "{0} IS NULL",
    "notnull": "{0} IS NOT NULL",
}
_COMPARE: dict[str, Callable[..., bool]] = {
    "eq": lambda found, value: bool(found == value),
    "noteq": lambda found, value: bool(found != value),
    "gte": lambda found, value: bool(found >= value),
    "lte": lambda found, value: bool(found <= value),
    "ste": lambda found, value: bool(found <= value),
    "between": lambda found, start, end: bool(start <= found <= end),
    "notbetween": lambda found, start, end: not start <= found <= end,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One of a filter's conditions; ``values``: none, one or two."""

    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """One column and the conditions of which a row must meet at least one."""

    rule_id: str
    column: str
    conditions: tuple[Condition, ...]

    def bind(self, table: SourceTable, dialect: Dialect) -> BoundFilter:
        """Raises TableError for a column that is not there or that takes no filter, and for a value that is none of the column's."""
        column = next((c for c in table.columns if c.name == self.column), None)
        if column is None:
            raise TableError(f"rule-id {self.rule_id} filters by the column {self.column}, which {table.schema}.{table.name} does not have")
        if column.data_type in LOBS:
            raise TableError(f"rule-id {self.rule_id} filters by {self.column}, a LOB; filter by another column")
        compared = comparison(column, dialect)
        if compared is None and any(c.values for c in self.conditions):
            raise TableError(
                f"rule-id {self.rule_id} compares {self.column} of the type {column.column_type}, which holds bytes; use null or notnull"
            )
        for value in (v for c in self.conditions for v in c.values):
            self._check(compared, column, value)
        return BoundFilter(column, compared, self.conditions)

    def _check(self, compared: Comparison | None, column: SourceColumn, value: str) -> None:
        try:
            if compared is not None:
                check_value(compared, value)
        except ValueError as error:
            raise TableError(
                f"rule-id {self.rule_id} compares {self.column} of the type {column.column_type} with {value!r}: {error}"
            ) from None


@dataclass(frozen=True, slots=True)
class BoundFilter:
    """A filter of a column that is known. ``compared``: None for a column of which only null and notnull can be asked."""

    column: SourceColumn
    compared: Comparison | None
    conditions: tuple[Condition, ...]

    def sql(self, literal: Literal) -> str:
        operand, constant = quoted_name(self.column.name), None
        if self.compared is not None:
            operand, constant = self.compared.operand, self.compared.constant
        written = (
            _SQL[c.operator].format(operand, *(constant(v, literal) for v in c.values if constant is not None)) for c in self.conditions
        )
        return f"({' OR '.join(written)})"

    def test(self) -> Test:
        """Does a value meet one of the conditions? As in SQL, NULL meets no comparison."""
        takes_null = any(c.operator == "null" for c in self.conditions)
        if any(c.operator == "notnull" for c in self.conditions):
            # The only condition of its filter, as it is a negative one.
            return lambda text: text is not None
        if self.compared is None:
            return lambda text: text is None
        key = self.compared.key
        # A rule's number stays the double that it is, as the server compares a FLOAT with a double.
        value_key = float if self.column.data_type == "float" else key
        compare = [(_COMPARE[c.operator], tuple(value_key(v) for v in c.values)) for c in self.conditions if c.values]

        def met(text: str | None) -> bool:
            if text is None:
                return takes_null
            found = key(text)
            return any(holds(found, *values) for holds, values in compare)

        return met


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one table, all of which a row must pass."""

    bound: tuple[BoundFilter, ...] = ()

    def sql(self, literal: Literal) -> str:
        """The condition for a WHERE clause; "" where there is no filter. ``literal`` makes a literal of a text."""
        return " AND ".join(f.sql(literal) for f in self.bound)

    def predicate(self, columns: Sequence[str]) -> Callable[[Row], bool] | None:
        """Does a row pass? ``columns``: the source names of the row's values, in their order. None where there is no filter.

        The predicate raises ValueError for a text that is no value of its column.
        """
        if not self.bound:
            return None
        place = {name: index for index, name in enumerate(columns)}
        tests = [(place[f.column.name], f.test()) for f in self.bound]
        if len(tests) == 1:
            [(only, test)] = tests
            return lambda row: test(row[only])
        return lambda row: all(test(row[index]) for index, test in tests)

    @property
    def columns(self) -> tuple[str, ...]:
        """The source names of the columns that the filters look at."""
        return tuple(dict.fromkeys(f.column.name for f in self.bound))


def read_filters(rule: Rule) -> tuple[Filter, ...]:
    """The filters of a selection rule."""
    filters = rule.get("filters") or []
    if not isinstance(filters, list):
        raise bad(rule, "filters is not a list")
    return tuple(_filter(rule, f) for f in filters)


def _filter(rule: Rule, found: Any) -> Filter:
    if not isinstance(found, dict):
        raise bad(rule, "a filter is not an object")
    check_members(rule, found, ("filter-type", "column-name", "filter-conditions"), "a filter")
    if found.get("filter-type") != "source":
        raise bad(rule, f"the filter-type {found.get('filter-type')!r} is not 'source'")
    conditions = found.get("filter-conditions")
    if not isinstance(conditions, list) or not conditions:
        raise bad(rule, "filter-conditions is missing or not a list of conditions")
    read = tuple(_condition(rule, c) for c in conditions)
    if len(read) > 1 and any(c.operator in NEGATIVE for c in read):
        raise bad(rule, "a filter with a negative condition (noteq, notbetween, notnull) has no other; write one filter for each")
    return Filter(str(rule["rule-id"]), text_of(rule, found, "column-name"), read)


def _condition(rule: Rule, found: Any) -> Condition:
    if not isinstance(found, dict):
        raise bad(rule, "a filter condition is not an object")
    operator = found.get("filter-operator")
    if operator not in VALUES:
        raise bad(rule, f"the filter-operator {operator!r} is not one of {', '.join(VALUES)}")
    members = VALUES[operator]
    check_members(rule, found, ("filter-operator", *members), f"a condition of the operator {operator}")
    values: list[str] = []
    for member in members:
        value = found.get(member)
        if not isinstance(value, str):
            raise bad(rule, f"{member} of the operator {operator} is missing or not a text; write numbers in quotes too")
        values.append(value)
    return Condition(operator, tuple(values))
