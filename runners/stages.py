# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The stages that the engine runs itself, wired to the adapters of a site: used by the command line and by the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landbridge.adapters.connections import Connections
from landbridge.checkpoint.run import RunRecord, load_run_of
from landbridge.contract.definition import Contract
from landbridge.errors import Interrupted, InvalidInput, LandbridgeError, NotFound
from landbridge.full_load.stage import run_full_load
from landbridge.model.progress import StageProgress
from landbridge.monitor.progress import Publisher
from landbridge.ports import ProgressListener
from landbridge.preflight.checks import refuse, run_preflight
from landbridge.replicate.stage import freeze
from landbridge.site.names import Names
from landbridge.validate.parity import require_equal
from landbridge.validate.stage import run_validate

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Ending:
    """What a stage came to: ``outcome`` for machines, and the error that it ends with although it ran to its end, if any."""

    outcome: dict[str, Any]
    refusal: LandbridgeError | None = None


Stage = Callable[[Connections, Contract, ProgressListener, Stop], Ending]


def run_stage(
    name: str, connections: Connections, contract: Contract, listener: ProgressListener, stop: Stop, worker: Mapping[str, Any]
) -> Ending:
    """Run one stage. ``listener`` sees every step; ``stop`` is asked at every step, and ends the stage with Interrupted.

    All stages but preflight, which may come before there is a state bucket, publish their progress. ``worker``: host and process id.
    Raises what the stage raises.
    """
    stage = stage_named(name)
    if name == "preflight":
        return stage(connections, contract, _stopping([listener], stop), stop)
    site = connections.site
    with Publisher(
        connections.documents, connections.clock, migration=site.migration, run=site.run, stage=name, worker=worker
    ) as publisher:
        ending = stage(connections, contract, _stopping([publisher, listener], stop), stop)
        publisher.outcome, publisher.refusal = ending.outcome, ending.refusal
    return ending


def stage_named(name: str) -> Stage:
    """Raises InvalidInput for an unknown name."""
    if name not in STAGES:
        raise InvalidInput(f"there is no stage {name!r}", remedy=f"the stages are {', '.join(STAGES)}")
    return STAGES[name]


def _stopping(listeners: Sequence[ProgressListener], stop: Stop) -> ProgressListener:
    def listener(progress: StageProgress) -> None:
        for each in listeners:
            each(progress)
        if stop():
            raise Interrupted(f"stage {progress.stage} was stopped as asked", remedy="run it again: what is done stays done")

    return listener


def _preflight(connections: Connections, contract: Contract, listener: ProgressListener, stop: Stop) -> Ending:
    findings = run_preflight(connections.site, contract, connections.source(), connections.account, listener)
    refusal = _refusal(lambda: refuse(findings))
    # The findings are in the outcome: whoever shows it has no need to hear them twice.
    return Ending(
        {"findings": [finding.to_json() for finding in findings]},
        InvalidInput(refusal.message, remedy=refusal.remedy) if refusal else None,
    )


def _replicate(connections: Connections, contract: Contract, listener: ProgressListener, stop: Stop) -> Ending:
    listener(StageProgress("replicate", "reading the source's schema"))
    return Ending({"changed": freeze(connections.site, contract, connections.source(), connections.documents)})


def _full_load(connections: Connections, contract: Contract, listener: ProgressListener, stop: Stop) -> Ending:
    outcome = run_full_load(
        connections.site,
        contract,
        _frozen(connections, contract),
        connections.staging,
        connections.documents,
        connections.writer,
        lambda: _statistics(connections),
        connections.clock,
        listener,
        stop,
    )
    return Ending(outcome.to_json())


def _validate(connections: Connections, contract: Contract, listener: ProgressListener, stop: Stop) -> Ending:
    run = _frozen(connections, contract)
    comparison = run_validate(contract, run, connections.source(), connections.reader, connections.documents, connections.clock, listener)
    return Ending(comparison.to_json(), _refusal(lambda: require_equal(comparison)))


STAGES: dict[str, Stage] = {"preflight": _preflight, "replicate": _replicate, "full_load": _full_load, "validate": _validate}


def _refusal(demand: Callable[[], None]) -> LandbridgeError | None:
    try:
        demand()
    except LandbridgeError as error:
        return error
    return None


def _frozen(connections: Connections, contract: Contract) -> RunRecord:
    return load_run_of(connections.documents, contract.sha256, contract.file)


def _statistics(connections: Connections) -> list[dict[str, Any]]:
    name = Names(connections.site).full_load_task
    task = connections.tasks.task(name)
    if task is None:
        raise NotFound("there is no such replication task", place=name, remedy="run the stages provision and replicate first")
    return connections.tasks.table_statistics(task["ReplicationTaskArn"])
