# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Premigration assessments of the lab's own source: what they find, and the life of a run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Bench, select_all, trust, wait
from .following import Following, follow
from .test_tasks import code

ENDED = ("passed", "warning", "failed", "error-executing", "error-provisioning", "cancelling")


def begin(bench: Bench, task: str, **params: Any) -> str:
    """A run of its own name; its ARN."""
    given = {"ServiceAccessRoleArn": bench.s3_role, "ResultLocationBucket": bench.bucket, "AssessmentRunName": bench.name("assessment")}
    answer = bench.dms.start_replication_task_assessment_run(ReplicationTaskArn=task, **(given | params))
    return str(answer["ReplicationTaskAssessmentRun"]["ReplicationTaskAssessmentRunArn"])


def described(bench: Bench, run: str) -> dict[str, Any]:
    filters = [{"Name": "replication-task-assessment-run-arn", "Values": [run]}]
    return dict(bench.dms.describe_replication_task_assessment_runs(Filters=filters)["ReplicationTaskAssessmentRuns"][0])


def ended(bench: Bench, run: str) -> dict[str, Any]:
    return dict(wait(lambda: (found := described(bench, run))["Status"] in ENDED and found, "the end of the assessment"))


def statuses(bench: Bench, run: str) -> dict[str, str]:
    filters = [{"Name": "replication-task-assessment-run-arn", "Values": [run]}]
    found = bench.dms.describe_replication_task_individual_assessments(Filters=filters)["ReplicationTaskIndividualAssessments"]
    return {item["IndividualAssessmentName"]: item["Status"] for item in found}


