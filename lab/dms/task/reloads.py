# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables of a running task that are loaded again: when its full load is over, or beside its changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from lab.dms.full_load.run import FullLoad
from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED, Outcome
from lab.dms.statistics import BEFORE, CANCELLED, COMPLETED, LOADING, RELOADING, Statistics

Table = tuple[str, str]

_log = logging.getLogger(__name__)


class Reloads:
    """``make``: a full load to do it with; ``working``: the block in which that load hears that the run is to stop."""

    def __init__(
        self, statistics: Statistics, make: Callable[[], FullLoad], working: Callable[[FullLoad], AbstractContextManager[None]]
    ) -> None:
        self._statistics = statistics
        self._make = make
        self._working = working
        self._lock = threading.Lock()
        # Two loads of one table at once would delete and overwrite each other's files.
        self._loading = threading.Lock()
        self._on_failure: Callable[[], None] | None = None
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
        """Load what is wanted, each table once; how that ended if it did not succeed."""
        with self._loading:
            return self._load()

    def _load(self) -> Outcome | None:
        with self._lock:
            tables, self._wanted = list(dict.fromkeys(self._wanted)), []
        if not tables:
            return None
        load = self._make()
        with self._working(load):
            self._loads.append(load)
            try:
                outcome = load.reload_tables(tables)
            finally:
                self._loads.remove(load)
        if outcome.recoverable:
            # The next try finds them by their state.
            for table in tables:
                progress = self._statistics.known(*table)
                if progress is not None and progress.state != COMPLETED:
                    self._statistics.reload(*table)
        return None if outcome.stop_reason == FULL_LOAD_ONLY_FINISHED else outcome

    def open(self, on_failure: Callable[[], None]) -> None:
        """From now on, until ``end``, loads may begin beside the changes; ``on_failure`` is called where one of them ends the task."""
        with self._lock:
            self._on_failure = on_failure
        self.begin()

    def begin(self) -> None:
        """Load what is wanted in a thread of its own, where changes are followed; otherwise it waits until they are again."""
        with self._lock:
            on_failure = self._on_failure
            if on_failure is None:
                return
            thread = threading.Thread(target=self._beside, args=(on_failure,), name="reload-tables", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self, *, finish: bool) -> Outcome | None:
        """Wait for what was begun, or, unless ``finish``, cut it short first; how it failed if it did."""
        with self._lock:
            self._on_failure = None
            threads, self._threads = self._threads, []
            if not finish:
                # The next try finds these by their state.
                self._wanted.clear()
        if not finish:
            for load in list(self._loads):
                load.stop()
        for thread in threads:
            thread.join()
        failure, self._failure = self._failure, None
        return failure

    def _beside(self, on_failure: Callable[[], None]) -> None:
        try:
            outcome = self.load()
        except Exception as error:
            _log.exception("tables that were to be loaded again")
            outcome = Outcome.failed(f"Tables could not be loaded again: {type(error).__name__}.")
        if outcome is not None and outcome.failure:
            self._failure = outcome
            on_failure()
