# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab change``: let a workload's application work on the source for a while."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from random import Random
from typing import Any

import pymysql

from lab.config import LabConfig
from lab.errors import LabError
from lab.workload import changes, load
from lab.workload.registry import WORKLOADS

SEED = 1


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="landbridge-lab change",
        description="Run transactions on the tables that 'landbridge-lab generate' filled: the same seed on the same data does the same.",
    )
    parser.add_argument("--workload", choices=sorted(WORKLOADS), default="billing", help="default: billing")
    parser.add_argument("--transactions", type=_whole, default=100, metavar="N", help="default: 100")
    parser.add_argument("--rate", type=_rate, default=0.0, metavar="R", help="transactions a second; default: as fast as they go")
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"default: {SEED}")
    options = parser.parse_args(argv)
    config = LabConfig.from_environment(os.environ)
    result = change(config, options.workload, options.transactions, options.seed, options.rate)
    print(json.dumps(result))  # noqa: T201 - this is the output
    return 0


def change(config: LabConfig, workload: str, transactions: int, seed: int, rate: float = 0.0) -> dict[str, Any]:
    """Run the change script in a running lab. Raises LabError where there is none, or its tables are missing.

    Returns ``{"workload", "seed"}`` and what ``changes.run`` returns.
    """
    chosen = WORKLOADS[workload]
    connection = load.connect(config, chosen.schema)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION time_zone = '+00:00'")
            if chosen.sql_mode is not None:
                cursor.execute("SET SESSION sql_mode = %s", (chosen.sql_mode,))
        session = changes.ChangeSession(connection)
        random = Random(f"changes:{workload}:{seed}")  # noqa: S311 - the same seed must give the same changes
        done = changes.run(session, chosen.actions(random, session), random, transactions, rate)
    except pymysql.MySQLError as error:
        raise LabError(
            f"A change of the workload {workload} failed: {error}",
            f'"landbridge-lab generate --workload {workload}" makes the tables anew.',
        ) from error
    finally:
        connection.close()
    return {"workload": workload, "seed": seed, **done}


def _whole(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError("negative")
    return number


def _rate(text: str) -> float:
    if not 0 <= (number := float(text)) < float("inf"):
        raise ValueError("no rate")
    return number
