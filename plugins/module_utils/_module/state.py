# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a run has come, read from its stored state alone: nothing is remembered between two plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..core.adapters.connections import Connections
from ..core.checkpoint.run import KIND as RUN_KIND
from ..core.checkpoint.run import NAME as RUN
from ..core.errors import NotFound
from ..core.monitor.progress import KIND as PROGRESS_KIND
from ..core.monitor.progress import NAME as PROGRESS
from ..core.monitor.progress import STAGE_KIND, stage_record
from ..core.validate.stage import KIND as VALIDATION_KIND
from ..core.validate.stage import NAME as VALIDATION

# The stages that run in a worker, which records how they ended.
RECORDED = ("full_load", "validate")
_PENDING = {"state": "pending"}
_Found = TypeVar("_Found")


def none_where_absent(read: Callable[[], _Found]) -> _Found | None:
    """What ``read`` returns, or None where the bucket is not there yet: nothing is provisioned."""
    try:
        return read()
    except NotFound:
        return None


def is_frozen(connections: Connections) -> bool:
    """Whether the run was begun: contract and schema are written down."""
    return bool(_body(connections, RUN, RUN_KIND))


def progress(connections: Connections) -> dict[str, Any]:
    """The progress document as it was published last; empty where there is none."""
    return _body(connections, PROGRESS, PROGRESS_KIND)


def validation(connections: Connections) -> dict[str, Any]:
    """The last comparison; empty where there is none."""
    return _body(connections, VALIDATION, VALIDATION_KIND)


def stages(connections: Connections) -> dict[str, dict[str, Any]]:
    """How each stage ended last. ``state`` is ``pending`` where it never ended, else ``finished``, ``failed`` or ``interrupted``."""
    records = {stage: _body(connections, stage_record(stage), STAGE_KIND) or _PENDING for stage in RECORDED}
    return {"replicate": {"state": "finished"} if is_frozen(connections) else _PENDING, **records}


def _body(connections: Connections, name: str, kind: str) -> dict[str, Any]:
    document = none_where_absent(lambda: connections.documents.read(name, kind))
    return document.body if document else {}
