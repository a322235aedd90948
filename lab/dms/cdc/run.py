# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One run of change capture: reads the log, writes files, and keeps the place up to which everything is in the bucket."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.binlog import BinlogReader, Idle, Position, Statement, Transaction, current_position
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.ddl_handler import DdlHandler
from lab.dms.cdc.errors import CaptureError
from lab.dms.cdc.meter import Meter
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.cdc.sequence import Sequence
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.stop import AfterPosition, StopPosition
from lab.dms.cdc.tables import Tables
from lab.dms.cdc.tally import Tally
from lab.dms.cdc.writer import ChangeWriter
from lab.dms.dialects.dialect import Dialect
from lab.dms.manners.task import TaskManners
from lab.dms.mappings import TableMappings
from lab.dms.outcome import STOPPED_DUE_TO_LOW_DISK, Outcome
from lab.dms.sources.mysql import Address, MySQLSource, SourceError
from lab.dms.statistics import Statistics
from lab.dms.targets.s3 import S3Target, passes

# The reader says after this time that there is nothing to read, so that files are uploaded when they are due.
IDLE_SECONDS = 0.2
# How often the counts are told, and the place is kept while the log has nothing for this task.
TELL_SECONDS = 1.0

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

Event: TypeAlias = Transaction | Statement | Idle


class ChangeCapture:
    """Everything that one task's changes need. ``save`` is called with each new checkpoint, after everything before it is in the bucket:
    what was uploaded after the last one is read and written again by the next run, under other file names, with the same numbers."""

    def __init__(
        self,
        *,
        address: Callable[[], Address],
        target: S3Target,
        mappings: TableMappings,
        settings: ChangeSettings,
        statistics: Statistics,
        dialect: Dialect,
        spool_dir: Path,
        start: Checkpoint,
        stop_at: StopPosition | AfterPosition | None,
        save: Callable[[Checkpoint], None],
        manners: TaskManners | None = None,
        named: str = "",
    ) -> None:
        self._address = address
        self._target = target
        self._mappings = mappings
        self._settings = settings
        self._statistics = statistics
        self._dialect = dialect
        self._spool_dir = spool_dir
        self._checkpoint = start
        self._position = start.position
        self._stop_at = stop_at
        self._save = save
        self._manners = manners or TaskManners()
        self._names = ChangeFileNames(target.settings, dialect, last=named)
        self._meter = Meter()
        self._batch = self._manners.batch(target, self._names, spool_dir)
        self._reader: BinlogReader | None = None
        self._stop = threading.Event()
        self._abort = threading.Event()

    @property
    def checkpoint(self) -> Checkpoint:
        """Everything before it is in the bucket."""
        return self._checkpoint

    @property
    def position(self) -> Position:
        """How far the log was read."""
        return self._position

    @property
    def named(self) -> str:
        """The time in the name of the last file, for a later run to begin behind it."""
        return self._names.last

    def stop(self) -> None:
        """Ask the run to end; what was read is uploaded first."""
        self._stop.set()

    def abort(self) -> None:
        """Ask the run to end at once, as if the machine had gone: what was read and not uploaded is dropped."""
        self._abort.set()
        self._stop.set()

    def metrics(self) -> dict[str, float]:
        """The values of CloudWatch's CDC metrics now; rates since the last call."""
        reader = self._reader
        return self._meter.metrics(*self._batch.waiting(), reader.open_rows if reader is not None else None)

    def run(self, on_running: Callable[[], None]) -> Outcome:
        """Follow the log until asked to stop, the stop position or an error. ``on_running`` is called when the log is being read."""
        self._spool_dir.mkdir(parents=True, exist_ok=True)
        tally = Tally(self._statistics)
        try:
            return self._run(tally, on_running)
        except CaptureError as error:
            return Outcome.failed(str(error))
        except SourceError as error:
            return Outcome.failed(f"{str(error).rstrip('.')}.", recoverable=error.recoverable)
        except (ClientError, BotoCoreError) as error:
            return Outcome.failed(f"Failed to write changes to S3: {error}.", recoverable=passes(error))
        except OSError as error:
            # What is in the bucket is behind the checkpoint: a later run goes on there.
            if error.errno not in NO_SPACE:
                raise
            return Outcome("stopped", STOPPED_DUE_TO_LOW_DISK, f"No space is left in {self._spool_dir}; free some and resume the task.")
        finally:
            tally.forget()
            self._batch.close()
            self._meter.dropped()
            self._reader = None

    def _run(self, tally: Tally, on_running: Callable[[], None]) -> Outcome:
        try:
            address = self._address()
        except LookupError as error:
            raise CaptureError(str(error)) from None
        tables = Tables(
            address=address,
            mappings=self._mappings,
            settings=self._settings,
            target=self._target.settings,
            dialect=self._dialect,
            statistics=self._statistics,
            tally=tally,
        )
        tables.open()
        self._manners.open_log(self._checkpoint.position)
        reader = BinlogReader(
            address,
            self._checkpoint.position,
            buffer_bytes=self._settings.memory_bytes,
            spool_dir=self._spool_dir,
            stopped=self._stop.is_set,
            idle_seconds=IDLE_SECONDS,
        )
        with reader:
            self._reader = reader
            on_running()
            return self._session(address, tables, tally).follow(iter(reader))

    def _session(self, address: Address, tables: Tables, tally: Tally) -> _Session:
        resumed = bool(self._checkpoint.time)
        sequence = Sequence(self._checkpoint, restarts=resumed and self._dialect.sequence_after_resume == "restarts")
        writer = ChangeWriter(
            tables,
            self._batch,
            sequence,
            self._meter,
            settings=self._settings,
            target=self._target.settings,
            dialect=self._dialect,
            manners=self._manners,
        )
        handler = DdlHandler(tables, tally, self._target, self._settings)
        return _Session(self, address, tables, tally, sequence, writer, handler)

    def _keep(self, checkpoint: Checkpoint) -> None:
        if checkpoint != self._checkpoint:
            self._checkpoint = checkpoint
            self._save(checkpoint)


