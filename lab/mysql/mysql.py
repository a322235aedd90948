# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""MySQL, unpacked from Debian's archive. Option names: MySQL 9 reference manual, "Server System Variables"."""

from __future__ import annotations

from pathlib import Path

from lab.config import LabConfig
from lab.mysql import debian_archive
from lab.terminal import Say

PACKAGES = ("mysql-server-core", "mysql-client-core")
KEEP_SECONDS = 2 * 24 * 60 * 60


class MySQL:
    title = "MySQL"

    def install(self, config: LabConfig, say: Say) -> None:
        debian_archive.unpack(PACKAGES, _home(config), say)

    def create(self, config: LabConfig, option_file: Path) -> list[str]:
        return [*self.server(config, option_file), "--initialize-insecure"]

    def server(self, config: LabConfig, option_file: Path) -> list[str]:
        return [*debian_archive.run(_home(config), "usr/sbin/mysqld"), f"--defaults-file={option_file}"]

    def client(self, config: LabConfig) -> list[str]:
        return [*debian_archive.run(_home(config), "usr/bin/mysql"), "--no-defaults"]

    def verified(self) -> str:
        return "--ssl-mode=VERIFY_IDENTITY"

    def administrator(self) -> str:
        return "root"

    def options(self, config: LabConfig, user: str) -> list[str]:
        root = debian_archive.root(_home(config))
        return [
            f"basedir={root / 'usr'}",
            f"lc-messages-dir={root / 'usr/share/mysql'}",
            f"character-sets-dir={root / 'usr/share/mysql/charsets'}",
            f"plugin-dir={root / 'usr/lib/mysql/plugin'}",
            "plugin-load-add=auth_socket.so",
            "secure-file-priv=NULL",
            "mysqlx=OFF",
            "gtid_mode=ON",
            "enforce_gtid_consistency=ON",
            f"binlog_expire_logs_seconds={KEEP_SECONDS}",
            "innodb_redo_log_capacity=512M",
        ]

    def prepare(self, user: str) -> str:
        """The new server's administrator has no password yet, and no address but the socket."""
        return f"ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket AS '{user}';\n"


def _home(config: LabConfig) -> Path:
    # Beside the labs, not in one: unpacked once, used by all.
    return config.repository / "build" / "mysql-server"
