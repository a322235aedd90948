# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Latencies, rates and counts."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.binlog import Idle, Position, Transaction
from lab.dms.cdc.meter import Meter
from lab.dms.cdc.tally import Tally
from lab.dms.statistics import Statistics

HERE = Position("l", 4)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rows(list[Any]):
    """Stands for row events, of which so many are in a file."""

    in_file = 0


def transaction(age: float, events: int = 1) -> Transaction:
    """Committed so many seconds before it was read."""
    return Transaction(HERE, HERE, 5000.0, 5000.0 + age, "", Rows([None] * events))  # type: ignore[arg-type]


def test_latency_of_the_source_grows_from_the_last_change_and_is_nothing_while_idle() -> None:
    clock = Clock()
    meter = Meter(clock)
    assert meter.metrics(0, 0)["CDCLatencySource"] == 0
    meter.heard(transaction(age=30))
    clock.now += 10
    assert meter.metrics(0, 0)["CDCLatencySource"] == 40
    meter.heard(Idle(HERE, 0))
    clock.now += 1
    assert meter.metrics(0, 0)["CDCLatencySource"] == 0


def test_a_silent_reader_is_not_idle() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.heard(Idle(HERE, 0))
    clock.now += 60
    assert meter.metrics(0, 0)["CDCLatencySource"] == 60
    unheard = Meter(clock)
    clock.now += 60
    assert unheard.metrics(0, 0)["CDCLatencySource"] == 60


def test_latency_of_the_target_counts_from_the_oldest_change_that_waits() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.heard(transaction(age=2))
    meter.wrote(1)
    clock.now += 5
    meter.heard(transaction(age=0))
    meter.wrote(3)
    meter.heard(Idle(HERE, 0))
    metrics = meter.metrics(in_memory=4, on_disk=0)
    assert (metrics["CDCLatencySource"], metrics["CDCLatencyTarget"], metrics["CDCIncomingChanges"]) == (0, 7, 4)
    meter.uploaded(4, 2048)
    metrics = meter.metrics(0, 0)
    assert (metrics["CDCLatencyTarget"], metrics["CDCIncomingChanges"]) == (0, 0)


def test_latency_of_the_target_is_never_less_than_that_of_the_source() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.heard(transaction(age=30))
    assert meter.metrics(0, 0)["CDCLatencyTarget"] == 30


def test_rates_are_since_the_last_question() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.heard(transaction(age=0))
    meter.wrote(100)
    meter.uploaded(60, 6 * 1024)
    clock.now += 10
    metrics = meter.metrics(0, 0)
    assert metrics["CDCThroughputRowsSource"] == pytest.approx(10)
    assert metrics["CDCThroughputRowsTarget"] == pytest.approx(6)
    assert metrics["CDCThroughputBandwidthTarget"] == pytest.approx(0.6)
    clock.now += 10
    assert meter.metrics(0, 0)["CDCThroughputRowsSource"] == 0


def test_changes_of_the_transaction_under_way_wait_at_the_source() -> None:
    meter = Meter(Clock())
    meter.begin(transaction(age=0, events=9))
    meter.events_left -= 2
    metrics = meter.metrics(in_memory=1, on_disk=3)
    assert (metrics["CDCChangesMemorySource"], metrics["CDCChangesDiskSource"]) == (7, 0)
    assert (metrics["CDCChangesMemoryTarget"], metrics["CDCChangesDiskTarget"], metrics["CDCIncomingChanges"]) == (1, 3, 11)
    meter.dropped()
    assert meter.metrics(0, 0)["CDCIncomingChanges"] == 0


def test_changes_of_a_transaction_whose_end_was_not_read_wait_at_the_source_too() -> None:
    opened = Rows([None] * 5)
    opened.in_file = 3
    metrics = Meter(Clock()).metrics(0, 0, opened)  # type: ignore[arg-type]
    assert (metrics["CDCChangesMemorySource"], metrics["CDCChangesDiskSource"], metrics["CDCIncomingChanges"]) == (2, 3, 5)


def counted(statistics: Statistics) -> tuple[int, ...]:
    [table] = statistics.to_api()
    return (table["Inserts"], table["Updates"], table["Ddls"], table["AppliedInserts"], table["AppliedUpdates"], table["AppliedDdls"])


def test_the_tally_tells_what_was_read_and_what_was_applied() -> None:
    statistics = Statistics()
    tally = Tally(statistics)
    counts = tally.table("s", "t")
    counts.read["I"] += 5
    tally.tell()
    counts.read["ddl"] += 1
    tally.tell()
    assert counted(statistics) == (5, 0, 1, 0, 0, 0)
    tally.apply()
    tally.apply()
    assert counted(statistics) == (5, 0, 1, 5, 0, 1)
    counts.read["U"] += 2
    tally.tell()
    assert counted(statistics) == (5, 2, 1, 5, 0, 1)
    tally.forget()
    assert counted(statistics) == (5, 0, 1, 5, 0, 1)
