# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rules, tables and rows for tests of table mappings."""

from __future__ import annotations

import json
from typing import Any

from lab.dms.dialects.dialect import GUIDE, Dialect
from lab.dms.mappings import RowContext, TableMappings, TablePlan, read_mappings
from lab.dms.sources.mysql import SourceColumn, SourceTable


def selection(number: int, schema: str = "s", table: str = "%", action: str = "include", **more: Any) -> dict[str, Any]:
    locator = {"schema-name": schema, "table-name": table} | more.pop("locator", {})
    base = {"rule-type": "selection", "rule-id": str(number), "rule-name": str(number)}
    return base | {"object-locator": locator, "rule-action": action} | more


def transformation(number: int, action: str, target: str = "column", **more: Any) -> dict[str, Any]:
    locator = {"schema-name": "s"} | ({} if target == "schema" else {"table-name": "%"}) | more.pop("locator", {})
    base = {"rule-type": "transformation", "rule-id": str(number), "rule-name": str(number), "rule-target": target}
    return base | {"object-locator": locator, "rule-action": action} | more


def settings(number: int, **more: Any) -> dict[str, Any]:
    locator = {"schema-name": "s", "table-name": "t"} | more.pop("locator", {})
    base = {"rule-type": "table-settings", "rule-id": str(number), "rule-name": str(number)}
    return base | {"object-locator": locator} | more


def add_column(number: int, name: str, expression: str | None, data_type: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    given = {} if expression is None else {"expression": expression}
    return transformation(number, "add-column", value=name, **given, **{"data-type": data_type or {"type": "string"}}, **more)


def column(name: str, kind: str = "varchar(20)", ordinal: int = 0, **more: Any) -> SourceColumn:
    return SourceColumn(
        name, kind.split("(")[0].split(" ")[0], kind, "utf8mb4" if "char" in kind or "text" in kind else "", 0, ordinal, **more
    )


def table(*columns: SourceColumn, key: tuple[str, ...] = ("id",), name: str = "t") -> SourceTable:
    return SourceTable("s", name, 1, columns, key)


ORDERS = table(
    column("id", "bigint(20) unsigned"),
    column("name"),
    column("note", "longtext"),
    column("amount", "decimal(10,2)"),
    column("made", "datetime"),
)


def read(*rules: dict[str, Any]) -> TableMappings:
    return read_mappings(json.dumps({"rules": rules}))


def plan(*rules: dict[str, Any], of: SourceTable = ORDERS, dialect: Dialect = GUIDE, lobs: bool = True) -> TablePlan:
    """The plan of a table under one include rule, which has the number 1, and the rules given."""
    return read(selection(1), *rules).plan(of, dialect, lobs=lobs)


def names(planned: TablePlan) -> list[str]:
    return [c.name for c in planned.columns]


def row(operation: str = "INSERT", **values: str | None) -> RowContext:
    return RowContext(
        operation, values, "20261122101521000000000000000000417", "log.000001:4", "2026-11-22 10:15:21.000000", None, "s", "t"
    )
