# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab for tests: a running one is used and left running; otherwise one is started, and ended after the last test."""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pymysql
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = REPOSITORY / "lab" / "landbridge-lab"


@dataclass(frozen=True)
class Lab:
    """``site``: path of the site file; ``dir``: the lab's folder; ``env``: a whole environment for programs that use the lab."""

    site: Path
    dir: Path
    env: dict[str, str]
    ports: dict[str, int]

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator with the lab's credential."""
        return self.client_with(service, "000000000042", self.secret("aws_secret_access_key"))

    def client_with(self, service: str, key: str, secret: str, **options: Any) -> Any:
        """A boto3 client of the emulator with any credential."""
        return _client(service, self.env["AWS_DEFAULT_REGION"], self.env["AWS_ENDPOINT_URL"], key, secret, **options)

    def secret(self, name: str) -> str:
        return (self.dir / "secrets" / name).read_text(encoding="utf-8").rstrip("\n")

    def connect(self, user: str, **options: Any) -> pymysql.Connection[Any]:
        """A connection to the source under one of the lab's accounts, over TLS with the server's name checked."""
        tls: dict[str, Any] = {"ssl_ca": str(self.dir / "tls" / "ca.pem"), "ssl_verify_cert": True, "ssl_verify_identity": True}
        own = {"host": "127.0.0.1", "port": self.ports["mysql"], "user": user, "database": "billing", "charset": "utf8mb4"}
        password = options.pop("password", None)
        return pymysql.connect(password=self.secret(user) if password is None else password, **own | tls | options)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of the lab."""
        return subprocess.run([str(COMMAND), *words], env=self.env, capture_output=True, text=True, check=False)


@functools.cache
def _client(service: str, region: str, endpoint: str, key: str, secret: str, **options: Any) -> Any:
    """Clients are kept: botocore takes longer to make one than most tests run."""
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
    return session.client(service, endpoint_url=endpoint, **options)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(COMMAND), *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The lab that the environment names."""
    was_running = _run("status").returncode == 0
    if not was_running:
        done = _run("up")
        if done.returncode != 0:
            pytest.fail(f"the lab did not start:\n{done.stdout}{done.stderr}", pytrace=False)
    lines = [line.removeprefix("export ").split("=", 1) for line in _run("env").stdout.splitlines()]
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env = own | {name: shlex.split(value)[0] for name, value in lines}
    state = json.loads(_run("status", "--json").stdout)
    ports = {name: service["port"] for name, service in state["services"].items()}
    yield Lab(site=Path(env["LANDBRIDGE_SITE"]), dir=Path(state["dir"]), env=env, ports=ports)
    if not was_running:
        _run("down")
