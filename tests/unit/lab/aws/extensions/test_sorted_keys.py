# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Keys stay in order whatever comes and goes."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.aws.extensions.sorted_keys import SortedKeys, sorted_items, start_in

KEYS = st.text("abc", max_size=3)


@given(st.lists(st.tuples(st.sampled_from(["set", "setdefault", "del", "pop", "look"]), KEYS)))
def test_it_is_a_dictionary_with_its_keys_in_order(steps):
    keys, plain = SortedKeys(), {}
    for step, key in steps:
        if step == "set":
            keys[key] = plain[key] = 1
        elif step == "setdefault":
            keys.setdefault(key, {})
            plain.setdefault(key, {})
        elif step == "pop":
            assert keys.pop(key, None) == plain.pop(key, None)
        elif step == "del" and key in plain:
            del keys[key], plain[key]
        assert keys.in_order() == sorted(plain)
    assert keys == plain


@given(st.sets(KEYS), st.integers(1, 7))
def test_segments_share_out_every_key_once(content, total):
    keys = SortedKeys(dict.fromkeys(content, 1))
    shares = [keys.segment(number, total) for number in range(total)]
    assert all(share == sorted(share) for share in shares)
    assert sorted(key for share in shares for key in share) == sorted(content)


def test_segments_follow_a_new_key():
    keys = SortedKeys({"a": 1})
    assert [key for number in range(3) for key in keys.segment(number, 3)] == ["a"]
    keys["b"] = 1
    assert sorted(key for number in range(3) for key in keys.segment(number, 3)) == ["a", "b"]


def test_a_copy_is_independent():
    keys = SortedKeys({"a": SortedKeys({"b": 1})})
    keys.in_order()
    other = copy.deepcopy(keys)
    other["a"]["c"] = 1
    other["d"] = 1
    assert (keys.in_order(), keys["a"].in_order()) == (["a"], ["b"])
    assert (other.in_order(), other["a"].in_order()) == (["a", "d"], ["b", "c"])


def test_a_table_is_converted_once_and_again_when_its_items_were_replaced():
    table = {"items": {"p": {"b": 1, "a": 2}}}
    items = sorted_items(table)
    assert sorted_items(table) is items
    assert items["p"].in_order() == ["a", "b"]
    table["items"] = {"q": {}}
    assert sorted_items(table).in_order() == ["q"]


@pytest.mark.parametrize(("key", "position"), [(None, 0), ("a", 0), ("b", 1), ("bb", 2), ("z", 3)])
def test_a_scan_begins_at_the_first_key_that_is_not_below(key, position):
    assert start_in(["a", "b", "c"], key) == position
