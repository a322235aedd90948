# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A place in the server's binary log."""

from __future__ import annotations

from typing import NamedTuple

# Every log begins with four bytes that mark it as one.
FIRST_OFFSET = 4


class Position(NamedTuple):
    """``offset``: bytes from the beginning of the file. Positions compare by their files' names; ``place`` is the order in the log."""

    file: str
    offset: int

    @property
    def place(self) -> tuple[int, str, int]:
        """Sorts positions of one log: behind ``binlog.999999`` comes ``binlog.1000000``."""
        return len(self.file), self.file, self.offset

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Reads ``file:offset``. Raises ValueError."""
        file, colon, offset = text.rpartition(":")
        if not file or not colon or not (offset.isascii() and offset.isdigit()):
            raise ValueError(f"'{text}' is not a position in a binary log: 'file:offset' is")
        return cls(file, int(offset))
