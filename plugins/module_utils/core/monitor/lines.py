# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A progress document as one line for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def progress_line(document: Mapping[str, Any]) -> str:
    """One line, plain text, from the body of a progress document."""
    rates = document.get("rates", {})
    tables = document.get("tables", [])
    parts = [f"{document['stage']} {document['state']}"]
    if document.get("step") and document["state"] == "running":
        parts.append(str(document["step"]))
    if tables:
        parts.append(_rows(tables))
    if document["state"] == "running":
        parts += [f"{_whole(rates[key])} {unit}" for key, unit in _RATES if rates.get(key)]
        if document.get("eta_seconds"):
            low, high = (duration(seconds) for seconds in document["eta_seconds"])
            parts.append(f"{low} left" if low == high else f"{low} to {high} left")
    parts += [f"{_whole(document[key])} {key}" for key in ("retried", "rejects") if document.get(key)]
    error = document.get("error")
    return " · ".join(parts) + (f": {error['message']}" if error else "")


_RATES = (("rows_per_second", "rows/s"), ("items_per_second", "items/s"))


def duration(seconds: float) -> str:
    """``4.2 s``, ``42 s``, ``3 min 05 s`` or ``2 h 07 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _rows(tables: list[Mapping[str, Any]]) -> str:
    done = sum(table["rows_done"] for table in tables)
    expected = [table["rows_expected"] for table in tables]
    if None in expected:
        return f"{_whole(done)} rows"
    total = sum(expected)
    share = f" ({100 * done / total:.0f} %)" if total else ""
    return f"{_whole(done)} of {_whole(total)} rows{share}"


def _whole(number: float) -> str:
    return f"{number:,.0f}"
