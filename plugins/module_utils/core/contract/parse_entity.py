# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads one entity of a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..document.walk import Fields, Findings, as_text, did_you_mean
from ..model.document import Entry, Mapping, Node, Scalar
from ..model.document import Sequence as ListNode
from .definition import (
    RESERVED,
    AttributeType,
    ColumnAttribute,
    ConstantAttribute,
    Entity,
    Named,
    NameStyle,
    Reference,
    TargetTable,
    TimeColumn,
)
from .rule import Rule, parse_rule
from .template import Template, parse_template

TYPES: tuple[AttributeType, ...] = ("S", "N", "B", "BOOL")
_KEYS = ("from", "into", "key", "index", "attributes", "omit", "created_at", "updated_at", "rules", "references")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the contract says for all entities."""

    names: NameStyle
    created_at: TimeColumn | None
    updated_at: TimeColumn | None

    @classmethod
    def read(cls, fields: Fields, styles: Sequence[NameStyle], findings: Findings) -> Defaults:
        wanted = fields.text("names", "as-is", choices=styles)
        names = next((style for style in styles if style == wanted), styles[0])
        created, updated = (
            TimeColumn(column, fields.place(key), by_default=True) if (column := fields.text(key, "")) else None
            for key in ("created_at", "updated_at")
        )
        return cls(names, created, updated)


def parse_entity(
    entry: Entry,
    schemas: Sequence[str],
    tables: Sequence[TargetTable],
    names: Sequence[str],
    defaults: Defaults,
    findings: Findings,
) -> Entity | None:
    """The entity of one entry below ``entities``; None where it cannot be placed in a table at all."""
    what = f"entity '{entry.key}'"
    fields = Fields.of(entry.value, _KEYS, what, findings)
    schema, table = _source(fields, schemas, what, findings)
    into = fields.text("into")
    target = next((table for table in tables if table.name == into), None)
    if target is None:
        if into:
            remedy = did_you_mean(into, [table.name for table in tables])
            findings.refuse("unknown-table", fields.place("into"), f"{what}: there is no table '{into}'", remedy)
        return None
    return Entity(
        name=entry.key,
        schema=schema,
        table=table,
        into=into,
        key=_templates(fields.mapping("key", required=True), target.attributes, f"the key of {what}", findings, all_of_them=True),
        index=_index_templates(fields.mapping("index"), target, what, findings),
        attributes=_attributes(fields.mapping("attributes"), target, what, findings),
        omit=tuple(Named(name, place) for name, place in fields.texts("omit")),
        created_at=_time(fields, "created_at", defaults.created_at),
        updated_at=_time(fields, "updated_at", defaults.updated_at),
        rules=_rules(fields, what, findings),
        references=_references(fields, names, what, findings),
        place=entry.place,
    )


def _source(fields: Fields, schemas: Sequence[str], what: str, findings: Findings) -> tuple[str, str]:
    text = fields.text("from", pattern=r"[^.]+\.[^.]+", rule="Write schema.table.")
    schema, _dot, table = text.partition(".")
    if table and schema not in schemas:
        reason = f"{what}: '{schema}' is not one of the schemas of 'source'"
        findings.refuse("unknown-schema", fields.place("from"), reason, did_you_mean(schema, schemas))
    return schema, table


def _templates(
    mapping: Mapping, attributes: Sequence[str], what: str, findings: Findings, *, all_of_them: bool = False
) -> tuple[tuple[str, Template], ...]:
    found: list[tuple[str, Template]] = []
    if "" in attributes:  # the table's own key could not be read, which was reported
        return ()
    for entry in mapping:
        if entry.key not in attributes:
            reason = f"{what} has no attribute '{entry.key}'"
            findings.refuse("unknown-attribute", entry.place, reason, did_you_mean(entry.key, attributes))
            continue
        text = as_text(entry.value, f"'{entry.key}' of {what}", findings)
        if text is not None and isinstance(entry.value, Scalar):
            found.append((entry.key, parse_template(entry.value, f"'{entry.key}'", findings)))
    if all_of_them:
        for name in attributes:
            if mapping.entries and mapping.get(name) is None:
                findings.refuse("missing-key", mapping.place, f"{what} needs '{name}'", f"Add a template for '{name}'.")
    return tuple(sorted(found, key=lambda pair: attributes.index(pair[0])))


def _index_templates(mapping: Mapping, target: TargetTable, what: str, findings: Findings) -> tuple[tuple[str, Template], ...]:
    found = _templates(mapping, target.index_attributes, f"the index of {what}", findings)
    names = {name for name, _value in found}
    for index in target.indexes:
        own = [name for name in index.attributes if name not in target.attributes]
        missing = [name for name in own if name not in names]
        if missing and len(missing) < len(own) and not any(mapping.get(name) for name in missing):
            reason = f"{what} gives only a part of index '{index.name}': {', '.join(missing)} is missing"
            findings.refuse("incomplete-index", mapping.place, reason, f"Add '{missing[0]}', or leave the whole index out.")
    return found


def _attributes(mapping: Mapping, target: TargetTable, what: str, findings: Findings) -> tuple[ColumnAttribute | ConstantAttribute, ...]:
    found: list[ColumnAttribute | ConstantAttribute] = []
    for entry in mapping:
        if entry.key in RESERVED:
            reason = f"{what}: '{entry.key}' is an attribute that the engine writes itself"
            findings.refuse("reserved-attribute", entry.place, reason, "Choose another name.")
        elif entry.key in (*target.attributes, *target.index_attributes):
            reason = f"{what}: '{entry.key}' is a key of table '{target.name}'"
            findings.refuse("key-as-attribute", entry.place, reason, "Choose another name, or give it under 'key' or 'index'.")
        elif not 0 < len(entry.key.encode()) <= 255:
            findings.refuse("bad-value", entry.place, f"{what}: an attribute name has 1 to 255 bytes", "Shorten it.")
        attribute = _attribute(entry, f"attribute '{entry.key}' of {what}", findings)
        if attribute:
            found.append(attribute)
    return tuple(found)


def _attribute(entry: Entry, what: str, findings: Findings) -> ColumnAttribute | ConstantAttribute | None:
    fields = Fields.of(entry.value, ("column", "type", "constant"), what, findings)
    wanted = fields.text("type", "", choices=("", *TYPES))
    type_ = next((type_ for type_ in TYPES if type_ == wanted), None)
    constant, column = fields.node("constant"), fields.node("column")
    if not isinstance(entry.value, Mapping):
        return None
    if (constant is None) == (column is None):
        findings.refuse("missing-key", entry.place, f"{what} needs either 'column' or 'constant'", "Write {column: name}.")
        return None
    if constant is None:
        return ColumnAttribute(entry.key, fields.text("column"), type_, entry.place)
    return _constant(entry, constant, type_, what, findings)


def _constant(entry: Entry, node: Node, type_: AttributeType | None, what: str, findings: Findings) -> ConstantAttribute | None:
    value = node.value if isinstance(node, Scalar) else None
    natural: AttributeType | None = None
    if isinstance(value, bool):
        natural, text = "BOOL", "true" if value else "false"
    elif isinstance(value, int):
        natural, text = "N", str(value)
    elif isinstance(value, str):
        natural, text = "S", value
    if natural is None or (type_ is not None and type_ != natural):
        remedy = "Write a text, a whole number, true or false, and leave 'type' out."
        findings.refuse("bad-constant", node.place, f"{what}: this constant has no exact value of that type", remedy)
        return None
    return ConstantAttribute(entry.key, natural, text, entry.place)


def _time(fields: Fields, key: str, default: TimeColumn | None) -> TimeColumn | None:
    """The entity's own column; ``key: null`` switches the default off."""
    if not any(entry.key == key for entry in fields):
        return default
    column = fields.text(key, "")
    return TimeColumn(column, fields.place(key), by_default=False) if column else None


