# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which call is legal for a task in which state, and what its parameters may say.

States and transitions: ``ReplicationTask.Status`` and the calls of the API reference; monitoring chapter of the user guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_to_aware_datetime

from lab.dms.api.store import Resource
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.stop import StopPosition
from lab.dms.faults import Fault, invalid_combination, invalid_value, wrong_state

IDLE = ("ready", "stopped", "failed")
BUSY = ("starting", "running", "stopping")
DELETABLE = (*IDLE, "failed-move", "moving")
MOVABLE = (*IDLE, "failed-move")
START_MEMBERS = ("CdcStartTime", "CdcStartPosition")
LARGEST_RELOAD = 10
_START, _RESUME, _RELOAD = "start-replication", "resume-processing", "reload-target"


def require(task: Resource, states: Sequence[str], what: str) -> None:
    """Raises Fault unless the task is in one of the states."""
    if task.status not in states:
        raise wrong_state(f"Replication Task {task.identifier} cannot be {what}, it is {task.status}.")


def check_start(task: Resource, kind_of: str, *, positioned: bool) -> None:
    """May the task be started so? ``positioned``: its changes begin where someone said. Raises Fault.

    ``start-replication`` is for the first run, and for a task of changes only that has a place to start from; the others for later runs.
    """
    require(task, IDLE, "started")
    migration, ran_before = task.shown["MigrationType"], bool(task.inner["times"])
    title = f"Start Type : {kind_of.upper().replace('-', '_')}"
    if kind_of == _START and ran_before and not (migration == "cdc" and positioned):
        raise wrong_state(f"{title}, valid only for tasks running for the first time")
    if kind_of != _START and not ran_before:
        raise wrong_state(f"{title}, valid only for tasks that ran before")
    if kind_of == _RELOAD and migration == "cdc":
        raise wrong_state(f"{title}, not valid for a task of the migration type cdc: it loads no tables")


def check_positions(migration: str, params: Mapping[str, Any]) -> None:
    """Are the start and stop positions that the call gives right for that migration type? Raises Fault."""
    started = [member for member in START_MEMBERS if params.get(member)]
    if len(started) > 1:
        raise invalid_combination("Give either CdcStartTime or CdcStartPosition, not both.")
    if started and migration != "cdc":
        raise invalid_value(f"{started[0]} is not valid for a task of the migration type {migration}.")
    if params.get("CdcStopPosition") and migration == "full-load":
        raise invalid_value("CdcStopPosition is not valid for a task of the migration type full-load.")
    for member, read in (("CdcStartPosition", _check_start_position), ("CdcStopPosition", StopPosition.parse)):
        if params.get(member):
            _checked(member, params[member], read)


def check_resume(kind_of: str, params: Mapping[str, Any]) -> None:
    """A run that goes on where the last one ended has its start. Raises Fault."""
    given = [member for member in START_MEMBERS if params.get(member)]
    if given and kind_of != _START:
        raise invalid_combination(f"{given[0]} cannot be used with {kind_of}: it goes on from the recovery checkpoint.")


def start_position(params: Mapping[str, Any]) -> str:
    """The place that the call gives, a time as the text of a place; "" if it gives none."""
    when = params.get("CdcStartTime")
    if when:
        return parse_to_aware_datetime(when).astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return str(params.get("CdcStartPosition", ""))


def check_reload(task: Resource, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The tables to be loaded again. Raises Fault."""
    require(task, ("running",), "reloaded")
    if task.shown["MigrationType"] == "cdc":
        raise wrong_state(f"Replication Task {task.identifier} is of the migration type cdc, it has no tables to reload.")
    if params.get("ReloadOption", "data-reload") == "validate-only":
        raise wrong_state(f"Replication Task {task.identifier} has no validation enabled, validate-only cannot be used.")
    tables = [(t["SchemaName"], t["TableName"]) for t in params["TablesToReload"]]
    if not 1 <= len(tables) <= LARGEST_RELOAD:
        raise invalid_value(f"TablesToReload has {len(tables)} tables; it must have between 1 and {LARGEST_RELOAD}.")
    if len(set(tables)) != len(tables):
        raise invalid_value("TablesToReload names a table more than once.")
    return tables


def check_versions(task: Resource, here: Resource, there: Resource) -> None:
    """May the task move from one replication instance to the other? Raises Fault."""
    if here.arn == there.arn:
        raise wrong_state(f"Replication Task {task.identifier} already is on the replication instance {there.identifier}.")
    if _version(there) < _version(here):
        raise wrong_state(
            f"The replication instance {there.identifier} has the engine version {there.shown['EngineVersion']}; "
            f"it must be {here.shown['EngineVersion']} or later."
        )


def _version(instance: Resource) -> tuple[int, ...]:
    return tuple(int(part) for part in instance.shown["EngineVersion"].split(".") if part.isdigit())


def _check_start_position(text: str) -> None:
    """A time, a place in the log, or a checkpoint. Raises ValueError."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        Checkpoint.parse(text)


def _checked(member: str, text: str, read: Any) -> None:
    try:
        read(text)
    except ValueError as error:
        raise _unreadable(member, error) from None


def _unreadable(member: str, error: ValueError) -> Fault:
    return invalid_value(f"The value of {member} is not valid: {error}.")
