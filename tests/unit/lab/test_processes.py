# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Daemons are known by more than their number."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

import pytest

from lab import processes
from lab.errors import LabError

SLEEP = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('begun', flush=True); time.sleep(60)"]


def start(tmp_path, command):
    return processes.start(tmp_path / "run", "probe", command, log=tmp_path / "log", environ=os.environ, cwd=tmp_path)


def wait_begun(tmp_path, identity):
    processes.wait_ready("probe", identity, lambda: "begun" in processes.tail(tmp_path / "log"), log=tmp_path / "log", seconds=30)


def test_a_daemon_runs_until_it_is_stopped(tmp_path):
    identity = start(tmp_path, SLEEP)
    assert processes.running(tmp_path / "run", "probe") == identity
    assert processes.stop(tmp_path / "run", "probe")
    assert processes.running(tmp_path / "run", "probe") is None
    assert not processes.stop(tmp_path / "run", "probe")


def test_one_that_does_not_heed_the_polite_signal_is_killed(tmp_path):
    identity = start(tmp_path, STUBBORN)
    wait_begun(tmp_path, identity)
    assert processes.stop(tmp_path / "run", "probe", seconds=0.2)
    assert processes.identify(identity.pid) != identity


def test_another_process_under_the_recorded_number_is_left_alone(tmp_path):
    identity = start(tmp_path, SLEEP)
    record = tmp_path / "run" / "probe.json"
    other = json.loads(record.read_text()) | {"started": identity.started + 1}
    record.write_text(json.dumps(other))
    try:
        assert processes.running(tmp_path / "run", "probe") is None
        assert not processes.stop(tmp_path / "run", "probe")
        assert processes.identify(identity.pid) == identity
    finally:
        os.kill(identity.pid, signal.SIGKILL)
        os.waitpid(identity.pid, 0)


def test_waiting_for_a_daemon_that_ended_shows_the_end_of_its_log(tmp_path):
    identity = start(tmp_path, [sys.executable, "-c", "print('no such table')"])
    with pytest.raises(LabError, match="no such table"):
        processes.wait_ready("probe", identity, lambda: False, log=tmp_path / "log", seconds=30)


def test_waiting_ends_when_the_time_is_up(tmp_path):
    identity = start(tmp_path, SLEEP)
    try:
        with pytest.raises(LabError, match="was not ready"):
            processes.wait_ready("probe", identity, lambda: False, log=tmp_path / "log", seconds=0.1)
    finally:
        processes.stop(tmp_path / "run", "probe")


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "probe.json").write_text("{}")
    with pytest.raises(LabError, match=r"probe\.json"):
        processes.running(tmp_path, "probe")


def test_a_port_is_free_or_answers():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert processes.port_answers("127.0.0.1", port)
        assert not processes.port_is_free("127.0.0.1", port)
    assert not processes.port_answers("127.0.0.1", port)
    assert processes.port_is_free("127.0.0.1", port)
