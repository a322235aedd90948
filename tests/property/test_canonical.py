# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Canonical bytes are equal exactly for equal items; digests for equal collections."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given, settings
from hypothesis import strategies as st
from landbridge.contract.canonical import Digest, canonical_item

NUMBERS = st.tuples(st.integers(-(10**6), 10**6), st.integers(-5, 5)).map(lambda pair: f"{pair[0]}E{pair[1]}") | st.sampled_from(
    ["0", "-0", "0.0", "1", "1.0", "1.00", "1E0", "10", "1E1", "+10.", "0.1", ".1", "100E-3", "9" * 38, "-" + "9" * 38, "1E-130", "9.9E125"]
)
NAMES = st.sampled_from(["a", "b", '"', "é", "a:"])
SCALARS = st.one_of(
    st.builds(lambda v: {"S": v}, st.text(max_size=4)),
    st.builds(lambda v: {"N": v}, NUMBERS),
    st.builds(lambda v: {"BOOL": v}, st.booleans()),
    st.builds(lambda v: {"B": v}, st.binary(max_size=3)),
    st.builds(lambda v: {"SS": v}, st.lists(st.text(max_size=2), min_size=1, max_size=3, unique=True)),
    st.builds(lambda v: {"NS": v}, st.lists(st.integers(-3, 3).map(str), min_size=1, max_size=3, unique=True)),
    st.just({"NULL": True}),
)
VALUES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda v: {"L": v}, st.lists(inner, max_size=3))
        | st.builds(lambda v: {"M": v}, st.dictionaries(NAMES, inner, max_size=3))
    ),
    max_leaves=6,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=3)


def meaning(item: dict[str, Any]) -> dict[str, Any]:
    """The item as Python values that tell what DynamoDB tells apart (True and 1, for one)."""

    def tagged(value: dict[str, Any]) -> Any:
        ((kind, content),) = value.items()
        if kind == "M":
            return (kind, {name: tagged(inner) for name, inner in content.items()})
        if kind == "L":
            return (kind, [tagged(inner) for inner in content])
        return (kind, TypeDeserializer().deserialize(value))

    return {name: tagged(value) for name, value in item.items()}


@settings(max_examples=200, deadline=None)
@given(ITEMS, ITEMS)
def test_equal_bytes_mean_equal_items(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert (canonical_item(one) == canonical_item(two)) == (meaning(one) == meaning(two))


@settings(max_examples=200, deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers_are_equal_by_value(one: str, two: str) -> None:
    equal = canonical_item({"a": {"N": one}}) == canonical_item({"a": {"N": two}})
    assert equal == (Decimal(one) == Decimal(two))


@settings(deadline=None)
@given(VALUES, st.randoms())
def test_order_says_nothing(value: dict[str, Any], random: Any) -> None:
    names = ["x", "y", "z"]
    shuffled = random.sample(names, 3)
    assert canonical_item(dict.fromkeys(names, value)) == canonical_item(dict.fromkeys(shuffled, value))


@given(st.lists(st.binary(max_size=3), max_size=8), st.randoms())
def test_a_digest_knows_no_order_but_counts(parts: list[bytes], random: Any) -> None:
    def digest(values: list[bytes]) -> tuple[int, str]:
        made = Digest()
        for value in values:
            made.add(value)
        return made.count, made.hexdigest()

    assert digest(parts) == digest(random.sample(parts, len(parts)))
    if parts:
        assert digest(parts) != digest([*parts, parts[0]])
        assert digest(parts)[1] != digest([*parts, parts[0], parts[0]])[1]
