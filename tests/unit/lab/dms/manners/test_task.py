# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What each manner does at its place in the engine."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.dms.binlog import LogPurged, Position
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.cdc.sequence import Sequence
from lab.dms.dialects.dialect import GUIDE
from lab.dms.manners.catalogue import CATALOGUE
from lab.dms.manners.task import TaskManners
from lab.dms.sources.mysql import SourceError
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings
from lab.manners import Manners

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDERED = S3Settings("b", "run", preserve_transactions=True, cdc_path="cdc")


class Bucket:
    """A client of S3 that keeps every object which is put, in order."""

    def __init__(self) -> None:
        self.puts: list[tuple[str, bytes]] = []

    def put_object(self, **members: Any) -> None:
        self.puts.append((members["Key"], members["Body"]))

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.puts]


@dataclass(frozen=True, eq=False)
class Table:
    target: tuple[str, str] = ("s", "t")
    header: str = ""


@dataclass
class Bench:
    """A task with everything around it that manners touch."""

    tmp_path: Path
    settings: S3Settings = ORDERED
    manners: Manners = field(default_factory=lambda: Manners(CATALOGUE))
    events: list[tuple[str, str]] = field(default_factory=list)
    bucket: Bucket = field(default_factory=Bucket)
    lost: int = 0
    machine: bool = True

    def __post_init__(self) -> None:
        self.task = TaskManners(self.manners, lambda: ("task", "arn"), self._lose, lambda *event: self.events.append(event))
        self.table = Table()
        self.clock = NOON.timestamp()

    def _lose(self) -> bool:
        self.lost += self.machine
        return self.machine

    def arm(self, name: str, /, **document: Any) -> None:
        options = {key: document.pop(key) for key in list(document) if key not in ("seed", "skip", "times")}
        self.manners.arm({"name": name, "task": "task", "options": options, **document})

    def batch(self) -> Any:
        names = ChangeFileNames(self.settings, GUIDE, lambda: self.clock)
        return self.task.batch(S3Target(self.bucket, self.settings), names, self.tmp_path)

    def transaction(self, batch: Any, *writes: list[str]) -> None:
        batch.begin(NOON)
        write = self.task.writing(batch)
        for lines in writes:
            write(self.table, lines)

    def details(self) -> list[str]:
        return [deed.detail for deed in self.manners.deeds()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_in_good_manners_a_target_is_what_it_was(bench: Bench) -> None:
    target = bench.task.load_target(S3Target(bench.bucket, ORDERED))
    target.upload("run/s/t/LOAD00000001.csv", [b"a\n", b"b\n"])
    assert bench.bucket.puts == [("run/s/t/LOAD00000001.csv", b"a\nb\n")]
    batch = bench.batch()
    bench.transaction(batch, ["a", "b"], ["c"])
    batch.upload()
    assert bench.bucket.puts[1:] == [("run/cdc/CDC_TXN-20261122120000000.csv", b"a\nb\nc\n")]
    assert list(bench.task.load().rows("s.t", iter([[b"a"], [b"b"]]))) == [[b"a"], [b"b"]]
    assert bench.manners.deeds() == []


def test_a_truncated_file(bench: Bench) -> None:
    bench.arm("file-truncated", bytes=3, key="*/t/*")
    target = bench.task.load_target(S3Target(bench.bucket, ORDERED))
    for table in ("other", "t", "t"):
        target.upload(f"run/s/{table}/LOAD00000001.csv", [b"line 1\n", b"line 2\n"])
    assert [body for _, body in bench.bucket.puts] == [b"line 1\nline 2\n", b"line 1\nline", b"line 1\nline 2\n"]
    [deed] = bench.manners.deeds()
    assert (deed.key, deed.detail, deed.task) == ("run/s/t/LOAD00000001.csv", "11 of 14 bytes", "task")


def test_a_truncated_file_may_be_a_gzip_stream(tmp_path: Path) -> None:
    bench = Bench(tmp_path, S3Settings("b", "run", gzip=True))
    bench.arm("file-truncated", seed=4)
    target = bench.task.load_target(S3Target(bench.bucket, bench.settings))
    for number in (1, 2):
        target.upload(f"LOAD0000000{number}.csv.gz", [b"line\n"])
    (_, bad), (_, good) = bench.bucket.puts
    assert gzip.decompress(good) == b"line\n"
    with pytest.raises(EOFError):
        gzip.decompress(bad)


def test_a_malformed_row(bench: Bench) -> None:
    bench.arm("row-malformed", kind="number")
    bench.task.load_target(S3Target(bench.bucket, ORDERED)).upload("LOAD00000001.csv", [b"a,1\n"])
    assert bench.bucket.puts == [("LOAD00000001.csv", b"a,not a number\n")]
    [deed] = bench.manners.deeds()
    assert (deed.row, deed.detail) == (1, "field 2 is a text")


def test_a_late_file(bench: Bench, until: Callable[[Callable[[], bool]], None]) -> None:
    bench.arm("file-late", seconds=0.05)
    target = bench.task.load_target(S3Target(bench.bucket, ORDERED))
    target.upload("LOAD00000001.csv", [b"a\n"])
    target.upload("LOAD00000002.csv", [b"b\n"])
    until(lambda: len(bench.bucket.puts) == 2)
    assert bench.bucket.puts == [("LOAD00000002.csv", b"b\n"), ("LOAD00000001.csv", b"a\n")]
    assert bench.details() == ["0.05 s late"]


def test_a_file_twice(bench: Bench) -> None:
    bench.arm("file-twice", times=2)
    bench.arm("file-twice", under="later-key", times=2)
    target = bench.task.load_target(S3Target(bench.bucket, ORDERED))
    target.upload("LOAD00000001.csv", [b"a\n"])
    batch = bench.batch()
    bench.transaction(batch, ["x"])
    batch.upload()
    target.upload("LOAD00000002.csv", [b"b\n"])
    bench.transaction(batch, ["y"])
    batch.upload()
    assert bench.bucket.puts == [
        *[("LOAD00000001.csv", b"a\n")] * 2,
        *[("run/cdc/CDC_TXN-20261122120000000.csv", b"x\n")] * 2,
        ("LOAD00000002.csv", b"b\n"),
        ("LOAD00001002.csv", b"b\n"),
        ("run/cdc/CDC_TXN-20261122120000001.csv", b"y\n"),
        ("run/cdc/CDC_TXN-20261122120000002.csv", b"y\n"),
    ]


def test_a_second_name_of_a_table_s_changes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, S3Settings("b", "run"))
    bench.arm("file-twice", under="later-key")
    batch = bench.batch()
    bench.transaction(batch, ["x"])
    batch.upload()
    assert bench.bucket.keys == ["run/s/t/20261122-120000000.csv", "run/s/t/20261122-120000001.csv"]


