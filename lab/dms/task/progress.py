# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a task is to do, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.dms.dialects.dialect import Dialect
from lab.dms.mappings import TableMappings


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a task is to do. ``settings``: as ``merge_settings`` returned them; ``start``, ``stop``: the positions of the API, or ""."""

    migration: str
    mappings: TableMappings
    settings: Mapping[str, Any]
    dialect: Dialect
    spool_dir: Path
    start: str = ""
    stop: str = ""

    @property
    def loads(self) -> bool:
        return self.migration != "cdc"

    @property
    def captures(self) -> bool:
        return self.migration != "full-load"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task came, as texts that outlive the process.

    ``checkpoint``: from where changes are to be read, "" before that is known; ``loaded``: the full load is over; ``cached_until``: the
    checkpoint at the end of the full load, if the task ends when it gets there; ``named``: the time in the last name of a change file.
    """

    checkpoint: str = ""
    loaded: bool = False
    cached_until: str = ""
    named: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
