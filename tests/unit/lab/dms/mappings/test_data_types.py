# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a text becomes under a DMS type."""

from __future__ import annotations

import pytest

from lab.dms.mappings import converter
from lab.dms.mappings.data_types import dms_type
from tests.unit.lab.dms.mappings.mapping_rules import column


@pytest.mark.parametrize(
    ("data_type", "text", "converted"),
    [
        ("string(3)", "äöüß", "äöü"),
        ("wstring(3)", "ab", "ab"),
        ("int8", "20000.0", "20000"),
        ("int1", "-128", "-128"),
        ("int4", "2.5", "3"),
        ("int4", "-2.5", "-3"),
        ("uint8", "18446744073709551615", "18446744073709551615"),
        ("numeric(10,2)", "1.005", "1.01"),
        ("numeric(10,0)", "7", "7"),
        ("numeric", "1.2300", "1.2300"),
        ("numeric(65,2)", "1e20", "100000000000000000000.00"),
        ("real8", "1.5E+20", "1.5E+20"),
        ("date", "2026-01-02 10:00:00.5", "2026-01-02"),
        ("datetime", "2026-01-02", "2026-01-02 00:00:00"),
        ("datetime(6)", "2026-01-02 10:00:00.5", "2026-01-02 10:00:00.500000"),
        ("datetime(0)", "2026-01-02 10:00:00.5", "2026-01-02 10:00:00"),
        ("time", "-100:00:00", "-100:00:00"),
        ("time(1)", "2026-01-02 10:00:00.55", "10:00:00.5"),
    ],
)
def test_texts(data_type: str, text: str, converted: str) -> None:
    convert = converter(data_type)
    assert convert is not None
    assert convert(text) == converted
    assert convert(None) is None


@pytest.mark.parametrize(
    ("data_type", "text"),
    [
        ("int1", "128"),
        ("uint1", "-1"),
        ("int8", "many"),
        ("numeric(4,2)", "100"),
        ("numeric", "x"),
        ("real4", "x"),
        ("date", "10:00:00"),
        ("time", "2026-01-01"),
        ("datetime", "10:00:00"),
        ("datetime", ""),
        ("date", "2026-01-01x"),
    ],
)
def test_texts_that_are_no_value(data_type: str, text: str) -> None:
    convert = converter(data_type)
    assert convert is not None
    with pytest.raises(ValueError, match=r".+"):
        convert(text)


@pytest.mark.parametrize(
    ("kind", "data_type"),
    [
        ("tinyint(1)", "int1"),
        ("int(10) unsigned", "uint4"),
        ("mediumint(9)", "int4"),
        ("bigint(20) unsigned", "uint8"),
        ("year(4)", "int2"),
        ("bit(1)", "boolean"),
        ("bit(9)", "bytes"),
        ("decimal(4,2)", "numeric"),
        ("float", "real8"),
        ("timestamp(6)", "datetime"),
        ("time", "string"),
        ("text", "wstring"),
        ("enum('a')", "wstring"),
        ("longtext", "nclob"),
        ("json", "nclob"),
        ("longblob", "blob"),
        ("point", "blob"),
        ("varbinary(3)", "bytes"),
    ],
)
def test_types_of_columns(kind: str, data_type: str) -> None:
    assert dms_type(column("c", kind)) == data_type


@pytest.mark.parametrize("data_type", ["", "string", "wstring"])
def test_types_that_change_nothing(data_type: str) -> None:
    assert converter(data_type) is None
