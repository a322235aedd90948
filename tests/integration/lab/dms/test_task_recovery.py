# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The process of the engine is killed while changes flow; a new one on the same state goes on where that one was."""

from __future__ import annotations

import contextlib
import getpass
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pymysql
import pytest

from .conftest import Bench, wait
from .following import SEQUENCE, follow

LARGEST_OPERATION_BATCH = 20


class Engine:
    """An engine of the test's own, which can be killed and begun again on its port and its state."""

    def __init__(self, lab: Any, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = folder / "log"
        self._command = [
            *(sys.executable, "-m", "lab.dms.cli", "serve", "--delay=0.1", f"--port={self.port}", f"--state={folder / 'state'}"),
            *(f"--aws-endpoint={lab.env['AWS_ENDPOINT_URL']}", "--region=eu-west-1", "--account=000000000042"),
        ]
        self._environ = lab.env | {"PYTHONPATH": str(Path(__file__).resolve().parents[4])}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environ, stdout=log, stderr=log)
        wait(self._answers, f"the engine; see {self._log}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@pytest.fixture
def engine(lab: Any, tmp_path: Path) -> Iterator[Engine]:
    made = Engine(lab, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def own(bench: Bench, engine: Engine) -> Bench:
    """A bench on that engine: an instance and a certificate of its own, and everything else of the lab's."""
    lab = bench.lab
    session = boto3.Session("000000000042", lab.secret("aws_secret_access_key"), region_name="eu-west-1")
    dms = session.client("dms", endpoint_url=engine.url)
    group = bench.dms.describe_replication_subnet_groups(Filters=[{"Name": "replication-subnet-group-id", "Values": [bench.prefix]}])
    subnets = [s["SubnetIdentifier"] for s in group["ReplicationSubnetGroups"][0]["Subnets"]]
    dms.create_replication_subnet_group(ReplicationSubnetGroupIdentifier="own", ReplicationSubnetGroupDescription="own", SubnetIds=subnets)
    instance = dms.create_replication_instance(
        ReplicationInstanceIdentifier="own", ReplicationInstanceClass="dms.t3.medium", ReplicationSubnetGroupIdentifier="own"
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    filters = [{"Name": "replication-instance-arn", "Values": [instance]}]
    dms.get_waiter("replication_instance_available").wait(Filters=filters, WaiterConfig={"Delay": 1})
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    certificate = dms.import_certificate(CertificateIdentifier="own", CertificatePem=pem)["Certificate"]["CertificateArn"]
    return Bench(
        lab, bench.prefix, dms, bench.s3, bench.bucket, bench.s3_role, bench.secret_role, instance, certificate, bench.user, bench.password
    )


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
