# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from landbridge.model.progress import StageProgress, TableProgress
from landbridge_runners.terminal import Ticker


def progress(rows: int) -> StageProgress:
    return StageProgress("full_load", "loading", (TableProgress("a.b", 100, rows),))


def test_plain_lines_come_now_and_then() -> None:
    written: list[str] = []
    times = iter([0.0, 1.0, 4.9, 5.0, 9.0])
    ticker = Ticker(written.append, lambda: next(times), in_place=False)
    for rows in (0, 10, 49, 50, 90):
        ticker(progress(rows))
    ticker.end()
    assert len(written) == 2
    assert all(line.endswith("\n") and "\r" not in line for line in written)
    assert "50 of 100 rows (50 %) · 10 rows/s" in written[1]


def test_on_a_terminal_one_line_is_updated_and_cleared() -> None:
    written: list[str] = []
    times = iter([0.0, 0.1, 0.6])
    ticker = Ticker(written.append, lambda: next(times), in_place=True)
    for rows in (0, 10, 60):
        ticker(progress(rows))
    ticker.end()
    assert len(written) == 3
    assert all(text.startswith("\r\033[K") and "\n" not in text for text in written)
    assert written[-1] == "\r\033[K"
