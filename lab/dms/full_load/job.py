# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the segments of one table share while they are loaded: one beginning, one end, one entry in the statistics."""

from __future__ import annotations

import threading

from lab.dms.full_load.segments import Segment
from lab.dms.full_load.table import TableLoad
from lab.dms.statistics import COMPLETED, ERROR, Statistics


class TableJob:
    """One table under way; many threads call."""

    def __init__(self, load: TableLoad, segments: list[Segment], statistics: Statistics) -> None:
        self.load = load
        self.segments = segments
        self.failed = False
        self._statistics = statistics
        self._waiting = len(segments)
        self._state = COMPLETED
        self._begun = False
        self._lock = threading.Lock()

    @property
    def name(self) -> tuple[str, str]:
        """Schema and table at the source."""
        return self.load.plan.source.schema, self.load.plan.source.name

    def begin(self) -> None:
        """Before each segment; only the first does something, for which the others wait. Raises botocore's errors of the target."""
        with self._lock:
            if not self._begun:
                self._begun = True
                self._statistics.start(*self.name)
                self.load.prepare()

    def end(self, state: str) -> None:
        """A segment has ended so. With the last of them the table ends: in error if one of them did, else cancelled if one was."""
        with self._lock:
            self._waiting -= 1
            self.failed = self.failed or state == ERROR
            if state != COMPLETED and self._state != ERROR:
                self._state = state
            if self._waiting == 0 and self._begun:
                self._statistics.end(*self.name, self._state)
