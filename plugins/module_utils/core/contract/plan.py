# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How an item is put together from columns, as an expression tree: what every writer (rows now, columns later) is generated from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..model.schema import Column, Table
from .definition import CREATED_AT, ENTITY_TYPE, UPDATED_AT, VERSION, AttributeType, Contract, Entity
from .functions import json_text
from .keys import can_be_empty, pieces_of, slot_of
from .mapping import ItemAttribute, constants, item_attributes, time_columns
from .template import Field, Literal, Template
from .types import fraction_digits, kind_of


@dataclass(frozen=True, slots=True)
class Const:
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """The clean text of the column at ``position`` of the staged columns. ``nullable``: it may be NULL, then it has no text."""

    position: int
    nullable: bool


@dataclass(frozen=True, slots=True)
class Apply:
    """A pure function of a text: ``iso`` (a date and time up to that many characters, joined by T), ``pad`` (width), or one of
    functions.py by its name."""

    function: str
    argument: Node
    options: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concat:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class IfPresent:
    """``then`` where none of the inputs is NULL, else ``otherwise``."""

    inputs: tuple[Input, ...]
    then: Node
    otherwise: Node


Node: TypeAlias = Const | Input | Apply | Concat | IfPresent
NOTHING = Const("")


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """One item of a row as DynamoDB JSON: ``opening`` is the key without its closing brace, ``rest`` what follows in the item."""

    entity: str
    opening: Node
    rest: Node


def inputs_of(node: Node) -> Iterator[Input]:
    """Every input that a node reads, with repetitions."""
    match node:
        case Input():
            yield node
        case Apply():
            yield from inputs_of(node.argument)
        case Concat():
            for part in node.parts:
                yield from inputs_of(part)
        case IfPresent():
            yield from node.inputs
            yield from inputs_of(node.then)
            yield from inputs_of(node.otherwise)


def plan_item(contract: Contract, entity: Entity, table: Table, version: str) -> ItemPlan:
    """The plan of one entity. The contract must have passed its check against ``table``."""
    return _Planner(contract, entity, table).plan(version)


