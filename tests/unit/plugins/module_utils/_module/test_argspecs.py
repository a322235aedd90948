# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and documentation say the same."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module import argspecs

KEYS = ("type", "default", "required", "choices", "elements")


@pytest.mark.parametrize("group", ["site", "wait", "worker"])
def test_argument_spec_and_doc_fragment_are_twins(group: str) -> None:
    spec: dict[str, dict[str, Any]] = getattr(argspecs, group.upper())
    fragment = importlib.import_module(f"ansible_collections.landbridge.mysql_dynamodb.plugins.doc_fragments.{group}").ModuleDocFragment
    options = yaml.safe_load(fragment.DOCUMENTATION)["options"]
    assert {name: {k: v for k, v in option.items() if k in KEYS} for name, option in options.items()} == spec
    assert all(option["description"] for option in options.values())
