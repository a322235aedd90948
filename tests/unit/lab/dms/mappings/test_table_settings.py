# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table settings: segments, LOB limits, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.mappings import ParallelLoad
from lab.dms.sources.mysql import TableError
from tests.unit.lab.dms.mappings.mapping_rules import ORDERS, column, plan, read, selection, settings, table


def parallel(**load: Any) -> dict[str, Any]:
    return settings(2, **{"parallel-load": load})


def ranges(*boundaries: list[Any], columns: tuple[str, ...] = ("id",), **more: Any) -> dict[str, Any]:
    return parallel(type="ranges", columns=list(columns), boundaries=list(boundaries), **more)


def lobs(**given: Any) -> dict[str, Any]:
    return settings(2, **{"lob-settings": given})


def loaded(rule: dict[str, Any]) -> ParallelLoad:
    found = plan(rule).parallel
    assert found is not None
    return found


def test_partitions() -> None:
    assert loaded(parallel(type="partitions-auto")).type == "partitions-auto"
    assert loaded(parallel(type="partitions-list", partitions=["p0", "p1"])).partitions == ("p0", "p1")
    assert plan(parallel(type="none")).parallel is None


def test_ranges_by_one_column() -> None:
    found = loaded(ranges(["9"], ["10"], **{"segment-names": ["a", "b", "c"]}))
    assert (found.columns, found.boundaries, found.segment_names) == (("id",), (("9",), ("10",)), ("a", "b", "c"))
    nine, ten = (f"((`id` < CAST(<{value}> AS DECIMAL(65,30))))" for value in ("9", "10"))
    assert found.segments(lambda text: f"<{text}>") == (
        f"(`id` IS NOT NULL AND ({nine}))",
        f"(`id` IS NOT NULL AND NOT ({nine}) AND ({ten}))",
        f"(`id` IS NOT NULL AND NOT ({ten}))",
    )


def test_ranges_by_two_columns_have_the_form_of_the_guide() -> None:
    found = loaded(ranges(["10", "2026-01-01"], ["10", "2026-02-01"], columns=("id", "made")))
    low = found.segments(str)[0]
    number, moment = "CAST(10 AS DECIMAL(65,30))", "CAST(2026-01-01 AS DATETIME(6))"
    below = f"(((`id` < {number})) OR ((`id` = {number}) AND (`made` < {moment})))"
    assert low == f"(`id` IS NOT NULL AND `made` IS NOT NULL AND {below})"


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (ranges(["10"], ["9"]), "put them in order"),
        (ranges(["9"], ["9.0"]), "put them in order"),
        (ranges(["1", "b"], ["1", "a"], columns=("id", "name")), "put them in order"),
        (ranges(["x"]), "'x': it must be a decimal number"),
        (ranges(["1"], columns=("gone",)), "gone, which s.t does not have"),
        (ranges(["1"], columns=("note",)), "note of the type longtext"),
        (ranges(["1"], columns=("size",)), "size of the type double"),
        (ranges(["1"], columns=("raw",)), "raw of the type varbinary(4)"),
    ],
)
def test_ranges_that_do_not_fit_the_table(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(TableError, match="rule-id 2") as refused:
        plan(rule, of=table(*ORDERS.columns, column("size", "double"), column("raw", "varbinary(4)")))
    assert named in str(refused.value)


def test_numbers_are_ordered_as_numbers() -> None:
    assert len(loaded(ranges(["9"], ["10"])).segments(str)) == 3


@pytest.mark.parametrize(
    ("given", "lob_bytes"),
    [
        ({"mode": "limited", "bulk-max-size": "16"}, 16384),
        ({"bulk-max-size": 1}, 1024),
        ({"mode": "none", "bulk-max-size": "16"}, None),
    ],
)
def test_lob_limits(given: dict[str, Any], lob_bytes: int | None) -> None:
    assert plan(lobs(**given)).lob_bytes == lob_bytes


def test_settings_belong_to_their_table() -> None:
    rule = settings(2, locator={"table-name": "other"}, **{"parallel-load": {"type": "partitions-auto"}})
    assert plan(rule).parallel is None
    assert plan(rule).lob_bytes is None


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (settings(2), "need parallel-load or lob-settings"),
        (
            settings(2, locator={"table-name": "%"}, **{"parallel-load": {"type": "partitions-auto"}}),
            "Exact schema and table name required",
        ),
        (settings(2, **{"parallel-load": "all"}), "parallel-load is not an object"),
        (parallel(type="threads"), "'threads' is not one of"),
        (parallel(type="subpartitions-auto"), "subpartitions are for Oracle"),
        (parallel(type="partitions-list", partitions=["p"], subpartitions=["q"]), "subpartitions are for Oracle"),
        (parallel(type="partitions-list"), "partitions is missing"),
        (parallel(type="partitions-list", partitions=["p", "p"]), "twice"),
        (parallel(type="partitions-auto", partitions=["p"]), "partitions in a parallel-load of the type partitions-auto"),
        (parallel(type="partitions-auto", **{"number-of-partitions": 4}), "number-of-partitions"),
        (ranges(), "boundaries is missing"),
        (ranges(["1"], columns=()), "columns is missing"),
        (ranges(["1"], columns=("id", "id")), "twice"),
        (ranges(["1"] * 11, columns=tuple("abcdefghijk")), "at most 10 columns"),
        (ranges(["1", "2"]), "2 value(s) for 1 column(s)"),
        (ranges([1]), "numbers in quotes"),
        (ranges(["1"], **{"segment-names": ["a"]}), "2 segments, but there are 1"),
        (lobs(mode="unlimited", **{"bulk-max-size": "0"}), "the LOB mode unlimited"),
        (lobs(mode="small"), "'small' is not one of"),
        (lobs(mode="limited"), "bulk-max-size"),
        (lobs(**{"bulk-max-size": "0"}), "bulk-max-size"),
        (lobs(**{"bulk-max-size": "102401"}), "bulk-max-size"),
        (lobs(chunk=1), "chunk in lob-settings"),
    ],
)
def test_refusals_name_the_rule(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(selection(1), rule)
    assert "ruleId = 2" in refused.value.message
    assert named in refused.value.message


def test_two_rules_for_one_table() -> None:
    rule = parallel(type="partitions-auto")
    with pytest.raises(Fault, match=r"ruleId = 3 failed validation\. s\.t has table-settings in another rule"):
        read(selection(1), rule, {**rule, "rule-id": "3", "rule-name": "3"})
