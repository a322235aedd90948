# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twin of C(WAIT) in C(module_utils/_module/argspecs.py)."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to return only when the asked state is reached.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait at most. When they have passed the module fails, and what it waited for goes on; running it again waits again.
    type: int
    default: 7200
  poll_interval:
    description:
      - Seconds between two looks.
    type: int
    default: 5
"""