class _Planner:
    def __init__(self, contract: Contract, entity: Entity, table: Table) -> None:
        self._contract = contract
        self._entity = entity
        self._table = table
        self._positions = {column.name: position for position, column in enumerate(table.staged_columns)}

    def plan(self, version: str) -> ItemPlan:
        entity = self._entity
        first, *more = (self._pair(name, template) for name, template in entity.key)
        opening = _joined(Const("{"), first, *(_joined(Const(","), pair) for pair in more))
        rest = _joined(
            *self._indexes(),
            _constant(ENTITY_TYPE, "S", entity.name),
            *self._times(),
            _constant(VERSION, "S", version),
            *(_constant(constant.name, constant.type, constant.text) for constant in constants(entity)),
            *(self._attribute(attribute) for attribute in item_attributes(self._contract, entity, self._table)),
            Const("}"),
        )
        return ItemPlan(entity.name, opening, rest)

    def _input(self, column: Column) -> Input:
        return Input(self._positions[column.name], column.nullable)

    def _column(self, name: str) -> Column:
        return self._table.staged_columns[self._positions[name]]

    def _indexes(self) -> Iterator[Node]:
        """Index keys. An item with a NULL behind any key of an index leaves out both: it does not stand in that index."""
        done: set[str] = set()
        for index in self._contract.target(self._entity.into).indexes:
            templates = [(name, template) for name, template in self._entity.index if name in index.attributes and name not in done]
            done.update(name for name, _template in templates)
            pairs = (_joined(Const(","), self._pair(name, template)) for name, template in templates)
            columns = dict.fromkeys(column for _name, template in templates for column in template.columns)
            yield self._present([self._input(self._column(name)) for name in columns], _joined(*pairs))

    def _present(self, inputs: Sequence[Input], then: Node, otherwise: Node = NOTHING) -> Node:
        nullable = tuple(item for item in inputs if item.nullable)
        return IfPresent(nullable, then, otherwise) if nullable else then

    def _pair(self, attribute: str, template: Template) -> Concat:
        return _joined(Const(f"{json_text(attribute)}:"), _typed("S", self._key(attribute, template)))

    def _key(self, attribute: str, template: Template) -> Node:
        """The JSON string of a key attribute."""
        texts = [Const(part.text) if isinstance(part, Literal) else self._field(part) for part in template.parts]
        if can_be_empty(pieces_of(template, slot_of(self._table))):
            return Apply("json_key", _joined(*texts), (attribute,))
        if any(kind_of(self._column(field.column)) == "text" for field in template.fields):
            return Apply("json_text", _joined(*texts))
        escaped = [Const(json_text(text.text)[1:-1]) if isinstance(text, Const) else text for text in texts]
        return _joined(Const('"'), *escaped, Const('"'))

    def _field(self, field: Field) -> Node:
        column = self._column(field.column)
        node = self._text(column)
        if field.pad:
            node = Apply("pad", node, (field.pad,))
        for function in field.functions:
            node = Apply(function, node)
        return node

    def _text(self, column: Column) -> Node:
        """The text of a column: ISO 8601 for times, the clean spelling for all else."""
        node = self._input(column)
        kind = kind_of(column)
        if kind not in ("datetime", "timestamp"):
            return node
        digits = fraction_digits(column)
        iso = Apply("iso", node, (20 + digits if digits else 19,))
        return _joined(iso, Const("Z")) if kind == "timestamp" else iso

    def _times(self) -> Iterator[Node]:
        created, updated = time_columns(self._entity, self._table)
        if created:
            yield self._time(CREATED_AT, created, NOTHING)
        fallback = self._time(UPDATED_AT, created, NOTHING) if created else NOTHING
        yield self._time(UPDATED_AT, updated, fallback) if updated else fallback

    def _time(self, name: str, column: Column, otherwise: Node) -> Node:
        text = _joined(Const(f',{json_text(name)}:{{"S":"'), self._text(column), Const('"}'))
        return self._present([self._input(column)], text, otherwise)

    def _attribute(self, attribute: ItemAttribute) -> Node:
        column = attribute.column
        type_ = attribute.type or "S"
        node = _joined(Const(f",{json_text(attribute.name)}:"), _typed(type_, self._value(column, type_)))
        return self._present([self._input(column)], node)

    def _value(self, column: Column, type_: AttributeType) -> Node:
        """The JSON value of a non-key attribute."""
        kind, node = kind_of(column), self._text(column)
        match type_:
            case "BOOL":
                return Apply("boolean", node, (column.name,))
            case "B":
                return _quoted(Apply("hex_base64", node))
            case "N" if kind == "text":
                return _quoted(Apply("number", node, (column.name,)))
            case "S" if kind == "json":
                return Apply("json_text", Apply("json_spacing", node))
            case "S" if kind == "text":
                return Apply("json_text", node)
            case _:
                return _quoted(node)


def _joined(*nodes: Node) -> Concat:
    """One flat Concat, neighbouring constants made one."""
    parts: list[Node] = []
    for part in (part for node in nodes for part in (node.parts if isinstance(node, Concat) else (node,))):
        last = parts[-1] if parts else None
        if isinstance(part, Const) and isinstance(last, Const):
            parts[-1] = Const(last.text + part.text)
        elif part != NOTHING:
            parts.append(part)
    return Concat(tuple(parts))


def _quoted(node: Node) -> Concat:
    return _joined(Const('"'), node, Const('"'))


def _typed(type_: AttributeType, value: Node) -> Concat:
    return _joined(Const(f'{{"{type_}":'), value, Const("}"))


def _constant(name: str, type_: AttributeType, text: str) -> Const:
    return Const(f',{json_text(name)}:{{"{type_}":{text if type_ == "BOOL" else json_text(text)}}}')
