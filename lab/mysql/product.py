# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What differs between the servers that can be the lab's source."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from typing import Protocol

from lab.config import HOST, LabConfig
from lab.errors import LabError
from lab.terminal import Say
from lab.tls import TlsFiles

# Debian keeps servers in sbin folders, which are not on every user's path.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


class Product(Protocol):
    """A server to install, to run and to speak with."""

    title: str

    def install(self, config: LabConfig, say: Say) -> None:
        """Bring the programs to this machine if they are not there. Raises LabError."""

    def create(self, config: LabConfig, option_file: Path) -> list[str]:
        """The command that makes a new data directory."""

    def server(self, config: LabConfig, option_file: Path) -> list[str]:
        """The command that runs the server."""

    def client(self, config: LabConfig) -> list[str]:
        """The command of a client, without address and account."""

    def verified(self) -> str:
        """The client's option to check the server's certificate and name."""

    def administrator(self) -> str:
        """The account that the operating-system user of the lab has on the socket."""

    def options(self, config: LabConfig, user: str) -> list[str]:
        """The lines of the option file that are not the same for all."""

    def prepare(self, user: str) -> str:
        """Statements for the administrator of a new server: from then on only that operating-system user gets in, by the socket."""


def find_program(name: str, remedy: str) -> str:
    """The path of a program. Raises LabError with the remedy."""
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise LabError(f"{name} is not installed", remedy)
    return path


def system_user() -> str:
    """The name of the user we run as. Not from the environment: the server asks the kernel, too, who is at its socket."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise LabError(f"User {os.geteuid()} has no name on this machine", "Run the lab as a user that /etc/passwd knows.") from error


def common_options(config: LabConfig, tls: TlsFiles, user: str) -> list[str]:
    """Durability is given up on purpose: the data are generated and a lab is thrown away."""
    folder = config.mysql_dir
    return [
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
        # A workload's owner may make triggers: rows are logged as they became, whatever a trigger does elsewhere.
        "log_bin_trust_function_creators=ON",
        "character-set-server=utf8mb4",
        "collation-server=utf8mb4_general_ci",
        "default-time-zone=+00:00",
        "sql_mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        "local_infile=ON",
        "max_allowed_packet=64M",
        "innodb_buffer_pool_size=512M",
        "innodb_flush_log_at_trx_commit=0",
        "innodb_doublewrite=OFF",
        "sync_binlog=0",
        f"ssl_cert={tls.certificate}",
        f"ssl_key={tls.key}",
        f"ssl_ca={tls.ca}",
        "tls_version=TLSv1.2,TLSv1.3",
    ]
