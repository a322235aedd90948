# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Numbers of changes: ``$AR_H_CHANGE_SEQ``."""

from __future__ import annotations

from datetime import UTC, datetime

from lab.dms.cdc.checkpoint import Checkpoint


class Sequence:
    """35 digits a change: 16 of the commit's time in UTC, ``YYYYMMDDHHMMSShh`` with hundredths of a second, and 19 of a counter.

    The numbers of one task are unique and increase: the counter goes on from one transaction to the next, and the time never steps back.
    They depend on the log alone, so that a run which resumes from a checkpoint gives the same changes the same numbers.
    Layout: https://help.qlik.com/en-US/replicate, "Headers"; https://docs.aws.amazon.com/dms/latest/userguide, "add-column expressions".
    """

    def __init__(self, start: Checkpoint, *, restarts: bool) -> None:
        """``restarts``: the counter begins anew with this run, as one dialect has it."""
        self.time = start.time
        self.counter = 0 if restarts else start.counter
        self._last = -1.0

    def at(self, commit_time: float) -> str:
        """The time part of a transaction's changes; ``commit_time`` in seconds since 1970."""
        if commit_time == self._last:
            return self.time
        self._last = commit_time
        digits = datetime.fromtimestamp(commit_time, UTC).strftime("%Y%m%d%H%M%S%f")[:16]
        self.time = max(self.time, digits)
        return self.time
