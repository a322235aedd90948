# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The process of the engine is killed while changes flow; a new one on the same state goes on where that one was."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pymysql
import pytest

from .conftest import Bench, wait
from .engines import Engine, bench_on
from .following import SEQUENCE, follow

LARGEST_OPERATION_BATCH = 20


@pytest.fixture
def engine(lab: Any, tmp_path: Path) -> Iterator[Engine]:
    made = Engine(lab, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def own(bench: Bench, engine: Engine) -> Bench:
    return bench_on(engine, bench)


class Writer:
    """Commits transactions without a pause, each with rows that count on, until it is ended."""

    def __init__(self, lab: Any, schema: str) -> None:
        self._socket = str(lab.dir / "mysql" / "mysqld.sock")
        self._schema = schema
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self.committed = 0

    def start(self) -> None:
        self._thread.start()

    def ended(self) -> int:
        """The number of the last row."""
        self._end.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.committed

    def _write(self) -> None:
        with pymysql.connect(unix_socket=self._socket, user=getpass.getuser(), database=self._schema) as connection:
            cursor = connection.cursor()
            number = 0
            while not self._end.is_set():
                rows = [(number + step,) for step in range(1, 2 + number % LARGEST_OPERATION_BATCH)]
                cursor.executemany("INSERT INTO counted VALUES (%s)", rows)
                connection.commit()
                self.committed = number = rows[-1][0]
                self._end.wait(0.005)


def test_a_killed_engine_loses_no_change(own: Bench, engine: Engine, schema: str, lab: Any, administrator: Any) -> None:
    with administrator.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (n INT PRIMARY KEY)")
    writer = Writer(lab, schema)
    followed = follow(own, schema, extra=[SEQUENCE])
    followed.start()
    writer.start()
    followed.until(100)
    engine.kill()
    before = len(followed.changes())
    wait(lambda committed=writer.committed: writer.committed > committed + 100, "changes that nobody reads")
    engine.start()
    failed = followed.described()
    assert (failed["Status"], failed["StopReason"]) == ("failed", "Stop Reason RECOVERABLE_ERROR")
    assert failed["RecoveryCheckpoint"].startswith("checkpoint:V1#")
    assert own.statistics(followed.task)["counted"]["TableState"] == "Table completed"
    followed.start("resume-processing")
    followed.until(before + 100)
    last = writer.ended()
    changes = wait(lambda: (rows := followed.changes())[-1][1] == str(last) and rows, "the last change")
    assert followed.stop()["StopReason"] == "Stop Reason NORMAL"
    numbers = [int(row[1]) for row in changes]
    assert sorted(set(numbers)) == list(range(numbers[0], last + 1)), "every committed change is there"
    loaded = {int(row[1]) for row in own.rows(followed.folder, schema, "counted")}
    assert set(range(1, numbers[0])) <= loaded
    again = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    assert len(again) <= 1, "in the order of the commits, but where the second run began"
    assert all(b <= a for a, b in again), "what is sent again overlaps with what was sent"
    sequences: dict[str, set[str]] = {}
    for row in changes:
        sequences.setdefault(row[1], set()).add(row[2])
    assert all(len(found) == 1 for found in sequences.values()), "a change that is sent again keeps its number"
    in_order = [min(sequences[str(n)]) for n in range(numbers[0], last + 1)]
    assert in_order == sorted(set(in_order))


def test_a_load_that_was_killed_goes_on_with_the_other_tables(
    own: Bench, engine: Engine, schema: str, lab: Any, administrator: Any
) -> None:
    with administrator.cursor() as cursor:
        cursor.execute("CREATE TABLE a (id INT PRIMARY KEY)")
        cursor.execute("CREATE TABLE b (id INT PRIMARY KEY)")
        cursor.execute("INSERT INTO a VALUES (1)")
        cursor.execute("INSERT INTO b VALUES (1)")
        cursor.execute("LOCK TABLES b WRITE, a WRITE")
        followed = follow(own, schema, settings={"FullLoadSettings": {"MaxFullLoadSubTasks": 1}})
        followed.start()
        cursor.execute("LOCK TABLES b WRITE")
        followed.loaded("a")
        key = f"{followed.folder}/{schema}/a/LOAD00000001.csv"
        first = own.s3.head_object(Bucket=own.bucket, Key=key)["LastModified"]
        checkpoint = wait(lambda: followed.described().get("RecoveryCheckpoint"), "the place before the load")
        engine.kill()
        cursor.execute("UNLOCK TABLES")
        cursor.execute("INSERT INTO a VALUES (2)")
    engine.start()
    assert followed.described()["RecoveryCheckpoint"] == checkpoint
    followed.start("resume-processing")
    assert followed.until(1) == [["I", "2"]]
    assert followed.stop()["StopReason"] == "Stop Reason NORMAL"
    assert own.rows(followed.folder, schema, "b") == [["I", "1"]]
    assert own.s3.head_object(Bucket=own.bucket, Key=key)["LastModified"] == first, "what was loaded is not loaded again"
