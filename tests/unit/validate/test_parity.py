# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from landbridge.adapters.yaml_document import read_document
from landbridge.contract.parser import parse_contract
from landbridge.errors import BadData, NotFound
from landbridge.model.progress import StageProgress
from landbridge.validate.parity import Comparison, LoadedTable, compare, require_equal

from tests.support.migration import CONTRACT, MADE, MemoryDatabase, MemoryItems, contract, loaded_items, run_record

LOADED = {"shop.owner": LoadedTable(3, 0), "shop.thing": LoadedTable(2, 0)}


def comparison(items: list[dict[str, Any]], database: MemoryDatabase | None = None, loaded: dict[str, LoadedTable] = LOADED) -> Comparison:
    return compare(contract(), run_record(), database or MemoryDatabase(), MemoryItems(items), loaded, lambda progress: None)


def unequal(found: Comparison) -> list[str]:
    return [entity.entity for entity in found.entities if not entity.equal]


def test_what_was_loaded_is_equal_in_any_order() -> None:
    found = comparison(loaded_items()[::-1])
    assert found.equal
    owner, thing = found.entities
    assert (owner.entity, owner.source_rows, owner.staged_rows, owner.items, owner.rejects) == ("OWNER", 3, 3, 3, 0)
    assert owner.digest_source == owner.digest_target != thing.digest_source
    require_equal(found)


def test_a_missing_item_makes_its_entity_unequal() -> None:
    found = comparison(loaded_items()[1:])
    assert unequal(found) == ["OWNER"]
    assert not found.equal
    with pytest.raises(BadData, match=r"OWNER: 3 rows, 2 items"):
        require_equal(found)


def test_a_changed_value_makes_its_entity_unequal_though_counts_agree() -> None:
    items = loaded_items()
    items[-1]["price"] = {"N": "-0.26"}
    assert unequal(comparison(items)) == ["THING"]


def test_null_and_empty_text_are_different() -> None:
    database = MemoryDatabase()
    database.content["shop.owner"] = [("1", "Zoë", MADE), ("2", "", MADE), ("3", None, MADE)]
    assert unequal(comparison(loaded_items(), database)) == ["OWNER"]


def test_the_engines_own_version_is_not_compared() -> None:
    items = [{**item, "_v": {"S": "000009"}} for item in loaded_items()]
    assert comparison(items).equal


def test_a_row_that_the_load_rejected_too_is_accounted_for() -> None:
    database = MemoryDatabase()
    database.content["shop.thing"].append(("1", "3", "no number", MADE))
    accounted = comparison(loaded_items(), database, {**LOADED, "shop.thing": LoadedTable(3, 1)})
    assert accounted.equal
    assert (accounted.entities[1].source_rows, accounted.entities[1].items, accounted.entities[1].rejects) == (3, 2, 1)


def test_a_row_that_the_load_did_not_reject_makes_its_entity_unequal() -> None:
    database = MemoryDatabase()
    database.content["shop.thing"].append(("1", "3", "no number", MADE))
    assert unequal(comparison(loaded_items(), database)) == ["THING"]


def test_items_of_unknown_kind_are_named_and_forbid_equality() -> None:
    stranger = {"PK": {"S": "X"}, "SK": {"S": "Y"}}
    found = comparison([*loaded_items(), {**stranger, "EntityType": {"S": "GHOST"}}, stranger])
    assert found.foreign == {"Shop / GHOST": 1, "Shop / no EntityType": 1}
    assert unequal(found) == []
    assert not found.equal
    with pytest.raises(BadData, match="Shop / GHOST: 1 items"):
        require_equal(found)


def test_an_item_in_the_table_of_another_entity_is_foreign() -> None:
    text = CONTRACT.replace("entities:", "  Things:\n    key: {partition: PK, sort: SK}\nentities:")
    text = text.replace('    into: Shop\n    key: {PK: "OWNER#{owner', '    into: Things\n    key: {PK: "OWNER#{owner')
    split = parse_contract(read_document(text, "contract.yml"), text)
    items = {"Shop": loaded_items(), "Things": []}

    class TwoTables(MemoryItems):
        def describe(self, table: str) -> dict[str, Any] | None:
            return {"TableName": table} if table in items else None

        def scan(self, table: str, *, segment: int = 0, segments: int = 1) -> Iterator[list[dict[str, Any]]]:
            yield items[table]

    def compared() -> Comparison:
        return compare(split, run_record(), MemoryDatabase(), TwoTables([]), LOADED, lambda progress: None)

    assert compared().foreign == {"Shop / THING": 2}
    assert unequal(compared()) == ["THING"]
    items["Things"] = items["Shop"][3:]
    items["Shop"] = items["Shop"][:3]
    assert compared().equal


def test_a_missing_target_table_is_named() -> None:
    with pytest.raises(NotFound, match="no DynamoDB table Shop"):
        compare(contract(), run_record(), MemoryDatabase(), MemoryItems([], "Other"), LOADED, lambda progress: None)


def test_progress_ends_with_all_rows_and_all_items() -> None:
    told: list[StageProgress] = []
    compare(contract(), run_record(), MemoryDatabase(), MemoryItems(loaded_items()), LOADED, told.append)
    source = [progress for progress in told if progress.step == "reading shop.thing"][-1]
    assert {table.table: (table.rows_done, table.rows_expected) for table in source.tables} == {
        "shop.owner": (3, 3),
        "shop.thing": (2, 2),
    }
    assert [(table.rows_done, table.rows_expected) for table in told[-1].tables] == [(5, 5)]


def test_a_listener_that_raises_ends_the_comparison() -> None:
    def stop(progress: StageProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(contract(), run_record(), MemoryDatabase(), MemoryItems([]), LOADED, stop)


def test_a_comparison_survives_its_json() -> None:
    found = comparison(loaded_items()[1:])
    assert Comparison.from_json(found.to_json()) == found


def test_nothing_compared_is_not_equal() -> None:
    assert not Comparison((), {}).equal
