# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Up, down and everything that can stand in between, on a lab of the test's own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from lab.config import LabConfig
from lab.processes import identify, port_answers, port_is_free

COMMAND = Path(__file__).resolve().parents[3] / "lab" / "landbridge-lab"


class OwnLab:
    """``run`` gives exit code, standard output and standard error of one command."""

    def __init__(self, folder, base):
        self.env = os.environ | {"LANDBRIDGE_LAB_DIR": str(folder), "LANDBRIDGE_LAB_PORT_BASE": str(base)}
        self.config = LabConfig.from_environment(self.env)

    def run(self, *words):
        done = subprocess.run([str(COMMAND), *words], env=self.env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def pids(self):
        return {name: service["pid"] for name, service in json.loads(self.run("status", "--json")[1])["services"].items()}


def free_base():
    """A port base whose three ports are free."""
    for base in range(36_000, 60_000, 100):
        if all(port_is_free("127.0.0.1", base + offset) for offset in (6, 66, 67)):
            return base
    raise AssertionError("no free ports")


@pytest.fixture
def own(tmp_path):
    lab = OwnLab(tmp_path / "lab", free_base())
    yield lab
    code, _, error = lab.run("down")
    if (tmp_path / "lab" / "landbridge-lab").exists():
        pytest.fail(f"down left the lab behind ({code}): {error}")


def test_a_whole_life(own):
    assert own.run("status")[0] == 1
    assert own.run("env")[0] == 1
    code, output, error = own.run("up")
    assert code == 0, output + error
    assert str(own.config.aws_url) in output
    first = own.pids()
    assert own.run("status")[0] == 0
    assert f"AWS_ENDPOINT_URL={own.config.aws_url}" in own.run("env")[1]
    secrets = list(own.config.secrets_dir.iterdir())
    assert {file.name for file in secrets} == {"landbridge_dms", "landbridge_reader", "landbridge_app", "aws_secret_access_key"}
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in secrets)

    code, output, _ = own.run("up")
    assert (code, "runs already" in output, own.pids()) == (0, True, first)

    assert own.run("mysql", "--user=landbridge_reader", "--execute=SELECT CURRENT_USER()")[1].split()[1] == "landbridge_reader@127.0.0.1"
    assert own.run("aws", "throttle", "--table=any", "--fraction=0.5", "--requests=1")[0] == 0
    assert own.run("aws", "throttle", "--table=any", "--fraction=5", "--requests=1")[0] == 1

    os.kill(first["dms"], signal.SIGKILL)
    while port_answers("127.0.0.1", own.config.dms_port):
        pass
    assert own.run("status")[0] == 1
    code, output, error = own.run("up")
    assert code == 0, output + error
    assert "not whole" in output
    second = own.pids()
    assert not set(first.values()) & set(second.values())

    assert own.run("down")[0] == 0
    assert not own.config.dir.exists()
    assert all(identify(pid) is None for pid in [*first.values(), *second.values()])
    assert own.run("down")[0] == 0


def test_a_port_in_use_is_named_with_the_variable_that_changes_it_and_nothing_is_left(own):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", own.config.aws_port))
        other.listen()
        code, _, error = own.run("up")
    assert code == 1
    assert str(own.config.aws_port) in error
    assert "LANDBRIDGE_LAB_PORT_BASE" in error
    assert not own.config.dir.exists()


def test_a_folder_with_other_files_is_not_touched(own):
    own.config.dir.mkdir()
    precious = own.config.dir / "precious"
    precious.write_text("x")
    for command in ("up", "down"):
        code, _, error = own.run(command)
        assert code == 1
        assert "LANDBRIDGE_LAB_DIR" in error
    assert precious.read_text() == "x"


def test_a_step_that_fails_leaves_nothing_running(own, tmp_path):
    # The database's client fails, when its server runs already.
    client = tmp_path / "mariadb"
    client.write_text("#!/bin/sh\necho broken on purpose >&2\nexit 1\n")
    client.chmod(0o755)
    own.env["PATH"] = f"{tmp_path}:{own.env['PATH']}"
    code, _, error = own.run("up")
    assert code == 1
    assert "broken on purpose" in error
    assert not own.config.dir.exists()
    assert port_is_free("127.0.0.1", own.config.mysql_port)
