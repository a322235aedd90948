# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which events there are: their ids, categories and types.

Ids and categories: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html#USER_Events.Messages
Detail types: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-dms.html, which does not say which event has which; here each
has the one that its category and text suggest.
Event types: the guide prints REPLICATION_TASK_STARTED alone; the others are formed like it.
"""

from __future__ import annotations

from dataclasses import dataclass

# Under which name EventBridge knows the events of DMS.
SOURCE = "aws.dms"
TASK = "replication-task"
INSTANCE = "replication-instance"
SOURCE_TYPES = (INSTANCE, TASK)


@dataclass(frozen=True, slots=True)
class EventKind:
    """``category``: as DescribeEventCategories spells it; ``event_type`` and ``detail_type``: as EventBridge is told."""

    id: str
    source_type: str
    category: str
    event_type: str
    detail_type: str


_TASK_EVENTS = (
    ("0069", "state change", "STARTED"),
    ("0073", "deletion", "DELETED"),
    ("0074", "creation", "CREATED"),
    ("0078", "failure", "FAILED"),
    ("0079", "state change", "STOPPED"),
    ("0080", "configuration change", "MODIFIED"),
    ("0081", "state change", "RELOAD_REQUESTED"),
    ("0082", "failure", "CLEANUP_FAILED"),
    ("0091", "state change", "READING_PAUSED_SWAP_LIMIT"),
    ("0092", "state change", "READING_PAUSED_DISK_LIMIT"),
    ("0093", "state change", "READING_RESUMED"),
)
_INSTANCE_EVENTS = (
    ("0003", "deletion", "DELETED", "State Change"),
    ("0005", "creation", "CREATED", "State Change"),
    ("0007", "low storage", "LOW_STORAGE", "Storage State Change"),
    ("0012", "configuration change", "CLASS_CHANGING", "Class State Change"),
    ("0013", "failover", "FAILOVER_STARTED", "Failover State"),
    ("0014", "configuration change", "CLASS_CHANGED", "Class State Change"),
    ("0015", "failover", "FAILOVER_TO_STANDBY_COMPLETED", "Failover State"),
    ("0017", "configuration change", "STORAGE_INCREASED", "Storage State Change"),
    ("0018", "configuration change", "STORAGE_INCREASING", "Storage State Change"),
    ("0024", "configuration change", "MULTI_AZ_STARTED", "Multi-AZ State Change"),
    ("0025", "configuration change", "MULTI_AZ_COMPLETED", "Multi-AZ State Change"),
    ("0026", "maintenance", "MAINTENANCE_STARTED", "Patch State"),
    ("0027", "maintenance", "MAINTENANCE_COMPLETED", "Patch State"),
    ("0029", "configuration change", "SINGLE_AZ_COMPLETED", "Multi-AZ State Change"),
    ("0030", "configuration change", "SINGLE_AZ_STARTED", "Multi-AZ State Change"),
    ("0031", "failure", "STORAGE_FAILURE", "Storage State Change"),
    ("0034", "failover", "FAILOVER_TOO_FREQUENT", "Failover State"),
    ("0036", "failure", "INCOMPATIBLE_NETWORK", "State Change"),
    ("0037", "failure", "KMS_KEY_NOT_ACCESSIBLE", "State Change"),
    ("0047", "maintenance", "SOFTWARE_UPDATED", "Patch State"),
    ("0049", "failover", "FAILOVER_COMPLETED", "Failover State"),
    ("0050", "failover", "MULTI_AZ_ACTIVATION_STARTED", "Failover State"),
    ("0051", "failover", "MULTI_AZ_ACTIVATION_COMPLETED", "Failover State"),
    ("0066", "deletion", "DELETING", "State Change"),
    ("0067", "creation", "CREATING", "State Change"),
    ("0068", "maintenance", "NOT_UPGRADABLE", "Patch State"),
)

_TASK_KINDS = tuple(
    EventKind(f"DMS-EVENT-{number}", TASK, category, f"REPLICATION_TASK_{word}", "DMS Replication Task State Change")
    for number, category, word in _TASK_EVENTS
)
_INSTANCE_KINDS = tuple(
    EventKind(f"DMS-EVENT-{number}", INSTANCE, category, f"REPLICATION_INSTANCE_{word}", f"DMS Replication Instance {detail}")
    for number, category, word, detail in _INSTANCE_EVENTS
)
KINDS = {kind.id: kind for kind in (*_TASK_KINDS, *_INSTANCE_KINDS)}


def event_category(category: str) -> str:
    """The category as EventBridge is told: ``StateChange`` for ``state change``."""
    return category.title().replace(" ", "")


def type_in_detail(source_type: str) -> str:
    """The type of the source as EventBridge is told: ``REPLICATION_TASK`` for ``replication-task``."""
    return source_type.upper().replace("-", "_")


def categories(source_type: str) -> list[str]:
    """The categories of that type of source, in alphabetical order."""
    return sorted({kind.category for kind in KINDS.values() if kind.source_type == source_type})
