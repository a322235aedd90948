# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A row is one item, in whichever dialect DMS may write it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from landbridge.contract.canonical import canonical_item
from landbridge.contract.rows import compile_rows
from landbridge.staging.profile import added_columns
from landbridge.staging.records import RecordReader

from lab.dms.dialects.dialect import DIALECTS, Dialect
from tests.fixtures.billing_tables import table
from tests.fixtures.contracts import contract_of, entity

NULL = "__DMS_NULL__"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(alphabet='",\n\r\\ x\u2028\0', max_size=6)
Write = Callable[[Any, Dialect], str]


def boolean(value: bool, dialect: Dialect) -> str:
    return str(value).lower() if dialect.boolean == "word" else str(int(value))


def hexadecimal(value: bytes, dialect: Dialect) -> str:
    digits = value.hex()
    return dialect.hex_prefix + (digits.upper() if dialect.hex_case == "upper" else digits)


def decimal(value: Decimal, dialect: Dialect) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if dialect.decimal_zeros == "trimmed" else text


def double(value: float, dialect: Dialect) -> str:
    if dialect.real == "plain":
        return f"{Decimal(repr(value)):f}"
    return f"{Decimal(repr(value)):E}" if dialect.real == "scientific" else repr(value)


def single(value: float, dialect: Dialect) -> str:
    """``value`` is a single. Its own shortest text has nine digits at most."""
    if dialect.float_width == "double":
        return double(value, dialect)
    return next(text for digits in range(1, 10) if _as_single(float(text := f"{value:.{digits}g}")) == value)


def _as_single(value: float) -> float | None:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return None


def _fraction(microsecond: int, digits: int, dialect: Dialect) -> str:
    written = digits if dialect.fraction == "exact" else 6 if digits or dialect.fraction == "six" else 0
    return f".{microsecond:06d}"[: written + 1] if written else ""


def moment(digits: int) -> Write:
    return lambda value, dialect: f"{value:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + _fraction(value.microsecond, digits, dialect)


def span(digits: int) -> Write:
    def write(value: timedelta, dialect: Dialect) -> str:
        size = abs(value)
        minutes, seconds = divmod(size.days * 86_400 + size.seconds, 60)
        sign = "-" if value < timedelta(0) else ""
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{_fraction(size.microseconds, digits, dialect)}"

    return write


def document(value: Any, dialect: Dialect) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":") if dialect.json == "compact" else (", ", ": "))


def coarse(values: st.SearchStrategy[datetime], digits: int) -> st.SearchStrategy[datetime]:
    step = 10 ** (6 - digits)
    return values.map(lambda value: value.replace(microsecond=value.microsecond // step * step))


MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1))
SPANS = st.integers(-(839 * 3600 - 1), 839 * 3600 - 1).map(lambda seconds: timedelta(seconds=seconds))
SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False)
DOUBLES = st.floats(-1e120, 1e120).filter(lambda value: value == 0 or abs(value) > 1e-100)
JSONS = st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one))
PLAIN: Write = lambda value, dialect: str(value)  # noqa: E731 - a table's entry

# For each column: its definition, its values, their text in a dialect.
COLUMNS: list[tuple[str, st.SearchStrategy[Any], Write]] = [
    ("n bigint unsigned", st.integers(0, 2**64 - 1), PLAIN),
    ("b1 bit(1)", st.booleans(), boolean),
    ("b12 bit(12)", st.integers(0, 4095).map(lambda value: value.to_bytes(2)), hexadecimal),
    ("vb varbinary(9) null", st.binary(max_size=9), hexadecimal),
    ("bi binary(4)", st.binary(min_size=4, max_size=4), hexadecimal),
    ("d decimal(12,4) null", st.integers(-(10**12) + 1, 10**12 - 1).map(lambda units: Decimal(units).scaleb(-4)), decimal),
    ("f float null", SINGLES, single),
    ("r double", DOUBLES, double),
    ("y date", st.dates(min_value=date(1000, 1, 1)), PLAIN),
    ("d0 datetime", coarse(MOMENTS, 0), moment(0)),
    ("d3 datetime(3) null", coarse(MOMENTS, 3), moment(3)),
    ("s6 timestamp(6)", MOMENTS, moment(6)),
    ("t0 time", SPANS, span(0)),
    ("t2 time(2)", SPANS, span(2)),
    ("t varchar(20) null", TEXTS, PLAIN),
    ("e enum('a','','b,c')", st.sampled_from(["a", "", "b,c"]), PLAIN),
    ("j json", JSONS.filter(lambda value: value is not None), document),
]  # fmt: skip
FREE = ("varchar", "enum", "json")

SOURCE = table("thing", "id", "id int unsigned", *(column[0] for column in COLUMNS), schema="shop")
TRANSFORM = compile_rows(contract_of(entity('key: {PK: "T#{id:010d}", SK: "T"}')), SOURCE, null=NULL, offset=1, version="v")


@st.composite
def rows(draw: st.DrawFn) -> list[Any]:
    """A value for each column, None for NULL."""
    return [None if " null" in definition and draw(st.booleans()) else draw(values) for definition, values, _ in COLUMNS]


def line(values: list[Any], dialect: Dialect) -> str:
    """The row as the twin's files have it, with the columns that the task adds."""
    fields = ["I", "7"]
    for (definition, _, write), value in zip(COLUMNS, values, strict=True):
        text = NULL if value is None else write(value, dialect)
        free = definition.split()[1].startswith(FREE) and value is not None
        fields.append(quoted(text, dialect) if free else text)
    absent = NULL if dialect.absent_added == "marker" else ""
    return ",".join([*fields, *(absent for _ in added_columns(SOURCE))]) + "\n"


def quoted(text: str, dialect: Dialect) -> str:
    special = ',"\n\r' if dialect.quote_carriage_return else ',"\n'
    if any(character in text for character in special) or (not text and dialect.empty_string == "quoted"):
        return '"' + text.replace('"', '""') + '"'
    return text


def item(text: str) -> bytes:
    (block,) = RecordReader(BytesIO(text.encode()), "k", {2 + len(COLUMNS) + len(added_columns(SOURCE))})
    (record,) = block.records
    ((_, _, made),) = TRANSFORM(record)
    return canonical_item(json.loads(made))


@settings(max_examples=200, deadline=None)
@given(rows())
def test_every_dialect_gives_the_same_item(values: list[Any]) -> None:
    assume(NULL not in values)
    items = {name: item(line(values, dialect)) for name, dialect in DIALECTS.items()}
    assert len(set(items.values())) == 1, items


@given(st.sampled_from(list(DIALECTS.values())), rows())
def test_other_values_give_another_item(dialect: Dialect, values: list[Any]) -> None:
    """What is made the same must not be made so by forgetting it."""
    at = next(number for number, (definition, _, _) in enumerate(COLUMNS) if definition.startswith("bi "))
    others = [*values[:at], bytes(255 - byte for byte in values[at]), *values[at + 1 :]]
    assert item(line(values, dialect)) != item(line(others, dialect))
