# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a check before a run is, and what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..contract.definition import Contract
from ..model.finding import Finding, Place
from ..model.schema import Table
from ..model.site import Site
from ..ports import CloudAccount, InspectedDatabase


@dataclass(frozen=True)
class Subject:
    """What is checked."""

    site: Site
    contract: Contract
    database: InspectedDatabase
    account: CloudAccount

    @property
    def server(self) -> Place:
        return Place(f"{self.site.source.host}:{self.site.source.port}")

    @cached_property
    def tables(self) -> list[Table]:
        """The live tables that the contract names; those that are missing are simply not here."""
        wanted = set(self.contract.source_tables)
        return [table for table in self.database.tables(self.contract.schemas) if (table.schema, table.name) in wanted]

    def on_server(self, severity: Literal["refused", "warning"], code: str, reason: str, remedy: str) -> Finding:
        return Finding(severity, code, self.server, reason, remedy)


@dataclass(frozen=True, slots=True)
class Check:
    """``run`` gives what it found; nothing means that ``promise`` holds."""

    code: str
    promise: str
    run: Callable[[Subject], Iterable[Finding]]
