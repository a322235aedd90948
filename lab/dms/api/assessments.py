# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Premigration assessment runs: each looks at the source of one task, and the task is in the state ``testing`` meanwhile.

Statuses: ``ReplicationTaskAssessmentRun.Status`` and ``ReplicationTaskIndividualAssessment.Status`` of the API reference. They have no word
for a run whose cancellation is over; it stays ``cancelling``.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from typing import Any

from lab.dms.api import tags
from lab.dms.api.listing import page, select
from lab.dms.api.store import Resource, Store
from lab.dms.api.task_rules import IDLE, require
from lab.dms.api.task_source import TaskSource
from lab.dms.assessments.bucket import check_bucket, put_report
from lab.dms.assessments.catalogue import Check, applicable, every_name
from lab.dms.assessments.examination import CANCELLED, ERROR, Examination, Finding
from lab.dms.assessments.report import overall, results
from lab.dms.aws import Aws
from lab.dms.faults import already_exists, invalid_combination, invalid_value, not_built, not_found, wrong_state
from lab.dms.sources.mysql import SourceError, TableError

KIND = "assessment_run"
ACTIVE = ("starting", "provisioning", "running")
RESTART = "The replication service was restarted during the assessment."
_SHOWN = (
    "ServiceAccessRoleArn",
    "ResultLocationBucket",
    "ResultLocationFolder",
    "ResultEncryptionMode",
    "ResultKmsKeyArn",
    "AssessmentRunName",
)
_COUNTED = ("passed", "failed", "error", "warning", "cancelled", "skipped")
_MODEL = ("SourceEngineName", "TargetEngineName", "MigrationType", "ReplicationInstanceArn")

_log = logging.getLogger(__name__)


