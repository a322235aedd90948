# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs change capture in this process, from the lab's database to the emulator's S3."""

from __future__ import annotations

import csv
import gzip
import io
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.dms.binlog import Position, current_position
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.run import ChangeCapture
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.stop import AfterPosition, StopPosition
from lab.dms.dialects.dialect import GUIDE, Dialect
from lab.dms.mappings import read_mappings
from lab.dms.outcome import Outcome
from lab.dms.sources.mysql import Address, MySQLSource
from lab.dms.statistics import Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

from .waiting import WAIT_SECONDS, wait

# One directory for all tables, rows in the order of their commits.
ORDERED = {"PreserveTransactions": True, "CdcPath": "cdc", "CsvNullValue": "__DMS_NULL__"}


@dataclass
class Run:
    """One run of a capture: ``saved`` are its checkpoints."""

    captures: Captures
    folder: str
    capture: ChangeCapture
    statistics: Statistics
    saved: list[Checkpoint] = field(default_factory=list)
    outcome: Outcome | None = None
    _thread: threading.Thread | None = None

    def foreground(self) -> Run:
        self.outcome = self.capture.run(lambda: None)
        return self

    def background(self) -> Run:
        """Returns when the log is being read."""
        running = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(running,), daemon=True)
        self._thread.start()
        assert running.wait(WAIT_SECONDS)
        return self

    def _work(self, running: threading.Event) -> None:
        try:
            self.outcome = self.capture.run(running.set)
        finally:
            running.set()

    def ended(self) -> Outcome:
        """How the run ended that goes on in the background."""
        assert self._thread is not None
        self._thread.join(WAIT_SECONDS)
        assert self.outcome is not None
        return self.outcome

    def finished(self) -> Outcome:
        """The run is asked to stop when it has read everything that is logged now."""
        end = self.captures.position()
        wait(lambda: self.capture.position >= end, "the end of the log")
        return self.stopped()

    def stopped(self) -> Outcome:
        self.capture.stop()
        return self.ended()

    def files(self) -> list[str]:
        """The names of the files below the run's folder, in the order in which S3 lists them."""
        listed = self.captures.s3.list_objects_v2(Bucket=self.captures.bucket, Prefix=self.folder + "/").get("Contents", [])
        return [item["Key"].removeprefix(self.folder + "/") for item in listed]

    def content(self, key: str) -> str:
        body = self.captures.s3.get_object(Bucket=self.captures.bucket, Key=f"{self.folder}/{key}")["Body"].read()
        return (gzip.decompress(body) if key.endswith(".gz") else body).decode()

    def rows(self, prefix: str = "") -> list[list[str]]:
        """The records of all files whose names begin so, file after file."""
        return [row for key in self.files() if key.startswith(prefix) for row in csv.reader(io.StringIO(self.content(key), newline=""))]


@dataclass
class Captures:
    """What runs need. ``bucket`` is one for all of them; each has a folder of its own."""

    s3: Any
    bucket: str
    address: Address
    spool: Path

    def here(self) -> Checkpoint:
        """Where the log stands now."""
        return Checkpoint(self.position())

    def position(self) -> Position:
        with MySQLSource(self.address) as source:
            return current_position(source)

    def make(
        self,
        mappings: str,
        start: Checkpoint,
        *,
        stop_at: StopPosition | AfterPosition | None = None,
        settings: ChangeSettings | None = None,
        dialect: Dialect = GUIDE,
        statistics: Statistics | None = None,
        folder: str = "",
        s3: Any = None,
        address: Address | LookupError | None = None,
        **target: Any,
    ) -> Run:
        """``target``: members of S3Settings; ``s3``: a client other than the bucket's own; ``address``: the error that asking for it is."""

        def found() -> Address:
            if isinstance(address, LookupError):
                raise address
            return address or self.address

        folder = folder or f"run-{secrets.token_hex(4)}"
        given = {"ServiceAccessRoleArn": "-", "BucketName": self.bucket, "BucketFolder": folder} | (target or ORDERED)
        saved: list[Checkpoint] = []
        kept = statistics or Statistics()
        capture = ChangeCapture(
            address=found,
            target=S3Target(s3 or self.s3, S3Settings.read(given)),
            mappings=read_mappings(mappings),
            settings=settings or ChangeSettings(),
            statistics=kept,
            dialect=dialect,
            spool_dir=self.spool,
            start=start,
            stop_at=stop_at,
            save=saved.append,
        )
        return Run(self, folder, capture, kept, saved)

    def until_now(self, mappings: str, start: Checkpoint, **options: Any) -> Run:
        """A run over what was logged between ``start`` and now."""
        run = self.make(mappings, start, stop_at=AfterPosition(self.position()), **options).foreground()
        assert run.outcome is not None
        return run


@pytest.fixture(scope="session")
def captures(lab: Any, administrator: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captures]:
    user, password = f"cdc_{secrets.token_hex(3)}", secrets.token_urlsafe(20)
    bucket = f"{user.replace('_', '-')}-changes"
    s3 = lab.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE USER {user}@'%%' IDENTIFIED BY %s REQUIRE SSL", (password,))
        cursor.execute(f"GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {user}@'%'")
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    address = Address("127.0.0.1", lab.ports["mysql"], user, password, "verify-full", pem)
    yield Captures(s3, bucket, address, tmp_path_factory.mktemp("spool"))
    with administrator.cursor() as cursor:
        cursor.execute(f"DROP USER {user}@'%'")
