# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest
from landbridge.contract.definition import ColumnAttribute, ConstantAttribute
from landbridge.contract.template import Field, Literal

from tests.fixtures.contracts import HEAD, contract_of, entity, refusals, unmark

KEY = 'key: {PK: "THING#{id:010d}", SK: "THING"}\n'
GOOD = entity(KEY)


def test_a_small_contract() -> None:
    contract = contract_of(
        entity(
            KEY + 'index: {GSI1PK: "{name|lower|escape}", GSI1SK: "{{x}}{id:010d}"}\n'
            "attributes: {amount: {column: amt, type: N}, Kind: {constant: thing}, Level: {constant: 3}, On: {constant: true}}\n"
            'omit: [secret]\ncreated_at: born\nrules: ["amt >= 0 and not (name is null)"]\nreferences: [{to: THING, by: {parent: id}}]'
        )
        + "access:\n  things: {entity: THING, index: GSI1, by: [name], between: id, sum: [amt]}\n"
    )
    thing = contract.entity("THING")
    assert contract.source_tables == (("shop", "thing"),)
    assert contract.entities_of("shop", "thing") == (thing,)
    assert contract.target("Shop").attributes == ("PK", "SK")
    assert [name for name, _ in thing.key] == ["PK", "SK"]
    partition = thing.template("GSI1PK")
    sort = thing.template("GSI1SK")
    assert partition is not None
    assert sort is not None
    assert [(f.column, f.functions) for f in partition.fields] == [("name", ("lower", "escape"))]
    assert sort.parts[0] == Literal("{x}")
    assert isinstance(sort.parts[1], Field)
    assert sort.parts[1].pad == 10
    amount, kind, level, on = thing.attributes
    assert isinstance(amount, ColumnAttribute)
    assert (amount.column, amount.type) == ("amt", "N")
    assert [(c.type, c.text) for c in (kind, level, on) if isinstance(c, ConstantAttribute)] == [
        ("S", "thing"),
        ("N", "3"),
        ("BOOL", "true"),
    ]
    assert [column.name for column in thing.rules[0].columns] == ["amt", "name"]
    assert thing.references[0].by[0][1] == "id"
    assert contract.access[0].index == "GSI1"
    assert len(contract.sha256) == 64


def test_an_entity_can_switch_a_default_off() -> None:
    text = GOOD.replace("tables:", "defaults: {created_at: born}\ntables:")
    assert contract_of(text).entity("THING").created_at is not None
    assert contract_of(text + "    created_at: null\n").entity("THING").created_at is None


def with_line(line: str) -> str:
    return entity(KEY + line)


