# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Starts and stops the emulator, and keeps the credentials by which it is reached."""

from __future__ import annotations

import os
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path

from lab import processes
from lab.config import ACCOUNT, HOST, PROFILE, REGION, LabConfig
from lab.secret_files import new_secret, write_private

NAME = "aws"
SECRET_NAME = "aws_secret_access_key"  # noqa: S105 - the name of a file
READY_SECONDS = 180.0


def log_file(config: LabConfig) -> Path:
    return config.aws_dir / "log"


def environment(config: LabConfig) -> dict[str, str]:
    """What AWS clients of this lab need in their environment."""
    return {
        "AWS_SHARED_CREDENTIALS_FILE": str(config.aws_dir / "credentials"),
        "AWS_CONFIG_FILE": str(config.aws_dir / "config"),
        "AWS_PROFILE": PROFILE,
        "AWS_ENDPOINT_URL": config.aws_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client_environment(config: LabConfig) -> dict[str, str]:
    """The present environment for a child that talks to the emulator: other AWS settings of the user must not leak in."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | environment(config)


def create(config: LabConfig) -> None:
    """Write a fresh credential, and the two files in which AWS clients look for it."""
    secret = new_secret(config.secrets_dir, SECRET_NAME)
    # The emulator takes a key id of twelve digits for the account of that number.
    write_private(config.aws_dir / "credentials", f"[{PROFILE}]\naws_access_key_id = {ACCOUNT}\naws_secret_access_key = {secret}\n")
    write_private(config.aws_dir / "config", f"[profile {PROFILE}]\nregion = {REGION}\nendpoint_url = {config.aws_url}\n")


def start(config: LabConfig) -> None:
    """Start the emulator and wait until it answers."""
    log = log_file(config)
    command = [
        sys.executable,
        "-m",
        "lab.aws.server",
        f"--port={config.aws_port}",
        f"--dms-url={config.dms_url}",
        f"--secret-file={config.secrets_dir / SECRET_NAME}",
    ]
    environ = client_environment(config) | {"PYTHONPATH": str(config.repository)}
    identity = processes.start(config.run_dir, NAME, command, log=log, environ=environ, cwd=config.aws_dir)
    processes.wait_ready(NAME, identity, lambda: answers(config), log=log, seconds=READY_SECONDS)


def answers(config: LabConfig) -> bool:
    """Does the emulator say that it is well?"""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{config.aws_port}/_ministack/health", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, HTTPException):
        # HTTPException: a connection to a port on which nobody listens yet can meet itself, and hears its own request.
        return False
