# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One run of a full-load task: chooses the tables and copies several at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms import statistics
from lab.dms.full_load.table import TableLoad, TaskError, TaskStopped
from lab.dms.mappings import TableMappings
from lab.dms.settings import LoadSettings
from lab.dms.sources.mysql import Address, MySQLSource, SourceError, TableError
from lab.dms.statistics import Statistics, TableProgress
from lab.dms.targets.s3 import S3Target

FULL_LOAD_ONLY_FINISHED = "Stop Reason FULL_LOAD_ONLY_FINISHED"
NORMAL = "Stop Reason NORMAL"
RECOVERABLE_ERROR = "Stop Reason RECOVERABLE_ERROR"
FATAL_ERROR = "Stop Reason FATAL_ERROR"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, in the words of the API."""

    status: str
    stop_reason: str
    failure: str = ""

    @classmethod
    def failed(cls, message: str, *, recoverable: bool = False) -> Outcome:
        reason = RECOVERABLE_ERROR if recoverable else FATAL_ERROR
        level = "RECOVERABLE" if recoverable else "FATAL"
        return cls("failed", reason, f"Last Error {message} Task error notification received. {reason} Error Level {level}")


@dataclass(slots=True)
class FullLoad:
    """Everything that one run needs. ``completed``: tables that an earlier run finished and that are left as they are."""

    address: Callable[[], Address]
    target: S3Target
    mappings: TableMappings
    settings: LoadSettings
    statistics: Statistics
    completed: frozenset[tuple[str, str]] = frozenset()
    reload: bool = False
    load_started: float | None = None
    load_ended: float | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _halt: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask the run to end; it does so at the next block of rows."""
        self._stop.set()

    def run(self, on_running: Callable[[], None]) -> Outcome:
        """Load every selected table. ``on_running`` is called when the tables are known and the load begins."""
        try:
            address = self.address()
            with MySQLSource(address) as source:
                tables = self._choose(source)
            on_running()
            self.load_started = time.time()
            return self._load(address, tables)
        except (LookupError, TaskError) as error:
            return Outcome.failed(str(error))
        except SourceError as error:
            return Outcome.failed(str(error), recoverable=error.recoverable)
        finally:
            self.load_ended = time.time()

    def _choose(self, source: MySQLSource) -> list[tuple[str, str, int]]:
        """The tables to load. Raises TaskError where none is there and the settings forbid that."""
        present = source.tables()
        chosen = [t for t in present if self.mappings.selects(t[0], t[1])]
        missing = self.mappings.missing((schema, name) for schema, name, _ in present)
        fresh = [t for t in chosen if t[:2] not in self.completed]
        self.statistics.begin(TableProgress(schema, name, expected=rows, reloaded=self.reload) for schema, name, rows in fresh)
        self.statistics.begin(TableProgress(schema, name, state=statistics.MISSING) for schema, name in missing)
        if not chosen and self.settings.fail_on_no_tables:
            raise TaskError(
                "No tables were found at task initialization. Either the selected table(s) or schema(s) no longer exist, "
                "or no match was found for the table selection pattern(s)."
            )
        if missing and self.settings.table_policy == "STOP_TASK":
            names = ", ".join(f"{schema}.{name}" for schema, name in missing)
            raise TaskError(f"Table(s) {names} do not exist or cannot be read with the grants of the source account.")
        return fresh

    def _load(self, address: Address, tables: list[tuple[str, str, int]]) -> Outcome:
        with ThreadPoolExecutor(self.settings.parallel_tables, thread_name_prefix="full-load") as pool:
            failures = [f.result() for f in [pool.submit(self._load_one, address, *table) for table in tables]]
        failed = [f for f in failures if f is not None]
        if failed:
            return failed[0]
        return Outcome("stopped", NORMAL if self._stop.is_set() else FULL_LOAD_ONLY_FINISHED)

    def _load_one(self, address: Address, schema: str, name: str, rows: int) -> Outcome | None:
        """Load one table; answer the outcome of the task if this table ends it."""
        if self._ended():
            return None
        self.statistics.start(schema, name)
        try:
            with MySQLSource(address) as source:
                load = TableLoad.plan(source.table(schema, name, rows), self.mappings, self.settings)
                load.run(
                    source, self.target, self.settings, on_rows=lambda n: self.statistics.add_rows(schema, name, n), stopped=self._ended
                )
        except TaskStopped:
            self.statistics.end(schema, name, statistics.CANCELLED)
            return None
        except TableError as error:
            _log.warning("table %s.%s: %s", schema, name, error)
            self.statistics.end(schema, name, statistics.ERROR)
            if self.settings.table_policy != "STOP_TASK":
                return None
            return self._halted(Outcome.failed(f"Table {schema}.{name}: {error}."))
        except SourceError as error:
            self.statistics.end(schema, name, statistics.ERROR)
            return self._halted(Outcome.failed(f"Table {schema}.{name}: {error}.", recoverable=error.recoverable))
        except TaskError as error:
            self.statistics.end(schema, name, statistics.ERROR)
            return self._halted(Outcome.failed(f"{error}."))
        except (ClientError, BotoCoreError) as error:
            self.statistics.end(schema, name, statistics.ERROR)
            return self._halted(Outcome.failed(f"Failed to write the files of table {schema}.{name} to S3: {error}."))
        self.statistics.end(schema, name, statistics.COMPLETED)
        return None

    def _ended(self) -> bool:
        return self._stop.is_set() or self._halt.is_set()

    def _halted(self, outcome: Outcome) -> Outcome:
        self._halt.set()
        return outcome
