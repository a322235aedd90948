# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Results as tables and lines for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from landbridge.model.finding import Finding, Place
from landbridge.monitor.lines import duration, progress_line

# A worker that lives publishes every second.
_SILENCE_SECONDS = 15
_COLORS = {"refused": 31, "failed": 31, "interrupted": 33, "warning": 33, "passed": 32, "finished": 32, "running": 36}


def paint(word: str, text: str, *, color: bool) -> str:
    """``text`` in the colour of the state ``word``."""
    return f"\033[{_COLORS[word]}m{text}\033[0m" if color and word in _COLORS else text


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns side by side: numbers to the right with thousands separators, all else to the left."""
    texts = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(header))]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(header))]
    lines = ["  ".join(text.rjust(w) if r else text.ljust(w) for text, w, r in zip(row, widths, right, strict=True)) for row in texts]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def findings(found: Sequence[Finding], *, color: bool) -> str:
    """Findings, the worst last, and how many there are of each kind."""
    order = ("passed", "warning", "refused")
    lines = [_finding(finding, color=color) for kind in order for finding in found if finding.severity == kind]
    counts = ", ".join(f"{sum(f.severity == kind for f in found)} {kind}" for kind in order)
    return "\n".join([*lines, counts])


def _finding(finding: Finding, *, color: bool) -> str:
    severity = paint(finding.severity, f"{finding.severity:8}", color=color)
    text = f"{severity} {finding.place}: {finding.reason} [{finding.code}]"
    return f"{text}\n         {finding.remedy}" if finding.remedy else text


def outcome(stage: str, result: Mapping[str, Any], *, color: bool) -> str:
    """What a stage came to."""
    return _OUTCOMES[stage](result, color)


def _preflight(result: Mapping[str, Any], color: bool) -> str:
    found = [
        Finding(f["severity"], f["code"], Place(f["file"], f["line"], f["column"]), f["reason"], f["remedy"]) for f in result["findings"]
    ]
    return findings(found, color=color)


def _replicate(result: Mapping[str, Any], color: bool) -> str:
    return "contract and schema are frozen for this run" if result["changed"] else "contract and schema were frozen before: nothing changed"


def _full_load(result: Mapping[str, Any], color: bool) -> str:
    names = ("table", "staged", "written", "filtered", "rejected")
    rows = table(names, [[one[name] for name in names] for one in result["tables"]])
    items = table(("entity", "items"), list(result["items"].items()))
    end = f"loaded in {duration(result['seconds'])}" if result["changed"] else "everything was loaded before: nothing changed"
    warnings = [paint("warning", text, color=color) for text in result["warnings"]]
    return "\n".join([rows, "", items, "", *warnings, end])


def _validate(result: Mapping[str, Any], color: bool) -> str:
    return parity(result["entities"], result["foreign"], color=color)


def parity(entities: Sequence[Mapping[str, Any]], foreign: Mapping[str, int], *, color: bool) -> str:
    """The account of both sides, an entity per line."""
    names = ("entity", "source_rows", "staged_rows", "items", "rejects")
    rows = [[*(e[name] for name in names), e["digest_source"][:12], e["digest_target"][:12], e["equal"]] for e in entities]
    header = ("entity", "source rows", "staged rows", "items", "rejects", "digest source", "digest target", "equal")
    lines = [table(header, rows)]
    lines += [
        paint("refused", f"{place}: {count:,} items that the contract does not know", color=color) for place, count in foreign.items()
    ]
    equal = not foreign and all(e["equal"] for e in entities)
    lines.append(paint("passed", "source and target are equal", color=color) if equal else paint("refused", "NOT equal", color=color))
    return "\n".join(lines)


_OUTCOMES: dict[str, Callable[[Mapping[str, Any], bool], str]] = {
    "preflight": _preflight,
    "replicate": _replicate,
    "full_load": _full_load,
    "validate": _validate,
}


def status(progress: Mapping[str, Any] | None, stages: Mapping[str, Mapping[str, Any]], now: datetime, *, place: str, color: bool) -> str:
    """How the stages of a run ended, and what goes on ``now``. ``place``: where that is kept."""
    if progress is None:
        return f"nothing has run yet: there is no progress in {place}"
    head = f"migration {progress['migration']}, run {progress['run']}"
    rows = [[name, one["state"], duration(one["seconds"]), one["finished_at"]] for name, one in stages.items()]
    parts = [head, table(("stage", "last ended", "took", "at"), rows)] if rows else [head]
    parts.append(paint(progress["state"], progress_line(progress), color=color))
    if progress["state"] == "running":
        worker = progress["worker"]
        parts.append(f"worker: process {worker.get('pid')} on {worker.get('host')}, last sign of life {progress['updated_at']}")
        silence = (now - datetime.fromisoformat(progress["updated_at"])).total_seconds()
        if silence > _SILENCE_SECONDS:
            text = f"no sign of life for {duration(silence)}: see whether the process is there; if not, run the stage again, it continues"
            parts.append(paint("warning", text, color=color))
        names = ("table", "rows_done", "written", "filtered", "rejected")
        if progress["tables"]:
            parts.append(
                table(("table", "rows", "written", "filtered", "rejected"), [[t[name] for name in names] for t in progress["tables"]])
            )
    elif progress["error"] and progress["error"].get("remedy"):
        parts.append(f"  What to do: {progress['error']['remedy']}")
    return "\n".join(parts)
