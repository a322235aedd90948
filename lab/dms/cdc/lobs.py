# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""LOBs that are longer than the task takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import LOBS, TEXTS
from lab.dms.sources.mysql import SourceColumn

Image: TypeAlias = tuple[str | None, ...]
Row: TypeAlias = tuple[Image | None, Image | None]
# The value as it may be written, or None if it is short enough.
_Cut: TypeAlias = Callable[[str], str | None]


class LobCutter:
    """Cuts the LOBs of a row's images at a number of bytes, as the full load does: a text by its UTF-8, between characters."""

    def __init__(self, columns: Sequence[SourceColumn], limit: int, dialect: Dialect) -> None:
        """``columns``: of the images, in their order."""
        self._cuts = [(place, _cut(column, limit, dialect)) for place, column in enumerate(columns) if column.data_type in LOBS]

    def __bool__(self) -> bool:
        """Is there a LOB at all?"""
        return bool(self._cuts)

    def row(self, row: Row) -> Row | None:
        """The row with its LOBs cut; None if all are short enough."""
        before, after = self._image(row[0]), self._image(row[1])
        if before is None and after is None:
            return None
        return (before or row[0], after or row[1])

    def _image(self, image: Image | None) -> Image | None:
        if image is None:
            return None
        changed: dict[int, str] = {}
        for place, cut in self._cuts:
            value = image[place]
            shorter = cut(value) if value is not None else None
            if shorter is not None:
                changed[place] = shorter
        return tuple(changed.get(place, value) for place, value in enumerate(image)) if changed else None


def _cut(column: SourceColumn, limit: int, dialect: Dialect) -> _Cut:
    if column.data_type not in TEXTS:
        longest = len(dialect.hex_prefix) + 2 * limit
        return lambda text: text[:longest] if len(text) > longest else None
    # No character takes more than four bytes.
    short = limit // 4

    def cut(text: str) -> str | None:
        if len(text) <= short:
            return None
        data = text.encode()
        return data[:limit].decode(errors="ignore") if len(data) > limit else None

    return cut
