# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks the keys of one entity: unique, never NULL or empty, never too long, sorted as meant."""

from __future__ import annotations

from ..document.walk import Findings
from ..model.schema import Column, Table
from .definition import Contract, Entity
from .keys import Slot, ambiguities, can_be_empty, columns_told, longest, pieces_of, slot_of
from .template import Field, Template
from .types import can_be_negative, integer_range, is_case_sensitive, key_text, kind_of

MAX_PARTITION_BYTES = 2048
MAX_SORT_BYTES = 1024


def check_keys(contract: Contract, entity: Entity, table: Table, findings: Findings) -> None:
    """Fields with unknown columns are passed over: they have a finding of their own."""
    target = contract.target(entity.into)
    limits = {target.partition: MAX_PARTITION_BYTES}
    limits.update({index.partition: MAX_PARTITION_BYTES for index in target.indexes if index.partition != target.sort})
    usable = True
    for attribute, template in (*entity.key, *entity.index):
        is_key = attribute in target.attributes
        fields_fit = [_check_field(field, table, is_key=is_key, findings=findings) for field in template.fields]
        if not all(fields_fit):
            usable = False
            continue
        _check_template(attribute, template, table, limits.get(attribute, MAX_SORT_BYTES), is_key=is_key, findings=findings)
    if usable:
        _check_cover(entity, table, findings)


def _check_field(field: Field, table: Table, *, is_key: bool, findings: Findings) -> bool:
    """Whether the column can stand in a key at all."""
    column = table.column(field.column)
    if column is None:
        return False
    if column not in table.staged_columns:
        reason = f"column '{column.name}' is generated or invisible, so it is not replicated"
        findings.refuse("unknown-column", field.place, reason, "Build the key from the columns that it is computed from.")
        return False
    if key_text(column) is None:
        reason = f"column '{column.name}' is {column.data_type}, which has no exact text for a key"
        findings.refuse("type-not-for-keys", field.place, reason, "Use another column.")
        return False
    if is_key and column.nullable:
        reason = f"column '{column.name}' can be NULL, and a key needs a value"
        findings.refuse("key-can-be-null", field.place, reason, "Use a NOT NULL column.")
    if field.pad:
        _check_pad(field, field.pad, column, findings)
    if field.functions and kind_of(column) != "text":
        reason = f"'{field.functions[0]}' is for texts, but column '{column.name}' is {column.data_type}"
        findings.refuse("function-on-type", field.place, reason, f"Write {{{column.name}}}.")
    if is_key and column.name in table.primary_key:
        _check_folding(field, column, findings)
    return True


def _check_pad(field: Field, pad: int, column: Column, findings: Findings) -> None:
    if kind_of(column) != "integer":
        reason = f"column '{column.name}' is {column.data_type}; only whole numbers can be filled up with zeros"
        findings.refuse("pad-on-type", field.place, reason, f"Write {{{column.name}}}.")
        return
    if can_be_negative(column):
        reason = f"column '{column.name}' is signed, and negative numbers do not sort in a padded key"
        findings.refuse(
            "negative-in-pad", field.place, reason, f"Make the column UNSIGNED, or write {{{column.name}}} if its order is not needed."
        )
        return
    needed = len(str(integer_range(column)[1]))
    if pad < needed:
        reason = f"column '{column.name}' ({column.column_type}) can have {needed} digits, the pad has {pad}"
        findings.refuse("pad-too-narrow", field.place, reason, f"Write {{{column.name}:0{needed}d}}.")


def _check_folding(field: Field, column: Column, findings: Findings) -> None:
    if kind_of(column) != "text" or column.collation is None or is_case_sensitive(column) or column.data_type in ("enum", "set"):
        return  # labels are stored as they were declared, however they were written
    if not {"lower", "upper"} & set(field.functions):
        reason = f"column '{column.name}' compares as {column.collation}, where 'a' equals 'A'; DynamoDB keeps them apart"
        findings.refuse("case-insensitive-key", field.place, reason, f"Write {{{column.name}|lower}}, or give the column a _bin collation.")
    elif not column.collation.startswith("ascii"):
        reason = f"column '{column.name}' compares as {column.collation}; lower and upper fold only the letters A to Z"
        findings.warn("folding-is-ascii", field.place, reason, "Values that differ in accents alone count as different keys.")


def _check_template(attribute: str, template: Template, table: Table, limit: int, *, is_key: bool, findings: Findings) -> None:
    pieces = pieces_of(template, slot_of(table))
    for found in ambiguities(pieces):
        column = found.field.column
        if found.separator:
            reason = f"'{attribute}': a value of '{column}' can hold '{found.separator}', so its end cannot be told"
            remedy = f"Write {{{column}|escape}}, or put it last."
            if kind_of(table.column(column) or table.columns[0]) != "text" or "escape" in found.field.functions:
                remedy = "Use '#' as the separator, or put it last."
            findings.refuse("separator-in-value", found.field.place, reason, remedy)
        else:
            reason = f"'{attribute}': nothing stands between '{column}' and the next field, so its end cannot be told"
            findings.refuse("no-separator", found.field.place, reason, "Put '#' between the two.")
    if can_be_empty(pieces):
        reason = f"'{attribute}' can be empty, which DynamoDB refuses"
        remedy = "Put a literal in front, such as 'NAME#'."
        if is_key:
            findings.refuse("key-can-be-empty", template.place, reason, remedy)
        else:
            findings.warn("index-can-be-empty", template.place, f"{reason}; such rows are rejected", remedy)
    size = longest(pieces)
    if size > limit:
        widest = max((piece for piece in pieces if isinstance(piece, Slot)), key=lambda slot: slot.max_bytes)
        reason = f"'{attribute}' can have {size} bytes, DynamoDB takes {limit} ('{widest.field.column}' alone up to {widest.max_bytes})"
        findings.refuse("key-too-long", template.place, reason, "Use a shorter column.")


def _check_cover(entity: Entity, table: Table, findings: Findings) -> None:
    """Every column of the source's key must follow from the item's key; then no two rows can give one."""
    place = entity.key[-1][1].place if entity.key else entity.place
    if not table.primary_key:
        reason = f"table '{table.qualified}' has no primary key, so its rows cannot be told apart"
        findings.refuse("no-primary-key", entity.place, reason, "Give the table a primary key.")
        return
    told = columns_told([pieces_of(template, slot_of(table)) for _name, template in entity.key])
    missing = [name for name in table.primary_key if name not in told]
    if missing:
        reason = f"entity '{entity.name}': two rows could get one key, since it does not tell {', '.join(missing)}"
        fields = "#".join(f"{{{name}}}" for name in missing)
        folded = any(field.column in missing for _name, template in entity.key for field in template.fields)
        remedy = "Its collation keeps apart what lower or upper makes equal: leave the function out." if folded else f"Add {fields}."
        findings.refuse("key-not-unique", place, reason, remedy)
