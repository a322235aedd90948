# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A YAML document whose every value knows its place: what the contract and the site configuration are read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from .finding import Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value: text, whole number, number, truth value or nothing (``None``).

    ``inset``: characters between ``place`` and the first character of a text (1 for a quoted one), so that a finding can point
    into it; None where the text in the file is written differently from its value (escapes, several lines).
    """

    value: str | int | float | bool | None
    place: Place
    inset: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    values: tuple[Node, ...]
    place: Place

    def __iter__(self) -> Iterator[Node]:
        return iter(self.values)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value. ``place`` is the place of the key."""

    key: str
    value: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries in the order of the file. A key that stands twice was refused when the file was read."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


Node: TypeAlias = Scalar | Sequence | Mapping
