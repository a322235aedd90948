# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table mappings: who is selected, which columns stay, what is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.mappings import matches, read_mappings


def selection(number: int, schema: str, table: str, action: str = "include", **more: Any) -> dict[str, Any]:
    locator = {"schema-name": schema, "table-name": table}
    return {
        "rule-type": "selection",
        "rule-id": str(number),
        "rule-name": str(number),
        "object-locator": locator,
        "rule-action": action,
        **more,
    }


def transformation(number: int, action: str, **more: Any) -> dict[str, Any]:
    locator = {"schema-name": "s", "table-name": "%"} | more.pop("locator", {})
    base = {"rule-type": "transformation", "rule-id": str(number), "rule-name": str(number), "rule-target": "column"}
    return base | {"object-locator": locator, "rule-action": action} | more


def read(*rules: dict[str, Any]) -> Any:
    return read_mappings(json.dumps({"rules": rules}))


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("%", "anything", True),
        ("bill%", "billing_account", True),
        ("%account", "billing_account", True),
        ("b%g_a%t", "billing_account", True),
        ("bill", "billing", False),
        ("a_c", "abc", False),
        ("a.c", "abc", False),
        ("Bill", "bill", False),
    ],
)
def test_wildcards(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_exclusion_wins() -> None:
    mappings = read(selection(1, "s", "%"), selection(2, "s", "tmp%", "exclude"), selection(3, "t", "one", "explicit"))
    assert mappings.selects("s", "orders")
    assert not mappings.selects("s", "tmp_1")
    assert mappings.selects("t", "one")
    assert not mappings.selects("t", "two")


def test_tables_named_in_full_are_missed() -> None:
    mappings = read(selection(1, "s", "%"), selection(2, "s", "orders"), selection(3, "s", "gone"), selection(4, "s", "gone", "exclude"))
    assert mappings.missing([("s", "other")]) == [("s", "orders")]


def test_columns_are_removed_and_added_in_the_order_of_the_rules() -> None:
    sequence = {"value": "_dms_seq", "expression": "$AR_H_CHANGE_SEQ", "data-type": {"type": "string", "length": 50}}
    image = {"before-image-def": {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"}}
    mappings = read(
        selection(1, "s", "%"),
        transformation(2, "add-column", **sequence),
        transformation(3, "add-before-image-columns", **image),
        transformation(4, "remove-column", locator={"column-name": "secret%"}),
    )
    assert mappings.kept("s", "t", ["id", "secret_1", "name"]) == ["id", "name"]
    assert mappings.added("s", "t", ["a", "b"]) == ["_dms_seq", "BI_a", "BI_b"]
    assert mappings.added("other", "t", ["a"]) == []


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ([], "list of rules"),
        ([selection(1, "s", "%", "exclude")], "at least one"),
        ([selection(1, "s", "%", "perhaps")], "rule-id 1"),
        ([selection(1, "s", "%"), selection(1, "t", "%")], "rule-id '1' occurs twice"),
        ([selection(1, "s", "%", "explicit")], "rule-id 1"),
        ([selection(1, "s", "%", filters=[{"filter-type": "source"}])], "rule-id 1"),
        ([selection(1, "s", "%"), {**selection(7, "s", "%"), "rule-type": "magic"}], "rule-id 7"),
        ([selection(1, "s", "%"), {**selection(8, "s", "t"), "rule-type": "table-settings"}], "rule-id 8"),
        ([selection(1, "s", "%"), transformation(9, "rename")], "rule-id 9"),
        ([selection(1, "s", "%"), transformation(9, "add-column", value="x", expression="1+1")], "rule-id 9"),
        ([selection(1, "s", "%"), transformation(9, "add-before-image-columns")], "rule-id 9"),
        ([{"rule-type": "selection", "rule-id": "5", "rule-name": "5", "rule-action": "include"}], "rule-id 5"),
        ([{"rule-type": "selection", "rule-id": "x", "rule-name": "5"}], "rule-id x"),
    ],
)
def test_refusals_name_the_rule(rules: list[dict[str, Any]], named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(*rules)
    assert refused.value.code == "InvalidParameterValueException"
    assert named in refused.value.message


def test_text_that_is_no_json() -> None:
    with pytest.raises(Fault, match="not JSON"):
        read_mappings("{")
