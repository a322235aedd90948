# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table mappings, in the spelling of the user guide."""

from __future__ import annotations

import json
from typing import Any

Rule = dict[str, Any]


def mappings(*rules: Rule) -> str:
    """The rules with an id and a name each."""
    return json.dumps({"rules": [{"rule-id": str(number), "rule-name": str(number), **rule} for number, rule in enumerate(rules, 1)]})


def select(schema: str, table: str = "%", action: str = "include", **more: Any) -> Rule:
    locator = {"schema-name": schema, "table-name": table}
    return {"rule-type": "selection", "object-locator": locator, "rule-action": action, **more}


def column_filter(column: str, *conditions: tuple[str, ...]) -> dict[str, Any]:
    """A filter of a selection rule. A condition: an operator and its values."""
    names: dict[int, tuple[str, ...]] = {0: (), 1: ("value",), 2: ("start-value", "end-value")}
    written = [{"filter-operator": operator, **dict(zip(names[len(values)], values, strict=True))} for operator, *values in conditions]
    return {"filter-type": "source", "column-name": column, "filter-conditions": written}


def transform(target: str, action: str, schema: str, table: str = "", column: str = "", **more: Any) -> Rule:
    """``more``: further members, with underscores for their hyphens."""
    locator = {"schema-name": schema, "table-name": table, "column-name": column}
    return {
        "rule-type": "transformation",
        "rule-target": target,
        "object-locator": {name: value for name, value in locator.items() if value},
        "rule-action": action,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def add_column(name: str, expression: str, schema: str = "%", table: str = "%", **data_type: Any) -> Rule:
    kind = data_type or {"type": "string", "length": 50}
    return transform("column", "add-column", schema, table, value=name, expression=expression, data_type=kind)


def before_images(schema: str = "%", table: str = "%", columns: str = "pk-only") -> Rule:
    definition = {"column-prefix": "BI_", "column-suffix": "", "column-filter": columns}
    return transform("column", "add-before-image-columns", schema, table, before_image_def=definition)


def parallel_load(schema: str, table: str, **how: Any) -> Rule:
    """``how``: members of parallel-load, with underscores for their hyphens."""
    locator = {"schema-name": schema, "table-name": table}
    written = {name.replace("_", "-"): value for name, value in how.items()}
    return {"rule-type": "table-settings", "object-locator": locator, "parallel-load": written}
