# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a workload is made of: tables, rows that fill them, transactions that change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from lab.workload.changes import Action, ChangeSession

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Filling(Protocol):
    """The rows of all tables, a function of seed and number alone."""

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows of each table."""

    def blocks(self, table: str) -> Iterator[bytes]:
        """The rows of one table as blocks of whole lines of a LOAD DATA file, UTF-8."""


@dataclass(frozen=True, slots=True)
class Workload:
    """``tables``: parents before children. ``fields``: what follows LOAD DATA for a table whose lines are not simply its columns.

    ``filling(rows, seed)`` raises LabError where the rows are too few. ``actions(random, session)``: what the change script does, one
    transaction each.
    """

    name: str
    schema: str
    tables: tuple[str, ...]
    filling: Callable[[int, int], Filling]
    actions: Callable[[Random, ChangeSession], Mapping[str, Action]]
    fields: Callable[[str], str] = lambda table: ""
    sql_mode: str | None = None

    @property
    def schema_sql(self) -> str:
        """The tables, then what is added once they are full, as statements that end with ``;`` and a newline."""
        return (EXAMPLES / self.name / "schema.sql").read_text(encoding="utf-8")