def _rules(fields: Fields, what: str, findings: Findings) -> tuple[Rule, ...]:
    node = fields.node("rules")
    if node is None:
        return ()
    if not isinstance(node, ListNode):
        findings.refuse("wrong-kind", node.place, f"'rules' of {what} must be a list", "Write one text per rule.")
        return ()
    scalars = [value for value in node if as_text(value, f"each rule of {what}", findings) is not None]
    return tuple(rule for scalar in scalars if isinstance(scalar, Scalar) and (rule := parse_rule(scalar, findings)))


def _references(fields: Fields, names: Sequence[str], what: str, findings: Findings) -> tuple[Reference, ...]:
    node = fields.node("references")
    if node is None:
        return ()
    if not isinstance(node, ListNode):
        findings.refuse("wrong-kind", node.place, f"'references' of {what} must be a list", "Write - {to: ENTITY, by: {column: column}}.")
        return ()
    found = []
    for value in node:
        inner = Fields.of(value, ("to", "by"), f"a reference of {what}", findings)
        to = inner.text("to")
        if to and to not in names:
            findings.refuse("unknown-entity", inner.place("to"), f"{what} refers to '{to}', which is no entity", did_you_mean(to, names))
        by = []
        for pair in inner.mapping("by", required=True):
            there = as_text(pair.value, f"'{pair.key}' of a reference of {what}", findings)
            if there is not None:
                by.append((Named(pair.key, pair.place), there))
        found.append(Reference(to, tuple(by), value.place))
    return tuple(found)
