#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_watch
version_added: 0.1.0
short_description: Show the progress of a running stage live
description:
  - Watches a stage that runs in a worker and prints a line whenever something has moved, while the task runs, also in AWX.
  - Fails with the reason and what to do about it when the stage fails, or when its worker is dead. Running the stage again continues it.
  - This action runs on the controller. It asks M(landbridge.mysql_dynamodb.migration_run_info) on the host.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.attributes.info
  - landbridge.mysql_dynamodb.site
  - landbridge.mysql_dynamodb.worker
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
options:
  stage:
    description:
      - The stage to watch.
    type: str
    choices: [full_load, validate]
    required: true
  interval:
    description:
      - Seconds between two lines at least. Keep it at 30 or more in AWX.
    type: float
    default: 5
  poll_interval:
    description:
      - Seconds between two looks.
    type: float
    default: 2
  heartbeat_timeout:
    description:
      - Seconds without a sign of life after which the worker counts as dead.
    type: float
    default: 60
  watch_max_minutes:
    description:
      - Minutes to watch at most. After that the task ends well with RV(state=in_progress), and the worker goes on.
    type: float
    default: 120
seealso:
  - module: landbridge.mysql_dynamodb.migration_run
  - module: landbridge.mysql_dynamodb.migration_run_info
"""

EXAMPLES = r"""
- name: Watch until the last item is stored
  landbridge.mysql_dynamodb.migration_watch:
    site: /etc/landbridge/billing/site.yml
    stage: full_load
    interval: 30
"""

RETURN = r"""
state:
  description: V(finished), or V(in_progress) when O(watch_max_minutes) have passed.
  returned: success
  type: str
  sample: finished
lines:
  description: The lines that were shown.
  returned: always
  type: list
  elements: str
  sample: ["full_load  63 %  189,400 of 300,000 rows  41,200 rows/s  rejects 0  ETA 2-3 min"]
log:
  description: The worker's log on the host.
  returned: success
  type: str
  sample: /var/lib/landbridge/billing/worker.log
"""
