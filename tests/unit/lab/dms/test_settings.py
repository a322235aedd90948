# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Task settings: defaults, changes, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.settings import DEFAULTS, LoadSettings, merge_settings


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
    ],
)
def test_refusals(given: dict[str, Any]) -> None:
    with pytest.raises(Fault) as refused:
        merge_settings(json.dumps(given))
    assert refused.value.code == "InvalidParameterValueException"
