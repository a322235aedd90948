# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What goes wrong while changes are written: files that end within a transaction, uploads after which the machine is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.dms.cdc.batch import Batch, Destination
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.manners import catalogue
from lab.dms.sources.mysql import SourceError
from lab.dms.targets.s3 import S3Target

if TYPE_CHECKING:
    from lab.dms.manners.task import TaskManners

FAILURE = "The target endpoint failed while changes were applied"
LOST = "The replication instance is lost"


class Splitter:
    """Writes the lines of one transaction; somewhere within them the files end."""

    def __init__(self, task: TaskManners, batch: Batch) -> None:
        self._task = task
        self._batch = batch
        self._rows = 0

    def write(self, destination: Destination, lines: Sequence[str]) -> None:
        before, self._rows = self._rows, self._rows + len(lines)
        # True for one of the writes of a transaction that is large enough, so that a transaction is one opportunity.
        split = self._task.take(catalogue.TRANSACTION_SPLIT, lambda options: before <= options["after"] < self._rows)
        if split is not None:
            head = split.chance.randrange(split.options["after"] - before, len(lines))
            self._batch.write(destination, lines[:head])
            lines = lines[head:]
            ended = ", ".join(self._batch.end_files())
            split.done(key=ended, row=before + head, detail=f"the file ends behind row {before + head} of the transaction")
        self._batch.write(destination, lines)


class BadBatch(Batch):
    """A batch as any other until the task or its machine is to fail around an upload."""

    def __init__(self, task: TaskManners, target: S3Target, names: ChangeFileNames, spool_dir: Path) -> None:
        super().__init__(target, names, spool_dir)
        self._task = task

    def upload(self) -> int:
        """Also raises SourceError, where the task or its machine fails."""
        if self.empty:
            return super().upload()
        self._fail(catalogue.BEFORE_UPLOAD)
        size = super().upload()
        self._fail(catalogue.AFTER_UPLOAD)
        return size

    def _fail(self, at: str) -> None:
        fits = partial(_fits, at)
        if (strike := self._task.take(catalogue.INSTANCE_FAILS_OVER, fits)) and self._task.lose_machine():
            strike.done(detail=at)
            raise SourceError(LOST, recoverable=True)
        if strike := self._task.take(catalogue.TASK_FAILS, fits):
            strike.done(detail=f"{strike.options['kind']}, {at}")
            raise SourceError(FAILURE, recoverable=strike.options["kind"] == "recoverable")


def _fits(at: str, options: Mapping[str, Any]) -> bool:
    return bool(options["part"] != "load" and options["at"] == at)
