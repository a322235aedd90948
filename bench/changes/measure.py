# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The twin's change capture against mysql-replication: the same part of a log, the same values in CSV files, in pairs; and its memory."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import process
from bench.changes import log
from bench.line import Line
from bench.process import BenchError, Run, in_pairs
from lab.config import LabConfig
from lab.dms.binlog import Position

PEER = "mysql-replication"
MILLION = 1_000_000
# One-row transactions are a smaller part, as the peer takes long for them.
SINGLE_SHARE = 3
# Behind operation, table and schema, and the eleven columns of a charge.
NUMBER_COLUMN = 14


def measure(config: LabConfig, *, rows: int, many: int, pairs: int, say: Callable[[str], None]) -> list[Line]:
    """Raises BenchError, also where the two sides wrote different values."""
    pace = partial(pairs_of, config, pairs=pairs, say=say)
    small = f"in transactions of {log.ROWS_PER_TRANSACTION} rows"
    return [
        pace("changes", small, log.write_small, rows, most=MILLION / 40_000),
        pace("changes, one row each", "in transactions of one row", log.write_single, rows // SINGLE_SHARE),
        memory(config, many, say),
    ]


def pairs_of(
    config: LabConfig,
    name: str,
    how: str,
    write: Callable[[LabConfig, int], tuple[Position, int]],
    rows: int,
    *,
    pairs: int,
    say: Callable[[str], None],
    most: float | None = None,
) -> Line:
    """Both sides follow what ``write`` writes. ``how``: it does that, in words."""
    begin, changes = write(config, rows)
    span = (begin, log.position(config))
    say(f"Changes: {pairs} pairs of {changes:,} {how}:")
    with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as temporary:
        folder = Path(temporary)
        told = partial(_told, say, changes)
        runs = in_pairs(pairs, partial(follow, "ours", config, folder, span), partial(follow, "peer", config, folder, span), told)
        prove(folder, changes)
    scale = MILLION / changes
    return Line.of_pairs(
        name,
        f"{changes} changed rows of 11 columns {how}, from the binary log over TLS into CSV files; client processor time",
        "CPU-s / 1M rows",
        PEER,
        [(ours.work * scale, peer.work * scale) for ours, peer in runs],
        must=5,
        most=most,
    )


def memory(config: LabConfig, many: int, say: Callable[[str], None]) -> Line:
    """The most memory that our process takes, for many changes and for a tenth of them, in transactions that do not fit into it."""
    peaks = []
    for changes in (many // 10, many):
        begin, written = log.write_large(config, changes)
        with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as name:
            run = follow("ours", config, Path(name), (begin, log.position(config)))
        if run.said["rows"] != written:
            raise BenchError(f"{run.said['rows']} of {written} changes were followed")
        say(f"  {written:,} changes in large transactions: {run.said['peak']:.0f} MB, {written / run.work:,.0f} rows per CPU second")
        peaks.append(run.said["peak"])
    return Line.of_pairs(
        "changes, memory",
        f"{many} changed rows in transactions of the whole table",
        "MB at most",
        "a tenth of them",
        [(peaks[1], peaks[0])],
        must=0.75,
    )


def follow(side: str, config: LabConfig, folder: Path, span: tuple[Position, Position]) -> Run:
    place = folder / side
    target = place if side == "ours" else place.with_suffix(".csv")
    for old in place.glob("*"):
        old.unlink()
    return process.run(f"bench.changes.{side}", [str(config.dir), str(target), *map(str, span)])


def prove(folder: Path, changes: int) -> None:
    """The last runs of both sides wrote the same values in the same order."""
    ours = (row for file in sorted((folder / "ours").iterdir()) for row in rows_of(file))
    for number, (one, other) in enumerate(zip(ours, rows_of(folder / "peer.csv"), strict=True), 1):
        if one != other:
            raise BenchError(f"change {number} of {changes} differs: ours {one}, the peer's {other}")


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows without the twin's numbers, and without a second's fraction of zeros: Python's own text leaves it out."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield [field.removesuffix(".000000") for field in row[:NUMBER_COLUMN] + row[NUMBER_COLUMN + 1 :]]


def _told(say: Callable[[str], None], changes: int, number: int, ours: Run, peer: Run) -> None:
    if not ours.said["rows"] == peer.said["rows"] == changes:
        raise BenchError(f"{changes} rows were changed, ours followed {ours.said['rows']}, the peer {peer.said['rows']}")
    rates = " and ".join(f"{changes / run.work:,.0f}" for run in (ours, peer))
    say(f"  pair {number}: {ours.work:.2f} s, {peer.work:.2f} s, {peer.work / ours.work:.1f}x; {rates} rows per CPU second")
