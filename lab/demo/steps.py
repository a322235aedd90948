# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The steps of the demo: lab, data, playbook, report. Each is what a user would do by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import lifecycle
from lab.aws import account
from lab.aws.service import client_environment
from lab.config import DIR_VARIABLE, PORT_VARIABLE, LabConfig
from lab.demo import playbook
from lab.errors import LabError
from lab.workload import cli as workload


class DemoFailed(LabError):
    """A step that did not end as it should. The lab is left as it is, to be looked at."""


class Demo:
    """One migration on a lab. Files of ``out``: ``report.json``, ``report.html``, ``playbook.log``, ``measured.json``."""

    def __init__(self, config: LabConfig, out: Path, say: Callable[[str], None]) -> None:
        self._config = config
        self._out = out
        self._say = say
        self._log = out / "playbook.log"
        self._started = False
        self._timings: dict[str, float] = {}
        self._rates: dict[str, float] = {}

    def migrate(self, rows: int, seed: int) -> bool:
        """Run all steps; whether source and target are equal. Raises DemoFailed, or LabError where the lab itself cannot start."""
        self._out.mkdir(parents=True, exist_ok=True)
        for name in ("report.json", "report.html"):  # an old report must not pass for this run's
            (self._out / name).unlink(missing_ok=True)
        self._step("Lab")
        self._timed("lab", self._clean_lab)
        self._step(f"Data: {rows:,} rows in six tables, seed {seed}")
        self._timed("generate", lambda: self._generate(rows, seed))
        self._step("Migration: ansible-playbook -i inventories/lab playbooks/migrate.yml")
        self._run_playbook(rows)
        self._step("Report")
        return bool(self._report()["equal"])

    def summary(self, seconds: float) -> str:
        """What took how long, and where the report lies."""
        widest = max(map(len, self._timings))
        lines = [f"  {name:<{widest}} {taken:8.1f} s" for name, taken in self._timings.items()]
        lines += [f"  {'in all':<{widest}} {seconds:8.1f} s", ""]
        lines += [f"Report for people:   {self._out / 'report.html'}", f"Report for machines: {self._out / 'report.json'}"]
        return "\n".join(["", *lines])

    def post_mortem(self, failure: DemoFailed) -> str:
        """What failed, where its traces are, and how to look on."""
        lab, landbridge = "lab/landbridge-lab", self._tool("landbridge")
        return "\n".join(
            [
                "",
                f"The demo failed: {failure}",
                "",
                "Traces:",
                *(f"  {place}" for place in (self._log, *self._logs_of_lab()) if place.exists()),
                "The lab still runs. To look on:",
                f'  eval "$({lab} env)" && {landbridge} status    # how far the stages came',
                f"  {lab} status ; {lab} mysql                    # the servers; the source database",
                f"  {lab} down                                    # when you are done; the next demo begins anew by itself",
            ]
        )

    def _logs_of_lab(self) -> list[Path]:
        """What the servers and the workers said."""
        folder = self._config.dir
        return [folder / server / "log" for server in lifecycle.SERVICES] + sorted(folder.glob("work/**/worker.log"))

    def end(self, *, down: bool) -> None:
        """Take down the lab if that is wanted and this demo started it; otherwise say how to look on, and how to end it."""
        if down and self._started and lifecycle.down(self._config):
            self._say("The lab is taken down.")
            return
        self._say("")
        self._say(f"The lab still runs in {self._config.dir}, to be looked at. Next:")
        self._say('  . .venv/bin/activate && eval "$(lab/landbridge-lab env)"')
        self._say("  ansible-playbook -i inventories/lab playbooks/migrate.yml --tags full_load    # one stage again")
        self._say("  landbridge status")
        self._say("  make lab-down                                                                 # end it")

    def _step(self, title: str) -> None:
        self._say(f"\n=== {title}")

    def _timed(self, name: str, action: Callable[[], None]) -> None:
        began = time.monotonic()
        action()
        self._timings[name] = time.monotonic() - began

    def _clean_lab(self) -> None:
        """A running lab without an earlier migration. One that ran before is left running in the end."""
        ran = lifecycle.status(self._config)["running"]
        if ran and self._is_used():
            self._say("The running lab holds an earlier migration, so it is started anew")
            lifecycle.down(self._config)
        lifecycle.up(self._config, self._say)
        self._started = not ran

    def _is_used(self) -> bool:
        """A migration leaves at least its buckets and its table."""
        return bool(
            account.client(self._config, "s3").list_buckets()["Buckets"]
            or account.client(self._config, "dynamodb").list_tables()["TableNames"]
        )

    def _generate(self, rows: int, seed: int) -> None:
        result = workload.generate(self._config, "billing", rows, seed)
        self._rates["generate"] = result["rows_per_second"]
        self._say(workload.in_words(result))

    def _run_playbook(self, rows: int) -> None:
        command = [self._tool("ansible-playbook"), "-i", "inventories/lab", "playbooks/migrate.yml"]
        code, seconds = playbook.run(command, self._config.repository, self._environment(), self._log, self._say)
        self._timings |= seconds
        if code:
            stage = f" in stage {list(seconds)[-1]}" if seconds else ""
            raise DemoFailed(f"the playbook ended with exit code {code}{stage}", "The task that failed stands above, with its remedy.")
        if seconds.get("replicate"):
            self._rates["extract"] = rows / seconds["replicate"]

    def _report(self) -> dict[str, Any]:
        measured = self._out / "measured.json"
        measured.write_text(json.dumps({"timings": self._timings, "rates": self._rates}), encoding="utf-8")
        command = [
            self._tool("landbridge"),
            "report",
            "--site",
            str(self._config.site_file),
            "--out",
            str(self._out),
            "--extra",
            str(measured),
        ]
        done = subprocess.run(command, cwd=self._config.repository, env=self._environment(), check=False)
        if done.returncode:
            raise DemoFailed(f"the report could not be written, exit code {done.returncode}", "The reason stands above.")
        report: dict[str, Any] = json.loads((self._out / "report.json").read_text(encoding="utf-8"))
        return report

    def _environment(self) -> dict[str, str]:
        repository = self._config.repository
        own = {name: value for name, value in client_environment(self._config).items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return own | {
            "PATH": f"{repository / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "ANSIBLE_CONFIG": str(repository / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(repository / "build" / "collections"),
            "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else "0",
            "PYTHONUNBUFFERED": "1",
            DIR_VARIABLE: str(self._config.dir),
            PORT_VARIABLE: str(self._config.port_base),
        }

    def _tool(self, name: str) -> str:
        return str(self._config.repository / ".venv" / "bin" / name)
