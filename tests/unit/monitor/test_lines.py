# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.monitor.lines import duration, progress_line

RUNNING = {
    "stage": "full_load",
    "state": "running",
    "step": "loading",
    "tables": [{"rows_done": 12345, "rows_expected": 50000}],
    "rates": {"rows_per_second": 8100.4, "items_per_second": 9500.0},
    "eta_seconds": [62.0, 90.0],
    "retried": 1203,
    "rejects": 0,
    "error": None,
}


def test_a_running_stage_in_one_line() -> None:
    assert progress_line(RUNNING) == (
        "full_load running · loading · 12,345 of 50,000 rows (25 %) · 8,100 rows/s · 9,500 items/s"
        " · 1 min 02 s to 1 min 30 s left · 1,203 retried"
    )


def test_an_ended_stage_says_neither_step_nor_rate() -> None:
    assert progress_line({**RUNNING, "state": "finished", "retried": 0}) == "full_load finished · 12,345 of 50,000 rows (25 %)"


def test_a_failed_stage_says_why() -> None:
    failed = {**RUNNING, "state": "failed", "retried": 0, "tables": [], "error": {"message": "no disk"}}
    assert progress_line(failed) == "full_load failed: no disk"


def test_an_unknown_total_and_an_empty_one() -> None:
    unknown = {**RUNNING, "state": "finished", "retried": 0, "tables": [{"rows_done": 3, "rows_expected": None}]}
    assert progress_line(unknown) == "full_load finished · 3 rows"
    assert "0 of 0 rows" in progress_line({**RUNNING, "tables": [{"rows_done": 0, "rows_expected": 0}]})


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.34, "0.3 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
