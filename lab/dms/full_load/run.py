# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One run of a full load: chooses the tables, splits them and copies several segments at a time.

A segment takes one place of ``MaxFullLoadSubTasks``, one connection, and memory for a block of lines and one part of an upload, however
large the table is. The engine spends about 0.8 microseconds of CPU on a line that the source has finished, and four to ten on one that it
has to finish itself.

``CommitRate`` and ``TransactionConsistencyTimeout`` have no part in it: the one is the size of a transaction at a database target, the
other is about the changes that follow.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms import statistics
from lab.dms.dialects.dialect import GUIDE, Dialect
from lab.dms.full_load.errors import RowErrors, TaskError, TaskStopped
from lab.dms.full_load.job import TableJob
from lab.dms.full_load.segments import Segment, segments
from lab.dms.full_load.table import TableLoad
from lab.dms.manners.load import LoadManners
from lab.dms.manners.task import TaskManners
from lab.dms.mappings import TableMappings
from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED, NO_TABLES, NORMAL, Outcome
from lab.dms.settings import LoadSettings
from lab.dms.sources.mysql import Address, MySQLSource, SourceError, TableError
from lab.dms.statistics import Statistics, TableProgress
from lab.dms.targets.s3 import S3Target, passes

# Schema, name and estimated rows.
Chosen = tuple[str, str, int]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FullLoad:
    """Everything that one run needs. ``completed``: tables that an earlier run finished and that are left as they are."""

    address: Callable[[], Address]
    target: S3Target
    mappings: TableMappings
    settings: LoadSettings
    statistics: Statistics
    dialect: Dialect = GUIDE
    completed: frozenset[tuple[str, str]] = frozenset()
    reload: bool = False
    load_started: float | None = None
    load_ended: float | None = None
    manners: LoadManners = field(default_factory=lambda: TaskManners().load())
    task_started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _stop: threading.Event = field(default_factory=threading.Event)

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

    def reload_tables(self, tables: Iterable[tuple[str, str]]) -> Outcome:
        """Load just these tables again, by schema and name; changes may be captured meanwhile."""
        wanted = list(tables)
        for name in wanted:
            if self.statistics.known(*name) is None:
                self.statistics.begin([TableProgress(*name)])
            self.statistics.reload(*name)
        try:
            address = self.address()
            with MySQLSource(address) as source:
                rows = {(schema, name): rows for schema, name, rows in source.tables()}
            return self._load(address, [(schema, name, rows.get((schema, name), 0)) for schema, name in wanted])
        except LookupError as error:
            return Outcome.failed(str(error))
        except SourceError as error:
            return Outcome.failed(str(error), recoverable=error.recoverable)

    def _choose(self, source: MySQLSource) -> list[Chosen]:
        """The tables to load. Raises TaskError where none is there and the settings forbid that."""
        present = source.tables()
        chosen = [t for t in present if self.mappings.selects(t[0], t[1])]
        missing = self.mappings.missing((schema, name) for schema, name, _ in present)
        fresh = [t for t in chosen if t[:2] not in self.completed]
        self.statistics.begin(TableProgress(schema, name, expected=rows, reloaded=self.reload) for schema, name, rows in fresh)
        self.statistics.begin(TableProgress(schema, name, state=statistics.MISSING) for schema, name in missing)
        if not chosen and self.settings.fail_on_no_tables:
            raise TaskError(NO_TABLES)
        if missing and self.settings.table_policy == "STOP_TASK":
            names = ", ".join(f"{schema}.{name}" for schema, name in missing)
            raise TaskError(f"Table(s) {names} do not exist or cannot be read with the grants of the source account.")
        return fresh

    def _load(self, address: Address, tables: list[Chosen]) -> Outcome:
        """Tables and segments together fill ``MaxFullLoadSubTasks`` places, those of a higher load-order first. Raises SourceError."""
        in_order = sorted(tables, key=lambda t: -self.mappings.load_order(t[0], t[1]))
        return _Load(self, address).run(in_order)

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()


class _Load:
    """The tables of one load. The first failure that ends the task makes the others end at their next block of rows."""

    def __init__(self, run: FullLoad, address: Address) -> None:
        self._run = run
        self._address = address
        self._halt = threading.Event()
        self._failures: list[Outcome] = []
        self._colliding: frozenset[tuple[str, str]] = frozenset()

    def run(self, tables: list[Chosen]) -> Outcome:
        """Raises SourceError."""
        self._colliding = frozenset(self._run.mappings.colliding(t[:2] for t in tables))
        places = self._run.settings.parallel_tables
        with ThreadPoolExecutor(places, thread_name_prefix="full-load") as pool, MySQLSource(self._address) as source:
            try:
                for table in tables:
                    for job in self._planned(source, table):
                        for segment in job.segments:
                            pool.submit(self._segment, job, segment)
            except SourceError:
                self._halt.set()
                raise
        if self._failures:
            return self._failures[0]
        return Outcome.stopped(NORMAL if self._run.stopping else FULL_LOAD_ONLY_FINISHED)

    def _planned(self, source: MySQLSource, table: Chosen) -> list[TableJob]:
        """Nothing where the table cannot be loaded, and when the load has ended."""
        run, (schema, name, rows) = self._run, table
        if self._ended():
            return []
        try:
            if (schema, name) in self._colliding:
                raise TableError("another table has the same name at the target")
            plan = run.mappings.plan(source.table(schema, name, rows), run.dialect, lobs=run.settings.lobs)
            errors = RowErrors(f"{schema}.{name}", run.settings)
            load = TableLoad(
                plan, run.target, run.settings, run.dialect, self._address.server_timezone, run.task_started, errors, run.manners
            )
            return [TableJob(load, segments(plan, source), run.statistics)]
        except TableError as error:
            run.statistics.start(schema, name)
            run.statistics.end(schema, name, statistics.ERROR)
            self._table_failed(schema, name, error)
            return []

    def _segment(self, job: TableJob, segment: Segment) -> None:
        """Load one segment, and remember the outcome of the task if this ends it."""
        if self._ended() or job.failed:
            job.end(statistics.CANCELLED)
            return
        schema, name = job.name
        state = statistics.ERROR
        try:
            job.begin()
            with MySQLSource(self._address) as source:
                job.load.run(
                    source,
                    segment,
                    on_rows=lambda rows: self._run.statistics.add_rows(schema, name, rows),
                    stopped=lambda: self._ended() or job.failed,
                )
            state = statistics.COMPLETED
        except TaskStopped:
            state = statistics.CANCELLED
        except TableError as error:
            self._table_failed(schema, name, error)
        except SourceError as error:
            self._fail(Outcome.failed(f"Table {schema}.{name}: {error}.", recoverable=error.recoverable))
        except TaskError as error:
            self._fail(Outcome.failed(f"{error}."))
        except (ClientError, BotoCoreError) as error:
            self._fail(Outcome.failed(f"Failed to write the files of table {schema}.{name} to S3: {error}.", recoverable=passes(error)))
        except Exception as error:
            _log.exception("table %s.%s", schema, name)
            self._fail(Outcome.failed(f"Table {schema}.{name}: {type(error).__name__}."))
        finally:
            job.end(state)

    def _table_failed(self, schema: str, name: str, error: TableError) -> None:
        _log.warning("table %s.%s: %s", schema, name, error)
        if self._run.settings.table_policy == "STOP_TASK":
            self._fail(Outcome.failed(f"Table {schema}.{name}: {error}."))

    def _ended(self) -> bool:
        return self._run.stopping or self._halt.is_set()

    def _fail(self, outcome: Outcome) -> None:
        self._failures.append(outcome)
        self._halt.set()
