# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The part of the task settings that change capture follows.

Meaning: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KIB = 1024
MIB = 1024 * KIB
# The service's default of 1 GB for transactions in memory is meant for a replication instance; here many tasks share a machine.
MOST_MEMORY = 64 * MIB


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Sizes in bytes. ``memory_bytes``: what a transaction may take of memory before it goes to disk. ``*_policy``: what happens to a row
    that cannot be written, a LOB that is too long, a table that cannot be followed; ``data_escalation_*``: and to the rows of one
    table from that count on (0: never). ``handle_*``: is that DDL carried out?"""

    lobs: bool = True
    lob_bytes: int = 32 * KIB
    memory_bytes: int = MOST_MEMORY
    data_policy: str = "LOG_ERROR"
    truncation_policy: str = "LOG_ERROR"
    table_policy: str = "SUSPEND_TABLE"
    data_escalation_policy: str = "SUSPEND_TABLE"
    data_escalation_count: int = 0
    handle_dropped: bool = True
    handle_truncated: bool = True
    handle_altered: bool = True
    fail_on_no_tables: bool = True

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> ChangeSettings:
        """Of settings that ``merge_settings`` returned."""
        target, errors, ddl = settings["TargetMetadata"], settings["ErrorBehavior"], settings["ChangeProcessingDdlHandlingPolicy"]
        return cls(
            lobs=target["SupportLobs"],
            lob_bytes=target["LobMaxSize"] * KIB,
            memory_bytes=min(settings["ChangeProcessingTuning"]["MemoryLimitTotal"] * MIB, MOST_MEMORY),
            data_policy=errors["DataErrorPolicy"],
            truncation_policy=errors["DataTruncationErrorPolicy"],
            table_policy=errors["TableErrorPolicy"],
            data_escalation_policy=errors["DataErrorEscalationPolicy"],
            data_escalation_count=errors["DataErrorEscalationCount"],
            handle_dropped=ddl["HandleSourceTableDropped"],
            handle_truncated=ddl["HandleSourceTableTruncated"],
            handle_altered=ddl["HandleSourceTableAltered"],
            fail_on_no_tables=errors["FailOnNoTablesCaptured"],
        )
