# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Items mean to boto3 exactly what the row meant to MySQL, whatever the values and however they were staged."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st
from landbridge.contract.canonical import canonical_item
from landbridge.contract.rows import compile_rows
from landbridge.contract.types import clean_pattern, cleaner

from tests.fixtures.billing_tables import column, table
from tests.fixtures.contracts import contract_of, entity

NULL = "__DMS_NULL__"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text(
    alphabet="\"\\\n\r\t\0\x1f\x7f,'{}\u2028\u2029😀éA", max_size=8
)
DATES = st.dates(min_value=date(1000, 1, 1))
TIMES = st.datetimes(min_value=datetime(1000, 1, 1))


def decimals(digits: int, scale: int) -> st.SearchStrategy[Decimal]:
    limit = 10**digits - 1
    return (
        st.integers(-limit, limit).map(lambda units: Decimal(units).scaleb(-scale))
        if digits <= 28
        else st.integers(-limit, limit).map(lambda units: Decimal(f"{units}E-{scale}"))
    )


def spelled(value: Decimal, scale: int) -> st.SearchStrategy[str]:
    """Spellings of one number that a staged file could hold."""
    plain = f"{value:.{scale}f}"
    return st.sampled_from([plain, plain, plain + ("0" if scale else ""), f"{value:E}" if abs(value) < 10**20 else plain])


def clock(value: datetime, digits: int) -> st.SearchStrategy[str]:
    fraction = f"{value.microsecond:06d}"[:digits]
    base = f"{value:%H:%M:%S}"
    day = value.date().isoformat()
    full = f"{day} {base}.{fraction}" if digits else f"{day} {base}"
    padded = f"{day} {base}.{fraction.ljust(6, '0')}"
    spellings = [full, padded, padded.replace(" ", "T")]
    return st.sampled_from([*spellings, f"{day} {base}"] if not fraction.strip("0") else spellings)


def iso(value: datetime, digits: int) -> str:
    fraction = f".{value.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{value.date().isoformat()}T{value:%H:%M:%S}{fraction}"


def hexed(value: bytes) -> st.SearchStrategy[str]:
    return st.sampled_from([value.hex(), value.hex().upper(), "0x" + value.hex(), "\\x" + value.hex()])


def to_millisecond(value: datetime) -> datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


FLOATS = st.floats(-1e120, 1e120).filter(lambda value: value == 0 or abs(value) > 1e-100)

# For each column: its definition, values, their staged spellings, and what boto3 must read.
Kind = tuple[str, st.SearchStrategy[Any], Callable[[Any], st.SearchStrategy[str]], Callable[[Any], Any]]
KINDS: list[Kind] = [
    ("t1 varchar(20) null", TEXTS, st.just, str),
    ("t2 text", TEXTS, st.just, str),
    ("n1 bigint null", st.integers(-(2**63), 2**63 - 1), lambda v: st.just(str(v)), Decimal),
    ("n2 bigint unsigned", st.integers(0, 2**64 - 1), lambda v: st.sampled_from([str(v), f"{v:025d}"]), Decimal),
    ("n3 tinyint", st.integers(-128, 127), lambda v: st.just(str(v)), Decimal),
    ("d1 decimal(14,4) null", decimals(14, 4), lambda v: spelled(v, 4), Decimal),
    ("d2 decimal(38,10)", decimals(38, 10), lambda v: spelled(v, 10), Decimal),
    ("d3 decimal(20,0)", decimals(20, 0), lambda v: spelled(v, 0), Decimal),
    ("f1 double null", FLOATS, lambda v: st.just(repr(v)), lambda v: Decimal(repr(v))),
    ("y1 date null", DATES, lambda v: st.just(v.isoformat()), date.isoformat),
    ("z0 datetime", TIMES.map(lambda v: v.replace(microsecond=0)), lambda v: clock(v, 0), lambda v: iso(v, 0)),
    ("z3 datetime(3) null", TIMES.map(to_millisecond), lambda v: clock(v, 3), lambda v: iso(v, 3)),
    ("z6 timestamp(6)", TIMES, lambda v: clock(v, 6), lambda v: iso(v, 6) + "Z"),
    ("b1 varbinary(40) null", st.binary(max_size=40), hexed, Binary),
    ("b2 bit(1)", st.booleans(), lambda v: st.sampled_from(["1", "true", "True"] if v else ["0", "false"]), bool),
]  # fmt: skip

