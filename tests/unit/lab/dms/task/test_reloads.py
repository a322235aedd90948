# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Loads beside the changes: one at a time, each table once, none behind the end of its run."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any, cast

from lab.dms.outcome import FULL_LOAD_ONLY_FINISHED, Outcome
from lab.dms.statistics import COMPLETED, ERROR, RELOADING, Statistics, TableProgress
from lab.dms.task.reloads import Reloads, Table

A, B = ("s", "a"), ("s", "b")
WAIT_SECONDS = 10


class Loads:
    """Loads that last until the test lets them end."""

    def __init__(self, *, fails: bool = False) -> None:
        self.statistics = Statistics([TableProgress(*A, state=COMPLETED), TableProgress(*B, state=COMPLETED)])
        self.loaded: list[list[Table]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.stopped = threading.Event()
        self.failed = threading.Event()
        self._fails = fails
        self.reloads = Reloads(self.statistics, lambda: cast(Any, self), lambda load: nullcontext())

    def reload_tables(self, tables: Iterable[Table]) -> Outcome:
        self.loaded.append(list(tables))
        self.begun.release()
        assert self.may_end.acquire(timeout=WAIT_SECONDS)
        if self._fails:
            raise RuntimeError
        return Outcome.stopped(FULL_LOAD_ONLY_FINISHED)

    def stop(self) -> None:
        self.stopped.set()
        self.may_end.release()

    def open(self) -> None:
        self.reloads.open(self.failed.set)

    def ask(self, *tables: Table) -> None:
        self.reloads.want(tables)
        self.reloads.begin()

    def wait_for_one(self) -> None:
        assert self.begun.acquire(timeout=WAIT_SECONDS)


def test_a_table_that_is_asked_for_twice_is_loaded_once() -> None:
    loads = Loads()
    loads.reloads.want([A, B])
    loads.reloads.want_unfinished()
    loads.may_end.release()
    loads.open()
    assert loads.reloads.end(finish=True) is None
    assert loads.loaded == [[A, B]]


def test_a_load_of_a_table_waits_for_the_one_before() -> None:
    loads = Loads()
    loads.open()
    loads.ask(A)
    loads.wait_for_one()
    loads.ask(A)
    assert not loads.begun.acquire(timeout=0.1), "two loads of one table would mix their files"
    loads.may_end.release(2)
    loads.reloads.end(finish=True)
    assert loads.loaded == [[A], [A]]


def test_no_load_begins_when_the_changes_have_ended() -> None:
    loads = Loads()
    loads.ask(A)
    loads.open()
    loads.wait_for_one()
    loads.ask(B)
    loads.reloads.end(finish=False)
    assert loads.stopped.is_set()
    loads.ask(B)
    assert loads.loaded == [[A]], "neither one that waited nor one that comes too late"
    assert {t.table for t in loads.statistics.in_state(RELOADING)} == {"a", "b"}, "the next run finds them"


def test_a_load_that_breaks_ends_the_task() -> None:
    loads = Loads(fails=True)
    loads.open()
    loads.ask(A)
    loads.may_end.release()
    assert loads.failed.wait(WAIT_SECONDS)
    outcome = loads.reloads.end(finish=True)
    assert outcome is not None
    assert "RuntimeError" in outcome.failure


def test_a_table_that_is_suspended_while_it_is_loaded_stays_so() -> None:
    statistics = Statistics([TableProgress(*A, state=COMPLETED)])
    statistics.reload(*A)
    statistics.start(*A)
    statistics.suspend(*A, "a change could not be read")
    statistics.end(*A, COMPLETED)
    assert [t.reason for t in statistics.in_state(ERROR)] == ["a change could not be read"]
