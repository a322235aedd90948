# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
from typing import Any

import pytest
from landbridge.errors import BadData, Retryable
from landbridge.model.finding import Finding
from landbridge.model.work import StoredObject
from landbridge.staging.manifest import Manifest, build_manifest

PREFIX = "shop/r1"
TABLES = [("shop", "orders"), ("shop", "lines")]


def objects(*names: str, size: int = 10) -> list[StoredObject]:
    return [StoredObject(f"{PREFIX}/{name}", size, f"etag of {name}") for name in names]


def statistics(orders: int = 0, lines: int = 0, state: str = "Table completed") -> list[dict[str, Any]]:
    return [
        {"SchemaName": "shop", "TableName": "orders", "FullLoadRows": orders, "TableState": "Table completed"},
        {"SchemaName": "shop", "TableName": "lines", "FullLoadRows": lines, "TableState": state},
    ]


def build(found: list[StoredObject], figures: list[dict[str, Any]], unit_bytes: int = 100) -> tuple[Manifest, list[Finding]]:
    return build_manifest(found, figures, TABLES, prefix=PREFIX, unit_bytes=unit_bytes)


def test_files_in_order_of_the_hexadecimal_counter() -> None:
    names = [f"shop/orders/LOAD{number:08X}.csv" for number in range(1, 18)]
    manifest, findings = build(objects(*sorted(names, reverse=True)), statistics(orders=5))
    assert [file.key for file in manifest.files] == [f"{PREFIX}/{name}" for name in names]
    assert {(file.schema, file.table) for file in manifest.files} == {("shop", "orders")}
    assert manifest.rows_expected == {"shop.orders": 5, "shop.lines": 0}
    assert findings == []


def test_stored_and_read_again() -> None:
    manifest, _ = build(objects("shop/orders/LOAD00000001.csv"), statistics(orders=1))
    assert Manifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest


def test_units_are_ranges_but_for_compressed_files() -> None:
    manifest, _ = build(objects("shop/lines/LOAD00000001.csv.gz", "shop/orders/LOAD00000001.csv", size=250), statistics(1, 1))
    ranges = [[(unit.start, unit.end) for unit in manifest.units_of(file)] for file in manifest.files]
    assert ranges == [[(0, 100), (100, 200), (200, 250)], [(0, 250)]]
    assert [unit.id for unit in manifest.units_of(manifest.files[0])] == [f"shop.orders.LOAD00000001.{number:05d}" for number in range(3)]


def test_an_empty_file_is_one_unit() -> None:
    manifest, _ = build(objects("shop/orders/LOAD00000001.csv", size=0), statistics())
    assert [(unit.start, unit.end) for unit in manifest.units_of(manifest.files[0])] == [(0, 0)]


def test_foreign_files_are_named() -> None:
    _, findings = build(
        objects("shop/orders/LOAD00000001.csv", "shop/other/LOAD00000001.csv", "stray.csv", "cdc/x.csv", "shop/orders/deep/x.csv"),
        statistics(orders=1),
    )
    assert [finding.place.file for finding in findings] == [
        f"{PREFIX}/{name}" for name in ("shop/other/LOAD00000001.csv", "stray.csv", "cdc/x.csv", "shop/orders/deep/x.csv")
    ]
    assert {finding.severity for finding in findings} == {"warning"}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["LOAD00000001.csv", "LOAD00000003.csv"], "00000002 is missing before 00000003"),
        (["LOAD00000002.csv"], "00000001 is missing"),
        (["LOAD00000001.csv", "LOAD00000001.csv.gz"], "same part"),
        (["LOAD00000001.csv", "20141029-113401000.csv"], "not a name"),
        (["SEGMENT1_LOAD00000001.csv"], "not a name"),
        ([], "there is no staged file"),
    ],
)
def test_what_is_missing_doubled_or_strange(names: list[str], message: str) -> None:
    with pytest.raises(BadData, match=message):
        build(objects(*(f"shop/orders/{name}" for name in names)), statistics(orders=1))


def test_tables_that_dms_has_not_loaded() -> None:
    with pytest.raises(Retryable, match=r"shop\.lines .* 'Full load'"):
        build([], statistics(state="Full load"))
    with pytest.raises(BadData, match=r"do not name shop\.lines"):
        build([], statistics()[:1])
