# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The full load against boto3's batch writer: the same staged file, the same items, the same endpoint, in pairs.

Each side is a process of its own; what counts is its processor time, not the clock. The endpoint is a process of its own too, and
counts the items. That both sides send the same items is proved first, on a part of the rows.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data import REPOSITORY, stage_charges
from bench.line import Line
from bench.measure import cpu_seconds

PEER = "boto3 Table.batch_writer"
PROOF_ROWS = 2_000
MILLION = 1_000_000


class BenchError(Exception):
    """A measurement that would mean nothing: a side failed, or the two did different work."""


@dataclass(frozen=True, slots=True)
class Run:
    """Processor seconds of one side: of its work, and of its whole process with start and imports."""

    work: float
    process: float


class Sink:
    """The endpoint's process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.endpoint = f"http://127.0.0.1:{port}"

    def account(self) -> dict[str, Any]:
        """What was taken since the last time."""
        with urllib.request.urlopen(self.endpoint) as answer:  # noqa: S310 - http on loopback
            account: dict[str, Any] = json.load(answer)
        return account


@contextmanager
def sink(*, look: bool = False) -> Iterator[Sink]:
    command = [sys.executable, "-m", "bench.sink", *(["--look"] if look else [])]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin is None or process.stdout is None:
        raise BenchError("the endpoint has no pipes")
    try:
        yield Sink(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def measure(*, rows: int, pairs: int, say: Callable[[str], None]) -> list[Line]:
    """Prove that both sides do the same work, then measure it. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as folder:
        sample, staged = Path(folder) / "sample.csv", Path(folder) / "charges.csv"
        stage_charges(sample, PROOF_ROWS)
        stage_charges(staged, rows)
        with sink(look=True) as looking:
            prove(looking, sample)
        say(f"Both sides send the same {PROOF_ROWS:,} items. Now {pairs} pairs of {rows:,}:")
        with sink() as blind:
            runs = []
            for number in range(pairs):
                # Who begins changes, so that neither always finds the machine as the other left it.
                order = ("ours", "peer") if number % 2 == 0 else ("peer", "ours")
                pair = {side: run(side, blind, staged, rows)[0] for side in order}
                runs.append((pair["ours"], pair["peer"]))
                ratio = pair["peer"].work / pair["ours"].work
                say(f"  pair {number + 1}: {pair['ours'].work:.2f} s, {pair['peer'].work:.2f} s, {ratio:.1f}x")
    scale = MILLION / rows
    work = f"{rows} staged charges into items, sent with BatchWriteItem to a local endpoint; "
    return [
        Line.of_pairs(
            "full load",
            work + "client processor time, imports not counted",
            "CPU-s / 1M items",
            PEER,
            [(ours.work * scale, peer.work * scale) for ours, peer in runs],
            must=10,
            aim=18,
        ),
        Line.of_pairs(
            "full load, whole process",
            work + "client processor time, start and imports counted",
            "CPU-s",
            PEER,
            [(ours.process, peer.process) for ours, peer in runs],
        ),
    ]


def prove(looking: Sink, sample: Path) -> None:
    """Both sides send the same set of items."""
    digests = {side: run(side, looking, sample, PROOF_ROWS)[1]["digest"] for side in ("ours", "peer")}
    if digests["ours"] != digests["peer"]:
        raise BenchError(f"the two sides send different items: digests {digests['ours'][:16]} and {digests['peer'][:16]}")


def run(side: str, endpoint: Sink, staged: Path, rows: int) -> tuple[Run, dict[str, Any]]:
    """One side's process over the file, and what the endpoint says of it. Raises BenchError where items are missing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    before = cpu_seconds(resource.getrusage(resource.RUSAGE_CHILDREN))
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{side}", str(staged), endpoint.endpoint],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    process = cpu_seconds(resource.getrusage(resource.RUSAGE_CHILDREN)) - before
    if done.returncode:
        raise BenchError(f"{side} failed with exit code {done.returncode}; its message stands above")
    said, account = json.loads(done.stdout), endpoint.account()
    if not said["items"] == account["items"] == rows:
        raise BenchError(f"{side} says {said['items']} items, the endpoint took {account['items']}, {rows} expected")
    return Run(said["cpu"], process), account
