# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Plays a task's files again, knowing nothing but their form: rows of loads, then changes, by key."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

Record: TypeAlias = tuple[str, ...]
# What $AR_H_CHANGE_SEQ has in front of its counter.
TIME_DIGITS = 16
# The zoo's longest texts are larger than what the module takes by itself.
csv.field_size_limit(1 << 24)


def records(body: bytes) -> list[Record]:
    return [tuple(row) for row in csv.reader(io.StringIO(body.decode(), newline=""))]


@dataclass(frozen=True)
class Change:
    """One record of a change file. ``row``: the table's columns; ``old_key``: what the BI_ columns hold."""

    operation: str
    table: str
    row: Record
    sequence: str
    old_key: Record

    @property
    def number(self) -> int:
        return int(self.sequence[TIME_DIGITS:])


@dataclass
class Table:
    """``columns``: the names that a line has, without those that the task's rules add; ``key``: names of some of them."""

    columns: list[str]
    key: list[str]
    rows: dict[Record, Record] = field(default_factory=dict)

    def key_of(self, row: Record) -> Record:
        return tuple(row[self.columns.index(name)] for name in self.key)

    def load(self, lines: Iterable[Record]) -> None:
        """Lines of a load: an I, the columns, and what rules add."""
        for line in lines:
            assert line[0] == "I"
            row = line[1 : 1 + len(self.columns)]
            self.rows[self.key_of(row)] = row

    def change(self, line: Record) -> Change:
        """A line of a change: operation, table, schema, the columns, the sequence number, the old key."""
        width = len(self.columns)
        return Change(line[0], line[1], line[3 : 3 + width], line[3 + width], line[4 + width :])

    def apply(self, change: Change) -> None:
        """An update of a row that is not there makes it, a deletion of one that is not there is none."""
        if change.operation == "D":
            self.rows.pop(self.key_of(change.row), None)
            return
        if change.operation == "U":
            self.rows.pop(change.old_key, None)
        self.rows[self.key_of(change.row)] = change.row
