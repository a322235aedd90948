#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of the staged files of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: staging_objects
version_added: 0.1.0
short_description: Remove the staged files of a run
description:
  - Deletes all objects of this run from the staging bucket. Other runs, other migrations and the bucket itself are left alone.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.site
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  state:
    description:
      - V(absent) removes the objects.
    type: str
    choices: [absent]
    required: true
"""

EXAMPLES = r"""
- name: Remove the staged files of this run
  landbridge.mysql_dynamodb.staging_objects:
    site: /etc/landbridge/billing/site.yml
    state: absent
"""

RETURN = r"""
bucket:
  description: The staging bucket.
  returned: success
  type: str
  sample: landbridge-billing-staging-123456789012-eu-west-1
prefix:
  description: The folder of this run in the bucket.
  returned: success
  type: str
  sample: billing/r1
objects:
  description: Number of objects that were removed, or would be in check mode.
  returned: success
  type: int
  sample: 12
bytes:
  description: Their size together.
  returned: success
  type: int
  sample: 184549376
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.state import none_where_absent
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.adapters.connections import Connections, load_site


def work(module: Any) -> dict[str, Any]:
    site = load_site(module.params["site"])
    with Connections(site, os.environ) as connections:
        staged = none_where_absent(lambda: list(connections.staging.list(f"{site.staging_prefix}/"))) or []
        if not module.check_mode:
            connections.staging.delete(stored.key for stored in staged)
    size = sum(stored.size for stored in staged)
    return {
        "changed": bool(staged),
        "bucket": site.staging.name,
        "prefix": site.staging_prefix,
        "objects": len(staged),
        "bytes": size,
        "diff": {"before": {"objects": len(staged), "bytes": size}, "after": {"objects": 0, "bytes": 0}},
    }


def main() -> None:
    options = {"state": {"type": "str", "choices": ["absent"], "required": True}}
    run(AnsibleModule(argument_spec={**argspecs.SITE, **options}, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
