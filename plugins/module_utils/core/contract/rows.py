# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rows into items: one function per source table, generated once, then called for every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ..errors import InvalidInput, Rejected
from ..model.schema import Column, Table
from . import functions
from .checker import check_table
from .codegen import PARAMETERS, Generator
from .definition import Contract
from .mapping import item_attributes
from .plan import inputs_of, plan_item
from .sizes import check_item
from .types import clean_pattern, cleaner

RowTransform: TypeAlias = Callable[[Sequence[str | None]], Sequence[tuple[str, str, str]]]


def compile_rows(contract: Contract, table: Table, *, null: str | None, offset: int, version: str) -> RowTransform:
    """A function from one row to its items, each as (entity, key, item), key and item in DynamoDB JSON text.

    ``fields[offset:]`` of a row are the staged columns of ``table`` in order, as staged text; what follows them is not looked at.
    ``null``: the text that stands for NULL, or None where NULL is None. ``version``: the value of ``_v``.

    Raises InvalidInput where the contract does not fit the table. The function raises Rejected for a row that cannot become an item.
    """
    entities = contract.entities_of(table.schema, table.name)
    refused = [finding for finding in check_table(contract, table) if finding.severity == "refused"]
    if refused or not entities:
        raise InvalidInput(f"the contract does not fit {table.qualified}", place=contract.file, findings=refused)
    plans = [plan_item(contract, entity, table, version) for entity in entities]
    used = sorted({item.position for plan in plans for node in (plan.opening, plan.rest) for item in inputs_of(node)})
    numbers = {a.column.name for entity in entities for a in item_attributes(contract, entity, table) if a.type == "N"}
    columns = table.staged_columns
    cleaners = {position: cleaner(columns[position], as_number=columns[position].name in numbers) for position in used}
    checked = [position for position in used if cleaners[position]]
    generator = Generator(
        plans,
        width=len(columns),
        offset=offset,
        checked=checked,
        not_null=[position for position in used if not cleaners[position] and not columns[position].nullable],
        marker=null is not None,
    )
    scope: dict[str, Any] = {}
    exec(compile(generator.source(), f"<rows of {table.qualified}>", "exec"), scope)  # noqa: S102 - literals and numbered names only
    reachable = {
        "NULL": null,
        "is_clean": _pattern([columns[position] for position in checked], null).fullmatch,
        "clean": _clean([(position, columns[position], cleaners[position]) for position in used], null),
        "too_few": lambda width: Rejected("row-width", f"a row of {table.qualified} has {width} fields, {offset + len(columns)} expected"),
        "check_item": check_item,
        **{name: getattr(functions, name) for name in PARAMETERS if hasattr(functions, name)},
    }
    transform: RowTransform = scope["make"](**reachable)
    return transform


def _pattern(columns: Sequence[Column], null: str | None) -> re.Pattern[str]:
    """Matches the values of ``columns``, one per line, if none needs cleaning. Without a marker they come as ``repr`` gives them."""
    lines = []
    for column in columns:
        pattern = clean_pattern(column)
        line = f"(?:{pattern})" if null is not None else f"'(?:{pattern})'"
        absent = re.escape(null) if null is not None else "None"
        lines.append(f"(?:{line}|{absent})" if column.nullable else line)
    return re.compile(r"\n".join(lines))


def _clean(
    columns: Sequence[tuple[int, Column, Callable[[str], str] | None]], null: str | None
) -> Callable[[Sequence[str | None]], list[str | None]]:
    def clean(values: Sequence[str | None]) -> list[str | None]:
        cleaned = list(values)
        for position, column, to_clean in columns:
            value = cleaned[position]
            if value is None or value == null:
                if not column.nullable:
                    raise Rejected("unexpected-null", f"column '{column.name}' is NULL, which its table does not allow")
            elif to_clean:
                cleaned[position] = to_clean(value)
        return cleaned

    return clean
