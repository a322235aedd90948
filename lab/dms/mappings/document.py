# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The table-mappings document of a task: its rules, read once, and what they say about each table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from lab.dms.dialects.dialect import Dialect
from lab.dms.faults import invalid_value, not_built
from lab.dms.mappings.filters import Filters
from lab.dms.mappings.plan import ColumnPlanner, TablePlan, target_names
from lab.dms.mappings.rules import DOCUMENT, Rule, bad, refused, text_of
from lab.dms.mappings.selection import Selection, read_selection
from lab.dms.mappings.table_settings import TableSettings, read_table_settings
from lab.dms.mappings.transformations import AddBeforeImage, AddColumn, Addition, Change, read_transformation
from lab.dms.sources.mysql import SourceTable

LARGEST_BYTES = 2 * 1024 * 1024
_REFUSED = {
    "object-mapping": "they are for DynamoDB, Kinesis, Kafka and OpenSearch targets",
    "post-processing": "the files carry no tags",
    "validation": "validation is for database targets",
}


@dataclass(frozen=True, slots=True)
class TableMappings:
    """The rules of one task, in their order."""

    selections: tuple[Selection, ...]
    changes: tuple[Change, ...]
    additions: tuple[Addition, ...]
    settings: tuple[TableSettings, ...]

    def selects(self, schema: str, table: str) -> bool:
        """An exclude rule wins over every include rule."""
        actions = {s.action for s in self.selections if s.locator.fits(schema, table)}
        return bool(actions & {"include", "explicit"}) and "exclude" not in actions

    def missing(self, present: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Tables that a rule names in full and that are not there."""
        there = set(present)
        named = [s.locator.pair for s in self.selections if s.action != "exclude" and s.locator.exact]
        return [pair for pair in dict.fromkeys(named) if pair not in there and self.selects(*pair)]

    def load_order(self, schema: str, table: str) -> int:
        """Tables with a higher number begin first."""
        return max((s.load_order for s in self.selections if s.action != "exclude" and s.locator.fits(schema, table)), default=0)

    def target(self, schema: str, table: str) -> tuple[str, str]:
        """The names of schema and table at the target."""
        return target_names(schema, table, self._changes(schema, table))

    def colliding(self, tables: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those of the selected tables that would share a table at the target, which DMS does not support."""
        sources: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for pair in tables:
            if self.selects(*pair):
                sources.setdefault(self.target(*pair), []).append(pair)
        return [pair for pairs in sources.values() if len(pairs) > 1 for pair in pairs]

    def plan(self, table: SourceTable, dialect: Dialect, *, lobs: bool = True) -> TablePlan:
        """What becomes of one table; ``lobs``: whether the task takes LOB columns at all.

        Raises TableError where a rule and the table do not fit together, and where no column is left.
        """
        changes = self._changes(table.schema, table.name)
        additions = [a for a in self.additions if a.locator.fits(table.schema, table.name)]
        planner = ColumnPlanner(table, changes, additions, dialect, lobs)
        settings = [s for s in self.settings if s.locator.pair == (table.schema, table.name)]
        parallel = next((s.parallel for s in settings if s.parallel), None)
        return TablePlan(
            table,
            *target_names(table.schema, table.name, changes),
            columns=planner.columns(),
            filters=self._filters(table, dialect),
            parallel=parallel.bind(table, dialect) if parallel else None,
            key=planner.key(),
            lob_bytes=next((s.lob_bytes for s in settings if s.lob_bytes is not None), None),
        )

    def _changes(self, schema: str, table: str) -> list[Change]:
        return [c for c in self.changes if c.locator.fits(schema, table)]

    def _filters(self, table: SourceTable, dialect: Dialect) -> Filters:
        fitting = [s for s in self.selections if s.filters and s.locator.pair == (table.schema, table.name)]
        return Filters(tuple(f.bind(table, dialect) for s in fitting for f in s.filters))


def read_mappings(text: str) -> TableMappings:
    """Raises Fault, naming the rule, for what is wrong and for what this engine does not do."""
    if len(text.encode()) > LARGEST_BYTES:
        raise invalid_value(f"{DOCUMENT}: it is larger than {LARGEST_BYTES} bytes; split the tables over several tasks.")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise invalid_value(f"{DOCUMENT}: it is not JSON ({error}).") from None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not rules:
        raise invalid_value(f"{DOCUMENT}: it needs a list of rules.")
    read = _Reader()
    for rule in rules:
        read.add(rule)
    return read.mappings()


class _Reader:
    """Collects rules, and sees to what concerns more than one of them."""

    def __init__(self) -> None:
        self._selections: list[Selection] = []
        self._changes: list[Change] = []
        self._additions: list[Addition] = []
        self._settings: list[TableSettings] = []
        self._seen: dict[str, set[str]] = {"rule-id": set(), "rule-name": set()}

    def add(self, rule: Rule) -> None:
        if not isinstance(rule, dict):
            raise invalid_value(f"{DOCUMENT}: a rule is not an object.")
        self._check_unique(rule)
        kind = text_of(rule, rule, "rule-type")
        if kind == "selection":
            self._add_selection(rule)
        elif kind == "transformation":
            read = read_transformation(rule)
            if isinstance(read, AddColumn | AddBeforeImage):
                self._additions.append(read)
            else:
                self._changes.append(read)
        elif kind == "table-settings":
            self._add_settings(rule)
        elif kind in _REFUSED:
            raise refused(rule, not_built(f"rules of the type {kind}: {_REFUSED[kind]}"))
        else:
            raise bad(rule, f"the rule type {kind!r} is not one of selection, transformation, table-settings")

    def mappings(self) -> TableMappings:
        if not any(s.action != "exclude" for s in self._selections):
            raise invalid_value(f"{DOCUMENT}: it needs at least one selection rule that includes a table.")
        return TableMappings(tuple(self._selections), tuple(self._changes), tuple(self._additions), tuple(self._settings))

    def _check_unique(self, rule: Rule) -> None:
        for member, values in self._seen.items():
            value = text_of(rule, rule, member)
            if value in values:
                raise bad(rule, f"the {member} {value!r} occurs twice")
            values.add(value)
        number = str(rule["rule-id"])
        if not number.isascii() or not number.isdigit():
            raise bad(rule, "the rule-id must be a number")

    def _add_selection(self, rule: Rule) -> None:
        read = read_selection(rule)
        if read.filters and any(s.filters and s.locator.pair == read.locator.pair for s in self._selections):
            raise bad(rule, f"{'.'.join(read.locator.pair)} has filters in another rule already; put them into one rule")
        self._selections.append(read)

    def _add_settings(self, rule: Rule) -> None:
        read = read_table_settings(rule)
        if any(s.locator.pair == read.locator.pair for s in self._settings):
            raise bad(rule, f"{'.'.join(read.locator.pair)} has table-settings in another rule already; put them into one rule")
        self._settings.append(read)
