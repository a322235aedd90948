# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks of the server: its log, its version, its limits, the account's grants."""

from __future__ import annotations

import re

from lab.dms.assessments.examination import FAILED, PASSED, WARNING, Examination, Finding, found

DAY = 24 * 3600
SHORTEST_TIMEOUT = 300
_TIMEOUTS = ("net_read_timeout", "net_write_timeout", "wait_timeout")
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Introduction.Sources.html
_MYSQL_VERSIONS = ((5, 5), (5, 6), (5, 7), (8, 0), (8, 4))
_MARIADB_VERSIONS = ((10, 2), (10, 3), (10, 4), (10, 5), (10, 6))
_FIRST_MARIADB_10_0 = (10, 0, 24)
_MARIADB_11_4 = ((11, 4, 3), (11, 4, 5))


def binlog_enabled(e: Examination) -> Finding:
    if e.enabled("log_bin"):
        return Finding(PASSED, "Binary logging is enabled")
    return Finding(FAILED, "Binary logging is disabled: log_bin is OFF")


def binlog_format(e: Examination) -> Finding:
    value = e.variable("binlog_format") or "ROW"  # newer servers know nothing else
    return _equals("binlog_format", value, "ROW")


def binlog_image(e: Examination) -> Finding:
    return _equals("binlog_row_image", e.variable("binlog_row_image"), "FULL")


def binlog_compression(e: Examination) -> Finding:
    name = "log_bin_compress" if e.is_mariadb else "binlog_transaction_compression"
    if e.enabled(name):
        return Finding(FAILED, f"Binary log compression is enabled: {name} is ON")
    return Finding(PASSED, "Binary log compression is disabled")


def log_removal(e: Examination) -> Finding:
    if _retention(e) > 0:
        return Finding(PASSED, "Binary logs are removed automatically")
    return Finding(WARNING, "Binary logs are never removed: expire_logs_days and binlog_expire_logs_seconds are 0")


def log_retention(e: Examination) -> Finding:
    seconds = _retention(e)
    if 0 < seconds < DAY:
        return Finding(FAILED, f"Binary logs are kept for {seconds / 3600:g} hours; at least 24 are needed")
    return Finding(PASSED, "Binary logs are kept for at least 24 hours")


def server_id(e: Examination) -> Finding:
    if e.number("server_id") >= 1:
        return Finding(PASSED, f"server_id is {e.variable('server_id')}")
    return Finding(FAILED, "server_id is 0; it must be 1 or greater")


def replica_with_log(e: Examination) -> Finding:
    status = e.replica_status()
    if status is None:
        return Finding(WARNING, "This account may not see whether the source is a replica; it needs REPLICATION CLIENT or REPLICA MONITOR")
    if status and not e.enabled("log_replica_updates", "log_slave_updates"):
        return Finding(FAILED, "The source is a replica and does not log what it replicates: log_slave_updates is OFF")
    if status:
        return Finding(WARNING, "The source is a replica; changes come as late as it is behind its primary")
    return Finding(PASSED, "The source is no replica")


def primary(e: Examination) -> Finding:
    status = e.replica_status()
    if status is None:
        return Finding(WARNING, "This account may not see whether the source is a replica; it needs REPLICATION CLIENT")
    return Finding(WARNING, "The source is a replica, not a primary") if status else Finding(PASSED, "The source is a primary")


def replication_privileges(e: Examination) -> Finding:
    """The grants on everything that the account has itself; grants that only a role of it has are not seen."""
    grantee = "CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')"
    rows = e.source.answer(f"SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = {grantee}")  # noqa: S608 - constant
    granted = {str(row[0]).upper() for row in rows}
    missing = [] if granted & {"REPLICATION SLAVE"} else ["REPLICATION SLAVE"]
    # MariaDB from 10.5.2 on calls the other one so.
    missing += [] if granted & {"REPLICATION CLIENT", "BINLOG MONITOR"} else ["REPLICATION CLIENT"]
    return found(missing, FAILED, "The account lacks privileges on *.*", "The account has REPLICATION CLIENT and REPLICATION SLAVE")


def supported_version(e: Examination) -> Finding:
    text = e.variable("version")
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    version = tuple(int(n) for n in numbers.groups()) if numbers else (0, 0, 0)
    name = "MariaDB" if e.is_mariadb else "MySQL"
    if _mariadb_supported(version) if e.is_mariadb else version[:2] in _MYSQL_VERSIONS:
        return Finding(PASSED, f"{name} {text} is on the list of sources")
    return Finding(WARNING, f"{name} {text} is not on the list of sources for DMS")


def timeouts(e: Examination) -> Finding:
    short = [f"{name} = {e.variable(name)}" for name in _TIMEOUTS if e.number(name) < SHORTEST_TIMEOUT]
    return found(short, WARNING, f"Timeouts below {SHORTEST_TIMEOUT} seconds", f"Timeouts are {SHORTEST_TIMEOUT} seconds or longer")


def statement_time(e: Examination) -> Finding:
    name = "max_statement_time" if e.is_mariadb else "max_execution_time"
    if e.number(name) > 0:
        return Finding(WARNING, f"{name} is {e.variable(name)}: the server ends a load that takes longer; set it to 0")
    return Finding(PASSED, f"{name} is 0")


def _equals(name: str, value: str, wanted: str) -> Finding:
    if value.upper() == wanted:
        return Finding(PASSED, f"{name} is {wanted}")
    return Finding(FAILED, f"{name} is {value}; it must be {wanted}")


def _retention(e: Examination) -> float:
    """Seconds for which the server keeps binary logs; 0: it never removes any."""
    return e.number("binlog_expire_logs_seconds") or e.number("expire_logs_days") * DAY


def _mariadb_supported(version: tuple[int, ...]) -> bool:
    first, last = _MARIADB_11_4
    in_11_4 = first <= version <= last
    return version[:2] in _MARIADB_VERSIONS or in_11_4 or (version[:2] == (10, 0) and version >= _FIRST_MARIADB_10_0)
