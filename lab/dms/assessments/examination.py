# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the checks ask of a source, and how they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lab.dms.mappings import TableMappings
from lab.dms.sources.mysql import MySQLSource, SourceError

PASSED, WARNING, FAILED, ERROR, CANCELLED = "passed", "warning", "failed", "error", "cancelled"
# Objects that a finding names; the others are counted.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """``status``: one of the constants of this module; ``details``: for people; ``objects``: what it is about, sorted."""

    status: str
    details: str
    objects: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        more = len(self.objects) - _NAMED
        names = ", ".join(self.objects[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"{self.details}: {names}." if self.objects else f"{self.details}."


def found(objects: Iterable[str], bad: str, details: str, good: str) -> Finding:
    """Passed if there are no such objects, else the status ``bad``."""
    names = tuple(sorted(set(objects)))
    return Finding(bad, details, names) if names else Finding(PASSED, good)


class Examination:
    """One source under the mappings and settings of one task. Every method raises SourceError and TableError."""

    def __init__(
        self,
        source: MySQLSource,
        *,
        mappings: TableMappings,
        settings: Mapping[str, Any],
        captures: bool,
        attributes: str = "",
    ) -> None:
        """``captures``: the task follows changes; ``attributes``: the endpoint's extra connection attributes."""
        self.source = source
        self.mappings = mappings
        self.settings = settings
        self.captures = captures
        self.attributes = attributes

    @cached_property
    def tables(self) -> list[tuple[str, str]]:
        """The base tables that the task selects and this account sees."""
        return [(schema, name) for schema, name, _ in self.source.tables() if self.mappings.selects(schema, name)]

    @cached_property
    def variables(self) -> dict[str, str]:
        """The server's variables by their names in lower case."""
        return {str(name).lower(): str(value) for name, value in self.source.answer("SHOW GLOBAL VARIABLES")}

    def variable(self, *names: str) -> str:
        """The first of these variables that the server knows, or nothing."""
        return next((self.variables[name] for name in names if name in self.variables), "")

    def number(self, *names: str) -> float:
        """That variable as a number; 0 if the server has none of them."""
        text = self.variable(*names)
        return float(text) if text.replace(".", "", 1).isdigit() else 0.0

    def enabled(self, *names: str) -> bool:
        return self.variable(*names).upper() in ("ON", "1", "YES", "TRUE")

    @cached_property
    def is_mariadb(self) -> bool:
        return "mariadb" in self.variable("version").lower()

    @cached_property
    def columns(self) -> list[dict[str, str]]:
        """The columns of the selected tables: ``information_schema.COLUMNS`` with keys in lower case."""
        names = ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "EXTRA", "GENERATION_EXPRESSION")
        rows = self.selected(f"SELECT {', '.join(names)} FROM information_schema.COLUMNS")  # noqa: S608 - constant names
        return [{n.lower(): str(v or "") for n, v in zip(names, row, strict=True)} for row in rows]

    @cached_property
    def unique(self) -> set[tuple[str, str]]:
        """The selected tables that have a primary key or a unique index."""
        rows = self.selected("SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0")
        return {(row[0], row[1]) for row in rows}

    def selected(self, sql: str) -> list[Sequence[Any]]:
        """The rows of the statement, whose first two columns are schema and table, for the selected tables."""
        wanted = set(self.tables)
        return [row for row in self.source.answer(sql) if (row[0], row[1]) in wanted]

    def replica_status(self) -> list[Sequence[Any]] | None:
        """One row for each primary that this server follows; None if this account may not know."""
        for statement in ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS"):
            try:
                return list(self.source.answer(statement))
            except SourceError as error:
                if "syntax" not in str(error):
                    return None
        return None


def dotted(row: Sequence[Any]) -> str:
    """``schema.table`` or ``schema.table.column`` of a row that begins so."""
    return ".".join(str(part) for part in row)
