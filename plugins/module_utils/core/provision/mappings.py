# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the contract and the site ask of a DMS task: which tables, with which added columns, and what to do on errors.

Source: AWS DMS User Guide, "Using table mapping" and "Specifying task settings".
"""

from __future__ import annotations

from typing import Any

from ..contract.definition import Contract
from ..model.site import Site
from ..staging.profile import BEFORE_IMAGE_PREFIX, CHANGE_SEQUENCE_COLUMN


def table_mappings(contract: Contract) -> dict[str, Any]:
    """The task's TableMappings: exactly the source tables of the contract, each with change sequence and old key values."""
    rules: list[dict[str, Any]] = []
    for schema, table in contract.source_tables:
        locator = {"schema-name": schema, "table-name": table}
        _add(rules, {"rule-type": "selection", "object-locator": locator, "rule-action": "include"})
        _add(
            rules,
            {
                "rule-type": "transformation",
                "rule-target": "column",
                "object-locator": locator,
                "rule-action": "add-column",
                "value": CHANGE_SEQUENCE_COLUMN,
                "expression": "$AR_H_CHANGE_SEQ",
                "data-type": {"type": "string", "length": 50},
            },
        )
        _add(
            rules,
            {
                "rule-type": "transformation",
                "rule-target": "column",
                "object-locator": locator,
                "rule-action": "add-before-image-columns",
                "before-image-def": {"column-prefix": BEFORE_IMAGE_PREFIX, "column-suffix": "", "column-filter": "pk-only"},
            },
        )
    return {"rules": rules}


def _add(rules: list[dict[str, Any]], rule: dict[str, Any]) -> None:
    number = str(len(rules) + 1)
    rules.append({"rule-id": number, "rule-name": number, **rule})


def task_settings(site: Site) -> dict[str, Any]:
    """The task's ReplicationTaskSettings.

    Every policy is STOP_TASK: by default DMS logs a bad row, leaves it out and goes on, and a table with an error silently stops.
    """
    return {
        "TargetMetadata": {
            "SupportLobs": True,
            "FullLobMode": False,
            "LimitedSizeLobMode": True,
            "LobMaxSize": site.replication.lob_max_kb,
            "BatchApplyEnabled": False,
        },
        "FullLoadSettings": {
            "TargetTablePrepMode": "DO_NOTHING",
            "MaxFullLoadSubTasks": site.replication.max_subtasks,
            "TransactionConsistencyTimeout": 600,
            "CommitRate": 10000,
        },
        "Logging": {"EnableLogging": True},
        "ErrorBehavior": {
            "DataErrorPolicy": "STOP_TASK",
            "DataTruncationErrorPolicy": "STOP_TASK",
            "TableErrorPolicy": "STOP_TASK",
            "FailOnNoTablesCaptured": True,
        },
        "ValidationSettings": {"EnableValidation": False},
    }
