# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The twin's full load against a driver's cursor: the same table, the same values in a CSV file, in pairs."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import process
from bench.line import Line
from bench.process import BenchError, Run, in_pairs
from lab.config import LabConfig

PEER = "PyMySQL cursor"
MILLION = 1_000_000
PROOF_ROWS = 20_000
COLUMNS = 12  # the operation and the table's own


def measure(config: LabConfig, *, pairs: int, say: Callable[[str], None]) -> list[Line]:
    """Raises BenchError, also where the two sides wrote different values."""
    say(f"Extraction: {pairs} pairs of one table:")
    with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as name:
        folder = Path(name)
        runs = in_pairs(pairs, partial(extract, "ours", config, folder), partial(extract, "peer", config, folder), partial(_told, say))
        prove(folder)
    rows = runs[0][0].said["rows"]
    work = f"{rows} rows of 11 columns over TLS into a CSV file; "
    scale = MILLION / rows
    return [
        Line.of_pairs(
            "extraction",
            work + "client processor time",
            "CPU-s / 1M rows",
            PEER,
            [(ours.work * scale, peer.work * scale) for ours, peer in runs],
            must=6,
            most=MILLION / 150_000,
        ),
        Line.of_pairs(
            "extraction, elapsed",
            work + "elapsed time, the server's share in it",
            "s / 1M rows",
            PEER,
            [(ours.said["seconds"] * scale, peer.said["seconds"] * scale) for ours, peer in runs],
        ),
    ]


def extract(side: str, config: LabConfig, folder: Path) -> Run:
    place = folder / side
    return process.run(f"bench.extraction.{side}", [str(config.dir), str(place if side == "ours" else place.with_suffix(".csv"))])


def prove(folder: Path) -> None:
    """The last runs of both sides wrote the same values, compared row by row over the first rows."""
    ours, peer = rows_of(min((folder / "ours").iterdir())), rows_of(folder / "peer.csv")
    for number in range(1, PROOF_ROWS):
        one, other = next(ours, None), next(peer, None)
        if one != other:
            raise BenchError(f"row {number} differs: ours {one}, the peer's {other}")
        if one is None:
            return


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows without what the twin adds, and without a second's fraction of zeros: Python's own text leaves it out."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield [field.removesuffix(".000000") for field in row[:COLUMNS]]


def _told(say: Callable[[str], None], number: int, ours: Run, peer: Run) -> None:
    rows = ours.said["rows"]
    if rows != peer.said["rows"] or not rows:
        raise BenchError(f"ours read {rows} rows, the peer {peer.said['rows']}")
    rates = " and ".join(f"{rows / run.said['seconds']:,.0f} rows/s" for run in (ours, peer))
    say(f"  pair {number}: {ours.work:.2f} s, {peer.work:.2f} s, {peer.work / ours.work:.1f}x; elapsed {rates}")
