# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Premigration assessment runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .rules import mappings, select
from .site import Site, by

TYPES = "unsupported-data-types-in-source"
NO_KEY = "table-with-no-primary-key-or-unique-constraint"
LOB_NO_KEY = "table-with-lob-but-without-primary-key-or-unique-constraint"
ENDED = ("passed", "warning", "failed", "error-executing", "error-provisioning")


@dataclass
class Run:
    """An ended run over a table without a key: the run, its checks by name, the states of the task, and what was refused."""

    task: str
    folder: str
    run: dict[str, Any]
    checks: dict[str, str]
    states: list[str]
    refused: dict[str, str]


def applicable(site: Site, **of: str) -> set[str]:
    found: set[str] = set()
    marker: dict[str, str] = {}
    while True:
        page = site.dms.describe_applicable_individual_assessments(**of, **marker)
        found |= set(page["IndividualAssessmentNames"])
        if not page.get("Marker"):
            return found
        marker = {"Marker": page["Marker"]}


@pytest.fixture(scope="module")
def assessed(site: Site) -> Run:
    schema = site.schema()
    site.execute("CREATE TABLE keyless (id INT, body LONGTEXT)")
    site.execute("CREATE TABLE keyed (id INT PRIMARY KEY)")
    target, folder = site.target()
    task = site.task(mappings(select(schema)), target, kind="full-load-and-cdc")
    own = {
        "ReplicationTaskArn": task,
        "ServiceAccessRoleArn": site.place.bucket_role,
        "ResultLocationBucket": site.bucket,
        "ResultLocationFolder": f"{folder}/results",
        "AssessmentRunName": site.name("run"),
    }

    def refusal(**changes: Any) -> str:
        return site.refusal("start_replication_task_assessment_run", **(own | {"AssessmentRunName": site.name("run")} | changes))

    refused = {
        "unknown check": refusal(IncludeOnly=["no-such-check"]),
        "both choices": refusal(IncludeOnly=[TYPES], Exclude=[NO_KEY]),
        "no bucket": refusal(ResultLocationBucket=f"{site.bucket}-absent"),
    }
    run = site.dms.start_replication_task_assessment_run(**own, IncludeOnly=[TYPES, NO_KEY, LOB_NO_KEY])["ReplicationTaskAssessmentRun"]
    arn = run["ReplicationTaskAssessmentRunArn"]
    states = [site.describe(task)["Status"]]

    def ended() -> Any:
        (found,) = site.dms.describe_replication_task_assessment_runs(Filters=by("replication-task-assessment-run-arn", arn))[
            "ReplicationTaskAssessmentRuns"
        ]
        return found if found["Status"] in ENDED else None

    run = site.wait(ended, "the assessment run")
    states.append(site.until(task, "ready", "stopped", "failed")["Status"])
    refused["same name"] = site.refusal("start_replication_task_assessment_run", **own, IncludeOnly=[TYPES])
    found = site.dms.describe_replication_task_individual_assessments(Filters=by("replication-task-assessment-run-arn", arn))
    checks = {check["IndividualAssessmentName"]: check["Status"] for check in found["ReplicationTaskIndividualAssessments"]}
    return Run(task, f"{folder}/results", run, checks, states, refused)


@pytest.mark.behaviour("assessments.applicable")
def test_checks_apply_to_a_task(site: Site, assessed: Run) -> None:
    assert {TYPES, NO_KEY, LOB_NO_KEY} <= applicable(site, ReplicationTaskArn=assessed.task)


@pytest.mark.behaviour("assessments.migration_type")
def test_a_full_load_needs_no_key(site: Site, assessed: Run) -> None:
    model = {"ReplicationInstanceArn": site.instance, "SourceEngineName": site.place.engine, "TargetEngineName": "s3"}
    assert NO_KEY in applicable(site, MigrationType="cdc", **model)
    assert NO_KEY not in applicable(site, MigrationType="full-load", **model)


@pytest.mark.behaviour("assessments.findings")
def test_checks_find_what_is_in_the_source(assessed: Run) -> None:
    assert set(assessed.checks) == {TYPES, NO_KEY, LOB_NO_KEY}
    assert assessed.checks[TYPES] == "passed"
    assert assessed.checks[NO_KEY] in ("failed", "warning")
    assert assessed.checks[LOB_NO_KEY] in ("failed", "warning")


@pytest.mark.behaviour("assessments.run_status")
def test_a_run_tells_the_worst_of_its_checks(assessed: Run) -> None:
    assert assessed.run["Status"] == ("failed" if "failed" in assessed.checks.values() else "warning")
    assert assessed.run["AssessmentProgress"] == {"IndividualAssessmentCount": 3, "IndividualAssessmentCompletedCount": 3}
    assert assessed.run["IsLatestTaskAssessmentRun"] is True


@pytest.mark.behaviour("assessments.task_state")
def test_a_task_is_being_tested_during_a_run(assessed: Run) -> None:
    assert assessed.states == ["testing", "ready"]


@pytest.mark.behaviour("assessments.report")
def test_a_run_leaves_its_results_in_the_bucket(site: Site, assessed: Run) -> None:
    assert site.keys(f"{assessed.folder}/")


@pytest.mark.behaviour("assessments.refused")
@pytest.mark.parametrize("reason", ["unknown check", "both choices"])
def test_a_choice_of_checks_that_is_none(assessed: Run, reason: str) -> None:
    assert assessed.refused[reason].startswith("Invalid")


@pytest.mark.behaviour("assessments.bucket")
def test_the_bucket_of_the_results_must_be_there(assessed: Run) -> None:
    assert assessed.refused["no bucket"] in ("S3ResourceNotFoundFault", "S3AccessDeniedFault")


@pytest.mark.behaviour("assessments.name_unique")
def test_a_run_has_a_name_of_its_own(assessed: Run) -> None:
    assert assessed.refused["same name"] == "ResourceAlreadyExistsFault"


@pytest.mark.behaviour("assessments.delete")
def test_a_deleted_run_leaves_its_results(site: Site, assessed: Run) -> None:
    arn = assessed.run["ReplicationTaskAssessmentRunArn"]
    answer = site.dms.delete_replication_task_assessment_run(ReplicationTaskAssessmentRunArn=arn)
    assert answer["ReplicationTaskAssessmentRun"]["Status"] == "deleting"

    def gone() -> bool:
        try:
            runs = site.dms.describe_replication_task_assessment_runs(Filters=by("replication-task-assessment-run-arn", arn))
        except site.dms.exceptions.ResourceNotFoundFault:
            return True
        return not runs["ReplicationTaskAssessmentRuns"]

    site.wait(gone, "deletion of a run")
    assert site.keys(f"{assessed.folder}/")
