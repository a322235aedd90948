# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Task settings: the defaults of the service, what a caller changes of them, and the part that a full load follows.

Defaults as AWS returns them for a task created without settings.
Meaning: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.dms.faults import invalid_value, not_built

KIB = 1024
PREPARATIONS = ("DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD")
TABLE_POLICIES = ("SUSPEND_TABLE", "STOP_TASK")
ROW_POLICIES = ("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK")

DEFAULTS: dict[str, Any] = {
    "TargetMetadata": {
        "TargetSchema": "",
        "SupportLobs": True,
        "FullLobMode": False,
        "LobChunkSize": 0,
        "LimitedSizeLobMode": True,
        "LobMaxSize": 32,
        "InlineLobMaxSize": 0,
        "LoadMaxFileSize": 0,
        "ParallelLoadThreads": 0,
        "ParallelLoadBufferSize": 0,
        "ParallelLoadQueuesPerThread": 0,
        "ParallelApplyThreads": 0,
        "ParallelApplyBufferSize": 0,
        "ParallelApplyQueuesPerThread": 0,
        "BatchApplyEnabled": False,
        "TaskRecoveryTableEnabled": False,
    },
    "FullLoadSettings": {
        "TargetTablePrepMode": "DROP_AND_CREATE",
        "CreatePkAfterFullLoad": False,
        "StopTaskCachedChangesApplied": False,
        "StopTaskCachedChangesNotApplied": False,
        "MaxFullLoadSubTasks": 8,
        "TransactionConsistencyTimeout": 600,
        "CommitRate": 10000,
    },
    "Logging": {
        "EnableLogging": False,
        "EnableLogContext": False,
        "LogComponents": [],
        "CloudWatchLogGroup": None,
        "CloudWatchLogStream": None,
    },
    "ControlTablesSettings": {
        "ControlSchema": "",
        "HistoryTimeslotInMinutes": 5,
        "HistoryTableEnabled": False,
        "SuspendedTablesTableEnabled": False,
        "StatusTableEnabled": False,
        "FullLoadExceptionTableEnabled": False,
    },
    "StreamBufferSettings": {"StreamBufferCount": 3, "StreamBufferSizeInMB": 8, "CtrlStreamBufferSizeInMB": 5},
    "ChangeProcessingDdlHandlingPolicy": {
        "HandleSourceTableDropped": True,
        "HandleSourceTableTruncated": True,
        "HandleSourceTableAltered": True,
    },
    "ErrorBehavior": {
        "DataErrorPolicy": "LOG_ERROR",
        "EventErrorPolicy": "IGNORE",
        "DataTruncationErrorPolicy": "LOG_ERROR",
        "DataErrorEscalationPolicy": "SUSPEND_TABLE",
        "DataErrorEscalationCount": 0,
        "TableErrorPolicy": "SUSPEND_TABLE",
        "TableErrorEscalationPolicy": "STOP_TASK",
        "TableErrorEscalationCount": 0,
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
        "RecoverableErrorStopRetryAfterThrottlingMax": True,
        "ApplyErrorDeletePolicy": "IGNORE_RECORD",
        "ApplyErrorInsertPolicy": "LOG_ERROR",
        "ApplyErrorUpdatePolicy": "LOG_ERROR",
        "ApplyErrorEscalationPolicy": "LOG_ERROR",
        "ApplyErrorEscalationCount": 0,
        "ApplyErrorFailOnTruncationDdl": False,
        "FullLoadIgnoreConflicts": True,
        "FailOnTransactionConsistencyBreached": False,
        "FailOnNoTablesCaptured": True,
    },
    "ChangeProcessingTuning": {
        "StatementCacheSize": 50,
        "CommitTimeout": 1,
        "RecoveryTimeout": -1,
        "BatchApplyPreserveTransaction": True,
        "BatchApplyTimeoutMin": 1,
        "BatchApplyTimeoutMax": 30,
        "BatchApplyMemoryLimit": 500,
        "BatchSplitSize": 0,
        "MinTransactionSize": 1000,
        "MemoryKeepTime": 60,
        "MemoryLimitTotal": 1024,
    },
    "ValidationSettings": {
        "EnableValidation": False,
        "ValidationMode": "ROW_LEVEL",
        "ThreadCount": 5,
        "PartitionSize": 10000,
        "FailureMaxCount": 10000,
        "TableFailureMaxCount": 1000,
        "RecordFailureDelayInMinutes": 5,
        "RecordSuspendDelayInMinutes": 30,
        "MaxKeyColumnSize": 8096,
        "HandleCollationDiff": False,
        "RecordFailureDelayLimitInMinutes": 0,
        "SkipLobColumns": False,
        "ValidationPartialLobSize": 0,
        "ValidationQueryCdcDelaySeconds": 0,
        "ValidationOnly": False,
    },
    "PostProcessingRules": None,
    "CharacterSetSettings": None,
    "LoopbackPreventionSettings": None,
    "BeforeImageSettings": None,
    "TTSettings": None,
    "FailTaskWhenCleanTaskResourceFailed": False,
}


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What a full load takes from the settings; sizes in bytes."""

    preparation: str
    parallel_tables: int
    lobs: bool
    lob_bytes: int
    truncation_policy: str
    table_policy: str
    fail_on_no_tables: bool

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> LoadSettings:
        """Of settings that ``merge_settings`` returned."""
        target, load, errors = settings["TargetMetadata"], settings["FullLoadSettings"], settings["ErrorBehavior"]
        return cls(
            preparation=load["TargetTablePrepMode"],
            parallel_tables=load["MaxFullLoadSubTasks"],
            lobs=target["SupportLobs"],
            lob_bytes=target["LobMaxSize"] * KIB,
            truncation_policy=errors["DataTruncationErrorPolicy"],
            table_policy=errors["TableErrorPolicy"],
            fail_on_no_tables=errors["FailOnNoTablesCaptured"],
        )


def merge_settings(text: str | None, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The full settings: what ``text`` (JSON) says, on top of ``before`` or of the defaults. Raises Fault."""
    settings = copy.deepcopy(dict(DEFAULTS if before is None else before))
    try:
        given = json.loads(text) if text else {}
    except ValueError as error:
        raise invalid_value(f"Invalid task settings JSON: {error}.") from None
    if not isinstance(given, dict):
        raise invalid_value("Invalid task settings JSON: it is not an object.")
    for section, value in given.items():
        if section not in DEFAULTS:
            raise invalid_value(f"Invalid task settings: the section {section} is unknown.")
        default = DEFAULTS[section]
        if isinstance(default, dict) and isinstance(value, dict):
            _merge_section(section, settings[section], value, default)
        elif isinstance(default, dict) and value is not None:
            raise invalid_value(f"Invalid task settings: the section {section} is not an object.")
        elif value is not None or default is None:
            settings[section] = value
    _check(settings)
    return settings


