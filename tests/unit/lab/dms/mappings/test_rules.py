# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What all rules share: wildcards, and errors that name the rule."""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.mappings import read_mappings
from lab.dms.mappings.rules import is_exact, matches, plain_name
from tests.unit.lab.dms.mappings.mapping_rules import read, selection, settings, transformation


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("%", "anything", True),
        ("%", "", True),
        ("bill%", "billing_account", True),
        ("%account", "billing_account", True),
        ("b%g_a%t", "billing_account", True),
        ("bill", "billing", False),
        ("a_c", "abc", True),
        ("a_c", "abbc", False),
        ("a[_]c", "a_c", True),
        ("a[_]c", "abc", False),
        ("a[%]", "a%", True),
        ("a[%]", "ab", False),
        ("t[ab]", "tb", True),
        ("t[ab]", "tc", False),
        ("t[a-d]x", "tcx", True),
        ("t[a-d]x", "tex", False),
        ("t[-x]", "t-", True),
        ("t[^a]", "t^", True),
        ("t[^a]", "tb", False),
        ("a.c", "abc", False),
        ("Bill", "bill", False),
    ],
)
def test_wildcards(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


@pytest.mark.parametrize(
    ("pattern", "name"), [("orders", "orders"), ("my_orders", "my_orders"), ("my[_]orders", "my_orders"), ("a[%]", "a%")]
)
def test_patterns_that_name_one_object(pattern: str, name: str) -> None:
    assert is_exact(pattern)
    assert plain_name(pattern) == name


@pytest.mark.parametrize("pattern", ["%", "a%", "a[bc]", "a[b-d]"])
def test_patterns_that_name_several(pattern: str) -> None:
    assert not is_exact(pattern)


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ([], "list of rules"),
        ([selection(1, action="exclude")], "at least one"),
        ([selection(1, action="perhaps")], "ruleId = 1 failed validation. the rule action 'perhaps'"),
        ([selection(1), selection(1, "t")], "ruleId = 1 failed validation. the rule-id '1' occurs twice"),
        ([selection(1), {**selection(2), "rule-name": "1"}], "ruleId = 2 failed validation. the rule-name '1' occurs twice"),
        ([selection(1), {**selection(7), "rule-type": "magic"}], "ruleId = 7 failed validation. the rule type 'magic'"),
        ([selection(1), {**selection(7), "rule-type": "object-mapping"}], "object-mapping: they are for DynamoDB"),
        ([selection(1), {**selection(7), "rule-type": "post-processing"}], "post-processing"),
        (
            [{"rule-type": "selection", "rule-id": "5", "rule-name": "5", "rule-action": "include"}],
            "ruleId = 5 failed validation. object-locator is missing",
        ),
        ([{"rule-type": "selection", "rule-id": "x", "rule-name": "5"}], "ruleId = x failed validation. the rule-id must be a number"),
        ([{"rule-type": "selection", "rule-id": 1, "rule-name": "5"}], "rule-id is missing or not a text"),
        ([{"rule-id": "1", "rule-name": "5"}], "rule-type is missing"),
        ([selection(1, locator={"table-type": "view"})], "the table-type 'view'"),
        ([selection(1, locator={"table-type": "all"})], "the table-type 'all'"),
        ([selection(1, locator={"table-tablespace-name": "x"})], "table-tablespace-name in an object-locator"),
        ([selection(1), transformation(2, "rename", locator={"data-type": "date"}, value="x")], "data-type in an object-locator"),
        ([selection(1, locator={"column-name": "c"})], "ruleId = 1 failed validation. a selection rule names no column"),
        ([selection(1, **{"load-order": "soon"})], "ruleId = 1 failed validation. load-order"),
        ([selection(1, **{"load-order": str(2**31)})], "ruleId = 1 failed validation. load-order"),
        ([selection(1, colour="blue")], "colour in rules of the type selection"),
        ([selection(1, action="explicit")], "ruleId = 1 failed validation. an explicit rule names one table"),
        ([selection(1), settings(2, **{"parallel-apply": {"type": "x"}})], "parallel-apply in rules of the type table-settings"),
    ],
)
def test_refusals_name_the_rule(rules: list[dict[str, Any]], named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(*rules)
    assert refused.value.code == "InvalidParameterValueException"
    assert named in refused.value.message


@pytest.mark.parametrize(("text", "named"), [("{", "not JSON"), ("[]", "list of rules"), ('{"rules": [1]}', "not an object")])
def test_texts_that_are_no_document(text: str, named: str) -> None:
    with pytest.raises(Fault, match=named):
        read_mappings(text)


def test_a_document_that_is_too_large() -> None:
    with pytest.raises(Fault, match="split the tables"):
        read_mappings(" " * (2 * 1024 * 1024 + 1))


def test_members_that_consoles_leave_empty() -> None:
    read(selection(1, filters=[], **{"load-order": None}), transformation(2, "add-prefix", "table", value="x", **{"old-value": None}))
