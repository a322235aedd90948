# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The runs of tasks: begun, watched, ended, and what of them outlives the process."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.dms.api.endpoints import Endpoints
from lab.dms.api.store import Resource, Store
from lab.dms.api.task_rules import BUSY
from lab.dms.aws import Aws
from lab.dms.dialects.chosen import ChosenDialects
from lab.dms.manners.task import TaskManners
from lab.dms.mappings import read_mappings
from lab.dms.monitoring.event_kinds import TASK
from lab.dms.monitoring.events import Events
from lab.dms.outcome import Outcome
from lab.dms.statistics import Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings
from lab.dms.task.load_meter import CountingTarget
from lab.dms.task.progress import Assignment, Progress
from lab.dms.task.run import TaskRun
from lab.manners import Manners

KIND = "task"
RESTART = "The replication service was restarted while the task was running."
STARTED, STOPPED, FAILED = "DMS-EVENT-0069", "DMS-EVENT-0079", "DMS-EVENT-0078"
POLL_SECONDS = 0.05

_log = logging.getLogger(__name__)


class TaskRuns:
    """At most one run of each task. ``fail_over``: loses the replication instance of that ARN; False if it is not available."""

    def __init__(
        self,
        store: Store,
        aws: Aws,
        endpoints: Endpoints,
        events: Events,
        dialects: ChosenDialects,
        manners: Manners,
        fail_over: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._aws = aws
        self._endpoints = endpoints
        self._events = events
        self._dialects = dialects
        self._manners = manners
        self._fail_over = fail_over
        self._task_manners: dict[str, TaskManners] = {}
        self._runs: dict[str, TaskRun] = {}
        with store.changing():
            for task in store.all(KIND):
                if task.status in BUSY:
                    self._conclude(task, Outcome.failed(RESTART, recoverable=True))

    def begin(self, task: Resource, kind_of: str) -> None:
        """Start a run in a thread of its own. The caller holds the store and has seen that the task may start. Raises Fault."""
        resumed = kind_of == "resume-processing"
        fresh = Progress(named=task.inner["progress"].get("named", ""))
        kept = {} if resumed else {"tables": [], "progress": fresh.to_json()}
        run = self._new(task, task.inner | kept, reload=kind_of == "reload-target")
        task.inner |= kept
        self._runs[task.arn] = run
        for stale in ("StopReason", "LastFailureMessage", *(() if resumed else ("RecoveryCheckpoint",))):
            task.shown.pop(stale, None)
        now = self._store.clock()
        before = task.inner["times"] if resumed else {}
        earlier = {name: value for name, value in before.items() if name != "StopDate"}
        task.inner["times"] = {"FreshStartDate": now, **earlier, "StartDate": now}
        task.shown["ReplicationTaskStartDate"] = now
        task.status = "starting"
        threading.Thread(target=self._run, args=(task, run), name=f"task-{task.identifier}", daemon=True).start()

    def stop(self, task: Resource) -> None:
        task.status = "stopping"
        self._runs[task.arn].stop()

    def reload_tables(self, task: Resource, tables: list[tuple[str, str]]) -> None:
        self._runs[task.arn].reload_tables(tables)

    def forget(self, task: Resource) -> None:
        """Nothing of the task's runs stays."""
        self._runs.pop(task.arn, None)
        self._task_manners.pop(task.arn, None)
        shutil.rmtree(self._spool(task), ignore_errors=True)

    def interrupt(self, instance: Resource) -> None:
        """The replication instance goes away for a while; its running tasks go on by themselves when it is back."""
        for task, run in self._in_state(*BUSY):
            if task.shown["ReplicationInstanceArn"] == instance.arn:
                run.interrupt()

    def running(self) -> list[tuple[Resource, TaskRun]]:
        """The tasks that run now, each with its run."""
        return self._in_state("running", "stopping")

    def statistics(self, task: Resource) -> Statistics:
        run = self._runs.get(task.arn)
        return run.statistics if run else Statistics.from_json(task.inner["tables"])

    def described(self, task: Resource) -> dict[str, Any]:
        """The task as the API shows it, with what its run counts."""
        times = task.inner["times"]
        if not times:
            return dict(task.shown)
        run = self._runs.get(task.arn)
        until = times.get("StopDate") or self._store.clock()
        elapsed = int((until - times["StartDate"]) * 1000)
        stats = {**times, **(run.load_times() if run else {}), **self.statistics(task).summary(), "ElapsedTimeMillis": elapsed}
        return task.shown | {"ReplicationTaskStats": stats}

    def _in_state(self, *states: str) -> list[tuple[Resource, TaskRun]]:
        return [(t, self._runs[t.arn]) for t in self._store.all(KIND) if t.status in states and t.arn in self._runs]

    def _new(self, task: Resource, kept: dict[str, Any], *, reload: bool) -> TaskRun:
        """``kept``: what an earlier run left for this one. Raises Fault."""
        source = self._store.get("endpoint", task.shown["SourceEndpointArn"])
        place = S3Settings.read(self._store.get("endpoint", task.shown["TargetEndpointArn"]).shown["S3Settings"])
        return TaskRun(
            Assignment(
                migration=task.shown["MigrationType"],
                mappings=read_mappings(task.shown["TableMappings"]),
                settings=json.loads(task.shown["ReplicationTaskSettings"]),
                dialect=self._dialects.of(task.identifier, task.arn),
                spool_dir=self._made(self._spool(task)),
                start=kept["start"],
                stop=task.shown.get("CdcStopPosition", ""),
            ),
            address=lambda: self._endpoints.address(source),
            target=S3Target(self._aws.s3, place),
            load_target=CountingTarget(self._aws.s3, place),
            statistics=Statistics.from_json(kept["tables"]),
            progress=Progress(**kept["progress"]),
            reload=reload,
            save=lambda run: self._save(task, run),
            tell=lambda failure: self._tell(task, failure),
            wait_for_machine=lambda stopped: self._wait_for_machine(task, stopped),
            manners=self._manners_of(task),
        )

    def _manners_of(self, task: Resource) -> TaskManners:
        """Those of all runs of the task."""
        if task.arn not in self._task_manners:
            self._task_manners[task.arn] = TaskManners(
                self._manners,
                lambda: (task.identifier, task.arn),
                fail_over=lambda: self._fail_over(task.shown["ReplicationInstanceArn"]),
                tell=lambda event_id, message: self._events.record(TASK, task, event_id, message),
            )
        return self._task_manners[task.arn]

    def _run(self, task: Resource, run: TaskRun) -> None:
        try:
            outcome = run.run(lambda: self._running(task))
        except Exception:
            _log.exception("task %s", task.identifier)
            outcome = Outcome.failed("The replication engine itself failed; see its log.")
        with self._store.changing():
            self._keep(task, run)
            self._conclude(task, outcome)
        _log.info("task %s: %s, %s %s", task.identifier, outcome.status, outcome.stop_reason, outcome.failure)

    def _running(self, task: Resource) -> None:
        with self._store.changing():
            if task.status == "starting":
                task.status = "running"
        self._events.record(TASK, task, STARTED, f"Replication task has started: {task.identifier}.")

    def _save(self, task: Resource, run: TaskRun) -> None:
        with self._store.changing():
            self._keep(task, run)

    def _keep(self, task: Resource, run: TaskRun) -> None:
        task.inner |= {"tables": run.statistics.to_json(), "progress": run.progress.to_json()}
        task.inner["times"] |= run.load_times()
        if run.progress.checkpoint:
            task.shown["RecoveryCheckpoint"] = run.progress.checkpoint

    def _tell(self, task: Resource, failure: str) -> None:
        """The run goes on trying; the task says why it has not got further."""
        _log.warning("task %s tries again: %s", task.identifier, failure)
        with self._store.changing():
            task.shown["LastFailureMessage"] = failure

    def _conclude(self, task: Resource, outcome: Outcome) -> None:
        task.inner["times"]["StopDate"] = self._store.clock()
        task.shown["StopReason"] = outcome.stop_reason
        if outcome.failure:
            task.shown["LastFailureMessage"] = outcome.failure
        task.status = outcome.status
        if outcome.status == "failed":
            self._events.record(TASK, task, FAILED, f"Replication task has failed. {outcome.failure}")
        else:
            self._events.record(TASK, task, STOPPED, f"Replication task has stopped. {outcome.stop_reason}")

    def _wait_for_machine(self, task: Resource, stopped: threading.Event) -> None:
        while not stopped.wait(POLL_SECONDS):
            if self._store.get("instance", task.shown["ReplicationInstanceArn"]).status == "available":
                return

    def _spool(self, task: Resource) -> Path:
        """Where a run keeps what does not fit into memory."""
        return self._store.folder / "spool" / task.arn.rsplit(":", 1)[-1]

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
