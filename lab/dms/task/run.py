# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One run of a task from its start to its end: the load of the tables, the changes, and another try after what may pass.

In a task that does both, the place in the binary log is remembered before the first table is read. Whatever is committed while tables are
read is therefore read from the log afterwards, and a change that a table's files already show is written once more as a change.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lab.dms.binlog import current_position, settled_position
from lab.dms.cdc.checkpoint import Checkpoint, starting_point
from lab.dms.cdc.run import ChangeCapture
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.stop import AfterPosition, StopPosition
from lab.dms.full_load.run import FullLoad
from lab.dms.manners.task import TaskManners
from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED, STOPPED_AFTER_CACHED_EVENTS, STOPPED_AFTER_FULL_LOAD, Outcome
from lab.dms.settings import LoadSettings, RetrySettings
from lab.dms.sources.mysql import Address, MySQLSource, SourceError
from lab.dms.statistics import COMPLETED, Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.task.load_meter import CountingTarget, LoadMeter
from lab.dms.task.open_transactions import wait_for_open_transactions
from lab.dms.task.progress import Assignment, Progress
from lab.dms.task.reloads import Reloads, Table

# While tables are loaded, the state is kept this often at most.
SAVE_SECONDS = 1.0


class TaskRun:
    """``target`` takes the changes and ``load_target``, the same place, the tables.

    ``save`` is called after each step that a later run must not lose; ``tell`` with the error after which the run tries again;
    ``wait_for_machine`` after an interruption: it returns when the replication instance is back, or the given event is set.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        address: Callable[[], Address],
        target: S3Target,
        load_target: CountingTarget,
        statistics: Statistics,
        progress: Progress,
        reload: bool,
        save: Callable[[TaskRun], None],
        tell: Callable[[str], None],
        wait_for_machine: Callable[[threading.Event], None],
        manners: TaskManners | None = None,
    ) -> None:
        self.statistics = statistics
        self.progress = progress
        self._load_times: dict[str, float | None] = {}
        self._assignment = assignment
        self._address = address
        self._target = target
        self._load_target = load_target
        self._reload = reload
        self._save = save
        self._tell = tell
        self._wait_for_machine = wait_for_machine
        self._manners = manners or TaskManners()
        self._retries = RetrySettings.read(assignment.settings)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._interrupted = threading.Event()
        self._parts: list[FullLoad | ChangeCapture] = []
        self._capture: ChangeCapture | None = None
        self._reloads = Reloads(statistics, self._full_load, self._hearing)
        self._meter = LoadMeter(statistics, load_target)
        self._saved = 0.0
        statistics.on_end = self._table_ended

    def run(self, on_running: Callable[[], None]) -> Outcome:
        """Work until the task is done, stopped or failed. ``on_running`` is called when the work on the tables begins."""
        failures = 0
        on_running = _once(on_running)
        while True:
            before = self._mark()
            outcome = self._attempt(on_running)
            if self._stop.is_set():
                return Outcome.stopped() if outcome.recoverable else outcome
            if self._interrupted.is_set():
                self._wait_for_machine(self._stop)
                self._interrupted.clear()
                continue
            if not outcome.recoverable:
                return outcome
            failures = failures + 1 if self._mark() == before else 1
            pause = self._retries.wait(failures)
            if pause is None:
                return outcome
            on_running()
            self._tell(outcome.failure)
            if self._stop.wait(pause):
                return Outcome.stopped()

    def stop(self) -> None:
        """Ask the run to end: a load at the next block of rows, changes after those that were read are written."""
        self._stop.set()
        for part in self._working():
            part.stop()

    def interrupt(self) -> None:
        """The machine goes away: whatever is under way is dropped, and begun again from the checkpoint when the machine is back."""
        self._interrupted.set()
        for part in self._working():
            if isinstance(part, ChangeCapture):
                part.abort()
            else:
                part.stop()

    def reload_tables(self, tables: Sequence[Table]) -> None:
        """Load these again: when the full load is over, or beside the changes."""
        self._reloads.want(tables)
        # Before it deletes what there is of them.
        self._save(self)
        self._reloads.begin()

    def load_times(self) -> dict[str, float | None]:
        """When the full load of this run began and ended, in seconds since 1970, by the names of the API; nothing if it had none."""
        return self._load_times

    def metrics(self) -> dict[str, float]:
        """The task's metrics of CloudWatch; rates since the last call."""
        capture = self._capture
        load = self._meter.metrics() if self._assignment.loads else {}
        return load | (capture.metrics() if capture else {})

    def _attempt(self, on_running: Callable[[], None]) -> Outcome:
        """One try from where the last one ended."""
        try:
            if self._assignment.captures and not self.progress.checkpoint:
                self._remember_position(on_running)
            if self._assignment.loads and not self.progress.loaded:
                outcome = self._load(on_running)
                if outcome.stop_reason != FULL_LOAD_ONLY_FINISHED or not self._assignment.captures:
                    return outcome
                self._end_load()
                if self._assignment.settings["FullLoadSettings"]["StopTaskCachedChangesNotApplied"]:
                    return Outcome.stopped(STOPPED_AFTER_FULL_LOAD)
            return self._follow(on_running)
        except (LookupError, ValueError) as error:
            return Outcome.failed(str(error))
        except SourceError as error:
            return Outcome.failed(str(error), recoverable=error.recoverable)

    def _remember_position(self, on_running: Callable[[], None]) -> None:
        """From here changes will be read. Raises SourceError, LookupError, ValueError."""
        address = self._address()
        if self._assignment.start:
            start = starting_point(self._assignment.start, address)
        else:
            with MySQLSource(address) as source:
                start = Checkpoint(settled_position(source))
        if self._assignment.loads:
            load = self._assignment.settings["FullLoadSettings"]
            strict = self._assignment.settings["ErrorBehavior"]["FailOnTransactionConsistencyBreached"]
            wait_for_open_transactions(address, load["TransactionConsistencyTimeout"], self._stop, on_running, strict=strict)
        self._advance(checkpoint=str(start))

    def _load(self, on_running: Callable[[], None]) -> Outcome:
        load = self._full_load()

        def running() -> None:
            self._load_times = {"FullLoadStartDate": time.time(), "FullLoadFinishDate": None}
            on_running()

        try:
            with self._hearing(load):
                outcome = load.run(running)
        finally:
            self._load_times = {"FullLoadStartDate": load.load_started, "FullLoadFinishDate": load.load_ended}
        if outcome.stop_reason == FULL_LOAD_ONLY_FINISHED:
            outcome = self._reloads.load() or outcome
        return outcome

    def _full_load(self) -> FullLoad:
        done = frozenset((t.schema, t.table) for t in self.statistics.in_state(COMPLETED))
        return FullLoad(
            address=self._address,
            target=self._manners.load_target(self._load_target),
            mappings=self._assignment.mappings,
            settings=LoadSettings.read(self._assignment.settings),
            statistics=self.statistics,
            dialect=self._assignment.dialect,
            completed=done,
            reload=self._reload,
            manners=self._manners.load(),
        )

    def _end_load(self) -> None:
        """Keep that the load is over, and if the task is to stop behind the cached changes, where those end. Raises SourceError."""
        cached_until = ""
        if self._assignment.settings["FullLoadSettings"]["StopTaskCachedChangesApplied"]:
            with MySQLSource(self._address()) as source:
                cached_until = str(Checkpoint(current_position(source)))
        self._advance(loaded=True, cached_until=cached_until)

    def _follow(self, on_running: Callable[[], None]) -> Outcome:
        """Capture changes until they end. Raises ValueError for a position that cannot be read."""
        capture = ChangeCapture(
            address=self._address,
            target=self._target,
            mappings=self._assignment.mappings,
            settings=ChangeSettings.read(self._assignment.settings),
            statistics=self.statistics,
            dialect=self._assignment.dialect,
            spool_dir=self._assignment.spool_dir,
            start=self._manners.start(Checkpoint.parse(self.progress.checkpoint)),
            stop_at=self._end_of_changes(),
            save=lambda checkpoint: self._uploaded(capture, checkpoint),
            named=self.progress.named,
            manners=self._manners,
        )
        self._capture = capture
        with self._hearing(capture):
            if self._assignment.loads:
                self._reloads.want_unfinished()
                self._reloads.open(capture.stop)
            try:
                outcome = capture.run(on_running)
            finally:
                # What is uploaded from here on sorts behind files that no checkpoint tells of, too.
                self.progress = replace(self.progress, named=capture.named)
        outcome = self._reloads.end(finish=not outcome.failure) or outcome
        if outcome.stop_reason == STOPPED_AFTER_CACHED_EVENTS:
            self._advance(cached_until="")
        return outcome

    def _end_of_changes(self) -> StopPosition | AfterPosition | None:
        if self.progress.cached_until:
            return AfterPosition(Checkpoint.parse(self.progress.cached_until).position)
        return StopPosition.parse(self._assignment.stop) if self._assignment.stop else None

    def _uploaded(self, capture: ChangeCapture, checkpoint: Checkpoint) -> None:
        self._manners.reached(checkpoint)
        self._advance(checkpoint=str(checkpoint), named=capture.named)

    def _advance(self, **changes: Any) -> None:
        self.progress = replace(self.progress, **changes)
        self._save(self)

    def _mark(self) -> tuple[Progress, int]:
        """What differs after an attempt that came further than the one before."""
        return replace(self.progress, named=""), len(self.statistics.in_state(COMPLETED))

    def _table_ended(self) -> None:
        """Keep it, but not each of thousands."""
        now = time.monotonic()
        if now - self._saved >= SAVE_SECONDS:
            self._saved = now
            self._save(self)

    @contextmanager
    def _hearing(self, part: FullLoad | ChangeCapture) -> Iterator[None]:
        """While the block lasts, the part hears of ``stop`` and ``interrupt``; where one was asked before, it hears it at once."""
        with self._lock:
            self._parts.append(part)
        if self._stop.is_set() or self._interrupted.is_set():
            part.stop()
        try:
            yield
        finally:
            with self._lock:
                self._parts.remove(part)

    def _working(self) -> list[FullLoad | ChangeCapture]:
        with self._lock:
            return list(self._parts)


def _once(call: Callable[[], None]) -> Callable[[], None]:
    done = threading.Event()

    def only() -> None:
        if not done.is_set():
            done.set()
            call()

    return only
