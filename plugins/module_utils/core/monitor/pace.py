# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How fast a stage is, and how long it will still take."""

from __future__ import annotations

from collections import deque

from ..model.progress import StageProgress

_WINDOW_SECONDS = 10.0
_MARGIN = 0.1


class Pace:
    """Rates over the last seconds and over the whole stage. Time is any clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()
        self._first: tuple[float, int, int] | None = None
        self._remaining: int | None = None

    def add(self, now: float, progress: StageProgress) -> None:
        """The first sample is where the stage stood when it began: what an earlier run did is nobody's speed."""
        rows = sum(table.rows_done for table in progress.tables)
        sample = (now, rows, progress.items_written)
        if self._first is None or rows < self._samples[-1][1]:
            # Fewer rows than before: the stage went on to something else, and is measured anew.
            self._first = sample
            self._samples.clear()
        self._samples.append(sample)
        while len(self._samples) > 2 and self._samples[1][0] <= now - _WINDOW_SECONDS:
            self._samples.popleft()
        expected = [table.rows_expected for table in progress.tables]
        known = [rows for rows in expected if rows is not None]
        self._remaining = max(sum(known) - rows, 0) if known and len(known) == len(expected) else None

    def rates(self) -> dict[str, float]:
        """``{"rows_per_second", "items_per_second"}`` over the last seconds."""
        rows, items = self._recent()
        return {"rows_per_second": round(rows, 1), "items_per_second": round(items, 1)}

    def eta_seconds(self) -> list[float] | None:
        """The time that is left, from and to: the recent rate and the rate of the whole stage bound it. None while it is unknown."""
        if self._remaining is None or self._first is None:
            return None
        rates = [rate for rate in (self._recent()[0], self._since(self._first)[0]) if rate > 0]
        if not rates:
            return None
        return [
            round(self._remaining / max(rates) * (1 - _MARGIN), 1),
            round(self._remaining / min(rates) * (1 + _MARGIN), 1),
        ]

    def _recent(self) -> tuple[float, float]:
        return self._since(self._samples[0]) if self._samples else (0.0, 0.0)

    def _since(self, sample: tuple[float, int, int]) -> tuple[float, float]:
        now, rows, items = self._samples[-1]
        seconds = now - sample[0]
        return ((rows - sample[1]) / seconds, (items - sample[2]) / seconds) if seconds > 0 else (0.0, 0.0)
