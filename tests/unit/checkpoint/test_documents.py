# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.errors import BadData, Conflict, NotFound
from landbridge.ports import PreconditionFailed

from tests.support.memory import FastClock, MemoryStore


@pytest.fixture
def documents(store: MemoryStore, clock: FastClock) -> Documents:
    return Documents(store, "billing/r1", clock)


def test_a_document_is_readable_json_with_an_envelope(documents: Documents, store: MemoryStore) -> None:
    documents.create("thing.json", "thing", {"name": "Zoë"})
    stored = json.loads(store.objects["billing/r1/thing.json"])
    assert {"document": "thing", "version": 1, "counter": 1, "name": "Zoë"}.items() <= stored.items()
    assert len(stored["nonce"]) == 24
    found = documents.read("thing.json", "thing")
    assert found is not None
    assert (found.body, found.counter) == ({"name": "Zoë"}, 1)
    assert documents.read("other.json", "thing") is None
    with pytest.raises(NotFound, match="there is no thing") as raised:
        documents.require("other.json", "thing", "make one")
    assert raised.value.remedy == "make one"


def test_equal_content_is_a_new_write(documents: Documents) -> None:
    first = documents.create("thing.json", "thing", {"a": 1})
    second = documents.replace(first, {"a": 1})
    assert (second.counter, first.etag != second.etag) == (2, True)


def test_only_one_of_two_writers_wins(documents: Documents) -> None:
    first = documents.create("thing.json", "thing", {"a": 1})
    with pytest.raises(Conflict, match="somebody else"):
        documents.create("thing.json", "thing", {"a": 2})
    documents.replace(first, {"a": 2})
    with pytest.raises(Conflict, match="somebody else"):
        documents.replace(first, {"a": 3})
    found = documents.read("thing.json", "thing")
    assert found is not None
    assert found.body == {"a": 2}


def test_a_write_whose_answer_was_lost_is_recognised(documents: Documents, store: MemoryStore) -> None:
    def landed_before(key: str, content: bytes) -> None:
        store.objects[key] = content
        raise PreconditionFailed(key)

    store.before_put = landed_before
    first = documents.create("thing.json", "thing", {"a": 1})
    second = documents.replace(first, {"a": 1})
    store.before_put = lambda key, content: None
    assert documents.replace(second, {"a": 2}).counter == 3


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", BadData, "not a state document"),
        (b"[]", BadData, "not a state document"),
        (b'{"document": "thing"}', BadData, "not a state document"),
        (b'{"document": "other", "version": 1, "counter": 1}', BadData, "of kind 'other'"),
        (b'{"document": "thing", "version": 2, "counter": 1}', Conflict, "version 2"),
    ],
)
def test_what_is_no_document_of_ours(documents: Documents, store: MemoryStore, content: bytes, kind: type[Exception], message: str) -> None:
    store.objects["billing/r1/thing.json"] = content
    with pytest.raises(kind, match=message):
        documents.read("thing.json", "thing")


def test_lines(documents: Documents, store: MemoryStore) -> None:
    documents.write_lines("rejects/u.jsonl", [{"raw": 'a\n"b"\u2028é'}, {"raw": ""}])
    assert documents.read_lines("rejects/u.jsonl") == [{"raw": 'a\n"b"\u2028é'}, {"raw": ""}]
    assert [stored.key for stored in documents.listing("rejects")] == ["rejects/u.jsonl"]
    documents.write_lines("rejects/u.jsonl", [])
    assert store.objects == {"billing/r1/rejects/u.jsonl": b""}
    assert documents.read_lines("rejects/u.jsonl") == []
