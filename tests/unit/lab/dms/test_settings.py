# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Task settings: defaults, changes, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.settings import LoadSettings, RetrySettings, merge_settings
from lab.dms.settings_defaults import DEFAULTS


def test_defaults_stay_where_nothing_is_said() -> None:
    assert merge_settings(None) == DEFAULTS
    changed = merge_settings(json.dumps({"FullLoadSettings": {"MaxFullLoadSubTasks": 2}}))
    assert changed["FullLoadSettings"] == DEFAULTS["FullLoadSettings"] | {"MaxFullLoadSubTasks": 2}
    again = merge_settings(json.dumps({"TargetMetadata": {"LobMaxSize": 64}}), changed)
    assert again["FullLoadSettings"]["MaxFullLoadSubTasks"] == 2
    assert DEFAULTS["FullLoadSettings"]["MaxFullLoadSubTasks"] == 8


def test_what_a_load_takes() -> None:
    load = LoadSettings.read(merge_settings(json.dumps({"TargetMetadata": {"LobMaxSize": 64}})))
    assert (load.lob_bytes, load.parallel_tables, load.preparation) == (65536, 8, "DROP_AND_CREATE")
    assert (load.truncation_policy, load.table_policy) == ("LOG_ERROR", "SUSPEND_TABLE")


@pytest.mark.parametrize(
    "given",
    [
        {"Unknown": {}},
        {"FullLoadSettings": {"Unknown": 1}},
        {"FullLoadSettings": {"MaxFullLoadSubTasks": 50}},
        {"FullLoadSettings": {"MaxFullLoadSubTasks": "8"}},
        {"FullLoadSettings": {"MaxFullLoadSubTasks": True}},
        {"FullLoadSettings": {"CommitRate": 50001}},
        {"FullLoadSettings": {"TargetTablePrepMode": "BURN"}},
        {"FullLoadSettings": 5},
        {"TargetMetadata": {"FullLobMode": True}},
        {"TargetMetadata": {"BatchApplyEnabled": True}},
        {"ErrorBehavior": {"TableErrorPolicy": "LOG_ERROR"}},
        {"ErrorBehavior": {"DataTruncationErrorPolicy": "SHRUG"}},
        {"BeforeImageSettings": {"EnableBeforeImage": True}},
        {"ValidationSettings": {"EnableValidation": True}},
        {"ControlTablesSettings": {"StatusTableEnabled": True}},
        {"Logging": {"CloudWatchLogGroup": "mine"}},
        {"FullLoadSettings": {"StopTaskCachedChangesApplied": True, "StopTaskCachedChangesNotApplied": True}},
        {"ErrorBehavior": {"ApplyErrorInsertPolicy": "IGNORE_RECORD"}},
        {"ErrorBehavior": {"RecoverableErrorCount": -2}},
        {"ErrorBehavior": {"EventErrorPolicy": "STOP_TASK"}},
        {"ErrorBehavior": {"TableErrorEscalationCount": 3}},
        {"ChangeProcessingTuning": {"MemoryLimitTotal": 0}},
        {"ChangeProcessingTuning": {"StatementCacheSize": 201}},
        {"ChangeProcessingDdlHandlingPolicy": {"HandleSourceTableAltered": "true"}},
        {"TargetMetadata": {"ParallelApplyThreads": 4}},
        {"TargetMetadata": {"InlineLobMaxSize": 4}},
        {"TargetMetadata": {"TaskRecoveryTableEnabled": True}},
        {"TTSettings": {"EnableTT": True}},
    ],
)
def test_refusals(given: dict[str, Any]) -> None:
    with pytest.raises(Fault) as refused:
        merge_settings(json.dumps(given))
    assert refused.value.code == "InvalidParameterValueException"


def retries(**changes: Any) -> RetrySettings:
    return RetrySettings.read(merge_settings(json.dumps({"ErrorBehavior": changes})))


def test_retries_slow_down_until_they_are_given_up() -> None:
    usual = retries()
    assert [usual.wait(n) for n in (1, 2, 3, 9)] == [5, 10, 20, 1280]
    assert usual.wait(10) is None, "2560 seconds are more than 1800"
    assert retries(RecoverableErrorStopRetryAfterThrottlingMax=False).wait(1000) == 1800


def test_retries_at_a_steady_pace_and_counted() -> None:
    steady = retries(RecoverableErrorThrottling=False, RecoverableErrorInterval=3, RecoverableErrorCount=2)
    assert [steady.wait(n) for n in (1, 2, 3)] == [3, 3, None]
    assert retries(RecoverableErrorCount=0).wait(1) is None
