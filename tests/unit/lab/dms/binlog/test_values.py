# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Texts of values, on bytes."""

from __future__ import annotations

import struct

import pytest

from lab.dms.binlog import ABSENT, Position, RowEvent, TableMap, compile_rows
from lab.dms.binlog.charsets import decoder
from lab.dms.binlog.fields import labels_of
from lab.dms.binlog.json_binary import json_text
from lab.dms.binlog.numbers import decimal_bytes, decimal_text, server_real
from lab.dms.binlog.temporal import old_datetime_text, old_time_text, timestamp_text
from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError

from .logs import table_map


def table(*types: str, charset: str = "") -> SourceTable:
    columns = [SourceColumn(f"c{n}", kind.split("(")[0].split()[0], kind, charset, 0, n) for n, kind in enumerate(types, 1)]
    return SourceTable("s", "t", 0, tuple(columns), ("c1",))


def parsed(types: bytes, meta: bytes = b"", optional: bytes = b"", server: str = "10.11.6-MariaDB") -> TableMap:
    return TableMap.parse(table_map(types, meta, optional), server)


def test_position() -> None:
    assert Position.parse("binlog.000012:345") == Position("binlog.000012", 345)
    assert str(Position("a:b", 4)) == "a:b:4"
    assert Position.parse("a:b:4") == Position("a:b", 4)
    assert Position("b.000001", 900) < Position("b.000002", 4)
    for wrong in ("", "binlog", ":4", "binlog:", "binlog:x", "binlog:-4"):
        with pytest.raises(ValueError, match="is not a position"):
            Position.parse(wrong)


def test_optional_metadata() -> None:
    optional = b"\1\1\x40" + b"\2\1\x2d" + b"\4\6\1a\1b\1c"
    found = parsed(b"\3\x08\x0f", b"\x14\0", optional)
    assert found.unsigned == (False, True, False)
    assert found.names == ("a", "b", "c")
    assert found.charsets == ("", "", "utf8mb4")


def test_without_metadata_the_catalogue_tells_sign_and_charset() -> None:
    decode = compile_rows(parsed(b"\1\x0f", b"\x14\0"), table("tinyint(3) unsigned", "varchar(20)", charset="latin1"), GUIDE)
    event = RowEvent(parsed(b"\1\x0f", b"\x14\0"), "I", 4, b"\2\3\0\xff\3\xe4\x80\x81")
    assert decode(event) == [(None, ("255", "ä€\x81"))]


def test_a_row_that_does_not_end_where_the_event_ends() -> None:
    decode = compile_rows(parsed(b"\1"), table("tinyint(4)"), GUIDE)
    for data in (b"\1\1\0", b"\1\1\0\5\0"):
        with pytest.raises(TableError, match="was altered"):
            decode(RowEvent(parsed(b"\1"), "I", 4, data))


def test_after_images_are_filled_from_before_images() -> None:
    decode = compile_rows(parsed(b"\1\1\1"), table("tinyint(4)", "tinyint(4)", "tinyint(4)"), GUIDE)
    # Before: all but the last; after: the second alone, NULL.
    event = RowEvent(parsed(b"\1\1\1"), "U", 4, b"\3\3\2" + b"\0\5\6" + b"\1")
    ((before, after),) = decode(event)
    assert before == ("5", "6", ABSENT)
    assert after == ("5", None, ABSENT)
    assert after[2] is ABSENT


def test_more_columns_than_one_byte_can_count() -> None:
    types = b"\1" * 260
    body = bytes(8) + b"\1s\0\1t\0" + b"\xfc" + struct.pack("<H", 260) + types + b"\0" + bytes(33)
    found = TableMap.parse(body, "")
    decode = compile_rows(found, table(*["tinyint(4)"] * 260), GUIDE, [0, 259])
    data = b"\xfc" + struct.pack("<H", 260) + b"\xff" * 33 + bytes(32) + b"\xf0" + bytes(range(1, 128)) * 2 + b"\7" * 6
    assert decode(RowEvent(found, "I", 4, data)) == [(None, ("1", "7"))]


def test_many_sets_of_nulls() -> None:
    decode = compile_rows(parsed(b"\1" * 10), table(*["tinyint(4)"] * 10), GUIDE)
    for nulls in range(1024):
        image = bytes(n for n in range(10) if not nulls >> n & 1)
        ((_, after),) = decode(RowEvent(parsed(b"\1" * 10), "I", 4, b"\x0a\xff\3" + nulls.to_bytes(2, "little") + image))
        assert after == tuple(None if nulls >> n & 1 else str(n) for n in range(10))


