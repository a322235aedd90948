# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Holds a contract against the source tables, before anything runs. Everything that could go wrong later is refused here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ..document.walk import Findings, did_you_mean
from ..model.finding import Finding, Place
from ..model.schema import Table
from .check_attributes import check_attributes
from .check_keys import check_keys
from .definition import Contract, Entity
from .keys import SlotOf, can_meet, pieces_of, slot_of
from .mapping import time_columns
from .types import kind_of


def check_contract(contract: Contract, tables: Sequence[Table] | None) -> list[Finding]:
    """All findings, in the order of the file. ``tables``: the source tables, or None to check only what needs no source."""
    findings = Findings()
    if tables is not None:
        for entity in contract.entities:
            table = _table_of(entity, tables)
            if table is None:
                reason = f"entity '{entity.name}': the source has no table '{entity.schema}.{entity.table}'"
                findings.refuse("unknown-source-table", entity.place, reason, did_you_mean(entity.table, [t.name for t in tables]))
                continue
            _check_entity(contract, entity, table, findings)
        _check_references(contract, tables, findings)
        _check_access_columns(contract, tables, findings)
    _check_meetings(contract, contract.entities, tables or (), findings)
    return sorted(findings.all, key=lambda finding: (finding.place.line, finding.place.column))


def check_table(contract: Contract, table: Table) -> list[Finding]:
    """The findings that concern the entities of one source table alone."""
    findings = Findings()
    entities = contract.entities_of(table.schema, table.name)
    for entity in entities:
        _check_entity(contract, entity, table, findings)
    _check_meetings(contract, entities, (table,), findings)
    return findings.all


def _table_of(entity: Entity, tables: Sequence[Table]) -> Table | None:
    return next((table for table in tables if (table.schema, table.name) == entity.source), None)


def _check_entity(contract: Contract, entity: Entity, table: Table, findings: Findings) -> None:
    for template in (template for _name, template in (*entity.key, *entity.index)):
        for field in template.fields:
            _check_column(table, field.column, field.place, findings)
    for rule in entity.rules:
        for operand in rule.columns:
            _check_column(table, operand.name, operand.place, findings)
    for named in entity.omit:
        _check_column(table, named.name, named.place, findings)
    _check_times(entity, table, findings)
    for column in table.columns:
        if (column.generated or column.invisible) and column.name not in {named.name for named in entity.omit}:
            what = "generated" if column.generated else "invisible"
            reason = f"entity '{entity.name}': the {what} column '{column.name}' is not replicated, so it reaches no item"
            findings.warn("column-not-staged", entity.place, reason, f"Write 'omit: [{column.name}]' to say that this is meant.")
    check_keys(contract, entity, table, findings)
    check_attributes(contract, entity, table, findings)


def _check_column(table: Table, name: str, place: Place, findings: Findings) -> None:
    """A key, a rule or an attribute can use what is staged; ``omit`` may name the others, too."""
    if table.column(name) is None:
        remedy = did_you_mean(name, [column.name for column in table.columns])
        findings.refuse("unknown-column", place, f"table '{table.qualified}' has no column '{name}'", remedy)


def _check_times(entity: Entity, table: Table, findings: Findings) -> None:
    for key, time in (("created_at", entity.created_at), ("updated_at", entity.updated_at)):
        if time is None:
            continue
        column = table.column(time.column)
        if column is None:
            if not time.by_default:
                _check_column(table, time.column, time.place, findings)
        elif kind_of(column) not in ("date", "datetime", "timestamp"):
            reason = f"'{key}' of entity '{entity.name}': column '{column.name}' is {column.data_type}, not a time"
            findings.refuse("not-a-time", time.place, reason, "Name a DATE, DATETIME or TIMESTAMP column, or write null.")
    if time_columns(entity, table) == (None, None):
        reason = f"items of entity '{entity.name}' will have neither CreatedAt nor UpdatedAt"
        findings.warn("no-time", entity.place, reason, "Name a column with 'created_at' if the table has one.")


def _check_references(contract: Contract, tables: Sequence[Table], findings: Findings) -> None:
    for entity in contract.entities:
        here = _table_of(entity, tables)
        for reference in entity.references:
            there = _table_of(contract.entity(reference.to), tables)
            for named, other in reference.by:
                if here:
                    _check_column(here, named.name, named.place, findings)
                if there:
                    _check_column(there, other, named.place, findings)


def _check_access_columns(contract: Contract, tables: Sequence[Table], findings: Findings) -> None:
    """The columns of 'by' and 'between' stand in templates, which are checked; those of a sum do not."""
    for pattern in contract.access:
        for name in pattern.entities:
            table = _table_of(contract.entity(name), tables)
            for named in pattern.sum:
                if table:
                    _check_column(table, named.name, named.place, findings)


def _check_meetings(contract: Contract, entities: Sequence[Entity], tables: Sequence[Table], findings: Findings) -> None:
    """No two entities of one target table may be able to give one key."""
    slots: dict[str, SlotOf] = {entity.name: slot_of(_table_of(entity, tables)) for entity in entities}
    for one, two in combinations(entities, 2):
        if one.into != two.into:
            continue
        pairs = [
            (pieces_of(a, slots[one.name]), pieces_of(b, slots[two.name]))
            for name in contract.target(one.into).attributes
            if (a := one.template(name)) and (b := two.template(name))
        ]
        if all(can_meet(a, b) for a, b in pairs):
            reason = f"entities '{one.name}' and '{two.name}' of table '{one.into}' could give two items one key"
            sort = two.key[-1][1].place if two.key else two.place
            findings.refuse("keys-can-meet", sort, reason, "Begin their keys with different literals, such as 'ORDER#' and 'LINE#'.")
