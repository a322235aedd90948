# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several modules share. Each is the twin of the doc fragment of the same name; a unit test compares them."""

from __future__ import annotations

from typing import Any

ArgumentSpec = dict[str, dict[str, Any]]

SITE: ArgumentSpec = {
    "site": {"type": "path", "required": True},
}

WAIT: ArgumentSpec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 7200},
    "poll_interval": {"type": "int", "default": 5},
}

WORKER: ArgumentSpec = {
    "folder": {"type": "path"},
}
