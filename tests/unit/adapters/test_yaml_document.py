# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.adapters.yaml_document import read_document
from landbridge.errors import InvalidInput
from landbridge.model.document import Mapping, Scalar, Sequence
from landbridge.model.finding import Place

from tests.fixtures.contracts import unmark


def value(text: str) -> object:
    entry = read_document(f"key: {text}\n", "f.yml").get("key")
    assert entry is not None
    assert isinstance(entry.value, Scalar)
    return entry.value.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12), ("-3", -3), ("1.5", 1.5), ("true", True), ("False", False), ("~", None), ("", None), ("null", None),
        ("word", "word"), ('"12"', "12"), ("'true'", "true"), ('""', ""),
        # Where YAML 1.1 would surprise: truth words, octal, base 60, dates, leading zeros.
        ("no", "no"), ("on", "on"), ("010", "010"), ("000000000042", "000000000042"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"),
        ("0x10", "0x10"), ("1_000", "1_000"), (".inf", ".inf"),
    ],
)  # fmt: skip
def test_plain_values(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_places_count_from_one() -> None:
    root = read_document("a: 1\nb:\n  - x\n  - {c: 'dd'}\n", "f.yml")
    b = root.get("b")
    assert b is not None
    assert b.place == Place("f.yml", 2, 1)
    assert isinstance(b.value, Sequence)
    x, inner = b.value
    assert x.place == Place("f.yml", 3, 5)
    assert isinstance(inner, Mapping)
    c = inner.get("c")
    assert c is not None
    assert (c.place, c.value.place) == (Place("f.yml", 4, 6), Place("f.yml", 4, 9))


@pytest.mark.parametrize(
    ("text", "inset"),
    [("plain", 0), ('"double"', 1), ("'single'", 1), ('"tab\\t"', None), ("'it''s'", None), ("|\n  block", None), ("two\n  lines", None)],
)
def test_inset_points_at_the_first_character_of_a_text(text: str, inset: int | None) -> None:
    entry = read_document(f"key: {text}\n", "f.yml").get("key")
    assert entry is not None
    assert isinstance(entry.value, Scalar)
    assert entry.value.inset == inset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n§a: 2\n", "stands twice"),
        ("a: §&x 1\n", "anchors"),
        ("a: &x 1\n", "anchors"),
        ("a: [1]\nb: §*x\n", "anchors"),
        ("a: §!!str 1\n", "tag"),
        ("a: §!vault x\n", "tag"),
        ("§[1, 2]\n", "mapping"),
        ("§just text\n", "mapping"),
        ("a: 1\n§---\nb: 2\n", "second document"),
        ("§[a]: 1\n", "plain text"),
        ("x: 1\n? §[a]\n: 1\n", "plain text"),
        ("a: [1, 2\nb: §", "not valid YAML"),
        ("a: 1\n§\tb: 2\n", "not valid YAML"),
        ("a: 'x§\u0007'\n", "character"),
        ("a: " + "[" * 60 + "]" * 60, "nested deeper"),
    ],
)
def test_what_is_refused_and_where(text: str, message: str) -> None:
    marked = "§" in text
    clean, place = unmark(text)
    with pytest.raises(InvalidInput) as caught:
        read_document(clean, "c.yml")
    assert message in caught.value.message
    assert caught.value.place.startswith("c.yml:")
    if marked and message not in ("mapping", "not valid YAML"):
        assert caught.value.place == str(place)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        read_document("# only a comment\n", "f.yml")
