# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which attributes an entity gets from which columns, once the source table is known."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.finding import Place
from ..model.schema import Column, Table
from .definition import AttributeType, ColumnAttribute, ConstantAttribute, Contract, Entity, NameStyle
from .types import CASTS, kind_of


@dataclass(frozen=True, slots=True)
class ItemAttribute:
    """A non-key attribute that a column gives. ``type`` is None where the column's type has no rule and none was asked for."""

    name: str
    column: Column
    type: AttributeType | None
    place: Place


def styled(name: str, style: NameStyle) -> str:
    """``sys_creation_date`` as it is, as ``sysCreationDate`` or as ``SysCreationDate``."""
    if style == "as-is":
        return name
    head, *rest = [word for word in name.split("_") if word] or [name]
    first = head[:1].lower() + head[1:] if style == "camel" else head[:1].upper() + head[1:]
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def time_columns(entity: Entity, table: Table) -> tuple[Column | None, Column | None]:
    """The columns behind CreatedAt and UpdatedAt. A default of the contract that this table lacks does not count."""
    created, updated = (table.column(time.column) if time else None for time in (entity.created_at, entity.updated_at))
    return created, updated


def item_attributes(contract: Contract, entity: Entity, table: Table) -> list[ItemAttribute]:
    """The column attributes of an entity: those it maps, then by rule every staged column that is neither mapped nor omitted.

    A column that CreatedAt or UpdatedAt carries in full needs no attribute of its own. UpdatedAt falls back to CreatedAt where its
    column is NULL, so a nullable column keeps its own attribute beside it: NULL can still be told.
    """
    mapped = [attribute for attribute in entity.attributes if isinstance(attribute, ColumnAttribute)]
    found = [
        ItemAttribute(attribute.name, column, attribute.type or by_rule(column), attribute.place)
        for attribute in mapped
        if (column := table.column(attribute.column)) is not None
    ]
    created, updated = time_columns(entity, table)
    covered = {attribute.column for attribute in mapped} | {named.name for named in entity.omit}
    if created:
        covered.add(created.name)
    if updated and not updated.nullable:
        covered.add(updated.name)
    found += [
        ItemAttribute(styled(column.name, contract.names), column, by_rule(column), entity.place)
        for column in table.staged_columns
        if column.name not in covered
    ]
    return found


def constants(entity: Entity) -> list[ConstantAttribute]:
    return [attribute for attribute in entity.attributes if isinstance(attribute, ConstantAttribute)]


def by_rule(column: Column) -> AttributeType | None:
    kind = kind_of(column)
    return CASTS[kind][0] if kind else None
