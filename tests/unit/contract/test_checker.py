# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from pathlib import Path

import pytest
from landbridge.adapters.yaml_document import read_document
from landbridge.contract.checker import check_contract
from landbridge.contract.parser import parse_contract
from landbridge.model.schema import Column, Table

from tests.fixtures.billing_tables import TABLES, table
from tests.fixtures.contracts import HEAD, entity, findings, unmark

EXAMPLE = Path(__file__).parents[3] / "examples" / "billing" / "contract.yml"

THING = table(
    "thing", "id",
    "id int unsigned", "code varchar(20) collate utf8mb4_bin", "name varchar(60)", "note varchar(200) null collate utf8mb4_bin",
    "born datetime", "level int", "wide decimal(50,2)", "rate double", "doc json", "raw varbinary(2000)", "amt decimal(10,2)",
    schema="shop",
)  # fmt: skip
CODED = table("thing", "code seq", "code varchar(20) collate utf8mb4_bin", "seq int unsigned", "born datetime", schema="shop")
NAMED = table("thing", "name", "name varchar(60)", "born datetime", schema="shop")
KEYLESS = table("thing", "", "id int unsigned", "born datetime", schema="shop")
SHAPE = table("thing", "id", "id int unsigned", "place geometry", "born datetime", schema="shop")
CLASH = table("thing", "id", "id int unsigned", "PK varchar(9)", "CreatedAt datetime", "born datetime", schema="shop")

KEY = 'key: {PK: "THING#{id:010d}", SK: "THING"}\n'
BORN = "created_at: born\nomit: [wide]\n"


def on_thing(body: str) -> tuple[str, tuple[Table, ...]]:
    return entity(body + BORN), (THING,)


def on(table_: Table, body: str) -> tuple[str, tuple[Table, ...]]:
    return entity(body + "created_at: born\n"), (table_,)


