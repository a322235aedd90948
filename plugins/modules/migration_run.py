#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a stage of a migration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_run
version_added: 0.1.0
short_description: Run a stage of a migration
description:
  - Runs one stage of the migration that the site file describes. A stage that has finished is left alone.
  - The stages V(preflight) and V(replicate) run within the module. V(replicate) writes down the contract and the shape of the source's
    tables; the replication task itself is started with M(landbridge.mysql_dynamodb.dms_replication_task).
  - The stages V(full_load) and V(validate) run in a worker on the host, a process of its own that outlives the play. Where a worker
    of this run is at work already, it is adopted.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.site
  - landbridge.mysql_dynamodb.wait
  - landbridge.mysql_dynamodb.worker
attributes:
  check_mode:
    support: full
    details:
      - Tells what would be done, also where nothing is provisioned yet. The checks of V(preflight) only read, and run.
  diff_mode:
    support: full
options:
  stage:
    description:
      - The stage to run.
    type: str
    choices: [preflight, replicate, full_load, validate]
    required: true
  force:
    description:
      - Compare again although the last comparison found both sides equal. Only for O(stage=validate).
    type: bool
    default: false
  worker_command:
    description:
      - The worker's program. By default C(landbridge-worker) beside the Python interpreter that runs the module, or in C(PATH).
    type: path
seealso:
  - module: landbridge.mysql_dynamodb.migration_watch
  - module: landbridge.mysql_dynamodb.migration_run_info
"""

EXAMPLES = r"""
- name: Check everything before anything is created
  landbridge.mysql_dynamodb.migration_run:
    site: /etc/landbridge/billing/site.yml
    stage: preflight

- name: Begin to load all staged rows
  landbridge.mysql_dynamodb.migration_run:
    site: /etc/landbridge/billing/site.yml
    stage: full_load
    wait: false
"""

RETURN = r"""
run:
  description: Migration and run.
  returned: success
  type: str
  sample: billing/r1
stage:
  description: The stage.
  returned: success
  type: str
  sample: full_load
state:
  description: V(finished), V(running) in a worker, or V(planned) in check mode.
  returned: success
  type: str
  sample: running
findings:
  description: What the checks found, for O(stage=preflight).
  returned: success
  type: list
  elements: dict
  sample: [{severity: passed, code: tls, text: "127.0.0.1:3306: passed: the connection is encrypted [tls]"}]
task:
  description: Identifier of the replication task that belongs to this run.
  returned: success
  type: str
  sample: landbridge-billing-full-load-r1
log:
  description: The worker's log on the host; empty for the stages that run within the module.
  returned: success
  type: str
  sample: /var/lib/landbridge/billing/worker.log
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.stages import STAGES, run_stage


def main() -> None:
    options = {
        "stage": {"type": "str", "choices": list(STAGES), "required": True},
        "force": {"type": "bool", "default": False},
        "worker_command": {"type": "path"},
    }
    spec: dict[str, Any] = {**argspecs.SITE, **argspecs.WAIT, **argspecs.WORKER, **options}
    run(AnsibleModule(argument_spec=spec, supports_check_mode=True), run_stage)


if __name__ == "__main__":
    main()
