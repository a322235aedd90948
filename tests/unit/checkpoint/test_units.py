# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.checkpoint.units import Units
from landbridge.errors import Conflict
from landbridge.model.work import StagedFile, UnitResult, WorkUnit

from tests.support.memory import FastClock, MemoryStore

FILE = StagedFile("shop", "orders", "shop/r1/shop/orders/LOAD00000001.csv", 100, "etag")
RESULT = UnitResult(
    rows=3, written=1, filtered=1, rejected=1, items={"ORDER": 1}, retried=2, bytes_read=100, next_offset=100, next_record=4
)


def unit(number: int) -> WorkUnit:
    return WorkUnit(f"shop.orders.LOAD00000001.{number:05d}", FILE, number * 10, number * 10 + 10)


def units(store: MemoryStore, clock: FastClock) -> Units:
    return Units(Documents(store, "shop/r1", clock), "full_load", clock)


def test_a_unit_walks_from_pending_to_done(store: MemoryStore, clock: FastClock) -> None:
    mine = units(store, clock)
    assert mine.state(unit(0)) == "pending"
    mine.start(unit(0))
    assert (mine.state(unit(0)), mine.attempts(unit(0))) == ("started", 1)
    mine.finish(unit(0), RESULT)
    assert (mine.state(unit(0)), mine.result(unit(0))) == ("done", RESULT)
    again = units(store, clock)
    assert (again.state(unit(0)), again.result(unit(0)), again.state(unit(1))) == ("done", RESULT, "pending")


def test_what_a_killed_worker_left_is_started_again(store: MemoryStore, clock: FastClock) -> None:
    units(store, clock).start(unit(0))
    mine = units(store, clock)
    assert mine.state(unit(0)) == "started"
    mine.start(unit(0))
    assert mine.attempts(unit(0)) == 2
    mine.fail(unit(0), "damaged")
    mine = units(store, clock)
    assert mine.state(unit(0)) == "failed"
    mine.start(unit(0))
    mine.finish(unit(0), RESULT)
    assert mine.state(unit(0)) == "done"


def test_illegal_transitions(store: MemoryStore, clock: FastClock) -> None:
    mine = units(store, clock)
    with pytest.raises(Conflict, match="pending: it cannot become done"):
        mine.finish(unit(0), RESULT)
    with pytest.raises(Conflict, match="cannot become failed"):
        mine.fail(unit(0), "x")
    mine.start(unit(0))
    mine.finish(unit(0), RESULT)
    with pytest.raises(Conflict, match="done: it cannot become started"):
        mine.start(unit(0))


def test_a_second_worker_is_stopped_at_its_first_write(store: MemoryStore, clock: FastClock) -> None:
    first = units(store, clock)
    first.start(unit(0))
    second = units(store, clock)
    second.start(unit(0))
    with pytest.raises(Conflict, match="somebody else"):
        first.finish(unit(0), RESULT)


def test_a_restart_reads_few_documents(store: MemoryStore, clock: FastClock) -> None:
    mine = units(store, clock)
    for number in range(600):
        mine.start(unit(number))
        mine.finish(unit(number), RESULT)
    mine.start(unit(600))
    store.gets.clear()
    again = units(store, clock)
    assert len(store.gets) < 100
    assert all(again.state(unit(number)) == "done" for number in range(600))
    assert again.state(unit(600)) == "started"
    again.gather()
    store.gets.clear()
    units(store, clock)
    assert len(store.gets) == 2
