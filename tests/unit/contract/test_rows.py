# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
from typing import Any

import pytest
from landbridge.contract.rows import compile_rows
from landbridge.errors import InvalidInput, Rejected
from landbridge.model.schema import Column, Table

from tests.fixtures.billing_tables import table
from tests.fixtures.contracts import HEAD, contract_of, entity

NULL = "__DMS_NULL__"
KEY = 'key: {PK: "THING#{id:010d}", SK: "THING"}\n'
VERSION = "000001-test"


def items(body: str, table_: Table, *fields: str | None, null: str | None = NULL) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    transform = compile_rows(contract_of(entity(body)), table_, null=null, offset=1, version=VERSION)
    return [(name, json.loads(key), json.loads(item)) for name, key, item in transform(["I", *fields])]


def thing(*definitions: str) -> Table:
    return table("thing", "id", "id int unsigned", *definitions, schema="shop")


def attribute(definition: str, text: str | None, type_: str = "", null: str | None = NULL) -> Any:
    """The attribute ``x`` of an item of a row with the value ``text`` in a column of that type; None where the item lacks it."""
    cast = f", type: {type_}" if type_ else ""
    found = items(KEY + f"attributes: {{x: {{column: c{cast}}}}}\n", thing(f"c {definition}"), "7", text, null=null)
    return found[0][2].get("x")


def test_order_of_attributes_and_the_key() -> None:
    body = (
        'key: {PK: "T#{id:010d}", SK: "THING"}\nindex: {GSI1PK: "C#{code}", GSI1SK: "{born}"}\n'
        "attributes: {kind: {constant: k}, level: {constant: 2}, on: {constant: false}}\ncreated_at: born\nupdated_at: changed\n"
    )
    source = thing("code char(3) collate utf8mb4_bin", "born datetime", "changed timestamp(3) null")
    ((name, key, item),) = items(body, source, "42", 'a"b', "2026-01-02 03:04:05", NULL, "", "")
    assert name == "THING"
    assert key == {"PK": {"S": "T#0000000042"}, "SK": {"S": "THING"}}
    born = {"S": "2026-01-02T03:04:05"}
    assert list(item.items()) == [
        ("PK", {"S": "T#0000000042"}), ("SK", {"S": "THING"}), ("GSI1PK", {"S": 'C#a"b'}), ("GSI1SK", born),
        ("EntityType", {"S": "THING"}), ("CreatedAt", born), ("UpdatedAt", born), ("_v", {"S": VERSION}),
        ("kind", {"S": "k"}), ("level", {"N": "2"}), ("on", {"BOOL": False}), ("id", {"N": "42"}), ("code", {"S": 'a"b'}),
    ]  # fmt: skip
    updated = items(body, source, "42", "abc", "2026-01-02 03:04:05", "2026-02-03 04:05:06.100000")[0][2]
    assert updated["UpdatedAt"] == updated["changed"] == {"S": "2026-02-03T04:05:06.100Z"}