class _Session:
    """The state of one run between its transactions."""

    def __init__(
        self,
        capture: ChangeCapture,
        address: Address,
        tables: Tables,
        tally: Tally,
        sequence: Sequence,
        writer: ChangeWriter,
        handler: DdlHandler,
    ) -> None:
        self._capture = capture
        self._address = address
        self._batch = capture._batch
        self._meter = capture._meter
        self._tables = tables
        self._tally = tally
        self._sequence = sequence
        self._writer = writer
        self._handler = handler
        capture._position = capture.checkpoint.position
        self._told = time.monotonic()

    def follow(self, events: Iterator[Event]) -> Outcome:
        """Raises SourceError, CaptureError, botocore's errors."""
        capture = self._capture
        # Local names, as this runs once a transaction.
        stop_at, read_next, wait, aborted = capture._stop_at, capture._manners.read_next, capture._stop.wait, capture._abort.is_set
        while True:
            read_next(wait)
            try:
                event = next(events, None)
            except SourceError:
                # The log is lost between two transactions: what was read before is whole.
                if not aborted():
                    self._flush()
                raise
            if event is None or aborted():
                break
            if stop_at is not None and stop_at.reached(event) and self._caught_up(stop_at, event):
                self._flush()
                return Outcome.stopped(stop_at.reason)
            self._take(event)
        if not aborted():
            self._flush()
        return Outcome.stopped()

    def _caught_up(self, stop_at: StopPosition | AfterPosition, event: Event) -> bool:
        """Is everything from before the stop position read? The clock alone does not tell: a server may be slow to send what it logged.
        Raises SourceError."""
        if isinstance(stop_at, AfterPosition) or not isinstance(event, Idle):
            return True
        with MySQLSource(self._address) as source:
            return event.position.place >= current_position(source).place

    def _take(self, event: Event) -> None:
        self._meter.heard(event)
        if isinstance(event, Transaction):
            self._writer.write(event)
            self._capture._position = event.end
        elif isinstance(event, Statement):
            self._handle(event)
        else:
            self._capture._position = event.position
        if self._batch.due:
            self._flush()
        elif time.monotonic() - self._told >= TELL_SECONDS:
            self._tell()

    def _handle(self, statement: Statement) -> None:
        """DDL takes effect in the bucket when everything before it is there."""
        if self._handler.concerns(statement):
            self._flush()
            self._handler.handle(statement)
            self._capture._position = statement.end
            self._flush()
        else:
            self._capture._position = statement.end

    def _tell(self) -> None:
        self._told = time.monotonic()
        self._tally.tell()
        if self._batch.empty:
            self._flush()

    def _flush(self) -> None:
        """Upload what waits and keep the place behind it."""
        rows = sum(self._batch.waiting())
        size = self._batch.upload()
        self._meter.uploaded(rows, size)
        self._tally.apply()
        self._capture._keep(Checkpoint(self._capture.position, self._sequence.time, self._sequence.counter))
