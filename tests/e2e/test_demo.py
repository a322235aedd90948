# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""What the first page promises: a billing database in, a DynamoDB table out, proved equal, and nothing done twice."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from .conftest import ROWS, Demo

ENTITIES = {"BILLING_ACCOUNT", "CUSTOMER", "SUBSCRIBER", "SERVICE_AGREEMENT", "BILL", "CHARGE"}
TABLE = "BillingSystem"
STAGES = ("preflight", "provision", "replicate", "full_load", "validate")


def test_every_entity_is_equal_on_both_sides(demo: Demo) -> None:
    entities = {entity["entity"]: entity for entity in demo.report["entities"]}
    assert entities.keys() == ENTITIES
    for name, entity in entities.items():
        assert entity["equal"], name
        assert entity["source_rows"] > 0, name
        assert entity["source_rows"] == entity["staged_rows"] == entity["items"] + entity["rejects"], name
        assert entity["digest_source"] == entity["digest_target"], name
    assert sum(entity["source_rows"] for entity in entities.values()) == ROWS
    assert demo.report["equal"]


def test_the_table_holds_what_the_report_says(demo: Demo) -> None:
    found = Counter(item["EntityType"]["S"] for item in demo.items(TABLE))
    assert found == {entity["entity"]: entity["items"] for entity in demo.report["entities"]}


def test_the_report_says_how_long_and_how_fast(demo: Demo) -> None:
    assert demo.report["timings"].keys() >= {"generate", *STAGES}
    assert all(seconds > 0 for seconds in demo.report["timings"].values())
    assert all(rate > 0 for rate in demo.report["rates"].values())


def test_the_page_for_people_names_every_entity_and_loads_nothing(demo: Demo) -> None:
    page = (demo.out / "report.html").read_text(encoding="utf-8")
    assert all(entity in page for entity in ENTITIES)
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<script src" not in page


def test_the_screen_ends_with_the_table_and_the_places_of_the_reports(demo: Demo) -> None:
    assert all(entity in demo.output for entity in ENTITIES)
    assert str(demo.out / "report.html") in demo.output


def test_a_second_run_changes_nothing(demo: Demo) -> None:
    play = demo.play()
    assert play.code == 0, play.output
    assert play.changed == 0, play.output


def test_check_mode_shows_the_plan_and_changes_nothing(demo: Demo) -> None:
    before = demo.items(TABLE)
    play = demo.play("--check", "--diff")
    assert play.code == 0, play.output
    assert demo.items(TABLE) == before


@pytest.mark.parametrize("stage", STAGES)
def test_a_tag_selects_its_stage_alone(demo: Demo, stage: str) -> None:
    play = demo.play("--tags", stage, "--list-tasks")
    assert play.code == 0, play.output
    assert play.roles - {"migration"} == {stage}, play.output


def test_a_stage_runs_again_alone(demo: Demo) -> None:
    play = demo.play("--tags", "full_load")
    assert play.code == 0, play.output
    assert play.roles - {"migration"} == {"full_load"}, play.output
    assert play.changed == 0, play.output


def test_a_tag_that_does_not_exist_is_refused_with_a_list_of_those_that_do(demo: Demo) -> None:
    play = demo.play("--tags", "fullload")
    assert play.code != 0
    assert "fullload" in play.output
    assert "full_load" in play.output


def test_the_command_line_tells_the_same(demo: Demo) -> None:
    done = demo.run("landbridge", "status", "--site", demo.env["LANDBRIDGE_SITE"], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    checked = demo.run("landbridge", "contract", "check", "--site", demo.env["LANDBRIDGE_SITE"])
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_password_is_in_what_was_printed_or_logged(demo: Demo) -> None:
    secrets = [file.read_text(encoding="utf-8").strip() for file in (demo.lab / "secrets").iterdir() if file.is_file()]
    assert secrets
    texts = [
        demo.output,
        *(
            file.read_text(encoding="utf-8", errors="replace")
            for file in [*demo.out.rglob("*"), *demo.lab.rglob("*.log")]
            if file.is_file()
        ),
    ]
    assert not any(secret in text for secret in secrets for text in texts)
