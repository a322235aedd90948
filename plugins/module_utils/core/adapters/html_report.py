# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The report as one HTML page: no script, no outside resource, readable on paper and in the dark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from .html_report_page import PAGE, STYLE

try:
    import jinja2
except ImportError:
    jinja2 = None  # type: ignore[assignment]

# Geometry of the charts, in units of their view boxes.
_BAR_WIDTH = 560.0
_STAGE_WIDTH = 560.0
_SHORTEST = 2.0  # so that a bar of few rows can still be seen


def render_html(report: Mapping[str, Any]) -> str:
    """The page of what ``monitor.report.build_report`` gives. Raises InvalidInput where jinja2 is not installed."""
    if jinja2 is None:
        raise InvalidInput("The report page needs jinja2, which is not installed", remedy="pip install jinja2")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["count"] = _count
    environment.filters["seconds"] = _seconds
    return environment.from_string(PAGE).render(
        report=report,
        style=STYLE,
        bars=_bars(report["entities"]),
        stages=_stages(report["timings"]),
        unequal=[entity["entity"] for entity in report["entities"] if not entity["equal"]],
        elapsed=sum(report["timings"].values()),
    )


def _bars(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Widths of the source's and the target's bar of each entity, on one scale."""
    most = max([1, *(max(entity["source_rows"], entity["items"]) for entity in entities)])
    return [
        {
            **entity,
            "source_width": _bar_width(entity["source_rows"], most),
            "items_width": _bar_width(entity["items"], most),
        }
        for entity in entities
    ]


def _bar_width(number: int, most: int) -> float:
    return max(_SHORTEST, round(_BAR_WIDTH * number / most, 1)) if number else 0.0


def _stages(timings: Mapping[str, float]) -> list[dict[str, Any]]:
    """Each stage as a bar that begins where the one before ended."""
    total = sum(timings.values()) or 1.0
    stages, start = [], 0.0
    for name, seconds in timings.items():
        width = max(_SHORTEST, _STAGE_WIDTH * seconds / total)
        stages.append(
            {"name": name, "seconds": seconds, "start": round(start, 1), "width": round(width, 1), "share": round(100 * seconds / total)}
        )
        start += _STAGE_WIDTH * seconds / total
    return stages


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
