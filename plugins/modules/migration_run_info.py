#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_run_info
version_added: 0.1.0
short_description: Read how far a run has come
description:
  - Reads the state that a run keeps in its bucket, and whether its worker is at work on the host.
  - Where nothing is provisioned yet the result is empty; that is no failure.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.attributes.info
  - landbridge.mysql_dynamodb.site
  - landbridge.mysql_dynamodb.worker
seealso:
  - module: landbridge.mysql_dynamodb.migration_run
  - module: landbridge.mysql_dynamodb.migration_watch
"""

EXAMPLES = r"""
- name: See how far the run has come
  landbridge.mysql_dynamodb.migration_run_info:
    site: /etc/landbridge/billing/site.yml
  register: state
"""

RETURN = r"""
run:
  description: Migration and run.
  returned: success
  type: str
  sample: billing/r1
stages:
  description:
    - How each stage ended last, by its name. C(state) is V(pending) where it never ended, else V(finished), V(failed) or V(interrupted).
  returned: success
  type: dict
  contains:
    replicate:
      description: Whether contract and schema are written down.
      type: dict
      sample: {state: finished}
    full_load:
      description: The load, with its account in C(outcome).
      type: dict
      sample:
        state: finished
        seconds: 7.3
        outcome: {items: {BILL: 400}, tables: [{table: billing.bill, staged: 400, written: 400, filtered: 0, rejected: 0}]}
    validate:
      description: The comparison.
      type: dict
      sample: {state: finished, seconds: 12.1}
progress:
  description: The progress document, as the worker published it last. Empty where there is none.
  returned: success
  type: dict
  sample: {stage: full_load, state: running}
validation:
  description: The last comparison of both sides, C(equal) in all and C(entities) one by one. Empty where there is none.
  returned: success
  type: dict
  sample: {equal: true, entities: [{entity: BILL, source_rows: 400, items: 400, equal: true}]}
worker:
  description: The worker on the host.
  returned: success
  type: dict
  contains:
    running:
      description: Whether it is at work.
      type: bool
      sample: false
    result:
      description: How the last worker ended. Empty while one is at work, and where one was killed.
      type: dict
      sample: {stage: full_load, state: finished, exit_code: 0, error: null}
    log:
      description: Its log.
      type: str
      sample: /var/lib/landbridge/billing/worker.log
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs, state, worker
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.adapters.connections import Connections, load_site


def work(module: Any) -> dict[str, Any]:
    site = load_site(module.params["site"])
    folder = worker.folder_of(site, module.params["folder"])
    # Looked at before anything else: a worker that ends meanwhile shows as running for one look more, never as dead.
    running = worker.is_running(folder)
    with Connections(site, os.environ) as connections:
        return {
            "changed": False,
            "run": site.state_prefix,
            "worker": {"running": running, "log": str(worker.log_of(folder)), "result": worker.result_of(folder)},
            "stages": state.stages(connections),
            "progress": state.progress(connections),
            "validation": state.validation(connections),
        }


def main() -> None:
    run(AnsibleModule(argument_spec={**argspecs.SITE, **argspecs.WORKER}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
