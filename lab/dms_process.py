# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Starts the replication service: a process of its own, which reaches the source and the emulator as DMS would."""

from __future__ import annotations

import sys
from pathlib import Path

from lab import processes
from lab.aws.service import client_environment
from lab.config import ACCOUNT, HOST, REGION, LabConfig

NAME = "dms"
READY_SECONDS = 180.0
# Where AWS reports each minute: a task of the lab may be over within that time.
METRICS_SECONDS = 5


def log_file(config: LabConfig) -> Path:
    return config.dms_dir / "log"


def start(config: LabConfig) -> None:
    """Start the service and wait until it accepts connections."""
    log = log_file(config)
    state = config.dms_dir / "state"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "lab",
        "dms",
        "serve",
        f"--port={config.dms_port}",
        f"--aws-endpoint={config.aws_url}",
        f"--region={REGION}",
        f"--account={ACCOUNT}",
        f"--state={state}",
        f"--metrics-seconds={METRICS_SECONDS}",
    ]
    environ = client_environment(config) | {"PYTHONPATH": str(config.repository)}
    identity = processes.start(config.run_dir, NAME, command, log=log, environ=environ, cwd=config.dms_dir)
    processes.wait_ready(NAME, identity, lambda: processes.port_answers(HOST, config.dms_port), log=log, seconds=READY_SECONDS)
