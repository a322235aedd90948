# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""MariaDB as Debian ships it. Option names: MariaDB 10.11 documentation, "mariadb-install-db" and "Server System Variables"."""

from __future__ import annotations

from pathlib import Path

from lab.config import LabConfig
from lab.mysql.product import find_program, system_user
from lab.terminal import Say

REMEDY = "Install the Debian package that has it: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core"


class MariaDB:
    title = "MariaDB"

    def install(self, config: LabConfig, say: Say) -> None:
        """Set-up has installed Debian's packages, or the first program that is missing says so."""

    def create(self, config: LabConfig, option_file: Path) -> list[str]:
        return [
            find_program("mariadb-install-db", REMEDY),
            f"--defaults-file={option_file}",
            "--auth-root-authentication-method=socket",
            f"--auth-root-socket-user={system_user()}",
            "--skip-test-db",
            "--skip-name-resolve",
        ]

    def server(self, config: LabConfig, option_file: Path) -> list[str]:
        return [find_program("mariadbd", REMEDY), f"--defaults-file={option_file}"]

    def client(self, config: LabConfig) -> list[str]:
        return [find_program("mariadb", REMEDY), "--no-defaults"]

    def verified(self) -> str:
        return "--ssl-verify-server-cert"

    def administrator(self) -> str:
        return system_user()

    def options(self, config: LabConfig, user: str) -> list[str]:
        return ["gtid_domain_id=1", "gtid_strict_mode=ON", "log_slave_updates=ON", "expire_logs_days=2", "innodb_log_file_size=256M"]

    def prepare(self, user: str) -> str:
        """Nothing: the installer did it."""
        return ""
