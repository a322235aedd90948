# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""From where changes are read, where a run ends, and what the next one writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from lab.dms.binlog import BinlogReader, Idle, Statement, Transaction
from lab.dms.cdc import run as cdc_run
from lab.dms.cdc.checkpoint import Checkpoint, starting_point
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.stop import AfterPosition, StopPosition
from lab.dms.dialects.dialect import GUIDE
from lab.dms.outcome import STOPPED_DUE_TO_LOW_DISK
from lab.dms.statistics import Statistics
from tests.support.sql import sequence

from .captures import Captures
from .conftest import select_all, wait
from .test_full_load import SEQUENCE


class UnstableBucket:
    """A client of S3 that cannot reach its bucket once it was told so."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.reachable = True
        self.uploaded = 0

    def put_object(self, **members: Any) -> Any:
        if not self.reachable:
            raise EndpointConnectionError(endpoint_url="https://s3.example")
        self.uploaded += 1
        return self._client.put_object(**members)


def test_resumed_runs_leave_no_gap_and_repeat_nothing(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    mappings = select_all(schema, extra=[SEQUENCE])
    start = point = captures.here()
    folder = ""
    for number in range(3):
        execute("INSERT INTO a VALUES (%s)", (number,), (number + 100,))
        run = captures.until_now(mappings, point, folder=folder)
        folder, point = run.folder, Checkpoint.parse(str(run.saved[-1]))
    rows = run.rows()
    assert [row[3] for row in rows] == ["0", "100", "1", "101", "2", "102"]
    numbers = [row[4] for row in rows]
    assert numbers == sorted(set(numbers))
    at_once = captures.until_now(mappings, start)
    assert at_once.rows() == rows


def test_after_a_crash_between_upload_and_checkpoint_the_same_changes_have_the_same_numbers(
    captures: Captures, schema: str, execute: Callable[..., Any]
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    mappings = select_all(schema, extra=[SEQUENCE])
    start = captures.here()
    execute("INSERT INTO a VALUES (0)")
    kept = captures.until_now(mappings, start)
    point = kept.saved[-1]
    execute("INSERT INTO a VALUES (1)")
    execute("INSERT INTO a VALUES (2)")
    captures.until_now(mappings, point, folder=kept.folder)  # its checkpoint is lost
    execute("INSERT INTO a VALUES (3)")
    again = captures.until_now(mappings, point, folder=kept.folder)
    rows = again.rows()
    assert [row[3] for row in rows] == ["0", "1", "2", "1", "2", "3"]
    assert rows[1:3] == rows[3:5]
    assert len({row[4] for row in rows}) == 4
    other = captures.until_now(mappings, point, dialect=replace(GUIDE, sequence_after_resume="restarts"))
    assert [int(row[4][16:]) for row in other.rows()] == [1, 2, 3]


def test_an_unreachable_bucket_is_an_error_that_passes(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    bucket, statistics = UnstableBucket(captures.s3), Statistics()
    bucket.reachable = False
    run = captures.make(select_all(schema), start, s3=bucket, statistics=statistics, stop_at=AfterPosition(captures.position()))
    run.foreground()
    assert run.outcome is not None
    assert run.outcome.recoverable
    assert (run.saved, run.capture.checkpoint, run.files()) == ([], start, [])
    bucket.reachable = True
    run.foreground()
    assert run.outcome.status == "stopped"
    assert run.rows() == [["I", "a", schema, "1"]]
    [table] = statistics.to_api()
    assert (table["Inserts"], table["AppliedInserts"]) == (1, 1)


def test_a_bucket_that_refuses_is_fatal(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    run = captures.until_now(select_all(schema), start, BucketName="no-such-bucket-here", PreserveTransactions=True, CdcPath="cdc")
    assert run.outcome is not None
    assert run.outcome.stop_reason == "Stop Reason FATAL_ERROR"
    assert "NoSuchBucket" in run.outcome.failure


def test_a_run_starts_at_a_time(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    execute("INSERT INTO a VALUES (1)")
    # The log knows seconds.
    between = datetime.now(UTC) + timedelta(seconds=1)
    wait(lambda: datetime.now(UTC) >= between.replace(microsecond=0) + timedelta(seconds=1), "the next second")
    execute("INSERT INTO a VALUES (2)")
    start = starting_point(f"{between:%Y-%m-%dT%H:%M:%S}", captures.address)
    run = captures.until_now(select_all(schema), start)
    assert run.rows() == [["I", "a", schema, "2"]]


def test_a_run_stops_before_the_first_later_commit(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    stop = StopPosition("commit_time", time.time())
    run = captures.make(select_all(schema), start, stop_at=stop).background()
    wait(lambda: time.time() > stop.when + 1, "the next second")
    execute("INSERT INTO a VALUES (2)")
    assert run.ended().stop_reason == "Stop Reason STOPPED_AT_COMMIT_TIME"
    assert run.rows() == [["I", "a", schema, "1"]]
    rest = captures.until_now(select_all(schema), run.capture.checkpoint)
    assert rest.rows() == [["I", "a", schema, "2"]]


def test_a_run_stops_when_the_server_s_clock_says_so(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    run = captures.make(select_all(schema), start, stop_at=StopPosition("server_time", time.time() + 1)).foreground()
    assert run.outcome is not None
    assert run.outcome.stop_reason == "Stop Reason STOPPED_AT_SERVER_TIME"
    assert run.rows() == [["I", "a", schema, "1"]]


def test_a_server_that_is_slow_to_send_is_waited_for(
    captures: Captures, schema: str, execute: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(BinlogReader):
        def __iter__(self) -> Iterator[Transaction | Statement | Idle]:
            yield Idle(start.position, time.time() + 1)
            yield from super().__iter__()

    monkeypatch.setattr(cdc_run, "BinlogReader", Slow)
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    execute("INSERT INTO a VALUES (1)")
    run = captures.make(select_all(schema), start, stop_at=StopPosition("server_time", time.time())).foreground()
    assert run.outcome is not None
    assert run.outcome.stop_reason == "Stop Reason STOPPED_AT_SERVER_TIME"
    assert run.rows() == [["I", "a", schema, "1"]]


def test_an_aborted_run_drops_what_it_has_not_uploaded(captures: Captures, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    start = captures.here()
    run = captures.make(select_all(schema), start).background()
    execute("INSERT INTO a VALUES (1)")
    wait(lambda: run.capture.metrics()["CDCIncomingChanges"] == 1, "the change is read")
    run.capture.abort()
    assert run.ended().status == "stopped"
    assert run.files() == []
    again = captures.until_now(select_all(schema), run.capture.checkpoint)
    assert again.rows() == [["I", "a", schema, "1"]]


def test_a_source_that_cannot_be_reached_is_an_error_that_passes(captures: Captures, schema: str) -> None:
    nowhere = replace(captures.address, port=1)
    run = captures.make(select_all(schema), captures.here(), address=nowhere).foreground()
    assert run.outcome is not None
    assert run.outcome.recoverable
    purged = captures.make(select_all(schema), Checkpoint.parse("no-such-log.000001:4")).foreground()
    assert purged.outcome is not None
    assert purged.outcome.stop_reason == "Stop Reason FATAL_ERROR"


def test_what_was_read_is_uploaded_when_the_log_is_lost(
    captures: Captures, schema: str, execute: Callable[..., Any], administrator: Any
) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    run = captures.make(select_all(schema), captures.here()).background()
    execute("INSERT INTO a VALUES (1)")
    wait(lambda: run.capture.metrics()["CDCIncomingChanges"] == 1, "the change is read")
    with administrator.cursor() as cursor:
        cursor.execute(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s AND COMMAND LIKE 'Binlog Dump%%'", (captures.address.user,)
        )
        for (number,) in cursor.fetchall():
            cursor.execute("KILL %s", (number,))
    assert run.ended().recoverable
    assert run.rows() == [["I", "a", schema, "1"]]
    assert run.saved[-1] == run.capture.checkpoint
    execute("INSERT INTO a VALUES (2)")
    rest = captures.until_now(select_all(schema), run.capture.checkpoint)
    assert rest.rows() == [["I", "a", schema, "2"]]


def test_a_secret_that_is_gone_is_fatal(captures: Captures, schema: str) -> None:
    run = captures.make(select_all(schema), captures.here(), address=LookupError("the secret is gone")).foreground()
    assert run.outcome is not None
    assert run.outcome.stop_reason == "Stop Reason FATAL_ERROR"
    assert "the secret is gone" in run.outcome.failure


@pytest.mark.parametrize("memory_bytes", [0, 64 * 1024 * 1024], ids=["of the log", "of the files"])
def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(
    captures: Captures, schema: str, execute: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, memory_bytes: int
) -> None:
    """Of a transaction that does not fit into memory, before it is decoded or afterwards. /dev/full is a disk that is."""
    execute("CREATE TABLE a (id INT PRIMARY KEY, t TEXT)")
    start = captures.here()
    execute(f"INSERT INTO a SELECT seq, REPEAT('x', 1000) FROM {sequence(400)}")  # noqa: S608 - numbers only
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.TemporaryFile", lambda **options: Path("/dev/full").open("r+b"))  # noqa: SIM115 - closed by the capture
        run = captures.until_now(select_all(schema), start, settings=ChangeSettings(memory_bytes=memory_bytes))
    assert run.outcome is not None
    assert (run.outcome.status, run.outcome.stop_reason) == ("stopped", STOPPED_DUE_TO_LOW_DISK)
    assert "free some" in run.outcome.failure
    assert run.rows() == []
    resumed = captures.until_now(select_all(schema), run.capture.checkpoint, folder=run.folder)
    assert [int(row[3]) for row in resumed.rows()] == list(range(1, 401))
