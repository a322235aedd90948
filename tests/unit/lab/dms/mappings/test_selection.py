# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which tables are selected, in which order, and which are missed."""

from __future__ import annotations

from tests.unit.lab.dms.mappings.mapping_rules import read, selection, transformation


def test_exclusion_wins() -> None:
    mappings = read(selection(1, "s"), selection(2, "s", "tmp%", "exclude"), selection(3, "t", "one", "explicit"))
    assert mappings.selects("s", "orders")
    assert not mappings.selects("s", "tmp_1")
    assert mappings.selects("t", "one")
    assert not mappings.selects("t", "two")


def test_tables_named_in_full_are_missed() -> None:
    mappings = read(selection(1), selection(2, "s", "orders"), selection(3, "s", "gone"), selection(4, "s", "gone", "exclude"))
    assert mappings.missing([("s", "other")]) == [("s", "orders")]
    assert mappings.missing([("s", "orders")]) == []


def test_an_escaped_underscore_is_missed_by_its_plain_name() -> None:
    assert read(selection(1, "s", "my[_]orders")).missing([]) == [("s", "my_orders")]


def test_load_order() -> None:
    mappings = read(selection(1), selection(2, "s", "first", **{"load-order": "9"}), selection(3, "s", "f%", **{"load-order": 5}))
    assert [mappings.load_order("s", name) for name in ("first", "fifth", "other")] == [9, 5, 0]


def test_tables_that_would_meet_at_the_target() -> None:
    rule = transformation(2, "remove-suffix", "table", value="_old")
    mappings = read(selection(1), rule, selection(3, "s", "c_old", "exclude"))
    tables = [("s", "a"), ("s", "a_old"), ("s", "b_old"), ("s", "c"), ("s", "c_old")]
    assert mappings.colliding(tables) == [("s", "a"), ("s", "a_old")]
    assert mappings.target("s", "b_old") == ("s", "b")
