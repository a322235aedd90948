# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The text of each type. Where the documentation is silent the lab is held to its dialect, and AWS may answer in any known way."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .rules import mappings, select
from .site import NULL, Rows, Site

# Column: its declaration and the value of the one row that is not all NULL.
COLUMNS = {
    "small": ("TINYINT", "-128"),
    "flag": ("TINYINT(1)", "1"),
    "medium": ("MEDIUMINT", "-8388608"),
    "big": ("BIGINT", "-9223372036854775808"),
    "huge": ("BIGINT UNSIGNED", "18446744073709551615"),
    "money": ("DECIMAL(14,4)", "-1234.5"),
    "long_number": ("DECIMAL(65,2)", "123456789012345678901234567890123456789012345678901234567890123.25"),
    "ratio": ("FLOAT", "0.1"),
    "half": ("DOUBLE", "0.5"),
    "wide": ("DOUBLE", "1.5e20"),
    "bit_one": ("BIT(1)", "b'1'"),
    "bits": ("BIT(12)", "b'101010101010'"),
    "day": ("DATE", "'2026-02-28'"),
    "moment": ("DATETIME", "'2026-11-01 08:00:00'"),
    "coarse": ("DATETIME(3)", "'2026-11-01 08:00:00.125'"),
    "fine": ("DATETIME(6)", "'2026-11-01 08:00:00.25'"),
    "stamp": ("TIMESTAMP NULL", "'2026-11-01 08:00:00'"),
    "span": ("TIME", "'-100:59:59'"),
    "fine_span": ("TIME(2)", "'01:02:03.5'"),
    "born": ("YEAR", "2026"),
    "zero_day": ("DATE", "'0000-00-00'"),
    "zero_moment": ("DATETIME", "'0000-00-00 00:00:00'"),
    "choice": ("ENUM('open','written, off')", "'written, off'"),
    "several": ("SET('a','b','c')", "'a,c'"),
    "letter": ("CHAR(3)", "'ab'"),
    "old": ("VARCHAR(20) CHARACTER SET latin1", "'é'"),
    "fixed": ("BINARY(4)", "x'00ff'"),
    "bytes": ("VARBINARY(10)", "x'c3a90a'"),
    "picture": ("LONGBLOB", "x'00ab'"),
    "story": ("LONGTEXT", "'a long story'"),
    "document": ("JSON", "'{\"a\": [1, 2]}'"),
}


def loaded(site: Site, schema: str, table: str) -> Rows:
    _, folder = site.load(mappings(select(schema, table)))
    return site.rows(f"{folder}/{schema}/{table}/")


@dataclass(frozen=True)
class Kinds:
    """The row of values and the row of nothing as a full load writes them; ``start``: the position before their inserts."""

    loaded: list[dict[str, str]]
    schema: str
    start: str


def named(found: Rows) -> list[dict[str, str]]:
    assert [row[:2] for row in found] == [["I", "1"], ["I", "2"]]
    return [dict(zip(COLUMNS, row[2:], strict=True)) for row in found]


@pytest.fixture(scope="module")
def kinds(site: Site) -> Kinds:
    schema = site.schema()
    site.execute("SET SESSION sql_mode = ''")
    site.execute("CREATE TABLE kinds (id INT PRIMARY KEY, " + ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items()) + ")")
    start = site.position()
    site.execute("SET SESSION time_zone = '+02:00'")
    site.execute(f"INSERT INTO kinds VALUES (1, {', '.join(value for _, value in COLUMNS.values())})")  # noqa: S608 - the values above
    site.execute("SET SESSION time_zone = '+00:00'")
    site.execute("INSERT INTO kinds (id) VALUES (2)")
    return Kinds(named(loaded(site, schema, "kinds")), schema, start)


@pytest.fixture(scope="module")
def rows(kinds: Kinds) -> list[dict[str, str]]:
    return kinds.loaded


@pytest.fixture(scope="module")
def row(rows: list[dict[str, str]]) -> dict[str, str]:
    return rows[0]


def hexadecimal(site: Site, digits: str) -> list[str]:
    """The texts that bytes may have."""
    cases = site.either("hex_case", {"upper": digits.upper(), "lower": digits.lower()})
    return [prefix + text for prefix in site.either("hex_prefix", {"": "", "0x": "0x", "\\x": "\\x"}) for text in cases]


@pytest.mark.behaviour("types.null")
def test_null_has_one_text_for_all_types(rows: list[dict[str, str]]) -> None:
    assert set(rows[1].values()) == {NULL}


@pytest.mark.behaviour("types.integers")
@pytest.mark.parametrize("column", ["small", "flag", "medium", "big", "huge", "born"])
def test_integers_are_digits(row: dict[str, str], column: str) -> None:
    assert row[column] == COLUMNS[column][1]


@pytest.mark.behaviour("types.decimal")
def test_decimals_are_exact(site: Site, row: dict[str, str]) -> None:
    assert row["money"] in site.either("decimal_zeros", {"kept": "-1234.5000", "trimmed": "-1234.5"})
    assert row["long_number"] == COLUMNS["long_number"][1]


