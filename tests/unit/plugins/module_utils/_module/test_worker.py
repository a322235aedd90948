# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding, starting and recognising a worker, with small programs in its place."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import worker
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.errors import (
    Conflict,
    InvalidInput,
    LandbridgeError,
    Unreachable,
)


def program(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_a_held_lock_means_running(tmp_path: Path) -> None:
    assert not worker.is_running(tmp_path)
    with (tmp_path / "worker.lock").open("w") as lock:
        assert not worker.is_running(tmp_path)
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert worker.is_running(tmp_path)
    assert not worker.is_running(tmp_path)


def test_start_returns_once_the_lock_is_held_and_the_worker_lives_on(tmp_path: Path) -> None:
    command = program(tmp_path / "work", 'exec flock "$6/worker.lock" sleep 60')
    folder = tmp_path / "run" / "billing"
    pid = worker.start(command, "site.yml", "full_load", folder)
    try:
        assert worker.is_running(folder)
        assert os.getpgid(pid) == pid
    finally:
        os.killpg(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    while worker.is_running(folder):
        time.sleep(0.01)


def test_a_worker_that_ends_at_once_and_well(tmp_path: Path) -> None:
    command = program(tmp_path / "work", 'echo "$@" > "$6/words"')
    worker.start(command, "site.yml", "validate", tmp_path)
    assert (tmp_path / "words").read_text() == f"--site site.yml --stage validate --folder {tmp_path}\n"


def test_how_a_worker_ended(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="without a word"):
        worker.require_ended_well("validate", worker.result_of(tmp_path), "worker.log")
    error = {"message": "source and target differ", "place": "", "remedy": "look at the rejects"}
    told = {"stage": "validate", "state": "failed", "exit_code": 4, "outcome": None, "error": error}
    (tmp_path / "result.json").write_text(json.dumps(told))
    with pytest.raises(LandbridgeError, match="validate failed: source and target differ") as raised:
        worker.require_ended_well("validate", worker.result_of(tmp_path), "worker.log")
    assert (raised.value.place, raised.value.remedy) == ("worker.log", "look at the rejects")
    worker.require_ended_well("validate", {**told, "state": "finished", "error": None}, "worker.log")


def test_the_result_of_an_earlier_worker_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"stage": "full_load", "state": "finished", "error": null}')
    with pytest.raises(LandbridgeError, match="exit code 3"):
        worker.start(program(tmp_path / "work", "exit 3"), "site.yml", "full_load", tmp_path)


def test_a_worker_of_another_stage_is_not_adopted(tmp_path: Path) -> None:
    (tmp_path / "worker.lock").write_text("stage full_load, process 12 since 2026-01-01\n")
    worker.require_same_stage(tmp_path, "full_load")
    with pytest.raises(Conflict, match="process 12"):
        worker.require_same_stage(tmp_path, "validate")


def test_a_worker_that_ends_badly_shows_the_end_of_its_log(tmp_path: Path) -> None:
    command = program(tmp_path / "work", 'echo "the site file is wrong" >&2; exit 2')
    with pytest.raises(LandbridgeError, match="exit code 2") as raised:
        worker.start(command, "site.yml", "full_load", tmp_path)
    assert "the site file is wrong" in raised.value.message
    assert raised.value.place == str(tmp_path / "worker.log")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be started"):
        worker.start(str(tmp_path / "nothing"), "site.yml", "full_load", tmp_path)


def test_the_program_beside_the_interpreter_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("interpreter", "path"):
        (tmp_path / folder).mkdir()
        program(tmp_path / folder / "landbridge-worker", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr("sys.executable", str(tmp_path / "interpreter" / "python"))
    assert worker.find_command(None) == str(tmp_path / "interpreter" / "landbridge-worker")
    assert worker.find_command("/opt/worker") == "/opt/worker"
    monkeypatch.setattr("sys.executable", str(tmp_path / "elsewhere" / "python"))
    assert worker.find_command(None) == str(tmp_path / "path" / "landbridge-worker")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidInput, match="no landbridge-worker"):
        worker.find_command(None)
