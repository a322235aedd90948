# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks run as AWX runs them, through ansible-runner, against the lab."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Job:
    """``events``: all that ansible-runner told; ``folder``: where it keeps output and artifacts."""

    status: str
    rc: int
    events: list[dict[str, Any]]
    folder: Path

    @property
    def changed(self) -> list[str]:
        done = [event["event_data"] for event in self.events if event["event"] == "runner_on_ok"]
        return [data["task"] for data in done if data["res"].get("changed")]

    @property
    def output(self) -> str:
        return "\n".join(event["stdout"] for event in self.events)


Play = Callable[..., Job]


@pytest.fixture
def play(lab: Any, tmp_path: Path) -> Play:
    """``play("preflight", tags="...", check=True, variables={...}, verbosity=4)`` runs one playbook to its end."""
    count = iter(range(100))

    def run(playbook: str, *, tags: str = "", check: bool = False, variables: dict[str, Any] | None = None, verbosity: int = 0) -> Job:
        folder = tmp_path / f"job{next(count)}"
        folder.mkdir()
        arguments = ["--check --diff"] if check else []
        done = ansible_runner.run(
            private_data_dir=str(folder),
            project_dir=str(REPOSITORY),
            playbook=f"playbooks/{playbook}.yml",
            inventory=str(REPOSITORY / "inventories" / "lab"),
            envvars={
                **lab.env,
                "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
                "LANDBRIDGE_LAB_DIR": str(lab.dir),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / "build" / "collections"),
            },
            extravars=variables or {},
            tags=tags or None,
            cmdline=" ".join(arguments) or None,
            verbosity=verbosity or None,
            quiet=True,
        )
        return Job(done.status, done.rc, list(done.events), folder)

    return run
