# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What goes wrong while tables are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from lab.dms.manners import catalogue
from lab.dms.sources.mysql import SourceError
from lab.manners import Strike

if TYPE_CHECKING:
    from lab.dms.manners.task import TaskManners

FAILURE = "The source endpoint failed while table {table} was read"


class LoadManners:
    """Of one full load; many threads call. The source that has vanished stays away until that load is over."""

    def __init__(self, task: TaskManners) -> None:
        self._task = task
        self._vanished: Strike | None = None

    def rows(self, table: str, blocks: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
        """The blocks of rows of a table or of a segment of it, or what is left of them. ``table``: ``schema.table``. Raises SourceError."""
        read = 0
        for block in blocks:
            if self._vanished is None:
                self._vanished = self._task.take(catalogue.SOURCE_VANISHES, partial(_table_fits, table))
                kept = block[: self._vanished.chance.randrange(len(block))] if self._vanished else block
            else:
                kept = []
            self._fail(table)
            if kept:
                yield kept
                read += len(kept)
            if self._vanished is not None:
                self._vanished.done(table=table, row=read, detail=f"the source went away behind row {read}")
                return

    def _fail(self, table: str) -> None:
        fits = partial(_part_fits, table)
        if (strike := self._task.take(catalogue.INSTANCE_FAILS_OVER, fits)) and self._task.lose_machine():
            strike.done(table=table, detail="while the table was read")
        if strike := self._task.take(catalogue.TASK_FAILS, fits):
            strike.done(table=table, detail=f"{strike.options['kind']}, while the table was read")
            raise SourceError(FAILURE.format(table=table), recoverable=strike.options["kind"] == "recoverable")


def _table_fits(table: str, options: Mapping[str, Any]) -> bool:
    return fnmatchcase(table, options["table"])


def _part_fits(table: str, options: Mapping[str, Any]) -> bool:
    return options["part"] != "changes" and _table_fits(table, options)
