# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs of tasks over parts that end as the test says: what follows what, when it is tried again, what is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from lab.dms.binlog import Position
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.stop import AfterPosition
from lab.dms.dialects.dialect import GUIDE
from lab.dms.mappings import read_mappings
from lab.dms.outcome import (
    FULL_LOAD_ONLY_FINISHED,
    STOPPED_AFTER_CACHED_EVENTS,
    STOPPED_AFTER_FULL_LOAD,
    STOPPED_AT_COMMIT_TIME,
    Outcome,
)
from lab.dms.settings import merge_settings
from lab.dms.statistics import CANCELLED, COMPLETED, ERROR, RELOADING, Statistics, TableProgress
from lab.dms.targets.settings import S3Settings
from lab.dms.task import run as task_run
from lab.dms.task.load_meter import CountingTarget, LoadMeter
from lab.dms.task.progress import Assignment, Progress
from lab.dms.task.run import TaskRun

from ..conftest import MAPPINGS

LOST = Outcome.failed("the source is gone", recoverable=True)
WAIT_SECONDS = 10


class Part:
    """A full load or a capture. It ends with the next of the outcomes, or when it is stopped if none is left."""

    outcomes: ClassVar[list[Any]]
    reloads: ClassVar[list[Any]]
    made: ClassVar[list[Part]]

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.load_started = self.load_ended = 1.0
        self.ended = threading.Event()
        self.aborted = False
        self.named = ""
        self.reloaded: list[tuple[str, str]] = []
        type(self).made.append(self)

    def run(self, on_running: Callable[[], None]) -> Outcome:
        on_running()
        if not self.outcomes:
            assert self.ended.wait(WAIT_SECONDS)
            return Outcome.stopped()
        outcome = self.outcomes.pop(0)
        return cast(Outcome, outcome(self) if callable(outcome) else outcome)

    def stop(self) -> None:
        self.ended.set()

    def abort(self) -> None:
        self.aborted = True
        self.ended.set()

    def reload_tables(self, tables: list[tuple[str, str]]) -> Outcome:
        self.reloaded += tables
        outcome = self.reloads.pop(0) if self.reloads else Outcome.stopped(FULL_LOAD_ONLY_FINISHED)
        for table in tables:
            self.given["statistics"].end(*table, ERROR if outcome.failure else COMPLETED)
        return cast(Outcome, outcome)

    def metrics(self) -> dict[str, float]:
        return {"CDCLatencySource": 3.0}


class Load(Part):
    pass


class Capture(Part):
    pass


class Source:
    """A source whose log grows by a byte each time somebody looks."""

    position = 0

    def __init__(self, address: object) -> None: ...

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None: ...


def current_position(source: Source) -> Position:
    Source.position += 1
    return Position("log.000001", Source.position)


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for part in (Load, Capture):
        part.outcomes, part.reloads, part.made = [], [], []
    Source.position = 0
    monkeypatch.setattr(task_run, "FullLoad", Load)
    monkeypatch.setattr(task_run, "ChangeCapture", Capture)
    monkeypatch.setattr(task_run, "MySQLSource", Source)
    monkeypatch.setattr(task_run, "current_position", current_position)
    monkeypatch.setattr(task_run, "settled_position", current_position)
    monkeypatch.setattr(task_run, "wait_for_open_transactions", lambda *_, **__: None)
    yield


class Kept:
    """A run, and what it wanted to be kept and told."""

    def __init__(self, migration: str, folder: Path, progress: Progress | None = None, stop: str = "", **settings: Any) -> None:
        self.progress: list[Progress] = []
        self.told: list[str] = []
        self.statistics = Statistics([TableProgress("s", "a", state=COMPLETED)])
        self.machine = threading.Event()
        merged = merge_settings(json.dumps({"ErrorBehavior": {"RecoverableErrorInterval": 0}} | settings))
        self.run = TaskRun(
            Assignment(migration, read_mappings(MAPPINGS), merged, GUIDE, folder, stop=stop),
            address=lambda: cast(Any, None),
            target=cast(Any, None),
            load_target=CountingTarget(None, S3Settings("b", "")),
            statistics=self.statistics,
            progress=progress or Progress(),
            reload=False,
            save=lambda run: self.progress.append(run.progress),
            tell=self.told.append,
            wait_for_machine=self.wait_for_machine,
        )

    def wait_for_machine(self, stopped: threading.Event) -> None:
        assert self.machine.wait(WAIT_SECONDS)

    def outcome(self) -> Outcome:
        return self.run.run(lambda: None)

    def begin(self) -> tuple[threading.Thread, list[Outcome]]:
        ended: list[Outcome] = []
        thread = threading.Thread(target=lambda: ended.append(self.outcome()))
        thread.start()
        return thread, ended


def finished(part: Part) -> Outcome:
    return Outcome.stopped(FULL_LOAD_ONLY_FINISHED)


def checkpoint(offset: int) -> str:
    return str(Checkpoint(Position("log.000001", offset)))


