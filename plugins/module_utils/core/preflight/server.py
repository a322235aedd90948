# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The source server: is it one that DMS can follow, and set up for it.

Source: AWS DMS User Guide, "Using a MySQL-compatible database as a source", prerequisites and limitations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.finding import Finding
from .check import Check, Subject

_MYSQL = frozenset({(5, 5), (5, 6), (5, 7), (8, 0), (8, 4)})
_MARIADB = ((10, 0, 24), (10, 1, 0)), ((10, 2, 0), (10, 7, 0)), ((11, 4, 3), (11, 4, 6))
_DAY_SECONDS = 86_400
_READ_ONLY_PRIVILEGES = frozenset(
    {
        "USAGE",
        "SELECT",
        "SHOW VIEW",
        "SHOW DATABASES",
        "PROCESS",
        "REPLICATION CLIENT",
        "BINLOG MONITOR",
        "REPLICATION SLAVE",
        "SLAVE MONITOR",
        "REPLICA MONITOR",
    }
)
_REQUIRED = {
    "log_bin": (("ON", "1"), "the server writes no binary log", "set log_bin and restart the server"),
    "binlog_format": (("ROW",), "the binary log does not hold rows", "set binlog_format = ROW, then end the sessions that began before"),
    "binlog_row_image": (("FULL",), "the binary log does not hold whole rows", "set binlog_row_image = FULL"),
}


def version(subject: Subject) -> Iterator[Finding]:
    text = subject.database.version()
    numbers = tuple(int(part) for part in re.findall(r"\d+", text)[:3])
    if not (any(low <= numbers < high for low, high in _MARIADB) if "MariaDB" in text else numbers[:2] in _MYSQL):
        yield subject.on_server(
            "warning",
            "server-version",
            f"the server says that it is {text}, which is not on AWS's list of versions that DMS supports",
            "try the task on a copy first, or move to a listed version",
        )


def binary_log(subject: Subject) -> Iterator[Finding]:
    values = subject.database.variables([*_REQUIRED, "server_id"])
    for name, (wanted, reason, remedy) in _REQUIRED.items():
        value = values.get(name, "")
        if value.upper() not in wanted:
            yield subject.on_server("refused", "binary-log", f"{reason}: {name} is {value or 'unknown'}", remedy)
    if values.get("server_id", "0") == "0":
        yield subject.on_server(
            "refused", "binary-log", "the server has no server_id", "set server_id to a number that no other server has"
        )


def retention(subject: Subject) -> Iterator[Finding]:
    values = subject.database.variables(["expire_logs_days", "binlog_expire_logs_seconds"])
    kept = max(float(values.get("expire_logs_days", 0)) * _DAY_SECONDS, float(values.get("binlog_expire_logs_seconds", 0)))
    if 0 < kept < _DAY_SECONDS:
        yield subject.on_server(
            "warning",
            "binary-log-retention",
            f"the server purges its binary log after {kept / 3600:.1f} hours",
            "set binlog_expire_logs_seconds (expire_logs_days) to more than the longest outage that must be survived, a day at least",
        )


def grants(subject: Subject) -> Iterator[Finding]:
    excess = sorted({name for grant in subject.database.grants() for name in _privileges(grant)} - _READ_ONLY_PRIVILEGES)
    if excess:
        yield subject.on_server(
            "warning",
            "account-grants",
            f"{subject.site.source.user} may do more than read: {', '.join(excess)}",
            "use an account that has SELECT on the tables of the contract and nothing else",
        )


def _privileges(grant: str) -> list[str]:
    match = re.match(r"GRANT (?P<list>.+?) ON ", grant)
    # A grant of a role has no ON; what the role may do is listed in grants of its own.
    return [] if match is None else [name.strip().upper() for name in re.sub(r"\(.*?\)", "", match["list"]).split(",")]


CHECKS = (
    Check("server-version", "the source answers, and DMS supports its version", version),
    Check("binary-log", "the binary log holds whole rows", binary_log),
    Check("binary-log-retention", "the binary log is kept for a day or longer", retention),
    Check("account-grants", "the account can only read", grants),
)
