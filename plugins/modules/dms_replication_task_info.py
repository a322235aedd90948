#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run state and table statistics of a DMS replication task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dms_replication_task_info
version_added: 0.1.0
short_description: Read run state and table statistics of an AWS DMS replication task
description:
  - Reads what AWS Database Migration Service tells about a replication task and about each of its tables.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.attributes.info
options:
  identifier:
    description:
      - Identifier of the replication task.
    type: str
    required: true
seealso:
  - module: landbridge.mysql_dynamodb.dms_replication_task
"""

EXAMPLES = r"""
- name: See how far the task has come
  landbridge.mysql_dynamodb.dms_replication_task_info:
    identifier: landbridge-billing-full-load-r1
    region: eu-west-1
  register: replication
"""

RETURN = r"""
exists:
  description: Whether there is such a task.
  returned: success
  type: bool
  sample: true
task:
  description: The task, in the words of RV(landbridge.mysql_dynamodb.dms_replication_task#module:task). Empty where there is none.
  returned: success
  type: dict
  sample: {identifier: landbridge-billing-full-load-r1, status: running, progress_percent: 63}
tables:
  description: One entry per table. Empty where there is no such task.
  returned: success
  type: list
  elements: dict
  contains:
    schema:
      description: Schema of the source.
      type: str
      sample: billing
    table:
      description: Table of the source.
      type: str
      sample: charge
    state:
      description: State in the words of AWS DMS.
      type: str
      sample: Table completed
    full_load_rows:
      description: Rows staged by the full load.
      type: int
      sample: 189400
    inserts:
      description: Inserts captured since.
      type: int
      sample: 0
    updates:
      description: Updates captured since.
      type: int
      sample: 0
    deletes:
      description: Deletes captured since.
      type: int
      sample: 0
    ddls:
      description: Changes of the table's definition captured since.
      type: int
      sample: 0
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import dms
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.adapters.dms import ReplicationService


def work(module: Any) -> dict[str, Any]:
    tasks = ReplicationService(module)
    task = tasks.task(module.params["identifier"])
    if task is None:
        return {"changed": False, "exists": False, "task": {}, "tables": []}
    statistics = tasks.table_statistics(task["ReplicationTaskArn"])
    return {"changed": False, "exists": True, "task": dms.run_state(task), "tables": [dms.table_state(entry) for entry in statistics]}


def main() -> None:
    options = {"identifier": {"type": "str", "required": True}}
    run(AnsibleAWSModule(argument_spec=options, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
