# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The account of one entity on both sides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EntityParity:
    """Counts and digests of one entity. A digest is the sum modulo 2**128 of the hashes of all canonical items, 32 hex digits."""

    entity: str
    source_rows: int
    staged_rows: int
    items: int
    rejects: int
    digest_source: str
    digest_target: str
    equal: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> EntityParity:
        return cls(**data)