@pytest.mark.parametrize(
    ("definition", "text", "expected"),
    [
        ("int", "-5", {"N": "-5"}),
        ("int", "+007", {"N": "7"}),
        ("int", "-0", {"N": "0"}),
        ("int unsigned", "4294967295", {"N": "4294967295"}),
        ("bigint unsigned", "18446744073709551615", {"N": "18446744073709551615"}),
        ("bigint", "-9223372036854775808", {"N": "-9223372036854775808"}),
        ("tinyint(1)", "1", {"N": "1"}),
        ("year", "2026", {"N": "2026"}),
        ("decimal(12,2)", "-0.50", {"N": "-0.50"}),
        ("decimal(12,2)", "-0.00", {"N": "0.00"}),
        ("decimal(12,2)", "1e2", {"N": "100.00"}),
        ("decimal(12,2)", "7", {"N": "7.00"}),
        ("decimal(38,0)", "9" * 38, {"N": "9" * 38}),
        ("double", "-1.5e-3", {"N": "-0.0015"}),
        ("double", "2.50", {"N": "2.5"}),
        ("double", "1e20", {"N": "1" + "0" * 20}),
        ("float", "0.1", {"N": "0.1"}),
        ("float", "0.10000000149011612", {"N": "0.1"}),
        ("float", "1.0000000149011612E-01", {"N": "0.1"}),
        ("float", "16777217", {"N": "16777216"}),
        ("float", "9999999", {"N": "9999999"}),
        ("float", "123456.703125", {"N": "123456.7"}),
        ("float", "3.4028234663852886e38", {"N": "34028235E31"}),
        ("float", "1.401298464324817e-45", {"N": "14013E-49"}),
        ("float", "-0", {"N": "0"}),
        ("float", "100000", {"N": "100000"}),
        ("date", "2026-02-28", {"S": "2026-02-28"}),
        ("date", "2024-02-29", {"S": "2024-02-29"}),
        ("date", "2026-02-28 00:00:00", {"S": "2026-02-28"}),
        ("datetime", "2026-11-01 08:00:00", {"S": "2026-11-01T08:00:00"}),
        ("datetime", "2026-11-01 08:00:00.000000", {"S": "2026-11-01T08:00:00"}),
        ("datetime(3)", "2026-11-01 08:00:00.123000", {"S": "2026-11-01T08:00:00.123"}),
        ("datetime(6)", "2026-11-01 08:00:00", {"S": "2026-11-01T08:00:00.000000"}),
        ("datetime(6)", "2026-11-01T08:00:00.5", {"S": "2026-11-01T08:00:00.500000"}),
        ("timestamp", "2026-11-01 08:00:00", {"S": "2026-11-01T08:00:00Z"}),
        ("time(1)", "-838:59:59.0", {"S": "-838:59:59.0"}),
        ("time", "08:00:00.000000", {"S": "08:00:00"}),
        ("varchar(9)", "", {"S": ""}),
        ("varchar(9) null", "", {"S": ""}),
        ("varchar(9)", 'q"\\\u2028\r\n\0😀', {"S": 'q"\\\u2028\r\n\0😀'}),
        ("enum('a','b')", "b", {"S": "b"}),
        ("json", '{"a": [1, "ü"]}', {"S": '{"a": [1, "ü"]}'}),
        ("json", '{"a":[1,"ü"]}', {"S": '{"a": [1, "ü"]}'}),
        ("json", ' [1 ,\n "a,b: \\" c" ] ', {"S": '[1, "a,b: \\" c"]'}),
        ("json", '"\\\\"', {"S": '"\\\\"'}),
        ("json", "cut {", {"S": "cut{"}),
        ("varbinary(9)", "0xDEADbeef", {"B": "3q2+7w=="}),
        ("varbinary(9)", "0XDEADBEEF", {"B": "3q2+7w=="}),
        ("binary(4)", "deadbeef", {"B": "3q2+7w=="}),
        ("binary(4)", "\\xDEAD", {"B": "3q0AAA=="}),
        ("varbinary(9)", "\\x00ff", {"B": "AP8="}),
        ("varbinary(9)", "", {"B": ""}),
        ("bit(9)", "1ff", "bad-binary"),
        ("bit(9)", "01ff", {"B": "Af8="}),
        ("bit(9)", "00000000000001ff", {"B": "Af8="}),
        ("bit(1)", "1", {"BOOL": True}),
        ("bit(1)", "FALSE", {"BOOL": False}),
        ("bit(1)", "b'1'", {"BOOL": True}),
        ("bit(1)", "2", "bad-boolean"),
        ("varbinary(9)", "abc", "bad-binary"),
        ("int", "4294967295", "bad-number"),
        ("int unsigned", "-1", "bad-number"),
        ("int", "1.5", "bad-number"),
        ("int", "", "bad-number"),
        ("int", "²", "bad-number"),
        ("int", "1\n2", "bad-number"),
        ("decimal(5,2)", "1.005", "bad-number"),
        ("decimal(5,2)", "1000", "bad-number"),
        ("float", "1e39", "bad-number"),
        ("float", "1e400", "bad-number"),
        ("float", "1_0", "bad-number"),
        ("float", "inf", "bad-number"),
        ("double", "1e300", "number-too-precise"),
        ("double", "1.00000000000000000000000000000000000000001", "number-too-precise"),
        ("double", "nan", "bad-number"),
        ("date", "2026-02-30", "bad-date"),
        ("date", "2025-02-29", "bad-date"),
        ("date", "0000-00-00", "zero-date"),
        ("date", "2026-00-10", "zero-date"),
        ("datetime", "0000-00-00 00:00:00", "zero-date"),
        ("datetime", "2026-11-01 08:00:00.5", "bad-date"),
        ("datetime", "2026-11-01 24:00:00", "bad-date"),
        ("datetime", "2026-11-01", "bad-date"),
        ("time", "8 o'clock", "bad-time"),
        ("varchar(9)", "\ud800", "bad-text"),
        ("int", NULL, "unexpected-null"),
        ("varchar(9)", NULL, "unexpected-null"),
        ("int null", NULL, None),
        ("varchar(9) null", NULL, None),
        ("datetime null", NULL, None),
    ],
)  # fmt: skip
def test_types_by_rule(definition: str, text: str, expected: Any) -> None:
    for null in (NULL, None):
        value = None if text == NULL and null is None else text
        if isinstance(expected, str):
            with pytest.raises(Rejected) as caught:
                attribute(definition, value, null=null)
            assert caught.value.code == expected
            assert "'c'" in caught.value.message or expected == "bad-text"
        else:
            assert attribute(definition, value, null=null) == expected


