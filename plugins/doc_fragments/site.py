# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twin of C(SITE) in C(module_utils/_module/argspecs.py)."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  site:
    description:
      - Path of the site file, on the host that runs the module.
      - The site file names the migration, its run and its contract, the source, the AWS account and the names of all that is created there.
        Everything that the module needs to know comes from it; passwords are only referred to.
    type: path
    required: true
requirements:
  - python >= 3.11
  - boto3 >= 1.35
  - PyMySQL >= 1.1
  - PyYAML >= 6.0
notes:
  - AWS credentials are found as boto3 finds them, with the profile that the site file names; set C(AWS_SHARED_CREDENTIALS_FILE) and the
    like through the C(environment) keyword of the play.
"""