def test_a_file_out_of_order(bench: Bench) -> None:
    bench.arm("file-out-of-order", times=2)
    batch = bench.batch()
    for line in "abcd":
        bench.transaction(batch, [line])
        batch.upload()
    assert bench.bucket.puts == [
        ("run/cdc/CDC_TXN-20261122120000000.csv", b"a\n"),
        ("run/cdc/CDC_TXN-20261122115959999.csv", b"b\n"),
        ("run/cdc/CDC_TXN-20261122115959998.csv", b"c\n"),
        ("run/cdc/CDC_TXN-20261122120000003.csv", b"d\n"),
    ]
    assert bench.details()[0] == "it should have been run/cdc/CDC_TXN-20261122120000001.csv"


def test_a_full_load_has_no_order(bench: Bench) -> None:
    bench.arm("file-out-of-order")
    target = bench.task.load_target(S3Target(bench.bucket, ORDERED))
    target.upload("LOAD00000001.csv", [b"a\n"])
    target.upload("LOAD00000002.csv", [b"b\n"])
    assert bench.bucket.keys == ["LOAD00000001.csv", "LOAD00000002.csv"]


@pytest.mark.parametrize(
    ("writes", "after"),
    [([["a", "b", "c", "d"]], 1), ([["a"], ["b"], ["c"], ["d"]], 1), ([["a"], ["b", "c", "d"]], 2), ([["a", "b"], ["c", "d"]], 3)],
)
@pytest.mark.parametrize("seed", range(5))
def test_a_split_transaction(bench: Bench, writes: list[list[str]], after: int, seed: int) -> None:
    bench.arm("transaction-split", after=after, seed=seed)
    batch = bench.batch()
    bench.transaction(batch, ["alone"])
    bench.transaction(batch, *writes)
    bench.transaction(batch, ["x", "y", "z"])
    batch.upload()
    (first_key, first), (_, second) = bench.bucket.puts
    assert (first + second).decode().split() == ["alone", "a", "b", "c", "d", "x", "y", "z"]
    [deed] = bench.manners.deeds()
    assert (deed.key, deed.row) == (first_key, len(first.split()) - 1)
    assert after <= deed.row <= 3


