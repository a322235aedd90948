# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.errors import Conflict, NotFound
from landbridge.validate.parity import Comparison
from landbridge.validate.stage import last_comparison, run_validate

from tests.support.memory import FastClock, MemoryStore
from tests.support.migration import MemoryDatabase, MemoryItems, contract, keep_load_state, loaded_items, run_record


@pytest.fixture
def documents(store: MemoryStore, clock: FastClock) -> Documents:
    return Documents(store, "shop/r1", clock)


def stage(documents: Documents, clock: FastClock) -> Comparison:
    return run_validate(contract(), run_record(), MemoryDatabase(), MemoryItems(loaded_items()), documents, clock, lambda progress: None)


def test_the_result_is_kept_and_can_be_read_again(documents: Documents, clock: FastClock) -> None:
    keep_load_state(documents, clock)
    found = stage(documents, clock)
    assert found.equal
    assert [entity.staged_rows for entity in found.entities] == [3, 2]
    assert last_comparison(documents) == found
    assert stage(documents, clock) == found


def test_without_a_load_there_is_nothing_to_validate(documents: Documents, clock: FastClock) -> None:
    with pytest.raises(NotFound) as caught:
        stage(documents, clock)
    assert "full_load" in caught.value.remedy


def test_a_load_that_is_not_done_is_refused(documents: Documents, clock: FastClock) -> None:
    keep_load_state(documents, clock, finish=False)
    with pytest.raises(Conflict, match=r"shop\.owner\.LOAD00000001\.00000 is started"):
        stage(documents, clock)


def test_without_a_validation_there_is_no_result(documents: Documents) -> None:
    with pytest.raises(NotFound):
        last_comparison(documents)
