# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Transactions into the batch: row events of followed tables become lines; for rows that cannot be written the policies decide."""

from __future__ import annotations

import logging
import struct
from collections import Counter
from datetime import UTC, datetime

from lab.dms.binlog import ABSENT, RowEvent, Transaction
from lab.dms.cdc.batch import Batch, Write
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.errors import CaptureError
from lab.dms.cdc.fields import Stamp
from lab.dms.cdc.lines import Image, Rows
from lab.dms.cdc.meter import Meter
from lab.dms.cdc.sequence import Sequence
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.tables import Follower, Name, Tables
from lab.dms.dialects.dialect import Dialect
from lab.dms.manners.task import TaskManners
from lab.dms.sources.mysql import TableError
from lab.dms.targets.settings import S3Settings

_log = logging.getLogger(__name__)
# What a row raises whose bytes cannot be read, or whose texts cannot be written; TableError comes from expressions over them.
_ROW_ERRORS = (ValueError, LookupError, struct.error)


class ChangeWriter:
    """Writes whole transactions into the batch."""

    def __init__(
        self,
        tables: Tables,
        batch: Batch,
        sequence: Sequence,
        meter: Meter,
        *,
        settings: ChangeSettings,
        target: S3Settings,
        dialect: Dialect,
        manners: TaskManners | None = None,
    ) -> None:
        self._tables = tables
        self._batch = batch
        self._sequence = sequence
        self._meter = meter
        self._settings = settings
        self._operations = "I" if target.inserts_only else "IU" if target.inserts_and_updates else "IUD"
        self._errors: Counter[Name] = Counter()
        self._second = -1.0
        self._committed = datetime.min
        self._text = ""
        self._no_supplement = target.csv_no_sup_value
        self._checkpoints = dialect.stream_position == "checkpoint"
        self._manners = manners or TaskManners()
        self._write: Write = batch.write

    def write(self, transaction: Transaction) -> None:
        """Raises SourceError; CaptureError where a policy ends the task: part of the transaction may be in the batch then."""
        numbered_at = self._manners.numbered_at(transaction, self._sequence, self._follows)
        before = self._sequence.counter
        commit_time = transaction.commit_time
        if commit_time != self._second:
            # Many transactions are committed within one second, which is as much as most logs know.
            self._second = commit_time
            self._committed = datetime.fromtimestamp(commit_time, UTC)
            self._text = f"{self._committed:%Y-%m-%d %H:%M:%S.%f}"
        stamp = self._stamp(transaction, numbered_at)
        self._batch.begin(self._committed)
        self._write = self._manners.writing(self._batch)
        meter, follower_of, operations = self._meter, self._tables.follower, self._operations
        meter.begin(transaction)
        for event in transaction.rows:
            meter.events_left -= 1
            follower = follower_of(event.table)
            if follower is not None and event.operation in operations:
                self._event(follower, event, stamp)
        meter.wrote(self._sequence.counter - before)

    def _follows(self, event: RowEvent) -> bool:
        """Does the event leave rows in the files?"""
        return event.operation in self._operations and self._tables.follower(event.table) is not None

    def _stamp(self, transaction: Transaction, numbered_at: float) -> Stamp:
        position = str(Checkpoint(transaction.begin) if self._checkpoints else transaction.begin)
        return Stamp(self._sequence.at(numbered_at), position, self._text)

    def _event(self, follower: Follower, event: RowEvent, stamp: Stamp) -> None:
        try:
            rows = follower.decode(event)
        except TableError as error:
            self._tables.suspend(follower.source, str(error))
            return
        except _ROW_ERRORS as error:
            self._bad(follower, f"an event of operation {event.operation} cannot be read: {error!r}")
            return
        if not event.data.startswith(follower.whole[event.operation]):
            rows = self._supplemented(rows)
        if follower.cutter:
            rows = self._cut(follower, rows)
        try:
            self._rows(follower, event.operation, rows, stamp)
        except (TableError, *_ROW_ERRORS):
            self._one_by_one(follower, event.operation, rows, stamp)

    def _supplemented(self, rows: Rows) -> Rows:
        """The rows with CsvNoSupValue, or NULL, for columns that the log leaves out (binlog_row_image is not FULL)."""
        marker = self._no_supplement

        def image(found: Image | None) -> Image | None:
            return found and tuple(marker if value is ABSENT else value for value in found)

        return [(image(before), image(after)) for before, after in rows]

    def _rows(self, follower: Follower, operation: str, rows: Rows, stamp: Stamp) -> None:
        """Nothing is written, and no number is given out, if a row raises an error."""
        sequence = self._sequence
        lines = follower.make[operation](rows, stamp, sequence.counter + 1)
        self._write(follower, lines)
        count = len(lines)
        sequence.counter += count
        follower.counts.read[operation] += count

    def _one_by_one(self, follower: Follower, operation: str, rows: Rows, stamp: Stamp) -> None:
        for row in rows:
            try:
                self._rows(follower, operation, [row], stamp)
            except (TableError, *_ROW_ERRORS) as error:
                if not self._bad(follower, f"a row of operation {operation} cannot be written: {error}"):
                    return

    def _bad(self, follower: Follower, problem: str) -> bool:
        """DataErrorPolicy, or from the table's DataErrorEscalationCount'th error on the policy of that; does the table go on?"""
        settings = self._settings
        self._errors[follower.source] += 1
        escalated = 0 < settings.data_escalation_count <= self._errors[follower.source]
        return self._obey(settings.data_escalation_policy if escalated else settings.data_policy, follower, problem)

    def _cut(self, follower: Follower, rows: Rows) -> Rows:
        """The rows with their LOBs cut, without those that DataTruncationErrorPolicy leaves out."""
        policy, kept = self._settings.truncation_policy, []
        for row in rows:
            shorter = follower.cutter.row(row)
            if shorter is None:
                kept.append(row)
                continue
            if not self._obey(policy, follower, "a row holds a LOB larger than LobMaxSize"):
                return []
            if policy == "LOG_ERROR":
                kept.append(shorter)
        return kept

    def _obey(self, policy: str, follower: Follower, problem: str) -> bool:
        """Carry out a policy for a row; does the table go on? Raises CaptureError where the task does not."""
        schema, table = follower.source
        if policy == "STOP_TASK":
            raise CaptureError(f"Table {schema}.{table}: {problem}.")
        if policy == "SUSPEND_TABLE":
            self._tables.suspend(follower.source, problem)
            return False
        if policy == "LOG_ERROR":
            _log.warning("table %s.%s: %s", schema, table, problem)
        return True
