# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A place in the server's binary log."""

from __future__ import annotations

from typing import NamedTuple

# Every log begins with four bytes that mark it as one.
FIRST_OFFSET = 4


class Position(NamedTuple):
    """``offset``: bytes from the beginning of the file. The server numbers the files so that their names sort in order."""

    file: str
    offset: int

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Reads ``file:offset``. Raises ValueError."""
        file, colon, offset = text.rpartition(":")
        if not file or not colon or not (offset.isascii() and offset.isdigit()):
            raise ValueError(f"'{text}' is not a position in a binary log: 'file:offset' is")
        return cls(file, int(offset))
