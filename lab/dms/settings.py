# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Task settings: what a caller changes of the defaults, what is refused, and the parts that a run follows.

Meaning and values: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.dms.faults import invalid_value, not_built
from lab.dms.settings_defaults import DEFAULTS

KIB = 1024
LARGEST_INTEGER = 2**31 - 1
_SUSPEND_OR_STOP = ("SUSPEND_TABLE", "STOP_TASK")
_ROW_POLICIES = ("IGNORE_RECORD", "LOG_ERROR", *_SUSPEND_OR_STOP)
_CHOICES = {
    "FullLoadSettings.TargetTablePrepMode": ("DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"),
    "ErrorBehavior.DataErrorPolicy": _ROW_POLICIES,
    "ErrorBehavior.DataTruncationErrorPolicy": _ROW_POLICIES,
    "ErrorBehavior.DataErrorEscalationPolicy": _SUSPEND_OR_STOP,
    "ErrorBehavior.EventErrorPolicy": ("IGNORE", "STOP_TASK"),
    "ErrorBehavior.TableErrorPolicy": _SUSPEND_OR_STOP,
    "ErrorBehavior.TableErrorEscalationPolicy": ("STOP_TASK",),
    "ErrorBehavior.ApplyErrorDeletePolicy": _ROW_POLICIES,
    "ErrorBehavior.ApplyErrorInsertPolicy": ("LOG_ERROR", *_SUSPEND_OR_STOP, "INSERT_RECORD"),
    "ErrorBehavior.ApplyErrorUpdatePolicy": ("LOG_ERROR", *_SUSPEND_OR_STOP, "UPDATE_RECORD"),
    "ErrorBehavior.ApplyErrorEscalationPolicy": ("LOG_ERROR", *_SUSPEND_OR_STOP),
}
# Upper bounds are the guide's where it names one; the others only keep nonsense out.
_RANGES = {
    "FullLoadSettings.MaxFullLoadSubTasks": (1, 49),
    "FullLoadSettings.CommitRate": (1, 50_000),
    "FullLoadSettings.TransactionConsistencyTimeout": (0, LARGEST_INTEGER),
    "TargetMetadata.LobMaxSize": (0, 102_400),
    "ChangeProcessingTuning.MinTransactionSize": (0, LARGEST_INTEGER),
    "ChangeProcessingTuning.CommitTimeout": (0, LARGEST_INTEGER),
    "ChangeProcessingTuning.MemoryLimitTotal": (1, LARGEST_INTEGER),
    "ChangeProcessingTuning.MemoryKeepTime": (0, LARGEST_INTEGER),
    "ChangeProcessingTuning.StatementCacheSize": (0, 200),
    "ErrorBehavior.DataErrorEscalationCount": (0, LARGEST_INTEGER),
    "ErrorBehavior.TableErrorEscalationCount": (0, LARGEST_INTEGER),
    "ErrorBehavior.ApplyErrorEscalationCount": (0, LARGEST_INTEGER),
    "ErrorBehavior.RecoverableErrorCount": (-1, LARGEST_INTEGER),
    "ErrorBehavior.RecoverableErrorInterval": (0, LARGEST_INTEGER),
    "ErrorBehavior.RecoverableErrorThrottlingMax": (0, LARGEST_INTEGER),
}
# What the guide describes for other kinds of targets.
_OTHER_TARGETS = (
    "TargetMetadata.BatchApplyEnabled",
    "TargetMetadata.InlineLobMaxSize",
    "TargetMetadata.TaskRecoveryTableEnabled",
    "TargetMetadata.ParallelLoadThreads",
    "TargetMetadata.ParallelLoadBufferSize",
    "TargetMetadata.ParallelLoadQueuesPerThread",
    "TargetMetadata.ParallelApplyThreads",
    "TargetMetadata.ParallelApplyBufferSize",
    "TargetMetadata.ParallelApplyQueuesPerThread",
)
_NOT_BUILT = (
    "TargetMetadata.TargetSchema",
    "CharacterSetSettings",
    "LoopbackPreventionSettings",
    "TTSettings",
    "PostProcessingRules",
    "ErrorBehavior.TableErrorEscalationCount",
)


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What a full load takes from the settings; sizes in bytes, a count of 0 means that nothing escalates."""

    preparation: str
    parallel_tables: int
    lobs: bool
    lob_bytes: int
    truncation_policy: str
    table_policy: str
    fail_on_no_tables: bool
    data_policy: str = "LOG_ERROR"
    data_escalation_policy: str = "SUSPEND_TABLE"
    data_escalation_count: int = 0

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
            data_policy=errors["DataErrorPolicy"],
            data_escalation_policy=errors["DataErrorEscalationPolicy"],
            data_escalation_count=errors["DataErrorEscalationCount"],
        )


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How often and how fast a task that met a recoverable error begins again; times in seconds, ``count`` -1 means endlessly."""

    count: int
    interval: float
    throttling: bool
    longest: float
    stop_after_longest: bool

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> RetrySettings:
        """Of settings that ``merge_settings`` returned."""
        errors = settings["ErrorBehavior"]
        return cls(
            count=errors["RecoverableErrorCount"],
            interval=errors["RecoverableErrorInterval"],
            throttling=errors["RecoverableErrorThrottling"],
            longest=errors["RecoverableErrorThrottlingMax"],
            stop_after_longest=errors["RecoverableErrorStopRetryAfterThrottlingMax"],
        )

    def wait(self, failures: int) -> float | None:
        """Seconds to wait after that many failures in a row, counted from 1; None: give up."""
        if self.count >= 0 and failures > self.count:
            return None
        if not self.throttling:
            return self.interval
        wanted = self.interval * 2.0 ** min(failures - 1, 64)
        if wanted <= self.longest:
            return wanted
        return None if self.stop_after_longest else self.longest


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
    for name, allowed in _CHOICES.items():
        _one_of(name, _value(settings, name), allowed)
    for name, (low, high) in _RANGES.items():
        _within(name, _value(settings, name), low, high)
    for name in _OTHER_TARGETS:
        if _value(settings, name) not in (None, 0, "", False):
            raise invalid_value(f"{name} cannot be used with an S3 target.")
    for name in _NOT_BUILT:
        if _value(settings, name) not in (None, 0, "", False):
            raise not_built(name)
    if settings["ErrorBehavior"]["EventErrorPolicy"] == "STOP_TASK":
        raise not_built("ErrorBehavior.EventErrorPolicy STOP_TASK")
    _check_lobs(settings["TargetMetadata"])
    if settings["BeforeImageSettings"] is not None:
        raise invalid_value("BeforeImageSettings cannot be used with an S3 target; use an add-before-image-columns rule.")
    if settings["FullLoadSettings"]["StopTaskCachedChangesApplied"] and settings["FullLoadSettings"]["StopTaskCachedChangesNotApplied"]:
        raise invalid_value("StopTaskCachedChangesApplied and StopTaskCachedChangesNotApplied cannot both be true.")
    if settings["ValidationSettings"]["EnableValidation"]:
        raise not_built("data validation")
    control = settings["ControlTablesSettings"]
    enabled = [key for key, value in control.items() if key.endswith("TableEnabled") and value]
    if enabled:
        raise not_built(f"ControlTablesSettings.{enabled[0]} with an S3 target")


def _check_lobs(target: Mapping[str, Any]) -> None:
    if target["SupportLobs"] and (target["FullLobMode"] or not target["LimitedSizeLobMode"]):
        raise invalid_value("A task with an S3 target needs LimitedSizeLobMode true and FullLobMode false.")


def _value(settings: Mapping[str, Any], name: str) -> Any:
    """The value of a setting named by its section and itself, or by its section alone."""
    section, _, key = name.partition(".")
    return settings[section][key] if key else settings[section]


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise invalid_value(f"Invalid task settings: {name} is {value!r}, not one of {', '.join(allowed)}.")


def _within(name: str, value: Any, low: int, high: int) -> None:
    if not low <= value <= high:
        raise invalid_value(f"Invalid task settings: {name} is {value}; it must be between {low} and {high}.")