BAD = {
    "unknown key": ("unknown-key", entity(KEY + "§omitt: [a]")),
    "unknown key at the top": ("unknown-key", GOOD + "§acess: {}\n"),
    "wrong version": ("bad-value", GOOD.replace("landbridge: 1", "landbridge: §2")),
    "no version": ("missing-key", "§" + GOOD.replace("landbridge: 1\n", "")),
    "engine": ("bad-value", GOOD.replace("mysql", "§oracle")),
    "entities empty": ("missing-key", HEAD + "entities: §{}\n"),
    "kind of a table": ("wrong-kind", GOOD.replace("key: {partition: PK, sort: SK}", "key: §PK")),
    "table name": ("bad-value", GOOD.replace("GSI1: {", "§G: {")),
    "table key": ("duplicate-name", GOOD.replace("sort: GSI1SK", "sort: §GSI1PK")),
    "reserved key": ("reserved-attribute", GOOD.replace("{partition: GSI1PK", "{partition: §_v")),
    "unknown table": ("unknown-table", GOOD.replace("into: Shop", "into: §Shpo")),
    "unknown schema": ("unknown-schema", GOOD.replace("from: shop.thing", "from: §shp.thing")),
    "no schema": ("bad-value", GOOD.replace("from: shop.thing", "from: §thing")),
    "unknown key attribute": ("unknown-attribute", GOOD.replace('SK: "THING"', 'SK: "THING", §SKK: "X"')),
    "missing key attribute": ("missing-key", entity('key: §{PK: "X"}')),
    "half an index": ("incomplete-index", with_line('index: §{GSI1PK: "X"}')),
    "brace": ("bad-template", entity('key: {PK: "THING#§{id", SK: "T"}')),
    "closing brace": ("bad-template", entity('key: {PK: "THING#id§}", SK: "T"}')),
    "bad pad": ("bad-template", entity("key: {PK: 'A#{a}#§{id:10d}', SK: 'T'}")),
    "empty field": ("bad-template", entity("key: {PK: 'A#§{}', SK: 'T'}")),
    "empty template": ("bad-template", entity("key: {PK: §'', SK: 'T'}")),
    "unknown function": ("unknown-function", entity('key: {PK: "THING#§{id|lowr}", SK: "T"}')),
    "reserved": ("reserved-attribute", with_line("attributes: {§_v: {column: a}}")),
    "key as attribute": ("key-as-attribute", with_line("attributes: {§GSI1PK: {column: a}}")),
    "column and constant": ("missing-key", with_line("attributes: {§x: {column: a, constant: 1}}")),
    "no exact constant": ("bad-constant", with_line("attributes: {x: {constant: §1.5}}")),
    "attribute type": ("bad-value", with_line("attributes: {x: {column: a, type: §NUMBER}}")),
    "omit twice": ("duplicate-name", with_line("omit: [a, §a]")),
    "omit kind": ("wrong-kind", with_line("omit: §a")),
    "rule sign": ("bad-rule", with_line('rules: ["a §~ 1"]')),
    "rule end": ("bad-rule", with_line('rules: ["a >= §"]')),
    "rule word": ("bad-rule", with_line('rules: ["a is §nil"]')),
    "rule parenthesis": ("bad-rule", with_line('rules: ["(a = 1§"]')),
    "rule rest": ("bad-rule", with_line('rules: ["a = 1 §b"]')),
    "rule without comparison": ("bad-rule", with_line('rules: ["a§"]')),
    "reference": ("unknown-entity", with_line("references: [{to: §THIN, by: {a: id}}]")),
    "access entity": ("unknown-entity", GOOD + "access: {all: {entity: §THNG, by: [id]}}\n"),
    "access index": ("unknown-index", GOOD + "access: {all: {entity: THING, index: §GSI2, by: [id]}}\n"),
    "access without index keys": ("access-not-by-key", GOOD + "access: {§all: {entity: THING, index: GSI1, by: [id]}}\n"),
    "access without the partition": ("access-not-by-key", GOOD + "access: {§all: {entity: THING, by: []}}\n"),
    "access by no key": ("access-not-by-key", GOOD + "access: {all: {entity: THING, by: [id, §name]}}\n"),
    "access between": ("access-not-by-key", GOOD + "access: {all: {entity: THING, by: [id], between: §born}}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_mistake_is_found_at_its_place(name: str) -> None:
    code, marked = BAD[name]
    text, place = unmark(marked)
    found = refusals(text)
    assert [(finding.code, finding.place) for finding in found] == [(code, place)]
    assert found[0].remedy or code == "wrong-kind"


def test_all_mistakes_come_together() -> None:
    text = entity('key: {PK: "A#{id", SK: "B#{x|up}"}\nomitt: [a]\nrules: ["a >"]')
    assert [finding.code for finding in refusals(text)] == ["bad-template", "unknown-function", "unknown-key", "bad-rule"]


def test_too_many_indexes() -> None:
    many = "".join(f"      I{n:03d}: {{partition: P{n}}}\n" for n in range(21))
    text = GOOD.replace("      GSI1: {partition: GSI1PK, sort: GSI1SK}\n", many)
    assert [finding.code for finding in refusals(text)] == ["too-many-indexes"]
