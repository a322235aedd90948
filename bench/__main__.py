# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Measures Landbridge beside the usual way: ``python -m bench [--quick]``. Writes ``build/bench.json``."""

from __future__ import annotations

import argparse
import json
import sys
import time

from bench.changes import measure as changes
from bench.extraction import measure as extraction
from bench.full_load import measure as full_load
from bench.line import Line, table
from bench.process import REPOSITORY, BenchError
from bench.source import source


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition(":")[0] + ".")
    parser.add_argument("--quick", action="store_true", help="fewer rows and fewer pairs: for a look, not for a judgement")
    options = parser.parse_args()
    began = time.monotonic()
    rows, pairs = (5_000, 3) if options.quick else (30_000, 5)
    try:
        lines = full_load.measure(rows=rows, pairs=pairs, say=say)
        with source(rows=100_000 if options.quick else 500_000) as config:
            lines += extraction.measure(config, pairs=pairs, say=say)
            lines += changes.measure(config, rows=rows, many=300_000 if options.quick else 2_000_000, pairs=pairs, say=say)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    (REPOSITORY / "build").mkdir(exist_ok=True)
    (REPOSITORY / "build" / "bench.json").write_text(json.dumps([line.to_json() for line in lines], indent=2) + "\n", encoding="utf-8")
    say("")
    say(table(lines))
    say(f"\n{time.monotonic() - began:.0f} s; also in build/bench.json")
    return judge(lines)


def judge(lines: list[Line]) -> int:
    missed = [line for line in lines if not line.met]
    for line in missed:
        say(f"MISSED: {line.name}: {line.demand}; it is {line.ours:g} {line.unit}, {line.ratio:.1f} times")
    return 1 if missed else 0


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