def report(bench: Bench, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The tests of the report in the bucket by their names."""
    folder = run.get("ResultLocationFolder", "")
    key = f"{folder}/{run['AssessmentRunName']}/results.json".lstrip("/")
    whole = json.loads(bench.content(key))
    assert whole["overall-test-result"] == run["Status"]
    return {test["test-name"]: test for tests in whole["summary"].values() for test in tests}


@pytest.fixture
def faulty(bench: Bench, schema: str, execute: Callable[..., Any]) -> Following:
    """A task over tables with a fault for each check of tables."""
    execute("CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT)")
    execute("CREATE TABLE child (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES parent (id) ON DELETE CASCADE)")
    execute("CREATE TABLE odd (id INT PRIMARY KEY, address INET6)")
    execute("CREATE TABLE keyless (word VARCHAR(10), note LONGTEXT)")
    execute("CREATE TABLE made (id INT PRIMARY KEY, twice INT AS (id * 2) STORED, hidden INT INVISIBLE DEFAULT 1)")
    execute("CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2")
    execute("CREATE TABLE old_engine (id INT PRIMARY KEY) ENGINE = MyISAM")
    execute("CREATE TABLE versions (id INT PRIMARY KEY) WITH SYSTEM VERSIONING")
    return follow(bench, schema)


@pytest.mark.mariadb
def test_what_is_found(bench: Bench, schema: str, faulty: Following) -> None:
    run = ended(bench, begin(bench, faulty.task, ResultLocationFolder="reports"))
    assert run["Status"] == "failed", run.get("LastFailureMessage")
    assert bench.describe(faulty.task)["Status"] == "ready"
    found = report(bench, run)
    assert {name: test["test-result"] for name, test in found.items()} == statuses(bench, run["ReplicationTaskAssessmentRunArn"])
    expected = {
        "unsupported-data-types-in-source": ("failed", ["odd.address (inet6)"]),
        "table-with-lob-but-without-primary-key-or-unique-constraint": ("failed", ["keyless"]),
        "table-with-no-primary-key-or-unique-constraint": ("warning", ["keyless"]),
        "mysql-check-cascade-constraints": ("failed", ["child.child_ibfk_1"]),
        "mysql-check-generated-columns": ("warning", ["made.twice"]),
        "mysql-check-invisible-columns": ("warning", ["made.hidden"]),
        "mysql-check-table-partition": ("warning", ["parts"]),
        "mysql-check-skip-table-suspension-partition-ddl": ("warning", ["parts"]),
        "mysql-check-table-storage-engine": ("warning", ["old_engine (MyISAM)"]),
        "mysql-check-auto-increment": ("warning", ["parent.id"]),
        "all-check-source-selection-rules": ("warning", ["versions (system versioned)"]),
    }
    for name, (result, objects) in expected.items():
        assert found[name]["test-result"] == result, found[name]
        named = found[name]["test-result-details"].partition(": ")[2].removesuffix(".").split(", ")
        assert named == [f"{schema}.{item}" for item in objects], name
    fine = (
        "binlog-format",
        "binlog-image",
        "binlog-enabled",
        "binlog-compression",
        "server-id",
        "replication-privileges",
        "select-privileges",
    )
    assert {found[f"mysql-check-{name}"]["test-result"] for name in fine} == {"passed"}
    assert found["mysql-check-supported-version"]["test-result"] == "warning", "MariaDB 10.11 is not on the list"
    statistic = run["ResultStatistic"]
    assert (statistic["Failed"], statistic["Error"], statistic["Cancelled"]) == (3, 0, 0)
    assert run["AssessmentProgress"]["IndividualAssessmentCount"] == run["AssessmentProgress"]["IndividualAssessmentCompletedCount"]


def test_what_the_server_lacks(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema)
    names = ["mysql-check-binlog-image", "mysql-check-binlog-retention-time", "mysql-check-replication-privileges"]
    old = {name: execute(f"SELECT @@GLOBAL.{name}")[0][0] for name in ("binlog_row_image", "binlog_expire_logs_seconds")}
    execute(f"REVOKE REPLICATION SLAVE ON *.* FROM {bench.user}@'%'")
    execute("SET GLOBAL binlog_row_image = 'MINIMAL'")
    execute("SET GLOBAL binlog_expire_logs_seconds = 43200")
    try:
        run = ended(bench, begin(bench, followed.task, IncludeOnly=names))
    finally:
        execute(f"GRANT REPLICATION SLAVE ON *.* TO {bench.user}@'%'")
        execute(f"SET GLOBAL binlog_row_image = '{old['binlog_row_image']}'")
        execute(f"SET GLOBAL binlog_expire_logs_seconds = {old['binlog_expire_logs_seconds']}")
    assert statuses(bench, run["ReplicationTaskAssessmentRunArn"]) == dict.fromkeys(names, "failed")
    found = report(bench, run)
    assert "MINIMAL" in found[names[0]]["test-result-details"]
    assert "12 hours" in found[names[1]]["test-result-details"]
    assert found[names[2]]["test-result-details"].endswith("REPLICATION SLAVE.")


def test_the_life_of_a_run(bench: Bench, schema: str, execute: Callable[..., Any], administrator: Any) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema, "full-load")
    with administrator.cursor() as held:
        held.execute(f"LOCK TABLES {schema}.a WRITE")
        names = ["mysql-check-select-privileges", "mysql-check-auto-increment"]
        run = begin(bench, followed.task, IncludeOnly=names)
        wait(lambda: "running" in statuses(bench, run).values(), "a check that waits for the table")
        assert bench.describe(followed.task)["Status"] == "testing"
        assert described(bench, run)["Status"] == "running"
        assert code(bench.dms.delete_replication_task, ReplicationTaskArn=followed.task) == "InvalidResourceStateFault"
        start = bench.dms.start_replication_task
        wrong = code(start, ReplicationTaskArn=followed.task, StartReplicationTaskType="start-replication")
        assert wrong == "InvalidResourceStateFault"
        delete = bench.dms.delete_replication_task_assessment_run
        assert code(delete, ReplicationTaskAssessmentRunArn=run) == "InvalidResourceStateFault"
        cancelled = bench.dms.cancel_replication_task_assessment_run(ReplicationTaskAssessmentRunArn=run)
        assert cancelled["ReplicationTaskAssessmentRun"]["Status"] == "cancelling"
        held.execute("UNLOCK TABLES")
    bench.until(followed.task, "ready")
    assert statuses(bench, run) == {"mysql-check-select-privileges": "passed", "mysql-check-auto-increment": "cancelled"}
    assert described(bench, run)["IsLatestTaskAssessmentRun"] is True
    second = begin(bench, followed.task, Exclude=["mysql-check-auto-increment"])
    assert "mysql-check-auto-increment" not in statuses(bench, second)
    assert "mysql-check-binlog-format" not in statuses(bench, second), "it follows no changes"
    ended(bench, second)
    assert [described(bench, r)["IsLatestTaskAssessmentRun"] for r in (run, second)] == [False, True]
    delete(ReplicationTaskAssessmentRunArn=run)
    gone = bench.dms.describe_replication_task_assessment_runs
    filters = [{"Name": "replication-task-assessment-run-arn", "Values": [run]}]
    wait(lambda: _refused(gone, filters), "the deletion of the run")


def _refused(call: Callable[..., Any], filters: list[dict[str, Any]]) -> bool:
    try:
        call(Filters=filters)
    except Exception as error:
        return type(error).__name__ == "ResourceNotFoundFault"
    return False


def test_what_a_run_refuses(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema, "full-load")
    start = bench.dms.start_replication_task_assessment_run
    good = {
        "ReplicationTaskArn": followed.task,
        "ServiceAccessRoleArn": bench.s3_role,
        "ResultLocationBucket": bench.bucket,
        "AssessmentRunName": bench.name("assessment"),
    }
    for changes, fault in (
        ({"ServiceAccessRoleArn": "arn:aws:iam::000000000042:role/nobody"}, "AccessDeniedFault"),
        ({"ResultLocationBucket": "no-such-bucket-here"}, "S3ResourceNotFoundFault"),
        ({"IncludeOnly": ["x"]}, "InvalidParameterValueException"),
        ({"IncludeOnly": ["x"], "Exclude": ["y"]}, "InvalidParameterCombinationException"),
        ({"ResultEncryptionMode": "SSE_KMS"}, "InvalidParameterCombinationException"),
    ):
        assert code(start, **(good | changes)) == fault
    start(**good)
    bench.until(followed.task, "ready")
    assert code(start, **good) == "ResourceAlreadyExistsFault"


def test_names_that_apply(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    applicable = bench.dms.describe_applicable_individual_assessments
    every = applicable(MaxRecords=100)["IndividualAssessmentNames"]
    assert {"unsupported-data-types-in-source", "mysql-check-binlog-format", "mariadb-check-binlog-format"} <= set(every)
    model = {"ReplicationInstanceArn": bench.instance, "SourceEngineName": "mariadb", "TargetEngineName": "s3"}
    names = applicable(**model, MigrationType="full-load")["IndividualAssessmentNames"]
    assert "mariadb-check-generated-columns" in names
    assert not [name for name in names if name.startswith("mysql-") or "binlog" in name]
    assert code(applicable, SourceEngineName="mysql") == "InvalidParameterCombinationException"


@pytest.mark.mariadb
def test_the_older_assessment_of_data_types(bench: Bench, schema: str, faulty: Following) -> None:
    iam = bench.lab.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="dms-access-for-tasks", AssumeRolePolicyDocument=trust("dms.amazonaws.com"))
    start = bench.dms.start_replication_task_assessment
    assert code(start, ReplicationTaskArn=faulty.task) == "InvalidResourceStateFault", "it never ran"
    bench.dms.modify_replication_task(ReplicationTaskArn=faulty.task, MigrationType="full-load", TableMappings=select_all(schema, "parent"))
    bench.until(faulty.task, "ready")
    bench.run(faulty.task)
    bench.dms.modify_replication_task(ReplicationTaskArn=faulty.task, TableMappings=select_all(schema))
    bench.until(faulty.task, "stopped")
    assert start(ReplicationTaskArn=faulty.task)["ReplicationTask"]["Status"] == "testing"
    bench.until(faulty.task, "stopped")
    answer = bench.dms.describe_replication_task_assessment_results(ReplicationTaskArn=faulty.task)
    (result,) = answer["ReplicationTaskAssessmentResults"]
    written = bench.s3.get_object(Bucket=answer["BucketName"], Key=result["AssessmentResultsFile"])["Body"].read().decode()
    assert written == result["AssessmentResults"]
    assert json.loads(written)["summary"]["not-supported"] == {"data-type": ["inet6"], "column-count": 1}
    assert result["AssessmentStatus"] == "issues found"
    every = bench.dms.describe_replication_task_assessment_results()["ReplicationTaskAssessmentResults"]
    assert [("AssessmentResults" in r, r["ReplicationTaskArn"]) for r in every if r["ReplicationTaskArn"] == faulty.task] == [
        (False, faulty.task)
    ]
