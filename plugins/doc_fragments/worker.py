# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twin of C(WORKER) in C(module_utils/_module/argspecs.py)."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  folder:
    description:
      - Folder on the host where the worker of this run keeps its log and its lock.
      - By default C(work/<migration>/<run>) beside the site file.
    type: path
"""
