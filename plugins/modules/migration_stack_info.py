#!/usr/bin/python
# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CloudFormation stacks of a migration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_stack_info
version_added: 0.1.0
short_description: Render the CloudFormation stacks of a migration and compare them with the account
description:
  - Renders both templates from site file and contract, reads the stacks as they are in the account, and tells what would change.
  - Hand the templates to M(amazon.aws.cloudformation) with the filter P(ansible.builtin.to_json#filter).
author:
  - The Landbridge authors (@landbridge)
extends_documentation_fragment:
  - landbridge.mysql_dynamodb.attributes
  - landbridge.mysql_dynamodb.attributes.info
  - landbridge.mysql_dynamodb.site
seealso:
  - module: amazon.aws.cloudformation
"""

EXAMPLES = r"""
- name: Render the stacks
  landbridge.mysql_dynamodb.migration_stack_info:
    site: /etc/landbridge/billing/site.yml
  register: rendered

- name: Create or update buckets, tables and access
  amazon.aws.cloudformation:
    stack_name: "{{ rendered.names.foundation_stack }}"
    template_body: "{{ rendered.stacks.foundation.template | to_json }}"
    capabilities: [CAPABILITY_NAMED_IAM]
"""

RETURN = r"""
names:
  description: All names that the site file gives rise to.
  returned: success
  type: dict
  sample:
    foundation_stack: landbridge-billing-foundation
    replication_stack: landbridge-billing-replication
    full_load_task: landbridge-billing-full-load-r1
plan:
  description: What would change, a line per stack and resource.
  returned: success
  type: list
  elements: str
  sample: ["landbridge-billing-foundation: create StagingBucket (AWS::S3::Bucket)"]
stacks:
  description: The stacks, C(foundation) and C(replication).
  returned: success
  type: dict
  contains:
    foundation:
      description: Buckets, tables and access. C(replication) has the same keys.
      type: dict
      contains:
        name:
          description: Name of the stack.
          type: str
          sample: landbridge-billing-foundation
        exists:
          description: Whether the stack exists.
          type: bool
          sample: true
        status:
          description: Status in the words of CloudFormation; empty where there is no stack.
          type: str
          sample: CREATE_COMPLETE
        outputs:
          description: Outputs of the stack as it is.
          type: dict
          sample: {StagingRoleArn: "arn:aws:iam::123456789012:role/landbridge-billing-dms-staging"}
        template:
          description: The template as it should be.
          type: dict
          sample: {AWSTemplateFormatVersion: "2010-09-09", Resources: {}}
        changes:
          description: What lies between the stack as it is and as it should be.
          type: list
          elements: dict
          sample: [{action: create, resource: StagingBucket, type: "AWS::S3::Bucket"}]
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs, stacks
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.adapters.connections import Connections, load_site


def work(module: Any) -> dict[str, Any]:
    site = load_site(module.params["site"])
    names = stacks.names(site)
    found = {}
    with Connections(site, os.environ) as connections:
        for role, template in stacks.templates(site).items():
            stack = stacks.deployed(connections, names[f"{role}_stack"])
            changes = stacks.changes(stack["template"], template)
            found[role] = {**stack, "name": names[f"{role}_stack"], "template": template, "changes": changes}
    plan = [
        f"{stack['name']}: {change['action']} {change['resource']} ({change['type']})"
        for stack in found.values()
        for change in stack["changes"]
    ]
    return {"changed": False, "names": names, "plan": plan or ["nothing to change"], "stacks": found}


def main() -> None:
    run(AnsibleModule(argument_spec=argspecs.SITE, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
