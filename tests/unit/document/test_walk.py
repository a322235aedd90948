# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.adapters.yaml_document import read_document
from landbridge.document.walk import Fields, Findings, did_you_mean
from landbridge.errors import InvalidInput
from landbridge.model.finding import Place


def fields(text: str, *known: str) -> tuple[Fields, Findings]:
    findings = Findings()
    return Fields(read_document(text, "f.yml"), known, "the file", findings), findings


def codes(findings: Findings) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.place.line, finding.place.column) for finding in findings.all]


def test_all_mistakes_are_found_in_one_go() -> None:
    read, findings = fields("nmae: x\nport: high\nshare: yes\nlist: [a, a, 1]\n", "name", "port", "share", "list")
    assert read.text("name") == ""
    assert read.whole("port", 7, minimum=1, maximum=9) == 7
    assert read.truth("share", False) is False
    assert read.texts("list") == (("a", Place("f.yml", 4, 8)),)
    assert codes(findings) == [
        ("unknown-key", 1, 1),
        ("missing-key", 1, 1),
        ("wrong-kind", 2, 7),
        ("wrong-kind", 3, 8),
        ("duplicate-name", 4, 11),
        ("wrong-kind", 4, 14),
    ]
    assert findings.all[0].remedy == "Did you mean 'name'?"


def test_values_out_of_bounds_and_out_of_choice() -> None:
    read, findings = fields("port: 10\nmode: slw\nname: A!\n", "port", "mode", "name")
    read.whole("port", minimum=1, maximum=9)
    read.text("mode", choices=("slow", "fast"))
    read.text("name", pattern="[a-z]+", rule="Use small letters.")
    assert [finding.code for finding in findings.all] == ["bad-value"] * 3
    assert [finding.remedy for finding in findings.all] == ["Choose a number from 1 to 9.", "Did you mean 'slow'?", "Use small letters."]


def test_a_truth_value_is_no_number() -> None:
    read, findings = fields("port: true\n", "port")
    read.whole("port", minimum=0, maximum=9)
    assert codes(findings) == [("wrong-kind", 1, 7)]


def test_nothing_behind_a_key_is_the_default() -> None:
    read, findings = fields("name:\n", "name")
    assert read.text("name", "x") == "x"
    assert findings.all == []


def test_refusals_are_raised_in_the_order_of_the_file() -> None:
    findings = Findings()
    findings.refuse("b", Place("f", 9, 1), "later")
    findings.refuse("a", Place("f", 2, 5), "earlier")
    with pytest.raises(InvalidInput, match="2 mistakes") as caught:
        findings.raise_refused("the file")
    assert [finding.code for finding in caught.value.findings] == ["a", "b"]


def test_warnings_alone_do_not_raise() -> None:
    findings = Findings()
    findings.warn("a", Place("f"), "careful")
    findings.raise_refused("the file")


def test_a_name_that_is_like_none_gets_all_of_them() -> None:
    assert did_you_mean("zzz", ["alpha", "beta"]) == "Known here: alpha, beta."