@pytest.mark.parametrize(
    ("definition", "type_", "text", "expected"),
    [
        ("int", "S", "007", {"S": "7"}),
        ("int", "BOOL", "1", {"BOOL": True}),
        ("int", "BOOL", "2", "bad-boolean"),
        ("bit(1)", "N", "true", {"N": "1"}),
        ("decimal(50,2)", "S", "9" * 48 + ".5", {"S": "9" * 48 + ".50"}),
        ("double", "S", "1e300", {"S": "1" + "0" * 300}),
        ("varchar(99)", "N", "1.50", {"N": "1.5"}),
        ("varchar(99)", "N", "None", "bad-number"),
        ("varchar(99)", "N", "1" * 39, "number-too-precise"),
        ("varbinary(9)", "S", "0xFF", {"S": "ff"}),
    ],
)
def test_casts(definition: str, type_: str, text: str, expected: Any) -> None:
    if isinstance(expected, str):
        with pytest.raises(Rejected) as caught:
            attribute(definition, text, type_)
        assert caught.value.code == expected
    else:
        assert attribute(definition, text, type_) == expected


def test_the_text_none_is_no_null_in_rows_of_a_database() -> None:
    assert attribute("varchar(9) null", "None", null=None) == {"S": "None"}
    with pytest.raises(Rejected):
        attribute("int null", "None", null=None)


def test_a_null_behind_an_index_key_makes_the_item_sparse() -> None:
    body = KEY + 'index: {GSI1PK: "C#{code}", GSI1SK: "{born}"}\n'
    source = thing("code char(3) null collate utf8mb4_bin", "born date null")
    assert {"GSI1PK", "GSI1SK"} <= set(items(body, source, "1", "abc", "2026-01-02")[0][2])
    for code, born in (("abc", NULL), (NULL, "2026-01-02"), (NULL, NULL)):
        assert not {"GSI1PK", "GSI1SK"} & set(items(body, source, "1", code, born)[0][2])


def test_an_empty_index_key_is_rejected() -> None:
    body = KEY + 'index: {GSI1PK: "{code}", GSI1SK: "X"}\n'
    with pytest.raises(Rejected) as caught:
        items(body, thing("code char(3) collate utf8mb4_bin"), "1", "")
    assert caught.value.code == "empty-key"