def test_each_transaction_is_one_opportunity_to_be_split(bench: Bench) -> None:
    bench.arm("transaction-split", skip=1)
    batch = bench.batch()
    bench.transaction(batch, ["a"], ["b"], ["c"])
    bench.transaction(batch, ["d"], ["e"])
    batch.upload()
    assert [body for _, body in bench.bucket.puts] == [b"a\nb\nc\nd\n", b"e\n"]


@pytest.mark.parametrize("name", ["task-fails", "instance-fails-over"])
@pytest.mark.parametrize("at", ["before-upload", "after-upload"])
def test_around_an_upload_the_task_or_its_machine_fails(bench: Bench, name: str, at: str) -> None:
    kind = {"kind": "recoverable"} if name == "task-fails" else {}
    bench.arm(name, at=at, **kind)
    batch = bench.batch()
    batch.upload()
    bench.transaction(batch, ["a"])
    with pytest.raises(SourceError) as failure:
        batch.upload()
    assert failure.value.recoverable
    assert len(bench.bucket.puts) == (at == "after-upload")
    assert bench.lost == (name == "instance-fails-over")
    assert len(bench.manners.deeds()) == 1


def test_a_machine_that_is_not_there_cannot_be_lost(bench: Bench) -> None:
    bench.machine = False
    bench.arm("instance-fails-over")
    batch = bench.batch()
    bench.transaction(batch, ["a"])
    batch.upload()
    assert (bench.bucket.puts != [], bench.manners.deeds()) == (True, [])


def blocks(*sizes: int) -> Iterator[list[bytes]]:
    return iter([[b"row"] * size for size in sizes])


def test_the_source_goes_away(bench: Bench) -> None:
    bench.arm("source-vanishes", seed=5, table="s.b")
    load = bench.task.load()
    assert sum(map(len, load.rows("s.a", blocks(100)))) == 100
    left = sum(map(len, load.rows("s.b", blocks(100, 100))))
    assert 0 <= left < 100
    assert list(load.rows("s.c", blocks(100))) == []
    assert [(deed.table, deed.row) for deed in bench.manners.deeds()] == [("s.b", left), ("s.c", 0)]
    assert sum(map(len, bench.task.load().rows("s.b", blocks(100)))) == 100
    bench.arm("source-vanishes", seed=5)
    assert sum(map(len, bench.task.load().rows("s.b", blocks(100, 100)))) == left


def test_a_task_fails_while_tables_are_read(bench: Bench) -> None:
    bench.arm("task-fails", part="load", skip=1)
    rows = bench.task.load().rows("s.t", blocks(10, 10))
    assert len(next(rows)) == 10
    with pytest.raises(SourceError, match=r"s\.t") as failure:
        next(rows)
    assert not failure.value.recoverable
    bench.arm("task-fails", part="changes")
    assert len(list(bench.task.load().rows("s.t", blocks(10)))) == 1


