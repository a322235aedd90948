# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json

import pytest
from landbridge.model.parity import EntityParity
from landbridge.monitor.report import add_measurements, build_report

from tests.fixtures.reports import entity, site


def test_totals_are_sums_over_the_entities() -> None:
    report = build_report([entity("A", 100, items=98, rejects=2), entity("B", 50)], {}, {}, site(), version="1.2.3")
    assert report["totals"] == {"source_rows": 150, "staged_rows": 150, "items": 148, "rejects": 2}


def test_each_entity_stands_in_the_report_as_it_was_compared() -> None:
    parity = entity("CHARGE", 7)
    (found,) = build_report([parity], {}, {}, site(), version="1")["entities"]
    assert EntityParity.from_json(found) == parity


@pytest.mark.parametrize(
    ("equals", "foreign", "verdict"),
    [([True, True], {}, True), ([True, False], {}, False), ([], {}, False), ([True], {"T / X": 1}, False)],
)
def test_the_verdict_needs_every_entity_and_nothing_foreign(equals: list[bool], foreign: dict[str, int], verdict: bool) -> None:
    entities = [entity(f"E{number}", 1, equal=equal) for number, equal in enumerate(equals)]
    assert build_report(entities, {}, {}, site(), version="1", foreign=foreign)["equal"] is verdict


def test_rates_come_from_the_rows_and_the_seconds_of_their_stage() -> None:
    timings = {"replicate": 4.0, "full_load": 10.0, "validate": 0.5}
    report = build_report([entity("A", 1_000)], timings, {}, site(), version="1")
    assert report["rates"] == {"extract": 250.0, "load": 100.0, "validate": 2000.0}
    assert list(report["timings"]) == ["replicate", "full_load", "validate"]


def test_a_rate_that_was_measured_is_not_computed_and_a_stage_without_seconds_has_none() -> None:
    report = build_report([entity("A", 1_000)], {"replicate": 4.0, "validate": 0.0}, {"extract": 7.0}, site(), version="1")
    assert report["rates"] == {"extract": 7.0}


def test_further_measurements_stand_in_front_and_never_replace_the_engine_s_own() -> None:
    report = build_report([entity("A", 10)], {"full_load": 5.0}, {}, site(), version="1")
    more = add_measurements(report, {"generate": 1.0, "full_load": 9.0}, {"generate": 3.0, "load": 8.0})
    assert list(more["timings"].items()) == [("generate", 1.0), ("full_load", 5.0)]
    assert more["rates"] == {"generate": 3.0, "load": 2.0}
    assert "generate" not in report["timings"]


def test_the_report_is_json_and_says_whose_it_is() -> None:
    report = build_report([entity("A", 1)], {}, {}, site(), version="1.2.3", created_at="2026-01-02T03:04:05+00:00")
    assert json.loads(json.dumps(report)) == report
    assert (report["migration"], report["run"], report["version"], report["region"]) == ("shop", "r7", "1.2.3", "eu-west-1")
