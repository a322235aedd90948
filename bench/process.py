# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A side of a comparison is a process of its own; what counts is its processor time, not the clock."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

REPOSITORY = Path(__file__).resolve().parents[1]
T = TypeVar("T")


class BenchError(Exception):
    """A measurement that would mean nothing: a side failed, or the two did different work."""


@dataclass(frozen=True, slots=True)
class Run:
    """Processor seconds of one side: of its work, and of its whole process with start and imports. ``said``: what it printed."""

    work: float
    process: float
    said: dict[str, Any]


def report(work: Callable[[], Mapping[str, Any]]) -> None:
    """In a side's process: do the work and print what it returns, with ``cpu``, user and system seconds since the imports were done."""
    before = _seconds(resource.RUSAGE_SELF)
    result = work()
    used = _seconds(resource.RUSAGE_SELF) - before
    print(json.dumps({**result, "cpu": used}))


def run(module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """One side. Raises BenchError where it fails."""
    before = _seconds(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=False)
    process = _seconds(resource.RUSAGE_CHILDREN) - before
    if done.returncode:
        raise BenchError(f"{module} failed with exit code {done.returncode}; its message stands above")
    said = json.loads(done.stdout)
    return Run(said["cpu"], process, said)


def in_pairs(count: int, ours: Callable[[], T], peer: Callable[[], T], say: Callable[[int, T, T], None]) -> list[tuple[T, T]]:
    """Both sides, one right after the other. Who begins changes, so that neither always finds the machine as the other left it."""
    pairs = []
    for number in range(count):
        if number % 2 == 0:
            first = ours()
            pair = (first, peer())
        else:
            second = peer()
            pair = (ours(), second)
        say(number + 1, *pair)
        pairs.append(pair)
    return pairs


def _seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