SOURCE = table("thing", "id", "id int unsigned", *(kind[0] for kind in KINDS), schema="shop")
CONTRACT = contract_of(entity('key: {PK: "T#{id:010d}", SK: "T"}'))
OF_FILES = compile_rows(CONTRACT, SOURCE, null=NULL, offset=1, version="v")
OF_DATABASE = compile_rows(CONTRACT, SOURCE, null=None, offset=0, version="v")


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str | None], dict[str, Any]]:
    """A staged row, None for NULL, and the Python values that boto3 must read from its item."""
    fields: list[str | None] = ["7"]
    expected: dict[str, Any] = {"PK": "T#0000000007", "SK": "T", "EntityType": "THING", "_v": "v", "id": Decimal(7)}
    for definition, values, spellings, meaning in KINDS:
        name = definition.split()[0]
        if definition.endswith(" null") and draw(st.booleans()):
            fields.append(None)
            continue
        value = draw(values)
        fields.append(draw(spellings(value)))
        expected[name] = meaning(value)
    return fields, expected


def as_boto3_sends(values: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


@settings(max_examples=150, deadline=None)
@given(rows())
def test_boto3_reads_what_the_row_said(row: tuple[list[str | None], dict[str, Any]]) -> None:
    fields, expected = row
    ((entity_name, key, text),) = OF_FILES(["I", *(NULL if field is None else field for field in fields), "", ""])
    item = json.loads(text)
    assert entity_name == "THING"
    assert json.loads(key) == {name: item[name] for name in ("PK", "SK")}
    decoded = {
        name: TypeDeserializer().deserialize({"B": base64.b64decode(value["B"])} if "B" in value else value) for name, value in item.items()
    }
    assert decoded == expected
    # Both sides of a comparison agree, whatever wrote the item and whatever the row was read from.
    assert canonical_item(item) == canonical_item(as_boto3_sends(expected))
    assert OF_DATABASE(fields)[0][2] == text


CLEANED = [
    "c int", "c bigint unsigned", "c tinyint unsigned", "c year", "c decimal(6,2)", "c decimal(2,2)", "c decimal(9,0)", "c double",
    "c float", "c date", "c datetime", "c datetime(3)", "c timestamp(6)", "c time", "c time(2)", "c bit(1)", "c bit(12)",
    "c varbinary(6)", "c binary(3)",
]  # fmt: skip


def _without_fraction_of_zeros(text: str) -> str:
    second, _point, fraction = text.partition(".")
    return f"{second}.{fraction.rstrip('0')}".removesuffix(".")


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(CLEANED))
def test_what_needs_no_cleaning_is_clean(data: st.DataObject, definition: str) -> None:
    """The pattern that spares a value its cleaner never matches one that the cleaner would change (but for zeros that the item drops)."""
    described = column(definition)
    value = data.draw(st.from_regex(clean_pattern(described), fullmatch=True, alphabet=st.characters(max_codepoint=127)))
    clean = cleaner(described, as_number=True)
    assert clean is not None
    kept = clean(value)
    if described.data_type in ("datetime", "timestamp"):
        value, kept = _without_fraction_of_zeros(value), _without_fraction_of_zeros(kept)
    assert value == kept


@given(TIMES, st.integers(0, 6))
def test_every_real_day_is_accepted_and_the_day_after_a_month_is_not(moment: datetime, digits: int) -> None:
    described = column(f"c datetime({digits})")
    clean = cleaner(described, as_number=False)
    assert clean is not None
    whole = moment.replace(microsecond=0)
    assert clean(whole.isoformat(" ")).startswith(whole.isoformat(" "))
    assert (whole + timedelta(days=1)).date() > whole.date()
