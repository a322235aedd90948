# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A private MariaDB server: its own data directory, port and socket, set up as a source for change data capture.

Runs as whoever starts the lab. The administrator's account answers only on the socket, and only to that operating-system user.
Option names and accounts: MariaDB 10.11 documentation, "mariadb-install-db" and "Server System Variables".
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from lab import processes
from lab.config import HOST, LabConfig
from lab.errors import LabError
from lab.mysql.accounts import accounts_sql
from lab.secret_files import new_secret
from lab.tls import TlsFiles

NAME = "mysql"
# Long, for a busy machine: a server that ends is noticed at once, whatever this says.
READY_SECONDS = 180.0
GREETING_SECONDS = 5.0
PACKAGE_REMEDY = "Install the Debian package that has it: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core"
# Debian keeps servers in sbin folders, which are not on every user's path.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def find_program(name: str) -> str:
    """The path of a MariaDB program. Raises LabError naming the Debian package."""
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise LabError(f"{name} is not installed", PACKAGE_REMEDY)
    return path


def system_user() -> str:
    """The name of the user we run as. Not from the environment: MariaDB asks the kernel, too, who is at its socket."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise LabError(f"User {os.geteuid()} has no name on this machine", "Run the lab as a user that /etc/passwd knows.") from error


def log_file(config: LabConfig) -> Path:
    return config.mysql_dir / "log"


def options(config: LabConfig, tls: TlsFiles, user: str) -> str:
    """The option file. Durability is given up on purpose: the data are generated and a lab is thrown away."""
    folder = config.mysql_dir
    lines = [
        "[mysqld]",
        f"user={user}",
        f"datadir={folder / 'data'}",
        f"socket={config.mysql_socket}",
        f"pid-file={folder / 'pid'}",
        f"tmpdir={folder / 'tmp'}",
        f"bind-address={HOST}",
        f"port={config.mysql_port}",
        "skip-name-resolve",
        "server-id=1001",
        f"log-bin={folder / 'data' / 'binlog'}",
        "binlog_format=ROW",
        "binlog_row_image=FULL",
        "binlog_row_metadata=FULL",
        "gtid_domain_id=1",
        "gtid_strict_mode=ON",
        "log_slave_updates=ON",
        "expire_logs_days=2",
        "character-set-server=utf8mb4",
        "collation-server=utf8mb4_general_ci",
        "default-time-zone=+00:00",
        "sql_mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        "local_infile=ON",
        "max_allowed_packet=64M",
        "innodb_buffer_pool_size=512M",
        "innodb_log_file_size=256M",
        "innodb_flush_log_at_trx_commit=0",
        "innodb_doublewrite=OFF",
        "sync_binlog=0",
        f"ssl_cert={tls.certificate}",
        f"ssl_key={tls.key}",
        f"ssl_ca={tls.ca}",
        "tls_version=TLSv1.2,TLSv1.3",
    ]
    return "\n".join(lines) + "\n"


def create(config: LabConfig, tls: TlsFiles) -> None:
    """Make the data directory of a new server. Raises LabError with the installer's words if that fails."""
    folder = config.mysql_dir
    user = system_user()
    for part in (folder, folder / "tmp"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    option_file = folder / "my.cnf"
    option_file.write_text(options(config, tls, user), encoding="utf-8")
    installer = [
        find_program("mariadb-install-db"),
        f"--defaults-file={option_file}",
        "--auth-root-authentication-method=socket",
        f"--auth-root-socket-user={user}",
        "--skip-test-db",
        "--skip-name-resolve",
    ]
    done = subprocess.run(installer, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError("mariadb-install-db failed", f"Its last words: {(done.stdout + done.stderr).strip()[-1500:]}")


def start(config: LabConfig) -> None:
    """Start the server and wait until it takes statements on its socket."""
    command = [find_program("mariadbd"), f"--defaults-file={config.mysql_dir / 'my.cnf'}"]
    log = log_file(config)
    identity = processes.start(config.run_dir, NAME, command, log=log, environ=os.environ, cwd=config.mysql_dir)
    processes.wait_ready(NAME, identity, lambda: _greets(config.mysql_socket), log=log, seconds=READY_SECONDS)


def create_accounts(config: LabConfig) -> None:
    """Make the schema and one account per purpose, each with a fresh random password and TLS demanded."""
    execute(config, accounts_sql(lambda user: new_secret(config.secrets_dir, user)))


def execute(config: LabConfig, sql: str) -> str:
    """Run statements as the administrator, through the socket. Returns what the client prints."""
    done = subprocess.run(_client(config), input=sql, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError("The database refused a statement of the lab", done.stderr.strip())
    return done.stdout


def _client(config: LabConfig) -> list[str]:
    return [find_program("mariadb"), "--no-defaults", f"--socket={config.mysql_socket}", f"--user={system_user()}", "--batch"]


def _greets(path: Path) -> bool:
    """Does the server begin the handshake of its protocol there? It does so only when it takes connections."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(GREETING_SECONDS)
        try:
            client.connect(str(path))
            return bool(client.recv(1))
        except OSError:
            return False