def test_the_machine_is_lost_while_tables_are_read(bench: Bench) -> None:
    bench.arm("instance-fails-over", table="s.*")
    assert len(list(bench.task.load().rows("x.t", blocks(10)))) == 1
    assert bench.lost == 0
    assert len(list(bench.task.load().rows("s.t", blocks(10)))) == 1
    assert bench.lost == 1


def point(offset: int, counter: int) -> Checkpoint:
    return Checkpoint(Position("log.000001", offset), "2026112212000000" if counter else "", counter)


def test_a_resumed_task_sends_changes_again(bench: Bench) -> None:
    bench.arm("resume-overlaps")
    bench.arm("resume-overlaps", uploads=9)
    assert bench.task.start(point(4, 0)) == point(4, 0)
    bench.task.reached(point(50, 0))
    bench.task.reached(point(100, 3))
    bench.task.reached(point(150, 3))
    bench.task.reached(point(200, 7))
    assert bench.task.start(point(250, 7)) == point(150, 3)
    assert bench.details() == ["changes 4 to 7 are sent again, from log.000001:150"]
    bench.task.reached(point(300, 9))
    assert bench.task.start(point(300, 9)) == point(50, 0)
    assert bench.task.start(point(300, 9)) == point(300, 9)


def test_a_fresh_start_knows_of_no_earlier_one(bench: Bench) -> None:
    bench.task.start(point(4, 0))
    bench.task.reached(point(100, 3))
    bench.arm("resume-overlaps")
    assert bench.task.start(point(500, 0)) == point(500, 0)
    assert bench.manners.waiting("resume-overlaps")


def test_the_log_is_gone(bench: Bench) -> None:
    position = Position("log.000007", 4)
    bench.task.open_log(position)
    bench.arm("log-purged")
    with pytest.raises(LogPurged, match=r"log\.000007:4: Could not find first log file name") as failure:
        bench.task.open_log(position)
    assert not failure.value.recoverable
    bench.task.open_log(position)


def test_reading_pauses(bench: Bench) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 2

    bench.arm("reading-pauses", seconds=7)
    bench.task.read_next(wait)
    bench.task.read_next(wait)
    assert waited == [7.0]
    assert [event for event, _ in bench.events] == ["DMS-EVENT-0091", "DMS-EVENT-0093"]
    bench.arm("reading-pauses", seconds=8)
    bench.task.read_next(wait)
    assert [event for event, _ in bench.events][2:] == ["DMS-EVENT-0091"]
    assert bench.details() == ["7 s", "until the task was stopped"]


def transaction(seconds: float, *tables: str) -> Any:
    return SimpleNamespace(commit_time=NOON.timestamp() + seconds, rows=tables)


def numbers(bench: Bench, sequence: Sequence, seconds: float, *tables: str) -> tuple[str, int]:
    """The number of the transaction's first change; each table gets one."""
    moment = bench.task.numbered_at(transaction(seconds, *tables), sequence, lambda event: event == "mine")  # type: ignore[comparison-overlap]
    found = sequence.at(moment), sequence.counter + 1
    sequence.counter += tables.count("mine")
    return found


def test_the_sequence_restarts(bench: Bench) -> None:
    sequence = Sequence(point(4, 0), restarts=False)
    bench.arm("sequence-restarts", skip=1)
    found = [numbers(bench, sequence, second, *tables) for second, tables in enumerate([["mine"], ["other"], ["mine", "mine"], ["mine"]])]
    assert found == [("2026112212000000", 1), ("2026112212000100", 2), ("2026112212000200", 1), ("2026112212000300", 3)]
    assert bench.details() == ["change 2 has the number 1 again"]


def test_the_sequence_steps_back_in_one_transaction(bench: Bench) -> None:
    sequence = Sequence(point(4, 0), restarts=False)
    bench.arm("sequence-steps-back", seconds=60)
    found = [numbers(bench, sequence, second, *tables) for second, tables in enumerate([["other"], ["mine"], ["mine"]])]
    assert found == [("2026112212000000", 1), ("2026112211590100", 1), ("2026112212000200", 2)]