class Assessments:
    def __init__(self, store: Store, aws: Aws, source: TaskSource, *, delay: float) -> None:
        """``delay``: seconds that deleting takes."""
        self._store = store
        self._aws = aws
        self._source = source
        self._delay = delay
        self._cancelled: dict[str, threading.Event] = {}
        with store.changing():
            for run in store.all(KIND):
                if run.status in ACTIVE or run.inner["task_status"]:
                    self._end(run, "error-executing", RESTART)

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_service_role(params["ServiceAccessRoleArn"], ("dms.amazonaws.com", f"dms.{self._store.region}.amazonaws.com"))
        check_bucket(self._aws.s3, params["ResultLocationBucket"])
        if params.get("ResultEncryptionMode", "").upper() == "SSE_KMS" and not params.get("ResultKmsKeyArn"):
            raise invalid_combination("ResultEncryptionMode SSE_KMS needs ResultKmsKeyArn.")
        with self._store.changing():
            task = self._store.get("task", params["ReplicationTaskArn"])
            require(task, IDLE, "assessed")
            if any(r.shown["AssessmentRunName"] == params["AssessmentRunName"] for r in self._store.all(KIND)):
                raise already_exists(f"The assessment run {params['AssessmentRunName']} already exists.")
            checks = _chosen(applicable(self._source.engine(task), task.shown["MigrationType"]), params)
            run = self._new(task, list(checks), params)
            cancelled = self._cancelled[run.arn] = threading.Event()
            task.status = "testing"
            shown = self._described(run)
        threading.Thread(target=self._run, args=(run, task, checks, cancelled), name="assessment", daemon=True).start()
        return {"ReplicationTaskAssessmentRun": shown}

    def cancel(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            run = self._get(params)
            if run.status not in ACTIVE:
                raise wrong_state(f"The assessment run {run.identifier} is {run.status} and cannot be cancelled.")
            run.status = "cancelling"
            self._cancelled[run.arn].set()
            shown = self._described(run)
        return {"ReplicationTaskAssessmentRun": shown}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            run = self._get(params)
            if run.inner["task_status"] or run.status == "deleting":
                raise wrong_state(f"The assessment run {run.identifier} is {run.status} and cannot be deleted.")
            run.status = "deleting"
            self._store.schedule(run, self._delay, "")
            shown = self._described(run)
        return {"ReplicationTaskAssessmentRun": shown}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {
            "replication-task-assessment-run-arn": lambda r: r.arn,
            "replication-task-arn": lambda r: r.shown["ReplicationTaskArn"],
            "replication-instance-arn": lambda r: r.inner["instance"],
            "status": lambda r: r.status,
        }
        runs = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not runs:
            raise not_found("No assessment runs found matching the filters.")
        chosen, marker = page(runs, params)
        return {"ReplicationTaskAssessmentRuns": [self._described(r) for r in chosen], "Marker": marker}

    def describe_individual(self, params: dict[str, Any]) -> dict[str, Any]:
        every = [
            {"ReplicationTaskAssessmentRunArn": run.arn, "task": run.shown["ReplicationTaskArn"], **one}
            for run in self._store.all(KIND)
            for one in run.inner["individual"]
        ]
        values = {
            "replication-task-assessment-run-arn": lambda i: i["ReplicationTaskAssessmentRunArn"],
            "replication-task-arn": lambda i: i["task"],
            "status": lambda i: i["Status"],
        }
        found = select(every, params.get("Filters", []), values)
        if params.get("Filters") and not found:
            raise not_found("No individual assessments found matching the filters.")
        chosen, marker = page(found, params)
        return {"ReplicationTaskIndividualAssessments": chosen, "Marker": marker}

    def applicable(self, params: dict[str, Any]) -> dict[str, Any]:
        if "ReplicationConfigArn" in params:
            raise not_built("serverless replications")
        if "ReplicationTaskArn" in params:
            task = self._store.get("task", params["ReplicationTaskArn"])
            names = list(applicable(self._source.engine(task), task.shown["MigrationType"]))
        elif any(member in params for member in _MODEL):
            names = self._modelled(params)
        else:
            names = every_name()
        chosen, marker = page(names, params)
        return {"IndividualAssessmentNames": chosen, "Marker": marker}

    def _modelled(self, params: dict[str, Any]) -> list[str]:
        """The names for a task that does not exist. Raises Fault."""
        missing = [member for member in _MODEL if member not in params]
        if missing:
            raise invalid_combination(f"Give all of {', '.join(_MODEL)}; {missing[0]} is missing.")
        self._store.get("instance", params["ReplicationInstanceArn"])
        source, target = params["SourceEngineName"].lower(), params["TargetEngineName"].lower()
        if source not in ("mysql", "mariadb") or target != "s3":
            raise not_built(f"assessments of {source} as a source and {target} as a target")
        return list(applicable(source, params["MigrationType"]))

    def _get(self, params: dict[str, Any]) -> Resource:
        return self._store.get(KIND, params["ReplicationTaskAssessmentRunArn"])

    def _new(self, task: Resource, names: list[str], params: dict[str, Any]) -> Resource:
        individual = [
            {
                "ReplicationTaskIndividualAssessmentArn": self._store.new_arn("individual_assessment"),
                "IndividualAssessmentName": name,
                "Status": "pending",
            }
            for name in names
        ]
        arn = self._store.new_arn(KIND)
        shown = {
            "ReplicationTaskAssessmentRunArn": arn,
            "ReplicationTaskArn": task.arn,
            "Status": "starting",
            "ReplicationTaskAssessmentRunCreationDate": self._store.clock(),
            **{member: params[member] for member in _SHOWN if member in params},
        }
        inner = {"individual": individual, "task_status": task.status, "instance": task.shown["ReplicationInstanceArn"]}
        run = Resource(KIND, arn, params["AssessmentRunName"], shown, inner, tags.given(params))
        self._store.add(run)
        return run

    def _described(self, run: Resource) -> dict[str, Any]:
        counts = Counter(one["Status"] for one in run.inner["individual"])
        ended = sum(counts[status] for status in _COUNTED)
        latest = [r for r in self._store.all(KIND) if r.shown["ReplicationTaskArn"] == run.shown["ReplicationTaskArn"]][-1:]
        return run.shown | {
            "AssessmentProgress": {
                "IndividualAssessmentCount": len(run.inner["individual"]),
                "IndividualAssessmentCompletedCount": ended,
            },
            "IsLatestTaskAssessmentRun": latest == [run],
            "ResultStatistic": {status.capitalize(): counts[status] for status in _COUNTED},
        }

    def _run(self, run: Resource, task: Resource, checks: dict[str, Check], cancelled: threading.Event) -> None:
        try:
            self._set(run, "provisioning")
            with self._source.examine(task) as examination:
                self._set(run, "running")
                findings = {name: self._examine(run, name, check, examination, cancelled) for name, check in checks.items()}
            put_report(self._aws.s3, run.shown, _key(run), json.dumps(results(findings), indent=2).encode())
            failures = [f.text for f in findings.values() if f.status in ("failed", ERROR)]
            self._conclude(run, overall(findings.values()), failures[-1] if failures else "")
        except Exception as error:
            # Whatever it is, the task must not stay in the state testing.
            _log.exception("assessment")
            during = "error-provisioning" if run.status == "provisioning" else "error-executing"
            self._conclude(run, during, str(error))

    def _examine(self, run: Resource, name: str, check: Check, examination: Examination, cancelled: threading.Event) -> Finding:
        one = next(i for i in run.inner["individual"] if i["IndividualAssessmentName"] == name)
        if cancelled.is_set():
            finding = Finding(CANCELLED, "The assessment run was cancelled")
        else:
            with self._store.changing():
                one |= {"Status": "running", "ReplicationTaskIndividualAssessmentStartDate": self._store.clock()}
            try:
                finding = check.examine(examination)
            except (SourceError, TableError) as error:
                finding = Finding(ERROR, str(error))
        with self._store.changing():
            one["Status"] = finding.status
        return finding

    def _set(self, run: Resource, status: str) -> None:
        """The next status, unless the run was cancelled."""
        with self._store.changing():
            if run.status in ACTIVE:
                run.status = status

    def _conclude(self, run: Resource, status: str, failure: str) -> None:
        with self._store.changing():
            self._end(run, status, failure)

    def _end(self, run: Resource, status: str, failure: str) -> None:
        """The run is over, and the task in the state that it had before."""
        task = next((t for t in self._store.all("task") if t.arn == run.shown["ReplicationTaskArn"]), None)
        if task is not None and task.status == "testing":
            task.status = run.inner["task_status"]
        run.inner["task_status"] = ""
        self._cancelled.pop(run.arn, None)
        for one in run.inner["individual"]:
            if one["Status"] in ("pending", "running"):
                one["Status"] = CANCELLED
        if run.status in ACTIVE:
            run.status = status
        if failure:
            run.shown["LastFailureMessage"] = failure


def _chosen(checks: dict[str, Check], params: dict[str, Any]) -> dict[str, Check]:
    """What ``IncludeOnly`` or ``Exclude`` leave of the checks. Raises Fault."""
    if "IncludeOnly" in params and "Exclude" in params:
        raise invalid_combination("Give either IncludeOnly or Exclude, not both.")
    for member in ("IncludeOnly", "Exclude"):
        unknown = [name for name in params.get(member, []) if name not in checks]
        if unknown:
            raise invalid_value(f"{member} names {unknown[0]}, which is no assessment for this task.")
    wanted = params.get("IncludeOnly") or [name for name in checks if name not in params.get("Exclude", [])]
    if not wanted:
        raise invalid_value("Exclude leaves no assessment to run.")
    return {name: check for name, check in checks.items() if name in wanted}


def _key(run: Resource) -> str:
    """Where in the bucket the report goes; AWS does not document its name."""
    folder = run.shown.get("ResultLocationFolder", "").strip("/")
    return f"{folder}/{run.identifier}/results.json".lstrip("/")
