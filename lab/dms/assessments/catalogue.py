# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The checks by the names that AWS gives them, and for which tasks they are.

Of the documented ones those are here that can be asked for a MySQL or MariaDB source and an S3 target. The others look at a target
database, at batch apply, data validation or data masking, none of which such a task has.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.MySQL.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.MariaDB.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.dms.assessments import server_checks as server
from lab.dms.assessments import table_checks as tables
from lab.dms.assessments.examination import Examination, Finding

ALL, MYSQL, MARIADB = ("mysql", "mariadb"), ("mysql",), ("mariadb",)


@dataclass(frozen=True, slots=True)
class Check:
    """``name``: the API key, ``{engine}`` in it stands for the name of the source engine; ``changes_only``: for tasks that follow changes;
    ``loads_only``: for tasks that load tables."""

    name: str
    examine: Callable[[Examination], Finding]
    engines: tuple[str, ...] = ALL
    changes_only: bool = False
    loads_only: bool = False

    def fits(self, engine: str, migration: str) -> bool:
        wrong_kind = (self.changes_only and migration == "full-load") or (self.loads_only and migration == "cdc")
        return engine in self.engines and not wrong_kind


CHECKS = (
    Check("all-check-source-selection-rules", tables.selection_rules),
    Check("unsupported-data-types-in-source", tables.data_types),
    Check("table-with-lob-but-without-primary-key-or-unique-constraint", tables.keys_of_lob_tables),
    Check("table-with-no-primary-key-or-unique-constraint", tables.keys, changes_only=True),
    Check("{engine}-check-supported-version", server.supported_version),
    Check("{engine}-check-select-privileges", tables.select_privileges),
    Check("{engine}-check-replication-privileges", server.replication_privileges, changes_only=True),
    Check("mysql-check-binlog-enabled", server.binlog_enabled, MYSQL, changes_only=True),
    Check("{engine}-check-binlog-format", server.binlog_format, changes_only=True),
    Check("{engine}-check-binlog-image", server.binlog_image, changes_only=True),
    Check("{engine}-check-binlog-compression", server.binlog_compression, changes_only=True),
    Check("{engine}-check-expire-logs-days", server.log_removal, changes_only=True),
    Check("{engine}-check-binlog-retention-time", server.log_retention, changes_only=True),
    Check("{engine}-check-server-id", server.server_id, changes_only=True),
    Check("{engine}-check-database-role", server.replica_with_log, changes_only=True),
    Check("mysql-check-source-replica", server.primary, MYSQL, changes_only=True),
    # The guide's name for MySQL speaks of the target and its text of either endpoint.
    Check("mysql-check-target-network-parameter", server.timeouts, MYSQL),
    Check("mariadb-check-source-network-parameter", server.timeouts, MARIADB),
    Check("{engine}-check-max-statement-time", server.statement_time, loads_only=True),
    Check("mysql-check-max-allowed-packet-lob", tables.lobs_and_packets, MYSQL),
    Check("{engine}-check-table-storage-engine", tables.engines),
    Check("{engine}-check-auto-increment", tables.auto_increment),
    Check("{engine}-check-generated-columns", tables.generated_columns),
    Check("{engine}-check-invisible-columns", tables.invisible_columns),
    Check("{engine}-check-cascade-constraints", tables.cascades),
    Check("{engine}-check-table-partition", tables.partitions),
    Check("{engine}-check-skip-table-suspension-partition-ddl", tables.partition_ddl, changes_only=True),
    Check("mysql-check-10k-tables", tables.number_of_tables, MYSQL),
    Check("mysql-tblnum-for-max-fullload-subtasks", tables.load_threads, MYSQL, loads_only=True),
)


def applicable(engine: str, migration: str) -> dict[str, Check]:
    """The checks for a source of that engine and a task of that migration type, by their names in full."""
    return {check.name.format(engine=engine): check for check in CHECKS if check.fits(engine, migration)}


def every_name() -> list[str]:
    """The names of all checks for whatever source and task."""
    return list(dict.fromkeys(check.name.format(engine=engine) for check in CHECKS for engine in check.engines))
