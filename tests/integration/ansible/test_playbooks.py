# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks as an operator meets them: tags, check mode, live lines, second runs, secrets.

The tests stand in the order of a migration and use a run of their own, so that one migration serves them all.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Job, Play

STAGES = ("preflight", "provision", "replicate", "full_load", "validate")


@pytest.fixture(scope="module")
def variables(lab: Any) -> Iterator[dict[str, Any]]:
    """A site of its own in an account that is still empty of it: other names, another run."""
    assert lab.run("generate", "--rows", "2000").returncode == 0
    text = (lab.dir / "site.yml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^  prefix: .*$", "  prefix: landbridge-playbooks", text)
    text = re.sub(r"(?m)^  contract: .*$", "  contract: contract-playbooks.yml", text)
    contract = (Path(__file__).resolve().parents[3] / "examples" / "billing" / "contract.yml").read_text(encoding="utf-8")
    (lab.dir / "contract-playbooks.yml").write_text(contract.replace("BillingSystem", "BillingPlaybooks"), encoding="utf-8")
    site = lab.dir / "site-playbooks.yml"
    site.write_text(text, encoding="utf-8")
    yield {"migration_site": str(site), "migration_folder": str(lab.dir / "work-playbooks"), "full_load_watch_interval": 0}


@pytest.fixture(scope="module")
def done() -> dict[str, Job]:
    """Jobs of earlier tests, by name."""
    return {}


def stages_of(job: Job) -> list[str]:
    """The stages of which the job ran tasks, leaving out the checks of arguments, which run always."""
    names = [
        event["event_data"].get("resolved_role") or event["event_data"].get("role", "")
        for event in job.events
        if event["event"] in ("runner_on_ok", "runner_on_failed") and not event["event_data"]["task"].startswith("Validating arguments")
    ]
    return sorted({name.rsplit(".", 1)[-1] for name in names if name})


def test_unknown_tag_fails_and_lists_the_known_ones(play: Play, variables: dict[str, Any]) -> None:
    job = play("migrate", tags="ful_load,cleanup", variables=variables)
    assert job.rc == 2
    output = re.sub(r"\s+", " ", job.output)
    assert "Unknown tags: cleanup, ful_load. Known are: preflight, provision, replicate, full_load, validate." in output


def test_check_mode_shows_the_plan_of_an_empty_account_and_changes_nothing(play: Play, variables: dict[str, Any], lab: Any) -> None:
    job = play("migrate", check=True, variables=variables)
    assert job.rc == 0, job.output
    assert stages_of(job) == sorted(STAGES)
    assert "create TableBillingPlaybooks (AWS::DynamoDB::Table)" in job.output
    assert lab.client("dynamodb").list_tables()["TableNames"].count("BillingPlaybooks") == 0
    assert not [bucket for bucket in lab.client("s3").list_buckets()["Buckets"] if "playbooks" in bucket["Name"]]


@pytest.mark.parametrize("stage", STAGES)
def test_a_tag_runs_exactly_its_stage(stage: str, play: Play, variables: dict[str, Any], done: dict[str, Job]) -> None:
    job = play("migrate", tags=stage, variables=variables, verbosity=4)
    done[stage] = job
    assert job.rc == 0, job.output
    assert stages_of(job) == [stage]
    assert bool(job.changed) == (stage != "preflight")


def test_progress_lines_appear_as_events_while_the_task_runs(done: dict[str, Job]) -> None:
    events = done["full_load"].events
    lines = [event for event in events if event["event"] == "verbose" and event["stdout"].startswith("full_load ")]
    assert lines, "no line of progress"
    ended = next(event["counter"] for event in events if event["event"] == "runner_on_ok" and "Watch" in event["event_data"]["task"])
    assert all(line["counter"] < ended for line in lines)
    assert "2,000 of 2,000 rows" in lines[-1]["stdout"]


