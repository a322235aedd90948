# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A task follows the zoo while its engine is killed, its connections are cut, its bucket vanishes, and it is stopped and resumed.

What it staged must be the source in the end: every change from the remembered place on, in the order of the log, with one number each.
``LANDBRIDGE_CHAOS_SEEDS=first-last`` runs other seeds than these two, which between them do everything that may happen. A seed fixes what
happens and how long after the last thing; where the task is then differs from run to run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pymysql
import pytest

from lab.dms.binlog import Position, compile_rows
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.dialects.dialect import GUIDE
from lab.workload.zoo.rows import NAMES
from tests.support.lab import COMMAND

from .binlogs import Log, account
from .conftest import Bench, select_all, wait
from .direct import NULL, Loader
from .engines import Engine, bench_on
from .following import ORDERED, SEQUENCE, Following
from .gates import Gate
from .replaying import Change, Table, records
from .test_zoo_changes import CASCADED

# MariaDB does not log what a cascade does to those, and a row without a key that is sent twice is two rows.
FOLLOWED = tuple(name for name in NAMES if name not in (*CASCADED, "no_key"))
ROWS, DATA_SEED = 1_600, 3
TRANSACTIONS, RATE = 200, 50
SETTINGS = {
    "TargetMetadata": {"LobMaxSize": 1024},
    "FullLoadSettings": {"MaxFullLoadSubTasks": 2},
    "ErrorBehavior": {"RecoverableErrorInterval": 0},
}
OLD_KEYS = {
    "rule-type": "transformation",
    "rule-target": "column",
    "object-locator": {"schema-name": "%", "table-name": "%"},
    "rule-action": "add-before-image-columns",
    "before-image-def": {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"},
}


def seeds() -> list[int]:
    first, _, last = os.environ.get("LANDBRIDGE_CHAOS_SEEDS", "").partition("-")
    return list(range(int(first), int(last or first) + 1)) if first else [1, 3]


class Chaos:
    """What may happen to a task, one thing after the other, chosen by the seed. ``done``: what has happened."""

    def __init__(self, seed: int, engine: Engine, gate: Gate, followed: Following, administrator: Any) -> None:
        self._random = Random(f"chaos:{seed}")  # noqa: S311 - the same seed must do the same
        self._engine = engine
        self._gate = gate
        self._followed = followed
        self._administrator = administrator
        self._actions: dict[Callable[[], None], int] = {
            self.kill: 4,
            self.cut: 4,
            self.unreachable: 2,
            self.rest: 2,
            self.reload: 1,
        }
        self.done: list[str] = []

    def work(self, script: subprocess.Popen[bytes]) -> None:
        """Until the change script has ended."""
        while script.poll() is None:
            time.sleep(self._random.uniform(0.0, 0.7))
            action = self._random.choices(list(self._actions), list(self._actions.values()))[0]
            self.done.append(action.__name__)
            action()
            self.recover()

    def recover(self) -> None:
        """Let the task run, if it does not: only a killed engine and a call to stop may have ended it."""
        found = self._followed.bench.until(self._followed.task, "running", "stopped", "failed")
        if found["Status"] == "running":
            return
        assert found["StopReason"] in ("Stop Reason NORMAL", "Stop Reason RECOVERABLE_ERROR"), found
        assert self.done[-1] in ("kill", "rest"), found
        self._followed.start("resume-processing")

    def kill(self) -> None:
        self._engine.kill()
        self._engine.start()

    def cut(self) -> None:
        """Every connection of the task's account to the source, those of loads too."""
        with self._administrator.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.PROCESSLIST WHERE user = %s", (self._followed.bench.user,))
            for (number,) in cursor.fetchall():
                with contextlib.suppress(pymysql.MySQLError):
                    cursor.execute(f"KILL CONNECTION {number}")

    def unreachable(self) -> None:
        self._gate.shut()
        time.sleep(self._random.uniform(0.1, 1.5))
        self._gate.open()

    def rest(self) -> None:
        with contextlib.suppress(self._followed.bench.dms.exceptions.InvalidResourceStateFault):
            self._followed.stop()

    def reload(self) -> None:
        table = self._random.choice(FOLLOWED)
        dms = self._followed.bench.dms
        with contextlib.suppress(dms.exceptions.ResourceNotFoundFault):
            dms.reload_tables(
                ReplicationTaskArn=self._followed.task,
                TablesToReload=[{"SchemaName": "zoo", "TableName": table}],
                ReloadOption="data-reload",
            )


class Check:
    """What a task staged, beside the source and its log."""

    def __init__(self, followed: Following, log: Log, loader: Loader) -> None:
        self._followed = followed
        self._log = log
        wanted = select_all("zoo", *FOLLOWED)
        loaded = loader(wanted, settings={"TargetMetadata": SETTINGS["TargetMetadata"]}, AddColumnName=True)
        assert loaded.outcome.stop_reason == "Stop Reason FULL_LOAD_ONLY_FINISHED", loaded.outcome
        lines = {
            name: [line for key, body in loaded.files.items() if key.startswith(f"zoo/{name}/") for line in records(body)[1:]]
            for name in FOLLOWED
        }
        heads = {key.split("/")[1]: list(records(body)[0]) for key, body in loaded.files.items()}
        self.final = {name: set(found) for name, found in lines.items()}
        self._definitions = {name: log.table(name) for name in FOLLOWED}
        self.tables = {
            name: Table(heads.get(name) or [c.name for c in made.columns], list(made.primary_key))
            for name, made in self._definitions.items()
        }

    def staged(self) -> list[Change]:
        """Plays everything again; the changes as they lie there."""
        bench, folder = self._followed.bench, self._followed.folder
        for name, table in self.tables.items():
            for key in bench.keys(f"{folder}/zoo/{name}"):
                table.load(records(bench.content(key)))
        listed = bench.s3.get_paginator("list_objects_v2").paginate(Bucket=bench.bucket, Prefix=f"{folder}/cdc/")
        keys = [item["Key"] for answer in listed for item in answer.get("Contents", [])]
        changes = [self.tables[line[1]].change(line) for key in keys for line in records(bench.content(key))]
        for change in changes:
            self.tables[change.table].apply(change)
        return changes

    def logged(self, begin: Position) -> list[tuple[str, str, tuple[str, ...]]]:
        """Operation, table and row of every change in the log."""
        decoders: dict[Any, Any] = {}
        found = []
        for transaction in self._log.transactions(begin):
            for event in transaction.rows:
                table = self._definitions.get(event.table.table)
                if table is None or event.table.schema != "zoo":
                    continue
                if event.table not in decoders:
                    names = self.tables[table.name].columns
                    wanted = [place for place, column in enumerate(table.all_columns) if column.name in names]
                    decoders[event.table] = compile_rows(event.table, table, GUIDE, wanted)
                for before, after in decoders[event.table](event):
                    row = before if event.operation == "D" else after
                    found.append((event.operation, table.name, tuple(NULL if value is None else value for value in row)))
        return found


@pytest.fixture(scope="module")
def gate(lab: Any) -> Iterator[Gate]:
    made = Gate(int(lab.env["AWS_ENDPOINT_URL"].rpartition(":")[2]))
    yield made
    made.shut()


@pytest.fixture(scope="module")
def engine(lab: Any, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = Engine(lab, tmp_path_factory.mktemp("engine"), gate.url)
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def own(lab: Any, bench: Bench, engine: Engine, administrator: Any) -> Iterator[Bench]:
    with administrator.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON zoo.* TO {bench.user}@'%'")
        done = lab.run("generate", "--workload", "zoo", "--rows", str(ROWS), "--seed", str(DATA_SEED))
        assert done.returncode == 0, done.stderr
        yield bench_on(engine, bench)
        cursor.execute(f"REVOKE SELECT ON zoo.* FROM {bench.user}@'%'")  # noqa: S608 - the name is made here


@pytest.mark.parametrize("seed", seeds())
def test_nothing_is_lost(lab: Any, own: Bench, engine: Engine, gate: Gate, administrator: Any, tmp_path: Path, seed: int) -> None:
    target, folder = own.target(**ORDERED)
    mappings = select_all("zoo", *FOLLOWED, extra=[SEQUENCE, OLD_KEYS])
    task = own.task(own.source(), target, mappings, SETTINGS, MigrationType="full-load-and-cdc")
    followed = Following(own, task, folder, "zoo")
    log = Log(administrator, account(lab), "zoo", tmp_path)
    chaos = Chaos(seed, engine, gate, followed, administrator)
    words = ("change", "--workload", "zoo", "--transactions", str(TRANSACTIONS), "--rate", str(RATE), "--seed", str(seed))
    with subprocess.Popen([str(COMMAND), *words], env=lab.env, stdout=subprocess.DEVNULL) as script:
        followed.start()
        chaos.work(script)
    assert script.returncode == 0
    end = log.position()
    wait(lambda: _arrived(followed, end), f"the end of the log after {chaos.done}; see {engine.log()}")
    assert followed.stop()["StopReason"] == "Stop Reason NORMAL"
    check = Check(followed, log, Loader(own))
    changes = check.staged()
    told = f"seed {seed}: {chaos.done}"
    assert {name: set(table.rows.values()) for name, table in check.tables.items()} == check.final, told
    by_number: dict[int, Change] = {}
    for change in changes:
        assert by_number.setdefault(change.number, change) == change, f"a change that is sent again keeps its number and its row; {told}"
    numbers = [change.number for change in changes]
    again = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    assert sorted(by_number) == list(range(1, len(by_number) + 1)), told
    assert all(b <= a for a, b in again), f"what is sent again overlaps with what was sent; {told}: {again}"
    assert len(again) <= len(chaos.done), told
    in_order = [by_number[number] for number in sorted(by_number)]
    assert [c.sequence for c in in_order] == sorted(c.sequence for c in in_order), told
    logged = check.logged(log.begin)
    assert [(c.operation, c.table, c.row) for c in in_order] == logged[len(logged) - len(in_order) :], told
    states = {name: found["TableState"] for name, found in own.statistics(task).items()}
    assert set(states.values()) == {"Table completed"}, states


def _arrived(followed: Following, end: Position) -> bool:
    found = followed.described()
    assert found["Status"] == "running", found
    states = {table["TableState"] for table in followed.bench.statistics(followed.task).values()}
    checkpoint = found.get("RecoveryCheckpoint", "")
    return states == {"Table completed"} and bool(checkpoint) and Checkpoint.parse(checkpoint).position >= end
