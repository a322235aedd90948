# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Freezing a run: once, against the live schema, and never silently another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.checkpoint.run import load_run
from landbridge.errors import Conflict, InvalidInput, NotFound
from landbridge.model.schema import Table
from landbridge.replicate.stage import freeze

from tests.fixtures.billing_tables import column
from tests.support.memory import FastClock, MemoryStore
from tests.support.migration import OWNER, THING, MemoryDatabase, contract, site

TABLES = (OWNER, THING)


@pytest.fixture
def documents() -> Documents:
    return Documents(MemoryStore(), "shop/r1", FastClock())


def frozen(documents: Documents, *tables: Table) -> bool:
    return freeze(site(), contract(), MemoryDatabase(*tables), documents)


def test_the_run_holds_contract_and_schema_as_they_are(documents: Documents) -> None:
    assert frozen(documents, *TABLES) is True
    run = load_run(documents)
    assert run.contract_sha256 == contract().sha256
    assert run.tables == TABLES
    assert run.staging_prefix == site().staging_prefix


def test_freezing_the_same_again_changes_nothing(documents: Documents) -> None:
    frozen(documents, *TABLES)
    assert frozen(documents, *TABLES) is False


def test_a_changed_table_is_a_conflict(documents: Documents) -> None:
    frozen(documents, *TABLES)
    grown = replace(THING, columns=(*THING.columns, column("surprise int", len(THING.columns) + 1)))
    with pytest.raises(Conflict, match="another"):
        frozen(documents, OWNER, grown)
    assert load_run(documents).tables == TABLES


def test_a_missing_table_is_refused_before_anything_is_frozen(documents: Documents) -> None:
    with pytest.raises(InvalidInput) as caught:
        frozen(documents, OWNER)
    assert {finding.code for finding in caught.value.findings} == {"unknown-source-table"}
    with pytest.raises(NotFound):
        load_run(documents)
