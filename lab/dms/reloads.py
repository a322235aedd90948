# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables of a running task that are loaded again: when its full load is over, or beside its changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from lab.dms.full_load.run import FullLoad
from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED, Outcome
from lab.dms.statistics import BEFORE, CANCELLED, COMPLETED, LOADING, RELOADING, Statistics

Table = tuple[str, str]


class Reloads:
    """``make``: a full load to do it with; ``working``: the block in which that load hears that the run is to stop."""

    def __init__(
        self, statistics: Statistics, make: Callable[[], FullLoad], working: Callable[[FullLoad], AbstractContextManager[None]]
    ) -> None:
        self._statistics = statistics
        self._make = make
        self._working = working
        self._lock = threading.Lock()
        self._wanted: list[Table] = []
        self._threads: list[threading.Thread] = []
        self._loads: list[FullLoad] = []
        self._failure: Outcome | None = None

    def want(self, tables: Iterable[Table]) -> None:
        """These shall be loaded again. Raises KeyError for one that the task does not know."""
        for table in tables:
            self._statistics.reload(*table)
            with self._lock:
                self._wanted.append(table)

    def want_unfinished(self) -> None:
        """So shall those that an earlier run began to load again and could not end."""
        self.want([(t.schema, t.table) for t in self._statistics.in_state(BEFORE, LOADING, CANCELLED, RELOADING)])

    def load(self) -> Outcome | None:
        """Load what is wanted; how that ended if it did not succeed."""
        with self._lock:
            tables, self._wanted = self._wanted, []
        if not tables:
            return None
        load = self._make()
        with self._working(load):
            self._loads.append(load)
            outcome = load.reload_tables(tables)
            self._loads.remove(load)
        if outcome.recoverable:
            # The next try finds them by their state.
            for table in tables:
                progress = self._statistics.known(*table)
                if progress is not None and progress.state != COMPLETED:
                    self._statistics.reload(*table)
        return None if outcome.stop_reason == FULL_LOAD_ONLY_FINISHED else outcome

    def begin(self, on_failure: Callable[[], None]) -> None:
        """Load what is wanted in a thread of its own; ``on_failure`` is called where that ends the task."""
        thread = threading.Thread(target=self._beside, args=(on_failure,), name="reload-tables", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self, *, finish: bool) -> Outcome | None:
        """Wait for what was begun, or, unless ``finish``, cut it short first; how it failed if it did."""
        if not finish:
            for load in list(self._loads):
                load.stop()
        while self._threads:
            self._threads.pop().join()
        failure, self._failure = self._failure, None
        return failure

    def _beside(self, on_failure: Callable[[], None]) -> None:
        outcome = self.load()
        if outcome is not None and outcome.failure:
            self._failure = outcome
            on_failure()
