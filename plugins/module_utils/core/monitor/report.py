# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The final report of a run as plain data: what every page, table and machine reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.parity import EntityParity
from ..model.site import Site

# The rows that a stage handled, by the name that its rate has.
_RATE_OF_STAGE = {"extract": "replicate", "load": "full_load", "validate": "validate"}


def build_report(
    entities: Sequence[EntityParity],
    timings: Mapping[str, float],
    rates: Mapping[str, float],
    site: Site,
    *,
    version: str,
    created_at: str = "",
    foreign: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The report of one run.

    ``timings``: seconds per stage in the order in which they ran. ``rates``: rows per second; a rate that was not measured apart
    is taken from the rows and the seconds of its stage (``extract``: replicate, ``load``: full_load, ``validate``: validate).
    ``created_at``: ISO 8601, UTC. ``foreign``: items in the target that no entity of the contract made, by place.
    The verdict ``equal`` holds only if there is an entity, every one of them is equal, and nothing is foreign.
    """
    return {
        "document": "report",
        "version": version,
        "migration": site.migration,
        "run": site.run,
        "created_at": created_at,
        "region": site.aws.region,
        "source": f"{site.source.host}:{site.source.port}",
        "equal": bool(entities) and all(entity.equal for entity in entities) and not foreign,
        "entities": [entity.to_json() for entity in entities],
        "foreign": dict(foreign or {}),
        "totals": _totals(entities),
        "timings": {stage: round(seconds, 3) for stage, seconds in timings.items()},
        "rates": {name: round(rate, 1) for name, rate in {**_rates(entities, timings), **rates}.items()},
    }


def add_measurements(report: Mapping[str, Any], timings: Mapping[str, float], rates: Mapping[str, float]) -> dict[str, Any]:
    """The report with further measurements in front: what was done before the run began, such as filling the source."""
    return {
        **report,
        "timings": {**{stage: round(seconds, 3) for stage, seconds in timings.items()}, **report["timings"]},
        "rates": {**{name: round(rate, 1) for name, rate in rates.items()}, **report["rates"]},
    }


def _totals(entities: Sequence[EntityParity]) -> dict[str, int]:
    return {
        "source_rows": sum(entity.source_rows for entity in entities),
        "staged_rows": sum(entity.staged_rows for entity in entities),
        "items": sum(entity.items for entity in entities),
        "rejects": sum(entity.rejects for entity in entities),
    }


def _rates(entities: Sequence[EntityParity], timings: Mapping[str, float]) -> dict[str, float]:
    rows = sum(entity.source_rows for entity in entities)
    return {name: rows / timings[stage] for name, stage in _RATE_OF_STAGE.items() if timings.get(stage, 0) > 0}
