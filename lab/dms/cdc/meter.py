# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What CloudWatch is told about change capture.

Meaning: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html#CHAP_Monitoring.Metrics.Task
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lab.dms.binlog import Idle, RowEvents, Statement, Transaction
from lab.dms.cdc.stop import logged_at

KIB = 1024
# The reader says several times in this time that there is nothing to read. If it does not, something keeps it from reading.
SILENCE_SECONDS = 5.0


class Meter:
    """One thread works and tells; others ask. Times in seconds.

    The age of a change is counted by the source's clock up to when it was read, and by this machine's from then on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # When the last thing was heard of the source, how old it was then, and whether it was that there is nothing new.
        self._heard = (clock(), 0.0, True)
        # When the oldest change that is not in the target was committed, by this machine's clock.
        self._waiting_since: float | None = None
        self._read = 0
        self._written = 0
        self._bytes = 0
        self._asked = (clock(), 0, 0, 0)
        self._rows: RowEvents | None = None
        self.events_left = 0

    def heard(self, event: Transaction | Statement | Idle) -> None:
        """The reader answered this."""
        if isinstance(event, Idle):
            self._heard = (self._clock(), 0.0, True)
        else:
            age = event.server_time - logged_at(event)
            self._heard = (self._clock(), age if age > 0 else 0.0, False)

    def begin(self, transaction: Transaction) -> None:
        """Its changes are being turned into lines."""
        self.events_left = len(transaction.rows)
        self._rows = transaction.rows

    def wrote(self, rows: int) -> None:
        """The transaction was digested: so many of its changes wait in files."""
        self._rows = None
        self._read += rows
        if rows and self._waiting_since is None:
            moment, age, _ = self._heard
            self._waiting_since = moment - age

    def uploaded(self, rows: int, size: int) -> None:
        """All that waited is in the target."""
        self._written += rows
        self._bytes += size
        self._waiting_since = None

    def dropped(self) -> None:
        """What waited is thrown away, to be read again."""
        self._rows = None
        self._waiting_since = None

    def metrics(self, in_memory: int, on_disk: int, opened: RowEvents | None = None) -> dict[str, float]:
        """The values now. ``in_memory``, ``on_disk``: rows that wait for the target; ``opened``: what was read of a transaction whose end
        was not. At the source changes are counted by row events, each of one or more rows. Rates are since the last call."""
        with self._lock:
            now, then = self._clock(), self._asked
            self._asked = (now, self._read, self._written, self._bytes)
            seconds = max(now - then[0], 1e-3)
            read, written, size = ((a - b) / seconds for a, b in zip(self._asked[1:], then[1:], strict=True))
        source_memory, source_disk = self._at_source(opened)
        source = self._source_latency(now)
        waiting_since = self._waiting_since
        return {
            "CDCIncomingChanges": in_memory + on_disk + source_memory + source_disk,
            "CDCChangesMemorySource": source_memory,
            "CDCChangesDiskSource": source_disk,
            "CDCChangesMemoryTarget": in_memory,
            "CDCChangesDiskTarget": on_disk,
            "CDCThroughputRowsSource": read,
            "CDCThroughputRowsTarget": written,
            "CDCThroughputBandwidthTarget": size / KIB,
            "CDCLatencySource": source,
            # Never less than that of the source: what was not read is not written either.
            "CDCLatencyTarget": max(source, now - waiting_since if waiting_since is not None else 0.0),
        }

    def _at_source(self, opened: RowEvents | None) -> tuple[int, int]:
        """Row events of the transaction under way, in memory and on disk: being read, or being turned into lines."""
        rows, left = self._rows, self.events_left
        if rows is None:
            rows, left = opened, len(opened) if opened is not None else 0
        if rows is None:
            return 0, 0
        on_disk = min(left, rows.in_file)
        return left - on_disk, on_disk

    def _source_latency(self, now: float) -> float:
        """How old the last thing is that was heard of the source. 0 while the source has nothing new and says so."""
        moment, age, idle = self._heard
        silence = now - moment
        if idle:
            return silence if silence > SILENCE_SECONDS else 0.0
        return age + silence
