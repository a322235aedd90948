# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles, playbooks and tags fit together; what a role promises in its argument specification is what its defaults hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[4]
ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
STAGES = [role for role in ROLES if role != "migration"]


def read(path: str) -> Any:
    return yaml.safe_load((REPOSITORY / path).read_text(encoding="utf-8"))


def migrate_tags() -> list[str]:
    assertion = read("playbooks/tasks/known_tags.yml")[0]
    tags: list[str] = assertion["vars"]["__migrate_tags"]
    return tags


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_argument_specification(role: str) -> None:
    options = read(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    specified = {name: option["default"] for name, option in options.items() if not option.get("required")}
    assert read(f"roles/{role}/defaults/main.yml") == specified
    assert all(name.startswith(f"{role}_") for name in options)


def test_only_the_role_migration_requires_a_variable_and_only_one() -> None:
    required = {
        name
        for role in ROLES
        for name, option in read(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"].items()
        if option.get("required")
    }
    assert required == {"migration_site"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_playbook_is_one_play_one_role_one_tag(stage: str) -> None:
    (play,) = read(f"playbooks/{stage}.yml")
    assert play["roles"] == [{"role": f"landbridge.mysql_dynamodb.{stage}", "tags": [stage]}]
    check = play["pre_tasks"][0]
    assert check["ansible.builtin.import_tasks"] == "tasks/known_tags.yml"
    assert check.get("vars", {"known_tags": migrate_tags()})["known_tags"] == (migrate_tags() if stage in migrate_tags() else [stage])
    assert read(f"roles/{stage}/meta/main.yml")["dependencies"] == [{"role": "landbridge.mysql_dynamodb.migration"}]


def test_every_stage_has_a_scenario() -> None:
    assert [stage for stage in STAGES if not (REPOSITORY / "extensions" / "molecule" / stage / "converge.yml").exists()] == []


def test_migrate_runs_the_stages_in_their_order_and_ends_with_validate() -> None:
    imported = [play["ansible.builtin.import_playbook"].removesuffix(".yml") for play in read("playbooks/migrate.yml")]
    assert imported == migrate_tags()


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_included_at_run_time(role: str) -> None:
    for path in (REPOSITORY / "roles" / role).rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert "include_tasks" not in text
        assert "include_role" not in text
