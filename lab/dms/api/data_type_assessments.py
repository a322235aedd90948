# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The older assessment: the data types of a task's source columns, and nothing else."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from lab.dms.api.connections import Connections
from lab.dms.api.listing import page
from lab.dms.api.store import Resource, Store
from lab.dms.api.task_rules import require
from lab.dms.api.task_source import TaskSource
from lab.dms.assessments.bucket import make_bucket, put_report
from lab.dms.assessments.report import data_type_report
from lab.dms.assessments.table_checks import unsupported_columns
from lab.dms.aws import Aws

ROLE = "dms-access-for-tasks"
# The API reference names the member and not its values.
FINE, BAD, BROKEN = "no issues found", "issues found", "error"
RESTART = "The replication service was restarted during the assessment."

_log = logging.getLogger(__name__)


class DataTypeAssessments:
    def __init__(self, store: Store, aws: Aws, source: TaskSource, connections: Connections) -> None:
        self._store = store
        self._aws = aws
        self._source = source
        self._connections = connections
        with store.changing():
            for task in store.all("task"):
                if task.inner.get("data_types", {}).get("pending"):
                    self._keep(task, BROKEN, RESTART, "")

    @property
    def bucket(self) -> str:
        """The bucket that the service makes for these reports; its name is this engine's own."""
        return f"dms-assessments-{self._store.account}-{self._store.region}"

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        self._aws.check_service_role(f"arn:aws:iam::{self._store.account}:role/{ROLE}", ("dms.amazonaws.com",))
        with self._store.changing():
            task = self._store.get("task", params["ReplicationTaskArn"])
            require(task, ("stopped",), "assessed")
            for member in ("SourceEndpointArn", "TargetEndpointArn"):
                self._connections.require_success(task.shown[member], task.shown["ReplicationInstanceArn"])
            task.inner["data_types"] = {"pending": True}
            task.status = "testing"
            shown = dict(task.shown)
        threading.Thread(target=self._run, args=(task,), name="data-type-assessment", daemon=True).start()
        return {"ReplicationTask": shown}

    def results(self, params: dict[str, Any]) -> dict[str, Any]:
        if "ReplicationTaskArn" in params:
            task = self._store.get("task", params["ReplicationTaskArn"])
            return {"BucketName": self.bucket, "ReplicationTaskAssessmentResults": [_shown(t, whole=True) for t in [task] if _assessed(t)]}
        chosen, marker = page([t for t in self._store.all("task") if _assessed(t)], params)
        return {
            "BucketName": self.bucket,
            "ReplicationTaskAssessmentResults": [_shown(t, whole=False) for t in chosen],
            "Marker": marker,
        }

    def _run(self, task: Resource) -> None:
        try:
            with self._source.examine(task) as examination:
                columns = unsupported_columns(examination)
            text = json.dumps(data_type_report(task.identifier, columns), indent=2)
            file = f"{task.arn.rsplit(':', 1)[-1]}/data-types.json"
            make_bucket(self._aws.s3, self.bucket, self._store.region)
            put_report(self._aws.s3, {"ResultLocationBucket": self.bucket}, file, text.encode())
            outcome = (BAD if columns else FINE, text, file)
        except Exception as error:
            # Whatever it is, the task must not stay in the state testing.
            _log.exception("assessment")
            outcome = (BROKEN, str(error), "")
        with self._store.changing():
            self._keep(task, *outcome)

    def _keep(self, task: Resource, status: str, text: str, file: str) -> None:
        task.inner["data_types"] = {
            "ReplicationTaskLastAssessmentDate": self._store.clock(),
            "AssessmentStatus": status,
            "AssessmentResultsFile": file,
            "AssessmentResults": text,
            "S3ObjectUrl": f"https://s3.{self._store.region}.amazonaws.com/{self.bucket}/{file}" if file else None,
        }
        if task.status == "testing":
            task.status = "stopped"


def _assessed(task: Resource) -> bool:
    return "AssessmentStatus" in task.inner.get("data_types", {})


def _shown(task: Resource, *, whole: bool) -> dict[str, Any]:
    """``whole``: with the report itself."""
    kept = task.inner["data_types"]
    hidden = () if whole else ("AssessmentResults", "S3ObjectUrl")
    named = {"ReplicationTaskIdentifier": task.identifier, "ReplicationTaskArn": task.arn}
    return named | {member: value for member, value in kept.items() if member not in hidden}