def test_changes_are_read_from_where_the_log_stood_before_the_load(tmp_path: Path) -> None:
    def grown(part: Part) -> Outcome:
        Source.position += 100
        return finished(part)

    Load.outcomes, Capture.outcomes = [grown], [Outcome.stopped(STOPPED_AT_COMMIT_TIME)]
    kept = Kept("full-load-and-cdc", tmp_path)
    assert kept.outcome().stop_reason == STOPPED_AT_COMMIT_TIME
    assert Capture.made[0].given["start"] == Checkpoint(Position("log.000001", 1))
    assert kept.progress[0] == Progress(checkpoint(1)), "kept before the first table is read"
    assert kept.progress[-1].loaded


def test_only_the_load_or_only_the_changes(tmp_path: Path) -> None:
    Load.outcomes = [finished]
    assert Kept("full-load", tmp_path).outcome().stop_reason == FULL_LOAD_ONLY_FINISHED
    assert (len(Load.made), Capture.made) == (1, [])
    Capture.outcomes = [Outcome.stopped()]
    assert Kept("cdc", tmp_path).outcome() == Outcome.stopped()
    assert len(Load.made) == 1


def test_flags_that_stop_around_the_cached_changes(tmp_path: Path) -> None:
    Load.outcomes = [finished]
    kept = Kept("full-load-and-cdc", tmp_path, FullLoadSettings={"StopTaskCachedChangesNotApplied": True})
    assert kept.outcome().stop_reason == STOPPED_AFTER_FULL_LOAD
    assert Capture.made == []
    Load.outcomes, Capture.outcomes = [finished], [Outcome.stopped(STOPPED_AFTER_CACHED_EVENTS)]
    kept = Kept("full-load-and-cdc", tmp_path, FullLoadSettings={"StopTaskCachedChangesApplied": True})
    assert kept.outcome().stop_reason == STOPPED_AFTER_CACHED_EVENTS
    assert Capture.made[0].given["stop_at"] == AfterPosition(Position("log.000001", 3)), "where the log stood after the load"
    assert kept.run.progress.cached_until == "", "a run that resumes goes on"
    Capture.outcomes = [Outcome.stopped()]
    resumed = Kept("full-load-and-cdc", tmp_path, kept.run.progress, FullLoadSettings={"StopTaskCachedChangesApplied": True})
    resumed.outcome()
    assert Capture.made[1].given["stop_at"] is None
    assert len(Load.made) == 2, "a load that is over is not done again"


def test_another_try_after_what_may_pass(tmp_path: Path) -> None:
    def further(part: Part) -> Outcome:
        part.given["save"](Checkpoint(Position("log.000001", 50)))
        return LOST

    Capture.outcomes = [LOST, further, LOST, Outcome.failed("purged")]
    kept = Kept("cdc", tmp_path)
    assert kept.outcome() == Outcome.failed("purged")
    assert kept.told == [LOST.failure] * 3
    assert [c.given["start"].position.offset for c in Capture.made] == [1, 1, 50, 50]


def test_files_are_named_behind_those_of_earlier_tries(tmp_path: Path) -> None:
    """Also behind those of a try whose checkpoint was never kept; a name alone is no step forward."""

    def fails(part: Part) -> Outcome:
        part.named += "9"
        return LOST

    Capture.outcomes = [fails, fails, fails]
    kept = Kept("cdc", tmp_path, Progress(checkpoint(7)), ErrorBehavior={"RecoverableErrorInterval": 0, "RecoverableErrorCount": 2})
    assert kept.outcome() == LOST
    assert [capture.given["named"] for capture in Capture.made] == ["", "9", "9"]
    assert kept.run.progress.named == "9"


def test_tries_are_counted_from_the_last_step_forward(tmp_path: Path) -> None:
    def further(part: Part) -> Outcome:
        part.given["save"](Checkpoint(Position("log.000001", 50)))
        return LOST

    Capture.outcomes = [LOST, further, LOST, LOST]
    kept = Kept("cdc", tmp_path, ErrorBehavior={"RecoverableErrorCount": 2, "RecoverableErrorInterval": 0})
    assert kept.outcome() == LOST
    assert (len(Capture.made), len(kept.told)) == (4, 3)


def test_a_retried_load_leaves_out_what_is_done(tmp_path: Path) -> None:
    Load.outcomes = [LOST, finished]
    Kept("full-load", tmp_path).outcome()
    assert [load.given["completed"] for load in Load.made] == [frozenset({("s", "a")})] * 2


def test_an_interruption_drops_and_goes_on_when_the_machine_is_back(tmp_path: Path) -> None:
    kept = Kept("cdc", tmp_path)
    started = threading.Event()

    def waits(part: Part) -> Outcome:
        started.set()
        assert part.ended.wait(WAIT_SECONDS)
        return Outcome.stopped()

    Capture.outcomes = [waits, Outcome.stopped(STOPPED_AT_COMMIT_TIME)]
    thread, ended = kept.begin()
    assert started.wait(WAIT_SECONDS)
    kept.run.interrupt()
    assert cast(Capture, Capture.made[0]).aborted, "nothing more is written"
    kept.machine.set()
    thread.join(WAIT_SECONDS)
    assert ended == [Outcome.stopped(STOPPED_AT_COMMIT_TIME)]
    assert len(Capture.made) == 2
    assert kept.told == []