@pytest.mark.behaviour("types.double")
def test_doubles(site: Site, row: dict[str, str]) -> None:
    assert float(row["half"]) == 0.5
    assert row["wide"] in site.either("real", {"server": "1.5e20", "plain": "150000000000000000000", "scientific": "1.5E+20"})


@pytest.mark.behaviour("types.float")
def test_a_float_becomes_a_double(site: Site, row: dict[str, str]) -> None:
    assert float(row["ratio"]) in site.either("float_width", {"double": 0.10000000149011612, "single": 0.1})


@pytest.mark.behaviour("types.bit")
def test_one_bit_is_a_boolean(site: Site, row: dict[str, str]) -> None:
    assert row["bit_one"] in site.either("boolean", {"digit": "1", "word": "true"})


@pytest.mark.behaviour("types.bytes")
@pytest.mark.parametrize(("column", "digits"), [("bits", "0AAA"), ("fixed", "00FF0000"), ("bytes", "C3A90A"), ("picture", "00AB")])
def test_bytes_are_hexadecimal(site: Site, row: dict[str, str], column: str, digits: str) -> None:
    assert row[column] in hexadecimal(site, digits)


@pytest.mark.behaviour("types.date")
def test_a_date(row: dict[str, str]) -> None:
    assert row["day"] == "2026-02-28"


@pytest.mark.behaviour("types.datetime")
def test_a_datetime_is_not_shifted(site: Site, row: dict[str, str]) -> None:
    whole = "2026-11-01 08:00:00"
    assert row["moment"] in site.either("fraction", {"declared": whole, "six": f"{whole}.000000", "exact": whole})
    assert row["coarse"] in site.either("fraction", {"declared": f"{whole}.125000", "six": f"{whole}.125000", "exact": f"{whole}.125"})
    assert row["fine"] == f"{whole}.250000"


@pytest.mark.behaviour("types.timestamp")
def test_a_timestamp_is_in_utc(site: Site, row: dict[str, str]) -> None:
    whole = "2026-11-01 06:00:00"
    assert row["stamp"] in site.either("fraction", {"declared": whole, "six": f"{whole}.000000", "exact": whole})


@pytest.mark.behaviour("types.time")
def test_a_time_may_be_negative_and_longer_than_a_day(site: Site, row: dict[str, str]) -> None:
    assert row["span"] in site.either("fraction", {"declared": "-100:59:59", "six": "-100:59:59.000000", "exact": "-100:59:59"})
    assert row["fine_span"] in site.either("fraction", {"declared": "01:02:03.500000", "six": "01:02:03.500000", "exact": "01:02:03.50"})


@pytest.mark.behaviour("types.zero_date")
def test_a_date_of_zeros(site: Site, row: dict[str, str]) -> None:
    assert row["zero_day"] in site.either("zero_date", {"text": "0000-00-00", "null": NULL})
    assert row["zero_moment"][:19] in site.either("zero_date", {"text": "0000-00-00 00:00:00", "null": NULL})


@pytest.mark.behaviour("types.enum_set")
def test_enumerations_are_labels(row: dict[str, str]) -> None:
    assert (row["choice"], row["several"]) == ("written, off", "a,c")


@pytest.mark.behaviour("types.text")
def test_texts_are_converted_to_utf8(row: dict[str, str]) -> None:
    assert (row["letter"], row["old"], row["story"]) == ("ab", "é", "a long story")


@pytest.mark.behaviour("types.json")
def test_a_document_is_text(site: Site, row: dict[str, str]) -> None:
    assert row["document"] in site.either("json", {"server": '{"a": [1, 2]}', "compact": '{"a":[1,2]}'})


@pytest.mark.behaviour("types.same_in_changes")
def test_a_change_has_the_text_of_the_load(site: Site, kinds: Kinds) -> None:
    target, folder = site.target()
    task = site.task(mappings(select(kinds.schema, "kinds")), target, kind="cdc", CdcStartPosition=kinds.start)
    site.start(task)
    path = f"{folder}/{kinds.schema}/kinds/"
    found = site.until_rows(path, lambda found: len(found) == 2, "two inserts")
    site.running(task)
    site.stop(task)
    assert named(found) == kinds.loaded


@pytest.mark.behaviour("types.generated")
def test_a_generated_column(site: Site) -> None:
    schema = site.schema()
    site.execute("CREATE TABLE derived (id INT PRIMARY KEY, twice INT GENERATED ALWAYS AS (id * 2) STORED, note CHAR(1))")
    site.execute("INSERT INTO derived (id, note) VALUES (4, 'x')")
    assert loaded(site, schema, "derived") in site.either("generated", {"written": [["I", "4", "8", "x"]], "omitted": [["I", "4", "x"]]})


@pytest.mark.behaviour("types.invisible")
def test_an_invisible_column_is_not_migrated(site: Site) -> None:
    schema = site.schema()
    site.execute("CREATE TABLE hidden (id INT PRIMARY KEY, gone INT NULL INVISIBLE, note CHAR(1))")
    site.execute("INSERT INTO hidden (id, gone, note) VALUES (4, 9, 'x')")
    assert loaded(site, schema, "hidden") == [["I", "4", "x"]]