def test_no_secret_in_any_event_or_artifact(done: dict[str, Job], lab: Any) -> None:
    secrets = [path.read_text(encoding="utf-8").strip() for path in (lab.dir / "secrets").iterdir() if path.is_file()]
    assert secrets
    assert len(done) == len(STAGES)
    for job in done.values():
        written = "".join(path.read_text(encoding="utf-8", errors="replace") for path in job.folder.rglob("*") if path.is_file())
        assert "landbridge" in written
        assert not [secret for secret in secrets if len(secret) > 8 and (secret in written or secret in job.output)]


def test_a_second_run_changes_nothing(play: Play, variables: dict[str, Any]) -> None:
    job = play("migrate", variables=variables)
    assert job.rc == 0, job.output
    assert job.changed == []
    assert "Compared at" in job.output


def test_a_failed_validation_names_the_entity(play: Play, variables: dict[str, Any], lab: Any) -> None:
    dynamodb = lab.client("dynamodb")
    page = dynamodb.scan(TableName="BillingPlaybooks", Limit=1)["Items"][0]
    dynamodb.delete_item(TableName="BillingPlaybooks", Key={key: page[key] for key in ("PK", "SK")})
    job = play("validate", variables={**variables, "validate_again": True})
    assert job.rc == 2
    assert page["EntityType"]["S"] in job.output
    assert "NOT EQUAL" in job.output
    dynamodb.put_item(TableName="BillingPlaybooks", Item=page)
    again = play("validate", variables=variables)
    assert again.rc == 0, again.output


PARITY = "../tests/integration/ansible/parity"


def test_a_comparison_in_the_module_and_one_that_is_waited_for(play: Play, variables: dict[str, Any]) -> None:
    job = play(PARITY, variables=variables)
    assert job.rc == 0, job.output
    compared, ran = (event["event_data"]["res"] for event in job.events if event["event"] == "runner_on_ok")
    assert (compared["equal"], compared["changed"], compared["foreign"]) == (True, False, {})
    assert sum(entity["items"] for entity in compared["entities"]) == sum(entity["source_rows"] for entity in compared["entities"]) > 1000
    assert (ran["state"], ran["changed"]) == ("finished", True)


def test_a_changed_contract_is_not_compared(play: Play, variables: dict[str, Any], lab: Any) -> None:
    contract = lab.dir / "contract-playbooks.yml"
    before = contract.read_text(encoding="utf-8")
    contract.write_text(f"{before}# changed\n", encoding="utf-8")
    try:
        job = play(PARITY, variables=variables)
    finally:
        contract.write_text(before, encoding="utf-8")
    assert job.rc == 2
    assert "the contract was changed after the run was begun" in re.sub(r"\s+", " ", job.output)


def test_a_comparison_that_goes_on_proves_nothing(play: Play, variables: dict[str, Any]) -> None:
    """The worker is one that never ends: whoever holds the lock of the folder is taken for it."""
    with (Path(variables["migration_folder"]) / "worker.lock").open("r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("stage validate, process 1 since long ago\n")
        lock.flush()
        job = play("validate", variables={**variables, "validate_watch_max_minutes": 0})
    assert job.rc == 2
    assert "Nothing is proved yet" in re.sub(r"\s+", " ", job.output)


def test_cleanup_wants_the_name_of_the_migration(play: Play, variables: dict[str, Any]) -> None:
    job = play("cleanup", variables=variables)
    assert job.rc == 2
    assert job.changed == []
    assert "cleanup_confirm=billing" in job.output


def test_cleanup_removes_replication_and_keeps_the_data(play: Play, variables: dict[str, Any], lab: Any) -> None:
    planned = play("cleanup", check=True, variables={**variables, "cleanup_confirm": "billing", "cleanup_staging": True})
    assert planned.rc == 0, planned.output
    job = play("cleanup", tags="cleanup", variables={**variables, "cleanup_confirm": "billing", "cleanup_staging": True})
    assert job.rc == 0, job.output
    assert stages_of(job) == ["cleanup"]
    assert planned.changed == job.changed
    bucket = "landbridge-playbooks-staging-000000000042-eu-west-1"
    assert lab.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert len(lab.client("dynamodb").scan(TableName="BillingPlaybooks", Limit=5)["Items"]) == 5
    assert play("cleanup", variables={**variables, "cleanup_confirm": "billing", "cleanup_staging": True}).changed == []
