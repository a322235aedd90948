# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.run import run
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.worker import is_running


class Ended(Exception):
    """The module has ended."""


class Module:
    def exit_json(self, **result: Any) -> None:
        self.result = result

    def fail_json(self, **result: Any) -> None:
        self.result = result
        raise Ended


def test_a_folder_that_is_a_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    module = Module()
    with pytest.raises(Ended):
        run(module, lambda _module: {"running": is_running(tmp_path / "file" / "folder")})
    assert module.result["place"] == str(tmp_path / "file" / "folder" / "worker.lock")
    assert "Not a directory" in module.result["msg"]
    assert "permissions" in module.result["remedy"]
