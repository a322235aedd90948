# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.checkpoint.run import RunRecord, freeze_run, load_run
from landbridge.errors import Conflict, NotFound
from landbridge.model.schema import Column, ForeignKey, Table

from tests.support.memory import FastClock, MemoryStore

TABLE = Table(
    "shop",
    "orders",
    (Column("id", "bigint", "bigint(20) unsigned", False, 1), Column("note", "text", "text", True, 2, length=65535)),
    ("id",),
    (ForeignKey(("id",), "shop", "parents", ("id",)),),
)
RECORD = RunRecord("landbridge: 1\n", "ab" * 32, (TABLE,), "shop/r1", "__DMS_NULL__")


@pytest.fixture
def documents(store: MemoryStore, clock: FastClock) -> Documents:
    return Documents(store, "shop/r1", clock)


def test_frozen_once_and_found_again(documents: Documents) -> None:
    with pytest.raises(NotFound):
        load_run(documents)
    assert freeze_run(documents, RECORD)
    assert not freeze_run(documents, RECORD)
    assert load_run(documents) == RECORD


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"contract_sha256": "cd" * 32}, "contract"),
        ({"tables": (replace(TABLE, primary_key=("id", "note")),)}, "source schema"),
        ({"staging_prefix": "shop/r2"}, "staging prefix"),
        ({"null_marker": "NULL"}, "NULL marker"),
    ],
)
def test_what_was_frozen_does_not_change(documents: Documents, change: dict[str, Any], named: str) -> None:
    freeze_run(documents, RECORD)
    with pytest.raises(Conflict, match=named):
        freeze_run(documents, replace(RECORD, **change))
    assert load_run(documents) == RECORD


def test_another_process_froze_it_meanwhile(documents: Documents, store: MemoryStore, clock: FastClock) -> None:
    def race(key: str, content: bytes) -> None:
        store.before_put = lambda key, content: None
        freeze_run(Documents(store, "shop/r1", clock), RECORD)

    store.before_put = race
    assert not freeze_run(documents, RECORD)


def test_version_and_tables(documents: Documents) -> None:
    assert RECORD.version == "000001" + "0" * 33
    assert RECORD.table("shop", "orders") == TABLE
    with pytest.raises(Conflict, match=r"shop\.bills"):
        RECORD.table("shop", "bills")