BAD = {
    "unknown-column in a key": ("unknown-column", on_thing('key: {PK: "THING#§{idd:010d}", SK: "T#{id:010d}"}\n')),
    "unknown-column in a rule": ("unknown-column", on_thing(KEY + 'rules: ["level > 0 and §amount > 0"]\n')),
    "unknown-column in omit": ("unknown-column", (entity(KEY + "created_at: born\nomit: [wide, §nmae]"), (THING,))),
    "unknown-column in attributes": ("unknown-column", on_thing(KEY + "attributes: {§x: {column: nmae}}\n")),
    "unknown-column in references": ("unknown-column", on_thing(KEY + "references: [{to: THING, by: {§parent: id}}]\n")),
    "unknown-column in created_at": ("unknown-column", (entity(KEY + "omit: [wide]\ncreated_at: §bron"), (THING,))),
    "unknown-column in a sum": ("unknown-column", (entity(KEY + BORN) + "access: {s: {entity: THING, by: [id], sum: [§x]}}\n", (THING,))),
    "not-a-time": ("not-a-time", (entity(KEY + "omit: [wide]\ncreated_at: born\nupdated_at: §name"), (THING,))),
    "unknown-source-table": ("unknown-source-table", (entity(KEY).replace("  THING:", "  §THING:"), TABLES)),
    "key-not-unique": ("key-not-unique", on(CODED, 'key: {PK: "A#{code}", SK: §"B"}\n')),
    "key-not-unique by folding": ("key-not-unique", on(CODED, 'key: {PK: "A#{code|lower}", SK: §"B#{seq:010d}"}\n')),
    "separator-in-value": ("separator-in-value", on(CODED, 'key: {PK: "A#§{code}#{seq:010d}", SK: "B"}\n')),
    "separator-in-value of a time": ("separator-in-value", on_thing('key: {PK: "A", SK: "§{level}-{id:010d}"}\n')),
    "separator-in-value escaped": ("separator-in-value", on(CODED, 'key: {PK: "A#§{code|escape}.{seq:010d}", SK: "B"}\n')),
    "no-separator": ("no-separator", on(CODED, 'key: {PK: "A#§{code|escape}{seq:010d}", SK: "B"}\n')),
    "key-can-be-null": ("key-can-be-null", on_thing('key: {PK: "A#§{note}", SK: "B#{id:010d}"}\n')),
    "key-can-be-empty": ("key-can-be-empty", on(CODED, 'key: {PK: §"{code}", SK: "B#{seq:010d}"}\n')),
    "key-too-long": ("key-too-long", on_thing('key: {PK: "A#{id:010d}", SK: §"R#{raw}"}\n')),
    "pad-too-narrow": ("pad-too-narrow", on_thing('key: {PK: "THING#§{id:09d}", SK: "THING"}\n')),
    "pad-on-type": ("pad-on-type", on_thing('key: {PK: "A#{id:010d}", SK: "B#§{amt:010d}"}\n')),
    "negative-in-pad": ("negative-in-pad", on_thing('key: {PK: "A#{id:010d}", SK: "B#§{level:011d}"}\n')),
    "type-not-for-keys": ("type-not-for-keys", on_thing('key: {PK: "A#{id:010d}", SK: "B#§{rate}"}\n')),
    "type-not-for-keys json": ("type-not-for-keys", on_thing('key: {PK: "A#{id:010d}", SK: "B#§{doc}"}\n')),
    "function-on-type": ("function-on-type", on_thing('key: {PK: "A#{id:010d}", SK: "B#§{born|escape}"}\n')),
    "case-insensitive-key": ("case-insensitive-key", on(NAMED, 'key: {PK: "A#§{name}", SK: "B"}\n')),
    "no-primary-key": ("no-primary-key", (entity(KEY + "created_at: born").replace("  THING:", "  §THING:"), (KEYLESS,))),
    "number-too-precise": ("number-too-precise", (entity(KEY + "created_at: born\nattributes: {§w: {column: wide}}"), (THING,))),
    "cast-not-possible": ("cast-not-possible", on_thing(KEY + "attributes: {§x: {column: born, type: N}}\n")),
    "omitted-and-mapped": (
        "omitted-and-mapped",
        (entity(KEY + "created_at: born\nattributes: {w: {column: wide, type: S}}\nomit: [§wide]"), (THING,)),
    ),
    "duplicate-attribute": ("duplicate-attribute", on_thing(KEY + "attributes: {§name: {column: code}}\n")),
    "column-not-mapped": ("column-not-mapped", (entity(KEY + "created_at: born").replace("  THING:", "  §THING:"), (SHAPE,))),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_mistake_is_found_at_its_place(name: str) -> None:
    code, (marked, tables) = BAD[name]
    text, place = unmark(marked)
    found = [finding for finding in findings(text, *tables) if finding.severity == "refused"]
    assert [(finding.code, finding.place) for finding in found] == [(code, place)]
    assert found[0].remedy


def test_columns_that_take_the_engines_names() -> None:
    found = findings(entity(KEY + "created_at: born"), CLASH)
    assert [finding.code for finding in found] == ["key-as-attribute", "reserved-attribute"]


def test_warnings() -> None:
    hidden = Column("total", "int", "int", False, 3, generated=True)
    generated = Table("shop", "thing", (*NAMED.columns, hidden), ("name",))
    found = findings(entity('key: {PK: "A#{name|lower}", SK: "B"}\nindex: {GSI1PK: "{name}", GSI1SK: "X"}'), generated)
    assert {(finding.severity, finding.code) for finding in found} == {
        ("warning", "no-time"),
        ("warning", "column-not-staged"),
        ("warning", "folding-is-ascii"),
        ("warning", "index-can-be-empty"),
    }


def two(first: str, second: str) -> str:
    return (
        f"{HEAD}entities:\n  ONE: {{from: shop.thing, into: Shop, created_at: born, omit: [wide], key: {{PK: X, SK: '{first}'}}}}\n"
        f"  TWO: {{from: shop.thing, into: Shop, created_at: born, omit: [wide], key: {{PK: X, SK: §'{second}'}}}}\n"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A#{id:010d}", "A#{id:010d}"),
        ("A#{id:010d}", "A#{id}"),
        ("A{id}", "A1{id}"),
        ("{code}", "B#{id:010d}"),
        ("A#{code}", "A#{id:010d}#X"),
    ],
)
def test_keys_that_can_meet(first: str, second: str) -> None:
    text, place = unmark(two(first, second))
    met = [finding for finding in findings(text, THING) if finding.code == "keys-can-meet"]
    assert [finding.place for finding in met] == [place]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A#{id:010d}", "B#{id:010d}"),
        ("A", "A#{id:010d}"),
        ("ACCOUNT#{id}", "A{id:010d}"),
        ("A#{id:010d}#X", "A#{id:010d}#Y"),
        ("A#{id}#X", "A#{id}#Y"),
        ("A#{id}", "A#{id}#Y"),
        ("A#{code|escape}#X", "A#{id}#Y"),
    ],
)
def test_keys_that_cannot_meet(first: str, second: str) -> None:
    text, _ = unmark(two(first, second))
    assert "keys-can-meet" not in {finding.code for finding in findings(text, THING)}


def test_without_a_source_only_certain_meetings_are_refused() -> None:
    same, _ = unmark(two("A#{id}", "A#{code}"))
    apart, _ = unmark(two("A#{id}#X", "A#{code}#Y"))
    assert [finding.code for finding in findings(same)] == ["keys-can-meet"]
    assert findings(apart) == []


def test_the_example_passes_its_own_check() -> None:
    text = EXAMPLE.read_text()
    contract = parse_contract(read_document(text, str(EXAMPLE)), text)
    assert check_contract(contract, None) == []
    assert check_contract(contract, TABLES) == []
    assert contract.source_tables == tuple((table_.schema, table_.name) for table_ in TABLES)


def test_the_example_does_not_pass_against_a_narrower_schema() -> None:
    text = EXAMPLE.read_text()
    contract = parse_contract(read_document(text, str(EXAMPLE)), text)
    assert {finding.code for finding in check_contract(contract, TABLES[1:])} == {"unknown-source-table"}
