# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lab import lifecycle
from lab.aws import account
from lab.config import LabConfig
from lab.demo import cli, playbook, steps
from lab.demo.steps import Demo, DemoFailed
from lab.workload import cli as workload


class World:
    """A machine on which nothing really runs: what was done, and how it shall end."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.done: list[str] = []
        self.said: list[str] = []
        self.running = False
        self.tables: list[str] = []
        self.playbook_code = 0
        self.report_code = 0
        self.equal = True
        self.environment: Mapping[str, str] = {}

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": []}

    def list_tables(self) -> dict[str, Any]:
        return {"TableNames": self.tables}

    def up(self) -> bool:
        self.done.append("up")
        was, self.running = self.running, True
        return not was

    def down(self) -> bool:
        self.done.append("down")
        self.running = False
        return True

    def generate(self, rows: int) -> dict[str, Any]:
        self.done.append("generate")
        return {"workload": "billing", "rows": rows, "seed": 1, "seconds": 2.0, "rows_per_second": rows // 2, "tables": {}, "steps": {}}

    def play(self, command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, dict[str, float]]:
        self.done.append(" ".join(command[1:]))
        self.environment = environment
        return self.playbook_code, {"preflight": 1.0, "replicate": 4.0}

    def report(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.done.append(command[1])
        if not self.report_code:
            (self.out / "report.json").write_text(json.dumps({"equal": self.equal}), encoding="utf-8")
        return subprocess.CompletedProcess(command, self.report_code)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path / "out")
    monkeypatch.setattr(lifecycle, "status", lambda config: {"running": world.running})
    monkeypatch.setattr(lifecycle, "up", lambda config, say: world.up())
    monkeypatch.setattr(lifecycle, "down", lambda config: world.down())
    monkeypatch.setattr(account, "client", lambda config, service: world)
    monkeypatch.setattr(workload, "generate", lambda config, name, rows, seed: world.generate(rows))
    monkeypatch.setattr(playbook, "run", lambda command, folder, environment, log, say: world.play(command, environment))
    monkeypatch.setattr(steps.subprocess, "run", lambda command, **options: world.report(command))
    monkeypatch.setenv("LANDBRIDGE_LAB_DIR", str(tmp_path / "lab"))
    monkeypatch.setattr(cli, "say", world.said.append)
    return world


def demo(world: World, *words: str) -> int:
    return cli.main(["--rows", "2000", "--out", str(world.out), *words])


PLAYBOOK = "-i inventories/lab playbooks/migrate.yml"


def test_the_steps_follow_each_other_and_the_lab_is_left_to_be_looked_at(world: World) -> None:
    assert demo(world) == 0
    assert world.done == ["up", "generate", PLAYBOOK, "report"]
    assert any("make lab-down" in line for line in world.said)


def test_a_lab_that_it_started_is_taken_down_on_request(world: World) -> None:
    assert demo(world, "--down") == 0
    assert world.done == ["up", "generate", PLAYBOOK, "report", "down"]


def test_a_lab_that_ran_before_is_used_and_left_running(world: World) -> None:
    world.running = True
    assert demo(world, "--down") == 0
    assert "down" not in world.done


def test_a_lab_that_holds_a_migration_is_started_anew_and_left_running(world: World) -> None:
    world.running, world.tables = True, ["BillingSystem"]
    assert demo(world) == 0
    assert world.done[:3] == ["down", "up", "generate"]
    assert world.done[-1] == "report"


def test_differing_sides_end_the_demo_with_an_error(world: World) -> None:
    world.equal = False
    assert demo(world) != 0
    assert any(str(world.out / "report.html") in line for line in world.said)


def test_a_failed_playbook_says_where_it_failed_and_leaves_the_lab_to_be_looked_at(world: World) -> None:
    world.playbook_code = 2
    assert demo(world) == 1
    assert world.done[-1] == PLAYBOOK
    text = "\n".join(world.said)
    for told in ("exit code 2 in stage replicate", "landbridge status", "lab/landbridge-lab down"):
        assert told in text


def test_an_old_report_does_not_pass_for_this_run_s(world: World) -> None:
    world.out.mkdir()
    (world.out / "report.json").write_text('{"equal": true}', encoding="utf-8")
    world.report_code = 1
    assert demo(world) == 1
    assert not (world.out / "report.json").exists()


def test_measurements_of_the_demo_are_handed_to_the_report(world: World) -> None:
    demo(world)
    measured = json.loads((world.out / "measured.json").read_text(encoding="utf-8"))
    assert list(measured["timings"]) == ["lab", "generate", "preflight", "replicate"]
    assert measured["rates"] == {"generate": 1000, "extract": 500.0}


def test_the_playbook_meets_the_lab_s_account_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    demo(world)
    assert "AWS_ACCESS_KEY_ID" not in world.environment
    assert world.environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_an_interrupt_takes_down_what_was_started(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workload, "generate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo(world)
    assert world.done == ["up", "down"]


def test_rows_come_from_the_environment_where_no_option_says_otherwise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWS", "4321")
    assert cli.main(["--out", str(world.out)]) == 0
    assert any("4,321 rows" in line for line in world.said)


def test_a_failure_names_its_remedy(tmp_path: Path) -> None:
    config = LabConfig(repository=tmp_path, dir=tmp_path / "lab", port_base=24_000)
    text = Demo(config, tmp_path, lambda line: None).post_mortem(DemoFailed("it broke", "mend it"))
    assert "it broke" in text
    assert "mend it" in text
