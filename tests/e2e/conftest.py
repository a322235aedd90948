# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""One demo with few rows, in a lab of its own, for all tests of this folder."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "lab" / "landbridge-lab"
ROWS = 3000


@dataclass(frozen=True)
class Demo:
    """``out``: the demo's folder; ``env``: for programs that use its lab."""

    out: Path
    env: dict[str, str]
    output: str

    @property
    def lab(self) -> Path:
        return Path(self.env["LANDBRIDGE_SITE"]).parent

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        return report

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    def play(self, *words: str) -> Play:
        return Play(self.run("ansible-playbook", "-i", "inventories/lab", "playbooks/migrate.yml", *words))

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items, read without Landbridge."""
        session = boto3.Session(profile_name=self.env["AWS_PROFILE"], region_name=self.env["AWS_DEFAULT_REGION"])
        client = session.client("dynamodb", endpoint_url=self.env["AWS_ENDPOINT_URL"])
        pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]


class Play:
    """What a playbook run said: ``code``, ``output``, how many tasks changed something, and which roles had tasks that ran."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.output = done.stdout + done.stderr
        recap = re.findall(r"\bchanged=(\d+)", self.output)
        self.changed = sum(int(number) for number in recap) if recap else None
        # Arguments are validated whatever the tag: that is no work of the stage.
        self.roles = set(
            re.findall(r"^(?:TASK \[| {6})landbridge\.mysql_dynamodb\.(\w+) : (?!Validating arguments)", self.output, re.MULTILINE)
        )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    out = tmp_path_factory.mktemp("demo")
    # A lab of its own: the demo may start a used one anew, so it must never meet one that somebody works with.
    env = dict(os.environ)
    env.setdefault("LANDBRIDGE_LAB_DIR", str(ROOT / "build" / "test" / "e2e" / "lab"))
    env.setdefault("LANDBRIDGE_LAB_PORT_BASE", "24800")
    try:
        done = subprocess.run([LAB, "demo", "--rows", str(ROWS), "--out", out], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"the demo ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
        lines = subprocess.run([LAB, "env"], env=env, capture_output=True, text=True, check=True).stdout.splitlines()
        own = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        env |= {name: shlex.split(value)[0] for name, value in own.items()}
        env["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{env['PATH']}"
        with pytest.MonkeyPatch.context() as patch:
            for name in own:
                patch.setenv(name, env[name])
            yield Demo(out, env, done.stdout)
    finally:
        subprocess.run([LAB, "down"], env=env, capture_output=True, check=False)