def test_functions_in_keys() -> None:
    source = thing("code varchar(9) null collate utf8mb4_bin")
    body = KEY + 'index: {GSI1PK: "{code|escape}#{code|lower}#{code|upper}", GSI1SK: "{code|lower|escape}"}\n'
    text = body.replace("#{code|lower}#{code|upper}", "#{code|lower|escape}#{code|upper}")
    item = items(text, source, "1", "Aß#ü %")[0][2]
    assert item["GSI1PK"] == {"S": "A\u00df%23\u00fc%20%25#a\u00df%23\u00fc%20%25#A\u00df#\u00fc %"}
    assert item["GSI1SK"] == {"S": "aß%23ü%20%25"}


def test_omitted_columns_are_not_even_looked_at() -> None:
    item = items(KEY + "omit: [c]\n", thing("c int"), "1", "rubbish")[0][2]
    assert "c" not in item


def test_generated_and_invisible_columns_are_not_staged() -> None:
    hidden = (Column("g", "int", "int", True, 3, generated=True), Column("c", "int", "int", False, 4))
    source = Table("shop", "thing", (*thing().columns, *hidden), ("id",))
    item = items(KEY, source, "1", "5")[0][2]
    assert item["c"] == {"N": "5"}
    assert "g" not in item


def test_several_items_from_one_row() -> None:
    text = (
        f"{HEAD}entities:\n  ONE: {{from: shop.thing, into: Shop, key: {{PK: 'A#{{id:010d}}', SK: 'ONE'}}}}\n"
        "  TWO: {from: shop.thing, into: Shop, key: {PK: 'A#{id:010d}', SK: 'TWO'}, omit: [c]}\n"
    )
    transform = compile_rows(contract_of(text), thing("c int"), null=NULL, offset=0, version=VERSION)
    made = transform(["1", "5"])
    assert [name for name, _, _ in made] == ["ONE", "TWO"]
    assert [json.loads(item).get("c") for _, _, item in made] == [{"N": "5"}, None]


def test_names_of_attributes_can_follow_a_style() -> None:
    text = entity(KEY).replace("tables:", "defaults: {names: camel}\ntables:")
    transform = compile_rows(contract_of(text), thing("sys_creation_date date"), null=NULL, offset=0, version=VERSION)
    assert "sysCreationDate" in json.loads(transform(["1", "2026-01-01"])[0][2])


def test_a_short_row_is_rejected() -> None:
    with pytest.raises(Rejected) as caught:
        items(KEY, thing("c int"), "1")
    assert caught.value.code == "row-width"


def test_an_item_of_400_kb_passes_and_a_larger_one_is_rejected() -> None:
    source = thing("c longtext")
    bare = items(KEY, source, "1", "")[0][2]
    used = sum(len(name) + len(next(iter(value.values()))) for name, value in bare.items()) - len("1") + 2
    room = 400 * 1024 - used
    assert len(items(KEY, source, "1", "x" * room)[0][2]["c"]["S"]) == room
    for text in ("x" * (room + 1), "ü" * (room // 2 + 1)):
        with pytest.raises(Rejected) as caught:
            items(KEY, source, "1", text)
        assert caught.value.code == "item-too-large"


def test_a_contract_that_does_not_fit_the_table_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        items('key: {PK: "A#{idd}", SK: "X"}\n', thing("c int"), "1", "2")
    assert [finding.code for finding in caught.value.findings] == ["unknown-column"]
    other = table("other", "id", "id int unsigned", schema="shop")
    with pytest.raises(InvalidInput):
        items(KEY, other, "1")


def test_names_never_become_code() -> None:
    evil = "x'}\"\\n{fields}__import__('os')"
    column = Column(evil, "varchar", "varchar(9)", False, 2, length=9)
    source = Table("shop", "thing", (*thing().columns, column), ("id",))
    assert items(KEY, source, "1", "ok")[0][2][evil] == {"S": "ok"}
