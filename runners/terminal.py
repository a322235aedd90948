# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where output goes: a terminal gets colour and a line that is updated in place, everything else plain lines now and then."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from landbridge.model.progress import StageProgress
from landbridge.monitor.lines import progress_line
from landbridge.monitor.pace import Pace

_TERMINAL_SECONDS = 0.5
_PLAIN_SECONDS = 5.0


class Ticker:
    """A progress listener that shows one line. ``monotonic``: seconds that only go forward."""

    def __init__(self, write: Callable[[str], None], monotonic: Callable[[], float], *, in_place: bool) -> None:
        self._write = write
        self._monotonic = monotonic
        self._in_place = in_place
        self._interval = _TERMINAL_SECONDS if in_place else _PLAIN_SECONDS
        self._pace = Pace()
        self._shown_at: float | None = None

    def __call__(self, progress: StageProgress) -> None:
        now = self._monotonic()
        self._pace.add(now, progress)
        if self._shown_at is None or now - self._shown_at >= self._interval:
            self._shown_at = now
            self._show(progress)

    def _show(self, progress: StageProgress) -> None:
        rejects = sum(table.rejected for table in progress.tables)
        line = progress_line(
            {
                **progress.to_json(),
                "state": "running",
                "rates": self._pace.rates(),
                "eta_seconds": self._pace.eta_seconds(),
                "rejects": rejects,
            }
        )
        if self._in_place:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\033[K{line[:width]}")
        else:
            self._write(f"{line}\n")

    def end(self) -> None:
        """Leave the terminal with an empty line to write on."""
        if self._in_place and self._shown_at is not None:
            self._write("\r\033[K")


def to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