def _merge_section(section: str, target: dict[str, Any], value: Mapping[str, Any], default: Mapping[str, Any]) -> None:
    for key, item in value.items():
        if key not in default:
            raise invalid_value(f"Invalid task settings: {section}.{key} is unknown.")
        wanted = default[key]
        if wanted is not None and item is not None and type(item) is not type(wanted):
            raise invalid_value(f"Invalid task settings: {section}.{key} must be of the type of {json.dumps(wanted)}.")
        target[key] = item
    if section == "Logging" and (value.get("CloudWatchLogGroup") or value.get("CloudWatchLogStream")):
        raise invalid_value("Task Settings CloudWatchLogGroup or CloudWatchLogStream cannot be set on create.")


def _check(settings: Mapping[str, Any]) -> None:
    target, load, errors = settings["TargetMetadata"], settings["FullLoadSettings"], settings["ErrorBehavior"]
    _one_of("FullLoadSettings.TargetTablePrepMode", load["TargetTablePrepMode"], PREPARATIONS)
    _within("FullLoadSettings.MaxFullLoadSubTasks", load["MaxFullLoadSubTasks"], 1, 49)
    _within("FullLoadSettings.CommitRate", load["CommitRate"], 1, 50_000)
    _within("TargetMetadata.LobMaxSize", target["LobMaxSize"], 0, 102_400)
    _one_of("ErrorBehavior.TableErrorPolicy", errors["TableErrorPolicy"], TABLE_POLICIES)
    for key in ("DataErrorPolicy", "DataTruncationErrorPolicy"):
        _one_of(f"ErrorBehavior.{key}", errors[key], ROW_POLICIES)
    if target["SupportLobs"] and (target["FullLobMode"] or not target["LimitedSizeLobMode"]):
        raise invalid_value("A task with an S3 target needs LimitedSizeLobMode true and FullLobMode false.")
    if target["BatchApplyEnabled"]:
        raise invalid_value("BatchApplyEnabled cannot be used with an S3 target.")
    if settings["BeforeImageSettings"] is not None:
        raise invalid_value("BeforeImageSettings cannot be used with an S3 target; use an add-before-image-columns rule.")
    if settings["ValidationSettings"]["EnableValidation"]:
        raise not_built("data validation")
    control = settings["ControlTablesSettings"]
    enabled = [key for key, value in control.items() if key.endswith("TableEnabled") and value]
    if enabled:
        raise not_built(f"ControlTablesSettings.{enabled[0]} with an S3 target")


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise invalid_value(f"Invalid task settings: {name} is {value!r}, not one of {', '.join(allowed)}.")


def _within(name: str, value: Any, low: int, high: int) -> None:
    if not low <= value <= high:
        raise invalid_value(f"Invalid task settings: {name} is {value}; it must be between {low} and {high}.")
