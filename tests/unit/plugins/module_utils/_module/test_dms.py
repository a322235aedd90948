# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be called to bring a replication task into a state."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import dms
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.errors import Conflict, NotFound


def task(status: str, stop_reason: str = "") -> dict[str, Any]:
    return {"ReplicationTaskIdentifier": "billing", "ReplicationTaskArn": "arn", "Status": status, "StopReason": stop_reason}


FINISHED = "Stop Reason FULL_LOAD_ONLY_FINISHED"


@pytest.mark.parametrize(
    ("found", "state", "action"),
    [
        (task("ready"), "started", "start-replication"),
        (task("ready"), "completed", "start-replication"),
        (task("ready"), "reloaded", "start-replication"),
        (task("ready"), "stopped", "none"),
        (task("starting"), "completed", "none"),
        (task("running"), "started", "none"),
        (task("running"), "stopped", "stop"),
        (task("starting"), "stopped", "stop"),
        (task("stopped", "Stop Reason NORMAL"), "started", "resume-processing"),
        (task("stopped", "Stop Reason NORMAL"), "completed", "resume-processing"),
        (task("stopped", "Stop Reason NORMAL"), "stopped", "none"),
        (task("stopped", FINISHED), "started", "none"),
        (task("stopped", FINISHED), "completed", "none"),
        (task("stopped", FINISHED), "reloaded", "reload-target"),
        (task("stopped", FINISHED) | {"ReplicationTaskStats": {"TablesErrored": 1}}, "completed", "resume-processing"),
        (task("failed", "Stop Reason FATAL_ERROR"), "completed", "resume-processing"),
        (task("failed", FINISHED), "completed", "resume-processing"),
        (task("failed"), "reloaded", "reload-target"),
    ],
)
def test_plan(found: dict[str, Any], state: str, action: str) -> None:
    plan = dms.plan(found, state)
    assert plan.action == action
    assert plan.changes == (action != "none")


@pytest.mark.parametrize(
    ("status", "state"), [("running", "reloaded"), ("creating", "started"), ("deleting", "completed"), ("modifying", "started")]
)
def test_no_way_from_here(status: str, state: str) -> None:
    with pytest.raises(Conflict, match=status):
        dms.plan(task(status), state)


def test_a_missing_task_says_what_to_do() -> None:
    class NoTasks:
        def task(self, identifier: str) -> None:
            return None

    with pytest.raises(NotFound) as raised:
        dms.existing_task(NoTasks(), "billing")
    assert raised.value.place == "billing"
    assert "provision" in raised.value.remedy


def test_run_state_of_a_finished_task() -> None:
    found = {
        **task("stopped", FINISHED),
        "MigrationType": "full-load",
        "ReplicationTaskStats": {
            "FullLoadProgressPercent": 100,
            "TablesLoaded": 6,
            "TablesLoading": 0,
            "TablesQueued": 0,
            "TablesErrored": 0,
        },
    }
    assert dms.run_state(found) == {
        "identifier": "billing",
        "arn": "arn",
        "migration_type": "full-load",
        "status": "stopped",
        "stop_reason": "FULL_LOAD_ONLY_FINISHED",
        "last_failure_message": "",
        "finished": True,
        "progress_percent": 100,
        "tables_loaded": 6,
        "tables_loading": 0,
        "tables_queued": 0,
        "tables_errored": 0,
    }
