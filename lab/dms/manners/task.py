# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The places of the engine at which it may misbehave, for one task. Each is one call, and does nothing while nothing is armed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lab.dms.binlog import LogPurged, Position, RowEvent, Transaction
from lab.dms.cdc.batch import Batch, Write
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.cdc.sequence import Sequence
from lab.dms.manners import catalogue, keys
from lab.dms.manners.changes import BadBatch, Splitter
from lab.dms.manners.files import BadTarget
from lab.dms.manners.load import LoadManners
from lab.dms.targets.s3 import S3Target
from lab.manners import Fits, Manners, Strike

PAUSED, RESUMED = "DMS-EVENT-0091", "DMS-EVENT-0093"
# So many names of files of changes, and checkpoints, are remembered.
KEPT_KEYS = 256
KEPT_CHECKPOINTS = 64


class TaskManners:
    """``names``: answers the task's identifier and ARN; ``fail_over``: loses the machine that it runs on, unless that is not available;
    ``tell``: records an event of the task, by its id and message. One object for all runs of a task, until the service ends."""

    def __init__(
        self,
        manners: Manners | None = None,
        names: Callable[[], tuple[str, ...]] = lambda: (),
        fail_over: Callable[[], bool] = lambda: False,
        tell: Callable[[str, str], None] = lambda event_id, message: None,
    ) -> None:
        self._manners = manners or Manners(catalogue.CATALOGUE)
        self._names = names
        self._tell = tell
        self._delivered: deque[str] = deque(maxlen=KEPT_KEYS)
        self._checkpoints: deque[Checkpoint] = deque(maxlen=KEPT_CHECKPOINTS)
        self.lose_machine = fail_over

    def take(self, name: str, fits: Fits = lambda options: True) -> Strike | None:
        """Here is an opportunity for that manner."""
        return self._manners.take(name, self._names(), fits) if self._manners.waiting(name) else None

    def waiting(self, name: str) -> bool:
        """Is that manner armed, for whatever task?"""
        return self._manners.waiting(name)

    # Where the parts of a run are made.

    def load(self) -> LoadManners:
        """For one full load."""
        return LoadManners(self)

    def load_target(self, target: S3Target) -> S3Target:
        """For the files of a full load."""
        return BadTarget(target, self._spoils_files, self.take, self._delivered, None)

    def batch(self, target: S3Target, names: ChangeFileNames, spool_dir: Path) -> Batch:
        """For the files of changes."""
        bad = BadTarget(target, self._spoils_files, self.take, self._delivered, partial(_next_key, names))
        return BadBatch(self, bad, names, spool_dir)

    # What happens between the source and the files.

    def start(self, kept: Checkpoint) -> Checkpoint:
        """From where a run of changes reads. ``kept``: where the last one ended, or where the first one begins."""
        if not kept.time:
            self._checkpoints.clear()
        self.reached(kept)
        # Without an upload before the last one there is nothing to send again.
        strike = self.take(catalogue.RESUME_OVERLAPS) if len(self._checkpoints) > 1 else None
        if strike is None:
            return kept
        uploads = min(strike.options["uploads"], len(self._checkpoints) - 1)
        for _ in range(uploads):
            self._checkpoints.pop()
        again = self._checkpoints[-1]
        strike.done(row=again.counter + 1, detail=f"changes {again.counter + 1} to {kept.counter} are sent again, from {again.position}")
        return again

    def reached(self, checkpoint: Checkpoint) -> None:
        """Everything before it is in the bucket. Of checkpoints without a change between them the last one is remembered."""
        if self._checkpoints and self._checkpoints[-1].counter == checkpoint.counter:
            self._checkpoints.pop()
        self._checkpoints.append(checkpoint)

    def open_log(self, position: Position) -> None:
        """The log is about to be opened. Raises LogPurged, in the words of a server that no longer has it."""
        if strike := self.take(catalogue.LOG_PURGED):
            strike.done(detail=f"the log was to be read from {position}")
            raise LogPurged.answered(position, "Could not find first log file name in binary log index file")

    def read_next(self, wait: Callable[[float], bool]) -> None:
        """The next part of the log is about to be read. ``wait``: so many seconds; True at once when the task is to stop."""
        if strike := self.take(catalogue.READING_PAUSES):
            self._tell(PAUSED, "Reading paused, swap files limit reached.")
            if wait(strike.options["seconds"]):
                strike.done(detail="until the task was stopped")
                return
            self._tell(RESUMED, "Reading resumed.")
            strike.done(detail=f"{strike.options['seconds']:g} s")

    def writing(self, batch: Batch) -> Write:
        """What writes the lines of the next transaction."""
        return Splitter(self, batch).write if self.waiting(catalogue.TRANSACTION_SPLIT) else batch.write

    def numbered_at(self, transaction: Transaction, sequence: Sequence, follows: Callable[[RowEvent], bool]) -> float:
        """The commit time that the numbers of the transaction's changes are made of. ``follows``: is the task concerned by a row event?"""
        commit_time = transaction.commit_time
        if self._manners.idle or not self._spoils_numbers() or not any(follows(event) for event in transaction.rows):
            return commit_time
        if strike := self.take(catalogue.SEQUENCE_RESTARTS):
            strike.done(row=sequence.counter + 1, detail=f"change {sequence.counter + 1} has the number 1 again")
            sequence.counter = 0
        if strike := self.take(catalogue.SEQUENCE_STEPS_BACK):
            seconds = strike.options["seconds"]
            strike.done(row=sequence.counter + 1, detail=f"its transaction's numbers are {seconds:g} s too early")
            sequence.time = ""
            return float(commit_time - seconds)
        return commit_time

    def _spoils_files(self) -> bool:
        return any(self.waiting(name) for name in catalogue.OF_FILES)

    def _spoils_numbers(self) -> bool:
        return self.waiting(catalogue.SEQUENCE_RESTARTS) or self.waiting(catalogue.SEQUENCE_STEPS_BACK)


def _next_key(names: ChangeFileNames, key: str) -> str:
    """A new key in the same folder."""
    return names.transactions() if keys.is_stream(key) else names.table(keys.folder(key))
