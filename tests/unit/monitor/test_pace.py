# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from landbridge.model.progress import StageProgress, TableProgress
from landbridge.monitor.pace import Pace


def progress(rows: int, expected: int | None = 1000, items: int = 0) -> StageProgress:
    return StageProgress("full_load", "loading", (TableProgress("a.b", rows_expected=expected, rows_done=rows),), items_written=items)


def test_nothing_is_known_from_one_sample() -> None:
    pace = Pace()
    assert pace.eta_seconds() is None
    pace.add(5.0, progress(400))
    assert pace.rates() == {"rows_per_second": 0.0, "items_per_second": 0.0}
    assert pace.eta_seconds() is None


def test_what_was_done_before_the_start_is_nobodys_speed() -> None:
    pace = Pace()
    pace.add(0.0, progress(400, items=40))
    pace.add(2.0, progress(600, items=100))
    assert pace.rates() == {"rows_per_second": 100.0, "items_per_second": 30.0}
    assert pace.eta_seconds() == [3.6, 4.4]


def test_the_rate_follows_the_last_seconds_and_the_estimate_spans_both() -> None:
    pace = Pace()
    pace.add(0.0, progress(0))
    for second in range(1, 31):
        pace.add(float(second), progress(second * 10))
    for second in range(31, 42):
        pace.add(float(second), progress(300 + (second - 30) * 20))
    assert pace.rates()["rows_per_second"] == 20.0
    low, high = pace.eta_seconds() or (0.0, 0.0)
    assert low < (1000 - 520) / 20 < (1000 - 520) / (520 / 41) < high


def test_there_is_no_estimate_while_the_whole_is_unknown() -> None:
    pace = Pace()
    pace.add(0.0, progress(0, None))
    pace.add(1.0, progress(10, None))
    assert pace.rates()["rows_per_second"] == 10.0
    assert pace.eta_seconds() is None


def test_a_stage_that_turns_to_something_else_is_measured_anew() -> None:
    pace = Pace()
    pace.add(0.0, progress(0))
    pace.add(1.0, progress(1000))
    pace.add(2.0, progress(0, 50))
    pace.add(3.0, progress(5, 50))
    assert pace.rates()["rows_per_second"] == 5.0
