#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run state of a DMS replication task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dms_replication_task
version_added: 0.1.0
short_description: Start, stop, resume and reload an AWS DMS replication task
description:
  - Brings an existing replication task of AWS Database Migration Service into the asked run state and waits for it.
  - Creating, changing and deleting the task is the business of CloudFormation; see M(amazon.aws.cloudformation).
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.wait
attributes:
  check_mode:
    support: full
    details:
      - Tells what would be called; connections are not tested.
  diff_mode:
    support: full
options:
  identifier:
    description:
      - Identifier of the replication task.
    type: str
    required: true
  state:
    description:
      - V(started) starts a task that never ran, resumes one that stopped before it had finished, and leaves alone one that runs or
        has finished its full load.
      - V(completed) does the same, and waits until the full load of all tables has finished.
      - V(stopped) stops a task that runs.
      - V(reloaded) lets a task that does not run read all tables again from the beginning. It changes something at every call.
    type: str
    choices: [started, completed, stopped, reloaded]
    default: started
  test_connections:
    description:
      - Before a task is started, resumed or reloaded, let the replication instance connect to both endpoints, and fail with the reason
        if it cannot.
    type: bool
    default: true
seealso:
  - module: landbridge.mysql_dynamodb.dms_replication_task_info
  - module: amazon.aws.cloudformation
"""

EXAMPLES = r"""
- name: Read all tables into the staging bucket, and wait for the last row
  landbridge.mysql_dynamodb.dms_replication_task:
    identifier: landbridge-billing-full-load-r1
    state: completed
    wait_timeout: 14400
    region: eu-west-1

- name: Stop the task
  landbridge.mysql_dynamodb.dms_replication_task:
    identifier: landbridge-billing-full-load-r1
    state: stopped
    region: eu-west-1
"""

RETURN = r"""
action:
  description: What was called, or would be called in check mode.
  returned: success
  type: str
  sample: start-replication
  choices: [none, start-replication, resume-processing, reload-target, stop]
task:
  description: The task after that. In check mode the task as it is, with the status that is to be expected.
  returned: success
  type: dict
  contains:
    identifier:
      description: Identifier of the task.
      type: str
      sample: landbridge-billing-full-load-r1
    arn:
      description: ARN of the task.
      type: str
      sample: arn:aws:dms:eu-west-1:123456789012:task:ABCDEFGHIJKLMNOPQRSTUVWXYZ
    migration_type:
      description: V(full-load), V(cdc) or V(full-load-and-cdc).
      type: str
      sample: full-load
    status:
      description: Status in the words of AWS DMS.
      type: str
      sample: stopped
    stop_reason:
      description: Why the task stopped, in the words of AWS DMS; empty while it runs.
      type: str
      sample: FULL_LOAD_ONLY_FINISHED
    last_failure_message:
      description: The last error that the task met; empty where it met none.
      type: str
      sample: ""
    finished:
      description: Whether all tables were loaded and the task ended by itself.
      type: bool
      sample: true
    progress_percent:
      description: How far the full load has come.
      type: int
      sample: 100
    tables_loaded:
      description: Tables that are complete.
      type: int
      sample: 6
    tables_loading:
      description: Tables that are being read.
      type: int
      sample: 0
    tables_queued:
      description: Tables that have not begun.
      type: int
      sample: 0
    tables_errored:
      description: Tables that failed.
      type: int
      sample: 0
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs, dms
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.adapters.dms import ReplicationService


def work(module: Any) -> dict[str, Any]:
    state, pace = module.params["state"], {"timeout": module.params["wait_timeout"], "interval": module.params["poll_interval"]}
    client, tasks = module.client("dms"), ReplicationService(module)
    task = dms.existing_task(tasks, module.params["identifier"])
    before = dms.run_state(task)
    plan = dms.plan(task, state)
    if module.check_mode:
        after = {**before, "status": plan.status}
    else:
        if plan.changes:
            if module.params["test_connections"] and plan.action != "stop":
                dms.test_connections(client, task, **pace)
            dms.carry_out(client, task, plan.action)
        if module.params["wait"]:
            dms.wait_for(client, task, state, **pace)
        after = dms.run_state(dms.existing_task(tasks, module.params["identifier"]))
    return {"changed": plan.changes, "action": plan.action, "task": after, "diff": {"before": before, "after": after}}


def main() -> None:
    options = {
        "identifier": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["started", "completed", "stopped", "reloaded"], "default": "started"},
        "test_connections": {"type": "bool", "default": True},
    }
    run(AnsibleAWSModule(argument_spec={**options, **argspecs.WAIT}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
