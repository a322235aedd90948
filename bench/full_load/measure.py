# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The full load against boto3's batch writer: the same staged file, the same items, the same endpoint, in pairs.

The endpoint is a process of its own and counts the items. That both sides send the same items is proved first, on a part of the rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench import process
from bench.full_load.data import stage_charges
from bench.line import Line
from bench.process import REPOSITORY, BenchError, Run, in_pairs

PEER = "boto3 Table.batch_writer"
PROOF_ROWS = 2_000
MILLION = 1_000_000


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
    command = [sys.executable, "-m", "bench.full_load.sink", *(["--look"] if look else [])]
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
        say(f"Full load: both sides send the same {PROOF_ROWS:,} items. Now {pairs} pairs of {rows:,}:")
        with sink() as blind:
            sides = partial(load, "ours", blind, staged, rows), partial(load, "peer", blind, staged, rows)
            runs = [(ours[0], peer[0]) for ours, peer in in_pairs(pairs, *sides, partial(_told, say))]
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


def _told(say: Callable[[str], None], number: int, ours: tuple[Run, Any], peer: tuple[Run, Any]) -> None:
    say(f"  pair {number}: {ours[0].work:.2f} s, {peer[0].work:.2f} s, {peer[0].work / ours[0].work:.1f}x")


def prove(looking: Sink, sample: Path) -> None:
    """Both sides send the same set of items."""
    digests = {side: load(side, looking, sample, PROOF_ROWS)[1]["digest"] for side in ("ours", "peer")}
    if digests["ours"] != digests["peer"]:
        raise BenchError(f"the two sides send different items: digests {digests['ours'][:16]} and {digests['peer'][:16]}")


def load(side: str, endpoint: Sink, staged: Path, rows: int) -> tuple[Run, dict[str, Any]]:
    """One side's process over the file, and what the endpoint says of it. Raises BenchError where items are missing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    done = process.run(f"bench.full_load.{side}", [str(staged), endpoint.endpoint], environment)
    account = endpoint.account()
    if not done.said["items"] == account["items"] == rows:
        raise BenchError(f"{side} says {done.said['items']} items, the endpoint took {account['items']}, {rows} expected")
    return done, account
