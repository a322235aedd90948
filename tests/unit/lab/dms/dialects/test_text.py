# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Forms of numbers and of JSON."""

from __future__ import annotations

import json

import pytest

from lab.dms.dialects.text import compact_json, plain_real, scientific_real


@pytest.mark.parametrize(
    ("server", "plain", "scientific"),
    [
        ("0", "0", "0E+00"),
        ("-0", "-0", "-0E+00"),
        ("100", "100", "1E+02"),
        ("-1.5e-7", "-0.00000015", "-1.5E-07"),
        ("1e20", "100000000000000000000", "1E+20"),
        ("1.25e3", "1250", "1.25E+03"),
        ("1.2345e2", "123.45", "1.2345E+02"),
        ("0.001", "0.001", "1E-03"),
        ("123.456", "123.456", "1.23456E+02"),
        ("0.10", "0.10", "1E-01"),
        ("1.7976931348623157e308", "17976931348623157" + "0" * 292, "1.7976931348623157E+308"),
    ],
)
def test_numbers(server: str, plain: str, scientific: str) -> None:
    assert (plain_real(server), scientific_real(server)) == (plain, scientific)
    assert float(plain) == float(scientific) == float(server)


def test_json_loses_only_blanks_between_its_parts() -> None:
    text = '{"a": [1, 2.50, "x, y: \\" z\\\\"], "b c": {}, "d":\n null}'
    assert compact_json(text) == '{"a":[1,2.50,"x, y: \\" z\\\\"],"b c":{},"d":null}'
    assert json.loads(compact_json(text)) == json.loads(text)


def test_json_that_was_cut() -> None:
    assert compact_json('{"a": "b, c') == '{"a":"b, c'