def test_labels_of_the_catalogue() -> None:
    assert labels_of(r"enum('a','it''s','c,d','e\\f','')") == ["a", "it's", "c,d", "e\\f", ""]


@pytest.mark.parametrize(
    ("precision", "scale", "data", "text", "trimmed"),
    [
        (14, 4, "810dfb38d204d2", "1234567890.1234", "1234567890.1234"),
        (14, 4, "7ef204c72dfb2d", "-1234567890.1234", "-1234567890.1234"),
        (4, 2, "8100", "1.00", "1"),
        (4, 0, "8064", "100", "100"),
        (2, 2, "80", "0.00", "0"),
    ],
)
def test_decimals(precision: int, scale: int, data: str, text: str, trimmed: str) -> None:
    raw = bytes.fromhex(data)
    assert len(raw) == decimal_bytes(precision, scale)
    assert decimal_text(precision, scale, GUIDE)(raw) == text
    assert decimal_text(precision, scale, DIALECTS["sparse"])(raw) == trimmed


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (1e14, "100000000000000"),
        (1e15, "1e15"),
        (-1.5e15, "-1.5e15"),
        (1000000000000000.5, "1000000000000000.5"),
        (1e-15, "0.000000000000001"),
        (9e-16, "9e-16"),
        (-1.25e-7, "-0.000000125"),
        (1.7976931348623157e308, "1.7976931348623157e308"),
        (5e-324, "5e-324"),
        (100.0, "100"),
    ],
)
def test_reals(number: float, text: str) -> None:
    assert server_real(number) == text


def test_times_before_mysql_5_6() -> None:
    assert old_datetime_text(GUIDE)((20240203040506).to_bytes(8, "little")) == "2024-02-03 04:05:06"
    assert old_datetime_text(DIALECTS["words"])(bytes(8)) is None
    assert old_time_text(GUIDE)((-8385959).to_bytes(3, "little", signed=True)) == "-838:59:59"
    assert timestamp_text(0, GUIDE, old=True)((86461).to_bytes(4, "little")) == "1970-01-02 00:01:01"
    assert timestamp_text(0, DIALECTS["words"])((86461).to_bytes(4, "big")) == "1970-01-02 00:01:01.000000"


def test_invalid_bytes_are_question_marks() -> None:
    assert decoder("utf8mb4")(b"a\xffb") == "a?b"
    assert decoder("cp1251")(b"\x98") == "?"
    with pytest.raises(LookupError, match="klingon"):
        decoder("klingon")


# An object {"a": 1, "b": [null, "x"]}: keys, then what does not fit into the place of its offset.
NESTED = bytes.fromhex("00 0200 2000 1200 0100 1300 0100 050100 021400 61 62 0200 0c00 040000 0c0a00 0178")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "null"),
        (b"\4\0", "null"),
        (b"\4\1", "true"),
        (b"\5\xf0\xd8", "-10000"),
        (b"\x0a" + b"\xff" * 8, "18446744073709551615"),
        (b"\x0b" + struct.pack("<d", 0.0), "0.0"),
        (b"\x0b" + struct.pack("<d", 1e100), "1e100"),
        (b'\x0c\3ab"', '"ab\\""'),
        (b"\x0c\3\xc3\xa4\1", '"ä\\u0001"'),
        (NESTED, '{"a": 1, "b": [null, "x"]}'),
    ],
)
def test_json(data: bytes, text: str) -> None:
    assert json_text(GUIDE)(data) == text


def test_json_without_blanks() -> None:
    assert json_text(DIALECTS["words"])(NESTED) == '{"a":1,"b":[null,"x"]}'


def test_opaque_values_in_json() -> None:
    text = json_text(GUIDE)
    moment = ((2024 * 13 + 2) << 5 | 3) << 17 | 4 << 12 | 5 << 6 | 6
    packed = (moment << 24 | 700).to_bytes(8, "little")
    assert text(b"\x0f\x0c\x08" + packed) == '"2024-02-03 04:05:06.000700"'
    assert text(b"\x0f\x0a\x08" + packed) == '"2024-02-03"'
    clock = -((12 << 12 | 34 << 6 | 56) << 24 | 5)
    assert text(b"\x0f\x0b\x08" + clock.to_bytes(8, "little", signed=True)) == '"-12:34:56.000005"'
    assert text(b"\x0f\xf6\x04\x04\x02" + bytes.fromhex("8132")) == "1.50"
    assert text(b"\x0f\x0f\x3c" + b"x" * 60) == '"base64:type15:' + "eHh4" * 19 + "\\n" + 'eHh4"'
    assert text(b"\x0c\x81\x01" + b"y" * 129) == '"' + "y" * 129 + '"'
