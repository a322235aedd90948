# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of a stage while its task runs, which a module cannot: only what runs on the controller can print live."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import failure
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.watch import Watch
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.errors import LandbridgeError

_INFO = "landbridge.mysql_dynamodb.migration_run_info"
_OPTIONS: argspecs.ArgumentSpec = {
    "stage": {"type": "str", "choices": ["full_load", "validate"], "required": True},
    "interval": {"type": "float", "default": 5},
    "poll_interval": {"type": "float", "default": 2},
    "heartbeat_timeout": {"type": "float", "default": 60},
    "watch_max_minutes": {"type": "float", "default": 120},
}


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec={**argspecs.SITE, **argspecs.WORKER, **_OPTIONS})
        watch = Watch(options["stage"], interval=options["interval"], heartbeat_timeout=options["heartbeat_timeout"])
        ask = {name: options[name] for name in ("site", "folder") if options[name]}
        lines: list[str] = []
        deadline = time.monotonic() + 60 * options["watch_max_minutes"]
        while True:
            info = self._execute_module(module_name=_INFO, module_args=ask, task_vars=task_vars)
            if info.get("failed"):
                return {**result, **info, "lines": lines}
            now = time.monotonic()
            line = watch.line(info, now)
            if line:
                Display().display(line)
                lines.append(line)
            try:
                ended = watch.ended(info, now)
            except LandbridgeError as error:
                return {**result, **failure(error), "failed": True, "lines": lines}
            if ended or now >= deadline:
                state = "finished" if ended else "in_progress"
                return {**result, "changed": False, "state": state, "lines": lines, "log": info["worker"]["log"]}
            time.sleep(options["poll_interval"])
