# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks of servers that the lab does not have, the names of checks, and the report."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lab.dms.assessments import server_checks, table_checks
from lab.dms.assessments.catalogue import CHECKS, applicable, every_name
from lab.dms.assessments.examination import Examination, Finding
from lab.dms.assessments.report import overall, results
from lab.dms.mappings import read_mappings
from lab.dms.settings import merge_settings
from lab.dms.sources.mysql import SourceError

from ..conftest import MAPPINGS


class Server:
    """Answers with the rows given for a statement that begins so, or raises the error given for it."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def answer(self, sql: str) -> Any:
        found = next((answer for beginning, answer in self._answers.items() if sql.startswith(beginning)), ())
        if isinstance(found, Exception):
            raise found
        return found

    def tables(self) -> list[tuple[str, str, int]]:
        return [("billing", f"t{number}", 0) for number in range(self._answers.get("tables", 0))]


def examined(variables: dict[str, str], answers: dict[str, Any] | None = None, attributes: str = "") -> Examination:
    rows = {"SHOW GLOBAL VARIABLES": tuple(variables.items())} | (answers or {})
    settings = merge_settings(None)
    return Examination(cast(Any, Server(rows)), mappings=read_mappings(MAPPINGS), settings=settings, captures=True, attributes=attributes)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("5.7.44-log", "passed"),
        ("8.0.36", "passed"),
        ("8.4.3", "passed"),
        ("9.7.4", "warning"),
        ("10.6.18-MariaDB", "passed"),
        ("10.0.23-MariaDB", "warning"),
        ("10.0.24-MariaDB", "passed"),
        ("10.11.6-MariaDB-log", "warning"),
        ("11.4.2-MariaDB", "warning"),
        ("11.4.5-MariaDB", "passed"),
        ("nonsense", "warning"),
    ],
)
def test_versions(version: str, status: str) -> None:
    assert server_checks.supported_version(examined({"version": version})).status == status


@pytest.mark.parametrize(
    ("variables", "removal", "retention"),
    [
        ({"expire_logs_days": "0", "binlog_expire_logs_seconds": "0"}, "warning", "passed"),
        ({"expire_logs_days": "0", "binlog_expire_logs_seconds": "3600"}, "passed", "failed"),
        ({"expire_logs_days": "10"}, "passed", "passed"),
        ({"expire_logs_days": "0.500000"}, "passed", "failed"),
    ],
)
def test_how_long_logs_are_kept(variables: dict[str, str], removal: str, retention: str) -> None:
    e = examined(variables)
    assert (server_checks.log_removal(e).status, server_checks.log_retention(e).status) == (removal, retention)


def test_a_log_that_cannot_be_followed() -> None:
    bad = {"log_bin": "OFF", "binlog_format": "STATEMENT", "binlog_row_image": "MINIMAL", "server_id": "0"}
    checks = (server_checks.binlog_enabled, server_checks.binlog_format, server_checks.binlog_image, server_checks.server_id)
    assert [check(examined(bad)).status for check in checks] == ["failed"] * 4
    assert server_checks.binlog_compression(examined({"binlog_transaction_compression": "ON"})).status == "failed"
    assert server_checks.binlog_compression(examined({"version": "11.4.4-MariaDB", "log_bin_compress": "ON"})).status == "failed"
    assert server_checks.binlog_compression(examined({"version": "11.4.4-MariaDB", "log_bin_compress": "OFF"})).status == "passed"


def test_replicas() -> None:
    syntax = SourceError("You have an error in your SQL syntax", recoverable=True)
    row = (("Waiting for master to send event",),)
    follows = {"SHOW REPLICA STATUS": syntax, "SHOW SLAVE STATUS": row}
    assert server_checks.replica_with_log(examined({"log_slave_updates": "OFF"}, follows)).status == "failed"
    assert server_checks.replica_with_log(examined({"log_replica_updates": "ON"}, follows)).status == "warning"
    assert server_checks.primary(examined({}, follows)).status == "warning"
    assert server_checks.primary(examined({}, {"SHOW REPLICA STATUS": ()})).status == "passed"
    denied = {"SHOW REPLICA STATUS": SourceError("Access denied; you need REPLICA MONITOR", recoverable=True)}
    assert "may not see" in server_checks.primary(examined({}, denied)).text


def test_limits() -> None:
    short = server_checks.timeouts(examined({"net_read_timeout": "30", "net_write_timeout": "600", "wait_timeout": "28800"}))
    assert (short.status, short.objects) == ("warning", ("net_read_timeout = 30",))
    assert server_checks.statement_time(examined({"max_execution_time": "5000"})).status == "warning"
    assert server_checks.statement_time(examined({"version": "11.4.4-MariaDB", "max_statement_time": "0.000000"})).status == "passed"
    nine = examined({}, {"tables": 9})
    assert table_checks.load_threads(nine).status == "warning"
    assert table_checks.number_of_tables(nine).status == "passed"
    assert table_checks.number_of_tables(examined({}, {"tables": 10_001})).status == "warning"
    assert table_checks.selection_rules(examined({})).status == "failed"


def test_cascades_of_a_definition() -> None:
    definition = (
        "CREATE TABLE `t0` (\n  `up` int COMMENT 'CONSTRAINT `no` FOREIGN KEY (x) ON DELETE CASCADE',\n"
        "  CONSTRAINT `both` FOREIGN KEY (`up`) REFERENCES `p` (`id`) ON DELETE SET NULL ON UPDATE CASCADE,\n"
        "  CONSTRAINT `none` FOREIGN KEY (`up`) REFERENCES `p` (`id`) ON DELETE NO ACTION\n) ENGINE=InnoDB"
    )
    found = table_checks.cascades(examined({}, {"tables": 1, "SHOW CREATE TABLE": (("t0", definition),)}))
    assert (found.status, found.objects) == ("failed", ("billing.t0.both",))


def test_partitioned_tables_with_the_attribute() -> None:
    e = examined({}, {"tables": 1, "SELECT DISTINCT": (("billing", "t0"),)}, "skipTableSuspensionForPartitionDdl=true")
    assert table_checks.partition_ddl(e).status == "passed"
    assert table_checks.partitions(e).status == "warning"


def test_names() -> None:
    assert len(set(every_name())) == len(every_name())
    assert len({check.examine for check in CHECKS}) >= len(CHECKS) - 1, "the timeouts have two names"
    loads, follows = applicable("mysql", "full-load"), applicable("mysql", "cdc")
    assert "mysql-check-binlog-image" in follows.keys() - loads.keys()
    assert "mysql-tblnum-for-max-fullload-subtasks" in loads.keys() - follows.keys()


def test_a_report() -> None:
    findings = {
        "good": Finding("passed", "Fine"),
        "odd": Finding("warning", "Odd tables", tuple(f"t{n}" for n in range(25))),
        "bad": Finding("failed", "Bad tables", ("a", "b")),
    }
    whole = results(findings)
    assert whole["overall-test-result"] == "failed"
    (bad,) = whole["summary"]["failed"]
    assert (bad["test-name"], bad["test-result-details"], bad["results-summary"]["failed"]) == ("bad", "Bad tables: a, b.", "2")
    (odd,) = whole["summary"]["warning"]
    assert odd["test-result-details"].endswith("t19 and 5 more.")
    assert overall([Finding("error", "x"), Finding("failed", "y")]) == "error-executing"
    assert overall([Finding("passed", "x")]) == "passed"
