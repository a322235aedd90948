# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab generate``: fill the lab's source with a workload's data."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.config import LabConfig
from lab.workload import load
from lab.workload.registry import WORKLOADS

REPOSITORY = Path(__file__).resolve().parents[2]
SEED = 20_240_229


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="landbridge-lab generate",
        description="Create the workload's tables in the lab's source and fill them. What they held before is dropped.",
    )
    parser.add_argument("--workload", choices=sorted(WORKLOADS), default="billing", help="default: billing")
    parser.add_argument("--rows", type=int, default=30_000, metavar="N", help="rows of all tables together; default: 30000")
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"the same seed gives the same rows; default: {SEED}")
    parser.add_argument("--json", action="store_true", help="the result for machines")
    options = parser.parse_args(argv)
    config = LabConfig.from_environment(os.environ, REPOSITORY)
    result = generate(config, options.workload, options.rows, options.seed)
    print(json.dumps(result) if options.json else in_words(result))  # noqa: T201 - this is the output
    return 0


def generate(config: LabConfig, workload: str, rows: int, seed: int) -> dict[str, Any]:
    """Fill the source of a running lab. Raises LabError where it does not run or a row does not arrive.

    Returns ``{"workload", "rows", "seed", "seconds", "rows_per_second", "tables": {name: rows}, "steps": {name: seconds}}``.
    """
    chosen = WORKLOADS[workload]
    began = time.monotonic()
    connection = load.connect(config, chosen.schema)
    try:
        tables, steps = load.fill(connection, chosen, rows, seed)
    finally:
        connection.close()
    seconds = time.monotonic() - began
    return {
        "workload": workload,
        "rows": rows,
        "seed": seed,
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds),
        "tables": dict(tables),
        "steps": {name: round(taken, 3) for name, taken in steps.items()},
    }


def in_words(result: dict[str, Any]) -> str:
    lines = [f"The tables of {result['workload']} were created anew and filled, seed {result['seed']}:"]
    lines += [f"  {table:<18} {rows:>11,}  {result['steps'][table]:8.2f} s" for table, rows in result["tables"].items()]
    lines += [f"  {step:<18} {'':>11}  {taken:8.2f} s" for step, taken in result["steps"].items() if step not in result["tables"]]
    return "\n".join([*lines, f"  {'in all':<18} {result['rows']:>11,}  {result['seconds']:8.2f} s  {result['rows_per_second']:,} rows/s"])
