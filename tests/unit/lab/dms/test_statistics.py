# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Progress of tables."""

from __future__ import annotations

from lab.dms.statistics import COMPLETED, ERROR, LOADING, MISSING, RELOADING, Statistics, TableProgress


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


def test_changes_are_counted_as_read_and_as_applied() -> None:
    statistics = Statistics([TableProgress("s", "a", state=COMPLETED)])
    statistics.add_changes("s", "a", inserts=3, updates=2, deletes=1, applied=False)
    statistics.add_changes("s", "a", inserts=2, applied=True)
    statistics.add_changes("s", "fresh", ddls=1, applied=False)
    shown = {table["TableName"]: table for table in Statistics.from_json(statistics.to_json()).to_api()}
    assert [shown["a"][k] for k in ("Inserts", "Updates", "Deletes", "Ddls")] == [3, 2, 1, 0]
    assert [shown["a"][k] for k in ("AppliedInserts", "AppliedUpdates", "AppliedDeletes", "AppliedDdls")] == [2, 0, 0, 0]
    assert (shown["fresh"]["Ddls"], shown["fresh"]["TableState"]) == (1, COMPLETED)


def test_a_table_that_is_loaded_again_counts_from_zero() -> None:
    statistics = Statistics([TableProgress("s", "a", state=COMPLETED, rows=5)])
    statistics.add_changes("s", "a", inserts=3, applied=True)
    statistics.reload("s", "a")
    assert statistics.summary()["TablesLoading"] == 1
    statistics.start("s", "a")
    shown = statistics.to_api()[0]
    assert (shown["TableState"], shown["FullLoadReloaded"]) == (RELOADING, True)
    assert (shown["FullLoadRows"], shown["AppliedInserts"]) == (0, 0)
    statistics.end("s", "a", COMPLETED)
    statistics.start("s", "a")
    assert statistics.to_api()[0]["TableState"] == LOADING


def test_a_suspended_table_tells_why() -> None:
    statistics = Statistics()
    statistics.suspend("s", "a", "a type that is not known")
    (table,) = statistics.in_state(ERROR)
    assert table.reason == "a type that is not known"
