# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from landbridge.model.finding import Finding, Place
from landbridge_runners import render

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
ENTITY = {
    "entity": "CHARGE",
    "source_rows": 18200,
    "staged_rows": 18200,
    "items": 18199,
    "rejects": 0,
    "digest_source": "0" * 32,
    "digest_target": "f" * 32,
    "equal": False,
}


def test_numbers_stand_to_the_right_with_separators() -> None:
    assert render.table(("name", "rows"), [["a", 1234567], ["long name", 1]]) == (
        "name            rows\n─────────  ─────────\na          1,234,567\nlong name          1"
    )


def test_an_empty_table_is_its_header() -> None:
    assert render.table(("name", "rows"), []) == "name  rows\n────  ────"


def test_findings_end_with_the_worst_and_a_count() -> None:
    place = Place("c.yml", 3, 1)
    found = [Finding("refused", "bad", place, "is bad", "mend it"), Finding("passed", "good", place, "is good")]
    lines = render.findings(found, color=False).splitlines()
    assert lines == [
        "passed   c.yml:3:1: is good [good]",
        "refused  c.yml:3:1: is bad [bad]",
        "         mend it",
        "1 passed, 0 warning, 1 refused",
    ]


def test_colour_only_where_asked() -> None:
    assert render.paint("failed", "x", color=False) == "x"
    assert render.paint("failed", "x", color=True) == "\033[31mx\033[0m"


def test_a_difference_is_plain_to_see() -> None:
    text = render.parity([ENTITY], {"T / GHOST": 2}, color=False)
    assert "18,199" in text
    assert "NO" in text
    assert "T / GHOST: 2 items" in text
    assert text.endswith("NOT equal")
    assert render.parity([{**ENTITY, "equal": True}], {}, color=False).endswith("source and target are equal")


def test_what_a_load_came_to() -> None:
    result = {
        "tables": [{"table": "a.b", "staged": 3, "written": 2, "filtered": 0, "rejected": 1}],
        "items": {"B": 2},
        "changed": True,
        "seconds": 1.25,
        "warnings": ["a stray file"],
    }
    text = render.outcome("full_load", result, color=False)
    assert "a stray file" in text
    assert text.endswith("loaded in 1.2 s")
    assert render.outcome("full_load", {**result, "changed": False}, color=False).endswith("nothing changed")


def test_status_before_and_after_a_failure() -> None:
    assert render.status(None, {}, NOON, place="s3://b/m/r1/", color=False) == "nothing has run yet: there is no progress in s3://b/m/r1/"
    progress = {
        "migration": "m",
        "run": "r1",
        "stage": "full_load",
        "state": "failed",
        "tables": [],
        "error": {"message": "no disk", "remedy": "make room"},
    }
    stages = {"full_load": {"state": "failed", "seconds": 61, "finished_at": "2024-02-29T12:00:00+00:00"}}
    text = render.status(progress, stages, NOON, place="", color=False)
    assert "migration m, run r1" in text
    assert "1 min 01 s" in text
    assert "full_load failed: no disk" in text
    assert text.endswith("What to do: make room")


def test_status_of_a_running_stage_names_its_worker() -> None:
    progress = {
        "migration": "m",
        "run": "r1",
        "stage": "full_load",
        "state": "running",
        "step": "loading",
        "tables": [{"table": "a.b", "rows_done": 5, "rows_expected": 10, "written": 5, "filtered": 0, "rejected": 0}],
        "rates": {},
        "eta_seconds": None,
        "error": None,
        "worker": {"host": "here", "pid": 7},
        "updated_at": "2024-02-29T12:00:00+00:00",
    }
    text = render.status(progress, {}, NOON, place="", color=False)
    assert "process 7 on here" in text
    assert "a.b" in text
    assert "no sign of life" not in text
    silent = render.status(progress, {}, NOON + timedelta(minutes=3), place="", color=False)
    assert "no sign of life for 3 min 00 s" in silent