def test_a_stop_ends_the_wait_between_two_tries(tmp_path: Path) -> None:
    Capture.outcomes = [LOST]
    kept = Kept("cdc", tmp_path, ErrorBehavior={"RecoverableErrorInterval": 1000})
    told = threading.Event()
    kept.run._tell = lambda failure: told.set()
    thread, ended = kept.begin()
    assert told.wait(WAIT_SECONDS)
    kept.run.stop()
    thread.join(WAIT_SECONDS)
    assert ended == [Outcome.stopped()]


def test_tables_are_loaded_again_after_the_load_or_beside_the_changes(tmp_path: Path) -> None:
    def asked(part: Part) -> Outcome:
        kept.run.reload_tables([("s", "a")])
        assert [t.table for t in kept.statistics.in_state(RELOADING)] == ["a"]
        return finished(part)

    Load.outcomes = [asked]
    kept = Kept("full-load", tmp_path)
    assert kept.outcome().stop_reason == FULL_LOAD_ONLY_FINISHED
    assert [load.reloaded for load in Load.made] == [[], [("s", "a")]]
    assert kept.statistics.in_state(RELOADING) == []
    assert kept.run.metrics().keys() == {"FullLoadThroughputRowsTarget", "FullLoadThroughputBandwidthTarget"}


def test_a_reload_is_kept_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a run that is killed then would leave a table without files that counts as loaded."""
    kept = Kept("full-load-and-cdc", tmp_path, Progress(checkpoint(7), loaded=True))
    steps: list[str] = []
    monkeypatch.setattr(kept.run, "_save", lambda run: steps.extend(t.state for t in run.statistics.in_state(RELOADING)))
    monkeypatch.setattr(kept.run._reloads, "begin", lambda: steps.append("begun"))
    kept.run.reload_tables([("s", "a")])
    assert steps == [RELOADING, "begun"]


def test_a_reload_that_was_cut_short_is_done_by_the_next_run(tmp_path: Path) -> None:
    kept = Kept("full-load-and-cdc", tmp_path, Progress(checkpoint(7), loaded=True))
    kept.statistics.end("s", "a", CANCELLED)
    done = threading.Event()
    kept.statistics.on_end = done.set

    def waits(part: Part) -> Outcome:
        assert done.wait(WAIT_SECONDS)
        return Outcome.stopped()

    Capture.outcomes = [waits]
    assert kept.outcome() == Outcome.stopped()
    assert Load.made[0].reloaded == [("s", "a")]
    assert kept.run.metrics()["CDCLatencySource"] == 3.0


@pytest.mark.parametrize("failure", [LOST, Outcome.failed("no such table")])
def test_a_reload_that_fails_ends_the_changes_and_may_be_tried_again(tmp_path: Path, failure: Outcome) -> None:
    def asks(part: Part) -> Outcome:
        kept.run.reload_tables([("s", "a")])
        assert part.ended.wait(WAIT_SECONDS), "the changes are stopped"
        return Outcome.stopped()

    Capture.outcomes, Load.reloads = [asks, Outcome.stopped(STOPPED_AT_COMMIT_TIME)], [failure]
    kept = Kept("full-load-and-cdc", tmp_path, Progress(checkpoint(7), loaded=True))
    outcome = kept.outcome()
    if failure is not LOST:
        assert outcome == failure
        return
    assert outcome.stop_reason == STOPPED_AT_COMMIT_TIME
    assert kept.told == [LOST.failure]
    assert [load.reloaded for load in Load.made] == [[("s", "a")]] * 2
    assert [t.table for t in kept.statistics.in_state(COMPLETED)] == ["a"]


def test_rates_of_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bucket:
        def put_object(self, **_: Any) -> None: ...

        def upload_part(self, **_: Any) -> dict[str, str]:
            return {"ETag": "e"}

    now = [100.0]
    monkeypatch.setattr("lab.dms.task.load_meter.time.monotonic", lambda: now[0])
    statistics, target = Statistics([TableProgress("s", "a", rows=5)]), CountingTarget(Bucket(), S3Settings("b", ""))
    meter = LoadMeter(statistics, target)
    statistics.add_rows("s", "a", 20)
    target.put("k", b"x" * 1024)
    target.part("k", "u", 1, b"x" * 3072)
    now[0] += 2
    assert meter.metrics() == {"FullLoadThroughputRowsTarget": 10, "FullLoadThroughputBandwidthTarget": 2}
    statistics.reload("s", "a")
    now[0] += 2
    assert meter.metrics() == {"FullLoadThroughputRowsTarget": 0, "FullLoadThroughputBandwidthTarget": 0}
