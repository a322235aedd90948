# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The contract as it was read: names and templates, each with its place, before any source schema was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..model.finding import Place
from .rule import Rule
from .template import Template

AttributeType: TypeAlias = Literal["S", "N", "B", "BOOL"]
NameStyle: TypeAlias = Literal["as-is", "camel", "pascal"]

# The engine's own attributes. An entity cannot define them.
VERSION = "_v"
DELETED = "_deleted"
TIME_TO_LIVE = "_ttl"
ENTITY_TYPE = "EntityType"
CREATED_AT = "CreatedAt"
UPDATED_AT = "UpdatedAt"
RESERVED = (VERSION, DELETED, TIME_TO_LIVE, ENTITY_TYPE, CREATED_AT, UPDATED_AT)


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: names of its partition key and sort key attributes."""

    name: str
    partition: str
    sort: str | None
    place: Place

    @property
    def attributes(self) -> tuple[str, ...]:
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A DynamoDB table. All key attributes, of the table and of its indexes, are strings."""

    name: str
    partition: str
    sort: str | None
    indexes: tuple[Index, ...]
    place: Place

    @property
    def attributes(self) -> tuple[str, ...]:
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @property
    def index_attributes(self) -> tuple[str, ...]:
        """Attributes that only indexes use, each once, in the order of the indexes."""
        names = dict.fromkeys(name for index in self.indexes for name in index.attributes)
        return tuple(name for name in names if name not in self.attributes)

    def index(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)


@dataclass(frozen=True, slots=True)
class ColumnAttribute:
    """An attribute that a column gives, under another name or with another type than the rule would choose."""

    name: str
    column: str
    type: AttributeType | None  # None: by rule
    place: Place


@dataclass(frozen=True, slots=True)
class ConstantAttribute:
    """An attribute that is the same in every item of the entity. ``text`` is ``true``/``false`` for BOOL."""

    name: str
    type: AttributeType
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column behind CreatedAt or UpdatedAt. ``by_default``: named for the whole contract, not by the entity itself."""

    column: str
    place: Place
    by_default: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a column with the place where it was written."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of this entity belong to a row of ``to``: pairs (column here, column there) are equal."""

    to: str
    by: tuple[tuple[Named, str], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of item: which source table gives it, under which keys, with which attributes."""

    name: str
    schema: str
    table: str
    into: str
    key: tuple[tuple[str, Template], ...]
    index: tuple[tuple[str, Template], ...]
    attributes: tuple[ColumnAttribute | ConstantAttribute, ...]
    omit: tuple[Named, ...]
    created_at: TimeColumn | None
    updated_at: TimeColumn | None
    rules: tuple[Rule, ...]
    references: tuple[Reference, ...]
    place: Place

    @property
    def source(self) -> tuple[str, str]:
        return (self.schema, self.table)

    def template(self, attribute: str) -> Template | None:
        """The template of a key or index attribute."""
        return next((template for name, template in (*self.key, *self.index) if name == attribute), None)


@dataclass(frozen=True, slots=True)
class AccessPattern:
    """A question the application asks: items of ``entities`` in ``table``, through ``index`` or the table's own key, ``by`` equal columns,
    perhaps ``between`` two values of one column, perhaps with sums over columns."""

    name: str
    entities: tuple[str, ...]
    table: str
    index: str | None
    by: tuple[Named, ...]
    between: Named | None
    sum: tuple[Named, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Contract:
    """A whole contract. ``sha256`` is of the text, in hex: a run is frozen with it."""

    file: str
    text: str
    sha256: str
    schemas: tuple[str, ...]
    names: NameStyle
    tables: tuple[TargetTable, ...]
    entities: tuple[Entity, ...]
    access: tuple[AccessPattern, ...]
    engine: str = "mysql"

    @property
    def source_tables(self) -> tuple[tuple[str, str], ...]:
        """(schema, table) of all entities, each once, in the order of the file."""
        return tuple(dict.fromkeys(entity.source for entity in self.entities))

    def entities_of(self, schema: str, table: str) -> tuple[Entity, ...]:
        return tuple(entity for entity in self.entities if entity.source == (schema, table))

    def entity(self, name: str) -> Entity:
        """Raises KeyError where there is none."""
        found = next((entity for entity in self.entities if entity.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def target(self, name: str) -> TargetTable:
        """Raises KeyError where there is none."""
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            raise KeyError(name)
        return found
