#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts and digests of both sides."""

from __future__ import annotations

DOCUMENTATION = r"""
module: table_parity_info
version_added: 0.1.0
short_description: Compare source and target now
description:
  - Reads all rows of the source and all items of the target, and returns counts and digests of every entity.
  - It reads everything within the module and stores nothing. For large tables run the stage V(validate) of
    M(landbridge.mysql_dynamodb.migration_run) instead, which compares in the worker.
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.attributes.info
  - landbridge.mysql_dynamodb.site
seealso:
  - module: landbridge.mysql_dynamodb.migration_run
"""

EXAMPLES = r"""
- name: Compare both sides
  landbridge.mysql_dynamodb.table_parity_info:
    site: /etc/landbridge/billing/site.yml
  register: parity

- name: Name the entities that differ
  ansible.builtin.debug:
    msg: "{{ parity.entities | rejectattr('equal') | map(attribute='entity') }}"
"""

RETURN = r"""
equal:
  description: Whether all entities are equal.
  returned: success
  type: bool
  sample: true
foreign:
  description: Items in the target tables that no entity of the contract made, by table and entity type.
  returned: success
  type: dict
  sample: {}
entities:
  description: Every entity of the contract.
  returned: success
  type: list
  elements: dict
  contains:
    entity:
      description: Name of the entity.
      type: str
      sample: BILL
    source_rows:
      description: Rows of its source table.
      type: int
      sample: 400
    staged_rows:
      description: Rows that were staged.
      type: int
      sample: 400
    items:
      description: Items in the target.
      type: int
      sample: 400
    rejects:
      description: Rows that cannot become an item.
      type: int
      sample: 0
    digest_source:
      description: Digest of the items that the source's rows give.
      type: str
      sample: 5d41402abc4b2a76b9719d911017c592
    digest_target:
      description: Digest of the items that are in the target.
      type: str
      sample: 5d41402abc4b2a76b9719d911017c592
    equal:
      description: Whether counts and digests agree.
      type: bool
      sample: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.stages import compare_now


def main() -> None:
    run(AnsibleModule(argument_spec=argspecs.SITE, supports_check_mode=True), compare_now)


if __name__ == "__main__":
    main()
