# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The results as AWS writes them into the bucket. Their form is taken from reports that people have published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.dms.assessments.examination import CANCELLED, ERROR, FAILED, PASSED, WARNING, Finding

_GROUPS = (PASSED, FAILED, ERROR, WARNING, CANCELLED)
_NO_COUNTS = {"passed": "N/A", "warning": "N/A", "failed": "N/A"}


def overall(findings: Iterable[Finding]) -> str:
    """The status of a whole run by the statuses of its parts."""
    statuses = {finding.status for finding in findings}
    if ERROR in statuses:
        return "error-executing"
    return next((status for status in (FAILED, WARNING) if status in statuses), PASSED)


def results(findings: Mapping[str, Finding]) -> dict[str, Any]:
    """The report of a run: each assessment under its status."""
    summary: dict[str, list[dict[str, Any]]] = {group: [] for group in _GROUPS}
    for name, finding in findings.items():
        summary[finding.status].append(
            {
                "test-name": name,
                "test-result": finding.status,
                "test-result-details": finding.text,
                "results-summary": _NO_COUNTS if not finding.objects else _NO_COUNTS | {finding.status: str(len(finding.objects))},
            }
        )
    return {"version": "0.0.2", "overall-test-result": overall(findings.values()), "summary": summary}


def data_type_report(task: str, columns: Iterable[tuple[str, str, str, str]]) -> dict[str, Any]:
    """The older report, on data types alone. ``columns``: schema, table, column and type of each that is not supported."""
    rows = list(columns)
    types = sorted({row[3] for row in rows})
    return {
        "summary": {
            "task-name": task,
            "not-supported": {"data-type": types, "column-count": len(rows)},
            "partially-supported": {"data-type": [], "column-count": 0},
        },
        "types": [{"data-type": t, "support-level": "not-supported", "schemas": _schemas([r for r in rows if r[3] == t])} for t in types],
    }


def _schemas(rows: list[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    schemas: dict[str, dict[str, list[str]]] = {}
    for schema, table, column, _ in rows:
        schemas.setdefault(schema, {}).setdefault(table, []).append(column)
    return [
        {"schema-name": schema, "tables": [{"table-name": table, "columns": names} for table, names in tables.items()]}
        for schema, tables in schemas.items()
    ]
