# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Progress of tables."""

from __future__ import annotations

from lab.dms.statistics import COMPLETED, ERROR, MISSING, Statistics, TableProgress


def test_counts_and_percent() -> None:
    statistics = Statistics()
    statistics.begin([TableProgress("s", "a", expected=100), TableProgress("s", "b", expected=300)])
    assert statistics.summary() == {
        "FullLoadProgressPercent": 0,
        "TablesLoaded": 0,
        "TablesLoading": 0,
        "TablesQueued": 2,
        "TablesErrored": 0,
    }
    statistics.start("s", "b")
    statistics.add_rows("s", "b", 100)
    assert statistics.summary()["FullLoadProgressPercent"] == 25
    statistics.add_rows("s", "b", 300)
    statistics.start("s", "a")
    statistics.add_rows("s", "a", 100)
    assert statistics.summary()["FullLoadProgressPercent"] == 99, "estimates may be too low: a hundred means done"
    statistics.end("s", "a", COMPLETED)
    statistics.end("s", "b", ERROR)
    statistics.begin([TableProgress("s", "c", state=MISSING)])
    summary = statistics.summary()
    assert (summary["FullLoadProgressPercent"], summary["TablesLoaded"], summary["TablesErrored"]) == (100, 1, 2)


def test_they_are_kept_as_they_are() -> None:
    statistics = Statistics([TableProgress("s", "a", rows=5, state=COMPLETED, started=1.0, ended=2.0)])
    again = Statistics.from_json(statistics.to_json())
    assert again.to_api() == statistics.to_api()
    assert again.to_api()[0]["FullLoadRows"] == 5
