# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the rules make of one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import LOBS
from lab.dms.mappings.data_types import dms_type
from lab.dms.mappings.expressions import Evaluator, Expression, read_expression
from lab.dms.mappings.filters import Filters
from lab.dms.mappings.rules import matches, plain_name
from lab.dms.mappings.table_settings import ParallelLoad
from lab.dms.mappings.transformations import (
    NULL,
    AddBeforeImage,
    AddColumn,
    Addition,
    Change,
    ChangeType,
    DefineKey,
    KeepColumn,
    Naming,
    lowest,
    untransformable,
)
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of the target: exactly one of ``source``, ``before`` and ``expression`` says where its value comes from.

    ``name``: at the target; ``before``: the column whose value before the change it holds; ``data_type``: the DMS type that a rule
    gives it, "" as the source. Values of ``source`` pass through ``converter(data_type)``; those of ``expression`` have done so.
    """

    name: str
    source: SourceColumn | None = None
    before: SourceColumn | None = None
    expression: Expression | None = None
    data_type: str = ""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table on its way: names at the target, columns in order, which rows, in which segments.

    ``key``: source names of the primary key, or of the key that a rule defines; ``lob_bytes``: where LOBs of this table are cut, None as
    the task's settings say.
    """

    source: SourceTable
    schema: str
    table: str
    columns: tuple[OutputColumn, ...]
    filters: Filters
    parallel: ParallelLoad | None
    key: tuple[str, ...]
    lob_bytes: int | None = None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Those of the columns that have one, in the order of the columns."""
        return tuple(c.expression for c in self.columns if c.expression is not None)

    def evaluator(self) -> Evaluator:
        """Computes ``expressions`` for one row after the other. For one thread at a time."""
        return Evaluator(self.expressions)


class ColumnPlanner:
    """Puts the columns of one table together. ``changes`` and ``additions``: the rules that fit the table."""

    def __init__(self, table: SourceTable, changes: Sequence[Change], additions: Sequence[Addition], dialect: Dialect, lobs: bool) -> None:
        self._table = table
        self._changes = changes
        self._additions = additions
        self._dialect = dialect
        omitted = dialect.generated == "omitted"
        self._candidates = [c for c in table.columns if (lobs or c.data_type not in LOBS) and not (omitted and c.generated)]

    def key(self) -> tuple[str, ...]:
        """Raises TableError for a defined key with a column that the table does not have."""
        rule = lowest([c for c in self._changes if c.target == "table"])
        if not isinstance(rule, DefineKey):
            return self._table.primary_key
        names = {c.name for c in self._table.columns}
        for name in rule.columns:
            if name not in names:
                raise TableError(f"rule-id {rule.rule_id} defines a key with the column {name}, which the table does not have")
        return rule.columns

    def columns(self) -> tuple[OutputColumn, ...]:
        """Raises TableError where no column is left, where two get one name, and where a rule changes what DMS does not change."""
        own = [self._own(column) for column in self._kept()]
        if not own:
            raise TableError("the table has no column to load")
        sources = [c.source for c in own if c.source is not None]
        added = [column for rule in self._additions for column in self._added(rule, sources)]
        if self._dialect.added_order == "before-images-last":
            added.sort(key=lambda column: column.before is not None)
        self._check_names([*own, *added])
        return (*own, *added)

    def _rules(self, column: SourceColumn) -> list[Change]:
        named = [c for c in self._changes if c.target == "column" and matches(c.locator.column, column.name)]
        return [c for c in named if c.locator.data_type in ("", dms_type(column))]

    def _kept(self) -> Iterator[SourceColumn]:
        """Once a rule includes a column of the table, all that no rule includes are left out."""
        including = any(isinstance(c, KeepColumn) and c.keep for c in self._changes)
        for column in self._candidates:
            included = lowest([r for r in self._rules(column) if isinstance(r, KeepColumn) and r.keep])
            changed = self._change(column)
            removed = isinstance(changed, KeepColumn) and not (included and included.rule_id < changed.rule_id)
            if not removed and (included or not including):
                yield column

    def _change(self, column: SourceColumn) -> Change | None:
        """The rule that applies to the column. To be included is no change: it goes with any other."""
        return lowest([r for r in self._rules(column) if not (isinstance(r, KeepColumn) and r.keep)])

    def _own(self, column: SourceColumn) -> OutputColumn:
        rule = self._change(column)
        if rule is None or isinstance(rule, KeepColumn):
            return OutputColumn(column.name, source=column)
        if untransformable(column.name):
            raise TableError(
                f"rule-id {rule.rule_id} changes the column {column.name}; DMS does not transform special or right-to-left characters"
            )
        if column.data_type in LOBS:
            raise TableError(f"rule-id {rule.rule_id} changes the column {column.name}, a LOB; DMS can only remove it")
        if isinstance(rule, ChangeType):
            return OutputColumn(column.name, source=column, data_type=str(rule.data_type))
        return OutputColumn(target_name(rule, column.name), source=column)

    def _added(self, rule: Addition, sources: Sequence[SourceColumn]) -> Iterator[OutputColumn]:
        if isinstance(rule, AddColumn):
            yield OutputColumn(rule.name, expression=rule.expression.bind(self._table, self._located(rule)), data_type=str(rule.data_type))
            return
        for column in self._imaged(rule, sources):
            name = f"{rule.prefix}{column.name}{rule.suffix}"
            # The guide: a LOB gets a void column.
            void = read_expression(str(rule.rule_id), NULL, "") if column.data_type in LOBS else None
            yield OutputColumn(name, before=None if void else column, expression=void)

    def _located(self, rule: AddColumn) -> SourceColumn | None:
        if not rule.locator.column:
            return None
        name = plain_name(rule.locator.column)
        column = next((c for c in self._table.columns if c.name == name), None)
        if column is None:
            raise TableError(f"rule-id {rule.rule_id} names the column {name}, which the table does not have")
        return column

    def _imaged(self, rule: AddBeforeImage, sources: Sequence[SourceColumn]) -> list[SourceColumn]:
        if rule.column_filter == "pk-only":
            by_name = {c.name: c for c in self._table.columns}
            return [by_name[name] for name in self.key() if name in by_name]
        return [c for c in sources if rule.column_filter == "all" or c.data_type not in LOBS]

    def _check_names(self, columns: Sequence[OutputColumn]) -> None:
        """The guide calls names that differ in case alone ambiguous."""
        seen: dict[str, str] = {}
        for column in columns:
            folded = column.name.casefold()
            if folded in seen:
                raise TableError(f"two columns get the names {seen[folded]} and {column.name}; give one of them another name by a rule")
            seen[folded] = column.name


def target_names(schema: str, table: str, changes: Sequence[Change]) -> tuple[str, str]:
    """The names at the target. ``changes``: the rules that fit the table."""
    return (
        target_name(lowest([c for c in changes if c.target == "schema"]), schema),
        target_name(lowest([c for c in changes if c.target == "table"]), table),
    )


def target_name(rule: Change | None, name: str) -> str:
    """The name after the one rule that applies to its object."""
    return rule.renamed(name) if isinstance(rule, Naming) else name
