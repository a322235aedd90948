# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab demo``: a whole migration on this machine, from filling the source to the report."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from lab.config import LabConfig
from lab.demo.steps import Demo, DemoFailed
from lab.terminal import say
from lab.workload.cli import SEED

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_ROWS = "30000"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="landbridge-lab demo",
        description="Start the lab, fill its source, migrate it with the playbooks, prove both sides equal, write the report.",
    )
    rows = os.environ.get("ROWS") or DEFAULT_ROWS
    parser.add_argument(
        "--rows", type=int, default=rows, metavar="N", help=f"rows of all tables together; default: {DEFAULT_ROWS}, or ROWS"
    )
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"the same seed gives the same rows; default: {SEED}")
    parser.add_argument(
        "--out", type=Path, default=REPOSITORY / "build" / "demo", metavar="DIR", help="folder for the report; default: build/demo"
    )
    parser.add_argument("--down", action="store_true", help="take down the lab in the end if this demo started it")
    options = parser.parse_args(argv)
    config = LabConfig.from_environment(os.environ, REPOSITORY)
    began = time.monotonic()
    demo = Demo(config, options.out.absolute(), say)
    try:
        equal = demo.migrate(options.rows, options.seed)
    except DemoFailed as failure:
        say(demo.post_mortem(failure))
        return 1
    except BaseException:
        # BaseException: an interrupt by the keyboard must not leave servers behind.
        demo.end(down=True)
        raise
    say(demo.summary(time.monotonic() - began))
    demo.end(down=options.down)
    return 0 if equal else 4
