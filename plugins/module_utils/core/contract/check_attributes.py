# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks the attributes of one entity: every column has a place, every attribute one source and a type that holds its values."""

from __future__ import annotations

from ..document.walk import Findings, did_you_mean
from ..model.finding import Place
from ..model.schema import Table
from .definition import RESERVED, ColumnAttribute, Contract, Entity
from .mapping import ItemAttribute, constants, item_attributes
from .numbers import MAX_DIGITS
from .types import CASTS, decimal_size, kind_of


def check_attributes(contract: Contract, entity: Entity, table: Table, findings: Findings) -> None:
    target = contract.target(entity.into)
    staged = [column.name for column in table.staged_columns]
    omitted = {named.name: named for named in entity.omit}
    for attribute in entity.attributes:
        if not isinstance(attribute, ColumnAttribute):
            continue
        if attribute.column not in staged:
            reason = f"table '{table.qualified}' has no replicated column '{attribute.column}'"
            findings.refuse("unknown-column", attribute.place, reason, did_you_mean(attribute.column, staged))
        if attribute.column in omitted:
            reason = f"column '{attribute.column}' is omitted, but attribute '{attribute.name}' uses it"
            findings.refuse("omitted-and-mapped", omitted[attribute.column].place, reason, "Remove one of the two.")
    places: dict[str, Place] = {constant.name: constant.place for constant in constants(entity)}
    for item in item_attributes(contract, entity, table):
        by_rule = item.place == entity.place
        if by_rule and item.name in (*RESERVED, *target.attributes, *target.index_attributes):
            code = "reserved-attribute" if item.name in RESERVED else "key-as-attribute"
            reason = f"entity '{entity.name}': column '{item.column.name}' would become the attribute '{item.name}', which is taken"
            remedy = f"Give it another name: attributes: {{x_{item.column.name}: {{column: {item.column.name}}}}}."
            findings.refuse(code, item.place, reason, remedy)
        elif item.name in places:
            reason = f"entity '{entity.name}' gets two attributes '{item.name}', the second from column '{item.column.name}'"
            findings.refuse("duplicate-attribute", places[item.name], reason, "Rename one, or omit the column.")
        places.setdefault(item.name, item.place)
        _check_type(entity, item, findings)


def _check_type(entity: Entity, item: ItemAttribute, findings: Findings) -> None:
    column, kind = item.column, kind_of(item.column)
    if kind is None:
        reason = f"entity '{entity.name}': there is no rule for column '{column.name}' of type {column.data_type}"
        findings.refuse("column-not-mapped", item.place, reason, f"Write 'omit: [{column.name}]' if it may stay behind.")
    elif item.type not in CASTS[kind]:
        reason = f"attribute '{item.name}': column '{column.name}' ({column.column_type}) cannot become {item.type}"
        findings.refuse("cast-not-possible", item.place, reason, f"Choose one of {', '.join(CASTS[kind])}.")
    elif kind == "decimal" and item.type == "N" and decimal_size(column)[0] > MAX_DIGITS:
        reason = f"column '{column.name}' ({column.column_type}) can hold more than the {MAX_DIGITS} digits of a DynamoDB number"
        remedy = f"Keep it as text: attributes: {{{item.name}: {{column: {column.name}, type: S}}}}."
        findings.refuse("number-too-precise", item.place, reason, remedy)
