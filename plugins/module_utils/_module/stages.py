# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages as ``migration_run`` runs them: the short ones here and now, the long ones in a worker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.adapters.connections import Connections, load_contract, load_site
from ..core.checkpoint.run import load_run_of
from ..core.errors import Conflict, Retryable
from ..core.model.progress import StageProgress
from ..core.preflight.checks import refuse, run_preflight
from ..core.replicate.stage import freeze
from ..core.site.names import Names
from ..core.validate.parity import LoadedTable, compare
from . import state, worker

# What has to be finished before a stage may begin.
_BEFORE = {"full_load": "replicate", "validate": "full_load"}


def run_stage(module: Any) -> dict[str, Any]:
    """Run the stage that the module's parameters name, and return what the module returns."""
    site = load_site(module.params["site"])
    stage = module.params["stage"]
    with Connections(site, os.environ) as connections:
        result = STAGES[stage](module, connections)
    common = {"run": site.state_prefix, "stage": stage, "task": Names(site).full_load_task, "findings": [], "log": ""}
    before = "finished" if result["state"] == "finished" and not result["changed"] else "pending"
    return {**common, "diff": {"before": {"state": before}, "after": {"state": result["state"]}}, **result}


def compare_now(module: Any) -> dict[str, Any]:
    """Compare both sides within the module, and store nothing."""
    site = load_site(module.params["site"])
    with Connections(site, os.environ) as connections:
        contract = load_contract(site)
        run = load_run_of(connections.documents, contract.sha256, contract.file)
        record = state.stages(connections)["full_load"]
        tables = record["outcome"]["tables"] if record["state"] == "finished" else []
        loaded = {table["table"]: LoadedTable(table["staged"], table["rejected"]) for table in tables}
        found = compare(contract, run, connections.source(), connections.reader, loaded, _unheard)
    return {"changed": False, **found.to_json()}


def _unheard(_progress: StageProgress) -> None:
    """A module cannot show progress."""


def _preflight(_module: Any, connections: Connections) -> dict[str, Any]:
    site = connections.site
    findings = run_preflight(site, load_contract(site), connections.source(), connections.account, _unheard)
    refuse(findings)
    return {"changed": False, "state": "finished", "findings": [{**finding.to_json(), "text": str(finding)} for finding in findings]}


def _replicate(module: Any, connections: Connections) -> dict[str, Any]:
    if module.check_mode:
        frozen = state.is_frozen(connections)
        return {"changed": not frozen, "state": "finished" if frozen else "planned"}
    changed = freeze(connections.site, load_contract(connections.site), connections.source(), connections.documents)
    if state.stages(connections)["full_load"]["state"] != "finished":
        _require_clean_folder(connections)
    return {"changed": changed, "state": "finished"}


def _require_clean_folder(connections: Connections) -> None:
    """Files that another task staged must not mix with those of a task that has yet to run."""
    site = connections.site
    task = connections.tasks.task(Names(site).full_load_task)
    if task and task["Status"] == "ready" and next(iter(connections.staging.list(f"{site.staging_prefix}/")), None):
        raise Conflict(
            "the replication task has never run, but there are staged files already",
            place=f"s3://{site.staging.name}/{site.staging_prefix}/",
            remedy="Begin a new run (another name in the site file), or remove the files: stage cleanup with cleanup_staging.",
        )


def _in_worker(module: Any, connections: Connections) -> dict[str, Any]:
    stage, site = module.params["stage"], connections.site
    folder = worker.folder_of(site, module.params["folder"])
    log = {"log": str(worker.log_of(folder))}
    running = worker.is_running(folder)
    if running:
        worker.require_same_stage(folder, stage)
    else:
        stages = state.stages(connections)
        if stages[stage]["state"] == "finished" and not (stage == "validate" and module.params["force"]):
            return {"changed": False, "state": "finished", **log}
        if module.check_mode:
            return {"changed": True, "state": "planned", **log}
        _check_order(stage, stages, site.state_prefix)
        worker.start(worker.find_command(module.params["worker_command"]), site.file, stage, folder)
    if module.params["wait"] and not module.check_mode:
        _wait(module, folder)
        return {"changed": not running, "state": "finished", **log}
    return {"changed": not running, "state": "running", **log}


def _check_order(stage: str, stages: dict[str, Any], run: str) -> None:
    before = _BEFORE[stage]
    found = stages[before]["state"]
    if found != "finished":
        raise Conflict(f"stage {stage} cannot begin: stage {before} is {found}", place=run, remedy=f"Run stage {before} to its end first.")


def _wait(module: Any, folder: Path) -> None:
    """Until the worker has ended well. Raises its error, or Retryable when ``wait_timeout`` seconds have passed."""
    stage, deadline = module.params["stage"], time.monotonic() + module.params["wait_timeout"]
    while worker.is_running(folder):
        if time.monotonic() > deadline:
            raise Retryable(
                f"stage {stage} is still running after {module.params['wait_timeout']} s",
                place=str(worker.log_of(folder)),
                remedy="It goes on; run again to wait for it.",
            )
        time.sleep(module.params["poll_interval"])
    worker.require_ended_well(stage, worker.result_of(folder), str(worker.log_of(folder)))


STAGES: dict[str, Callable[[Any, Connections], dict[str, Any]]] = {
    "preflight": _preflight,
    "replicate": _replicate,
    "full_load": _in_worker,
    "validate": _in_worker,
}
