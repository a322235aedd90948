# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs a playbook before the eyes of the user, keeps what it says in a log, and takes the time of each stage."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STAGES = ("preflight", "provision", "replicate", "full_load", "validate")

_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_TASK = re.compile(r"(?:TASK|RUNNING HANDLER) \[(?:[a-z0-9_]+\.)*([a-z0-9_]+) : ")


class StageClock:
    """Seconds of each stage, told from the headings of its role's tasks: a stage lasts until the next one's first task."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._stage = ""
        self._since = 0.0
        self.seconds: dict[str, float] = {}

    def hear(self, line: str) -> None:
        """Take in one line of output."""
        heading = _TASK.match(_COLORS.sub("", line))
        if heading and heading[1] in STAGES and heading[1] != self._stage:
            self.stop()
            self._stage, self._since = heading[1], self._monotonic()

    def stop(self) -> None:
        """The stage that runs has ended."""
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + self._monotonic() - self._since
        self._stage = ""


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, say: Callable[[str], None]
) -> tuple[int, dict[str, float]]:
    """Run the command to its end, each line shown when it comes. Returns the exit code and the seconds of each stage."""
    clock = StageClock()
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            say(line.rstrip("\n"))
            kept.write(_COLORS.sub("", line))
            kept.flush()
            clock.hear(line)
    clock.stop()
    return process.returncode, clock.seconds
