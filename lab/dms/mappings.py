# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table mappings: which tables a task reads, and what it does to their columns.

Rules: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.dms.faults import Fault, invalid_value, not_built

SELECTIONS = ("include", "exclude", "explicit")
SEQUENCE_EXPRESSION = "$AR_H_CHANGE_SEQ"


def matches(pattern: str, name: str) -> bool:
    """Does the name fit the pattern? ``%`` stands for any text, everything else for itself."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("%")), name, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Selection:
    schema: str
    table: str
    action: str

    def fits(self, schema: str, table: str) -> bool:
        return matches(self.schema, schema) and matches(self.table, table)

    @property
    def exact(self) -> bool:
        return "%" not in self.schema + self.table


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column behind the table's own; empty in a full load."""

    schema: str
    table: str
    name: str


@dataclass(frozen=True, slots=True)
class AddBeforeImage:
    """One column for each column of the primary key: its value before a change; empty in a full load."""

    schema: str
    table: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class RemoveColumn:
    schema: str
    table: str
    column: str


Transformation = AddColumn | AddBeforeImage | RemoveColumn


@dataclass(frozen=True, slots=True)
class TableMappings:
    """The rules of one task, in their order."""

    selections: tuple[Selection, ...]
    transformations: tuple[Transformation, ...]

    def selects(self, schema: str, table: str) -> bool:
        """An exclude rule wins over every include rule."""
        actions = {s.action for s in self.selections if s.fits(schema, table)}
        return bool(actions & {"include", "explicit"}) and "exclude" not in actions

    def missing(self, present: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Tables that a rule names in full and that are not there."""
        there = set(present)
        named = [(s.schema, s.table) for s in self.selections if s.action != "exclude" and s.exact]
        return [pair for pair in dict.fromkeys(named) if pair not in there and self.selects(*pair)]

    def kept(self, schema: str, table: str, columns: Iterable[str]) -> list[str]:
        """The columns that no rule removes."""
        removals = [r for r in self._for(schema, table) if isinstance(r, RemoveColumn)]
        return [column for column in columns if not any(matches(r.column, column) for r in removals)]

    def added(self, schema: str, table: str, primary_key: Iterable[str]) -> list[str]:
        """The names of the columns that rules add, in the order of the rules."""
        names: list[str] = []
        key = list(primary_key)
        for rule in self._for(schema, table):
            if isinstance(rule, AddColumn):
                names.append(rule.name)
            elif isinstance(rule, AddBeforeImage):
                names += [f"{rule.prefix}{column}{rule.suffix}" for column in key]
        return names

    def _for(self, schema: str, table: str) -> list[Transformation]:
        return [t for t in self.transformations if matches(t.schema, schema) and matches(t.table, table)]


def read_mappings(text: str) -> TableMappings:
    """Raises Fault, naming the rule, for what is wrong and for what this engine does not do."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise invalid_value(f"Invalid table mappings document: it is not JSON ({error}).") from None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not rules:
        raise invalid_value("Invalid table mappings document: it needs a list of rules.")
    selections: list[Selection] = []
    transformations: list[Transformation] = []
    seen: dict[str, set[str]] = {"rule-id": set(), "rule-name": set()}
    for rule in rules:
        if not isinstance(rule, dict):
            raise invalid_value("Invalid table mappings document: a rule is not an object.")
        _check_unique(rule, seen)
        kind = _text(rule, rule, "rule-type")
        if kind == "selection":
            selections.append(_selection(rule))
        elif kind == "transformation":
            transformations.append(_transformation(rule))
        elif kind in ("table-settings", "object-mapping"):
            raise _refused(rule, not_built(f"rules of the type {kind}"))
        else:
            raise _bad(rule, f"the rule type {kind!r} is unknown")
    if not any(s.action != "exclude" for s in selections):
        raise invalid_value("Invalid table mappings document: it needs at least one selection rule that includes a table.")
    return TableMappings(tuple(selections), tuple(transformations))


def _check_unique(rule: Mapping[str, Any], seen: dict[str, set[str]]) -> None:
    for member, values in seen.items():
        value = _text(rule, rule, member)
        if value in values:
            raise _bad(rule, f"the {member} {value!r} occurs twice")
        values.add(value)
    if not str(rule["rule-id"]).isdigit():
        raise _bad(rule, "the rule-id must be a number")


def _selection(rule: Mapping[str, Any]) -> Selection:
    action = _text(rule, rule, "rule-action")
    if action not in SELECTIONS:
        raise _bad(rule, f"the rule action {action!r} is not one of {', '.join(SELECTIONS)}")
    if rule.get("filters"):
        raise _refused(rule, not_built("filters of selection rules"))
    schema, table = _locator(rule)
    selection = Selection(schema, table, action)
    if action == "explicit" and not selection.exact:
        raise _bad(rule, "an explicit rule names one table, without wildcards")
    return selection


def _transformation(rule: Mapping[str, Any]) -> Transformation:
    action = _text(rule, rule, "rule-action")
    if rule.get("rule-target") != "column":
        raise _refused(rule, not_built(f"transformations of the target {rule.get('rule-target')!r}"))
    schema, table = _locator(rule)
    if action == "add-column":
        expression = _text(rule, rule, "expression")
        if expression != SEQUENCE_EXPRESSION:
            raise _refused(rule, not_built(f"the expression {expression!r}; it knows {SEQUENCE_EXPRESSION}"))
        if not isinstance(rule.get("data-type"), dict):
            raise _bad(rule, "an add-column rule needs a data-type")
        return AddColumn(schema, table, _text(rule, rule, "value"))
    if action == "add-before-image-columns":
        definition = rule.get("before-image-def")
        if not isinstance(definition, dict):
            raise _bad(rule, "an add-before-image-columns rule needs a before-image-def")
        if definition.get("column-filter") != "pk-only":
            raise _refused(rule, not_built(f"the column-filter {definition.get('column-filter')!r}; it knows pk-only"))
        prefix, suffix = definition.get("column-prefix", ""), definition.get("column-suffix", "")
        if not prefix and not suffix:
            raise _bad(rule, "a before-image-def needs a column-prefix or a column-suffix")
        return AddBeforeImage(schema, table, prefix, suffix)
    if action == "remove-column":
        return RemoveColumn(schema, table, _text(rule, rule["object-locator"], "column-name"))
    raise _refused(rule, not_built(f"the transformation {action!r}"))


def _locator(rule: Mapping[str, Any]) -> tuple[str, str]:
    locator = rule.get("object-locator")
    if not isinstance(locator, dict):
        raise _bad(rule, "object-locator is missing")
    if locator.get("table-type", "table") != "table":
        raise _refused(rule, not_built(f"the table-type {locator['table-type']!r}"))
    return _text(rule, locator, "schema-name"), _text(rule, locator, "table-name")


def _text(rule: Mapping[str, Any], place: Mapping[str, Any], member: str) -> str:
    value = place.get(member)
    if not isinstance(value, str) or not value:
        raise _bad(rule, f"{member} is missing or not a text")
    return value


def _bad(rule: Mapping[str, Any], problem: str) -> Fault:
    return invalid_value(f"Invalid table mappings document: rule-id {rule.get('rule-id', '(none)')}: {problem}.")


def _refused(rule: Mapping[str, Any], fault: Fault) -> Fault:
    return Fault(fault.code, f"{fault.message} (rule-id {rule.get('rule-id', '(none)')})")
