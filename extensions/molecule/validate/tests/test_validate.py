# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the comparison found."""

from __future__ import annotations

from typing import Any


def test_all_entities_are_equal(account: Any) -> None:
    report = account.state("report/validate.json")
    assert report["equal"]
    assert {entity["entity"] for entity in report["entities"]} == account.entities
    assert all(entity["digest_source"] == entity["digest_target"] for entity in report["entities"])
    assert sum(entity["items"] for entity in report["entities"]) == account.rows
