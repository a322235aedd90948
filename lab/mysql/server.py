# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A private database server, the lab's source: its own data directory, port and socket, set up for change data capture.

Runs as whoever starts the lab. The administrator's account answers only on the socket, and only to that operating-system user.
"""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from lab import processes
from lab.config import LabConfig
from lab.errors import LabError
from lab.mysql.accounts import accounts_sql
from lab.mysql.product import common_options, system_user
from lab.mysql.products import product_of
from lab.secret_files import new_secret
from lab.terminal import Say
from lab.tls import TlsFiles

NAME = "mysql"
# Long, for a busy machine: a server that ends is noticed at once, whatever this says.
READY_SECONDS = 180.0
GREETING_SECONDS = 5.0


def log_file(config: LabConfig) -> Path:
    return config.mysql_dir / "log"


def create(config: LabConfig, tls: TlsFiles, say: Say) -> None:
    """Make the data directory of a new server. Raises LabError with the installer's words if that fails."""
    product = product_of(config)
    folder = config.mysql_dir
    product.install(config, say)
    for part in (folder, folder / "tmp"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "product").write_text(config.source, encoding="ascii")
    lines = [*common_options(config, tls, system_user()), *product.options(config, system_user())]
    _option_file(config).write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(f"{product.title}: data directory")
    command = product.create(config, _option_file(config))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(
            f"{product.title} could not make its data directory", f"Its last words: {(done.stdout + done.stderr).strip()[-1500:]}"
        )


def start(config: LabConfig, say: Say) -> None:
    """Start the server and wait until it takes statements on its socket."""
    product = product_of(config)
    say(f"{product.title}: server on port {config.mysql_port}")
    command = product.server(config, _option_file(config))
    log = log_file(config)
    identity = processes.start(config.run_dir, NAME, command, log=log, environ=os.environ, cwd=config.mysql_dir)
    processes.wait_ready(NAME, identity, lambda: _greets(config.mysql_socket), log=log, seconds=READY_SECONDS)


def create_accounts(config: LabConfig) -> None:
    """Make the schema and one account per purpose, each with a fresh random password and TLS demanded."""
    prepare = product_of(config).prepare(system_user())
    execute(config, prepare + accounts_sql(lambda user: new_secret(config.secrets_dir, user)))


def execute(config: LabConfig, sql: str) -> str:
    """Run statements as the administrator, through the socket. Returns what the client prints."""
    product = product_of(config)
    client = [*product.client(config), f"--socket={config.mysql_socket}", f"--user={product.administrator()}", "--batch"]
    done = subprocess.run(client, input=sql, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError("The database refused a statement of the lab", done.stderr.strip())
    return done.stdout


def _option_file(config: LabConfig) -> Path:
    return config.mysql_dir / "my.cnf"


def _greets(path: Path) -> bool:
    """Does the server begin the handshake of its protocol there? It does so only when it takes connections."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(GREETING_SECONDS)
        try:
            client.connect(str(path))
            return bool(client.recv(1))
        except OSError:
            return False
