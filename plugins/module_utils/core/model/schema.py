# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables and columns of the source, as ``information_schema`` tells them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``data_type`` is the bare type in lower case (``int``, ``varchar``), ``column_type`` the whole (``int(10) unsigned``)."""

    name: str
    data_type: str
    column_type: str
    nullable: bool
    ordinal: int
    length: int | None = None  # characters (texts) or bytes (binary)
    precision: int | None = None  # digits in all, for numbers
    scale: int | None = None  # digits behind the point
    fraction: int | None = None  # digits of a second's fraction, for times
    collation: str | None = None
    generated: bool = False
    invisible: bool = False

    @property
    def unsigned(self) -> bool:
        return "unsigned" in self.column_type.lower()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    columns: tuple[str, ...]
    to_schema: str
    to_table: str
    to_columns: tuple[str, ...]
    on_delete: str = "RESTRICT"
    on_update: str = "RESTRICT"


@dataclass(frozen=True, slots=True)
class Table:
    """One table, its columns in ordinal order, its primary key in key order (empty where there is none)."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def staged_columns(self) -> tuple[Column, ...]:
        """The columns that DMS writes: an invisible or generated column is not migrated."""
        return tuple(c for c in self.columns if not c.invisible and not c.generated)

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Table:
        return cls(
            schema=data["schema"],
            name=data["name"],
            columns=tuple(Column(**c) for c in data["columns"]),
            primary_key=tuple(data["primary_key"]),
            foreign_keys=tuple(
                ForeignKey(
                    columns=tuple(k["columns"]),
                    to_schema=k["to_schema"],
                    to_table=k["to_table"],
                    to_columns=tuple(k["to_columns"]),
                    on_delete=k["on_delete"],
                    on_update=k["on_update"],
                )
                for k in data["foreign_keys"]
            ),
        )
