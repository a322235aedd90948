# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The text of values of every type, under every dialect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lab.dms.dialects.dialect import DIALECTS

from .conftest import select_all
from .direct import NULL, Loader

# A field with its quotes, and what ends it.
RAW_FIELD = re.compile(r'("(?:[^"]|"")*"|[^,\n"]*)[,\n]')
# Column: its type, a value in SQL, its text under the guide, and the texts of the dialects that write another one.
ZOO: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "tiny": ("TINYINT", "-128", "-128", {}),
    "flag": ("TINYINT(1)", "1", "1", {}),
    "big": ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615", {}),
    "low": ("BIGINT", "-9223372036854775808", "-9223372036854775808", {}),
    "filled": ("INT(8) ZEROFILL", "42", "42", {}),
    "born": ("YEAR", "2026", "2026", {}),
    "never": ("YEAR", "0", "0", {}),
    "money": ("DECIMAL(14,4)", "-1234.5000", "-1234.5000", {"sparse": "-1234.5"}),
    "round": ("DECIMAL(10,2)", "100", "100.00", {"sparse": "100"}),
    "nought": ("DECIMAL(10,2)", "0", "0.00", {"sparse": "0"}),
    "whole": ("DECIMAL(10,0)", "500", "500", {}),
    "widest": ("DECIMAL(65,30)", f"-{'9' * 35}.{'9' * 30}", f"-{'9' * 35}.{'9' * 30}", {}),
    "padded": ("DECIMAL(8,3) ZEROFILL", "1.5", "1.500", {"sparse": "1.5"}),
    "tenth": ("FLOAT", "0.1", "0.10000000149011612", {"sparse": "0.1", "exponents": "1.0000000149011612E-01"}),
    "sixteen": ("FLOAT", "16777216", "16777216", {"sparse": "16777200", "exponents": "1.6777216E+07"}),
    "far": (
        "FLOAT",
        "1e20",
        "1.0000000200408773e20",
        {"sparse": "1e20", "exponents": "1.0000000200408773E+20", "plain": "100000002004087730000"},
    ),
    "smallest": (
        "FLOAT",
        "1.17549435e-38",
        "1.1754943508222875e-38",
        {"sparse": "1.17549e-38", "exponents": "1.1754943508222875E-38", "plain": f"0.{'0' * 37}11754943508222875"},
    ),
    "priced": ("FLOAT(10,2)", "0.1", "0.10000000149011612", {"sparse": "0.10", "exponents": "1.0000000149011612E-01"}),
    "stuffed": ("FLOAT ZEROFILL", "1.5", "1.5", {"exponents": "1.5E+00"}),
    "ratio": ("DOUBLE", "0.1", "0.1", {"exponents": "1E-01"}),
    "zero": ("DOUBLE", "0", "0", {"exponents": "0E+00"}),
    "largest": (
        "DOUBLE",
        "1.7976931348623157e308",
        "1.7976931348623157e308",
        {"exponents": "1.7976931348623157E+308", "plain": "17976931348623157" + "0" * 292},
    ),
    "least": (
        "DOUBLE",
        "-2.2250738585072014e-308",
        "-2.2250738585072014e-308",
        {"exponents": "-2.2250738585072014E-308", "plain": f"-0.{'0' * 307}22250738585072014"},
    ),
    "on_off": ("BIT(1)", "b'1'", "1", {"words": "true"}),
    "off": ("BIT(1)", "b'0'", "0", {"words": "false"}),
    "many": ("BIT(12)", "b'101010101010'", "0AAA", {"words": "0x0aaa", "sparse": "0aaa", "exponents": "\\x0AAA"}),
    "most": ("BIT(64)", "~0", "F" * 16, {"words": "0x" + "f" * 16, "sparse": "f" * 16, "exponents": "\\x" + "F" * 16}),
    "day": ("DATE", "'2026-02-28'", "2026-02-28", {}),
    "no_day": ("DATE", "'0000-00-00'", "0000-00-00", {"words": NULL}),
    "partly": ("DATE", "'2026-02-00'", "2026-02-00", {}),
    "moment": ("DATETIME", "'2026-11-01 08:00:00'", "2026-11-01 08:00:00", {"words": "2026-11-01 08:00:00.000000"}),
    "fine": ("DATETIME(6)", "'2026-11-01 08:00:00.25'", "2026-11-01 08:00:00.250000", {}),
    "coarse": ("DATETIME(3)", "'2026-11-01 08:00:00.125'", "2026-11-01 08:00:00.125000", {"sparse": "2026-11-01 08:00:00.125"}),
    "no_moment": ("DATETIME", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00", {"words": NULL}),
    "no_fine": ("DATETIME(2)", "'0000-00-00'", "0000-00-00 00:00:00.000000", {"words": NULL, "sparse": "0000-00-00 00:00:00.00"}),
    "stamp": ("TIMESTAMP NULL", "'2026-11-01 08:00:00'", "2026-11-01 06:00:00", {"words": "2026-11-01 06:00:00.000000"}),
    "stamp_fine": ("TIMESTAMP(3) NULL", "'2026-11-01 08:00:00.5'", "2026-11-01 06:00:00.500000", {"sparse": "2026-11-01 06:00:00.500"}),
    "no_stamp": ("TIMESTAMP NULL", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00", {"words": NULL}),
    "span": ("TIME", "'-838:59:59'", "-838:59:59", {"words": "-838:59:59.000000"}),
    "finer": ("TIME(2)", "'01:02:03.5'", "01:02:03.500000", {"sparse": "01:02:03.50"}),
    "plain": ("VARCHAR(50)", "'plain'", "plain", {}),
    "empty": ("VARCHAR(50)", "''", "", {"words": '""'}),
    "blank": ("VARCHAR(50)", "' '", " ", {}),
    "quoted": ("VARCHAR(50)", "'a \"b\", c'", '"a ""b"", c"', {}),
    "returned": ("VARCHAR(50)", r"'a\rb'", '"a\rb"', {"sparse": "a\rb"}),
    "lines": ("TEXT", r"'a\nb'", '"a\nb"', {}),
    "letter": ("CHAR(5)", "'ab'", "ab", {}),
    "face": ("VARCHAR(50)", "'😀'", "😀", {}),
    "old": ("VARCHAR(50) CHARACTER SET latin1", "'é€'", "é€", {}),
    "choice": ("ENUM('open', 'written, off')", "'written, off'", '"written, off"', {}),
    "several": ("SET('a', 'b')", "'b,a'", '"a,b"', {}),
    "none": ("SET('a', 'b')", "''", "", {"words": '""'}),
    "fixed": ("BINARY(4)", "x'00ff'", "00FF0000", {"words": "0x00ff0000", "sparse": "00ff0000", "exponents": "\\x00FF0000"}),
    "bytes": ("VARBINARY(10)", "x'c3a9'", "C3A9", {"words": "0xc3a9", "sparse": "c3a9", "exponents": "\\xC3A9"}),
    "no_bytes": ("VARBINARY(10)", "''", "", {"words": "0x", "exponents": "\\x"}),
    "picture": ("LONGBLOB", "x'0a'", "0A", {"words": "0x0a", "sparse": "0a", "exponents": "\\x0A"}),
    "place": (
        "POINT",
        "ST_PointFromText('POINT(1 2)')",
        "0101000000000000000000F03F0000000000000040",
        {
            "words": "0x0101000000000000000000f03f0000000000000040",
            "sparse": "0101000000000000000000f03f0000000000000040",
            "exponents": "\\x0101000000000000000000F03F0000000000000040",
        },
    ),
    "novel": ("LONGTEXT", "'long'", "long", {}),
}


@pytest.fixture
def zoo(execute: Callable[..., Any]) -> None:
    """A table with one row of everything, written in a time zone of its own, and one of NULLs."""
    execute("SET SESSION sql_mode = ''")
    execute("SET SESSION time_zone = '+02:00'")
    columns = ", ".join(f"`{name}` {kind}" for name, (kind, *_) in ZOO.items())
    execute(f"CREATE TABLE zoo (id INT PRIMARY KEY, {columns})")
    values = ", ".join(value for _, value, *_ in ZOO.values())
    execute(f"INSERT INTO zoo VALUES (1, {values})")  # noqa: S608 - written above
    execute("INSERT INTO zoo (id) VALUES (2)")
    execute("SET SESSION time_zone = @@GLOBAL.time_zone")
    execute("SET SESSION sql_mode = @@GLOBAL.sql_mode")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_type_under_every_dialect(loader: Loader, schema: str, zoo: None, dialect: str) -> None:
    loaded = loader(select_all(schema), dialect=dialect)
    assert loaded.outcome.status == "stopped"
    (body,) = loaded.files.values()
    texts = {name: others.get(dialect, text) for name, (_, _, text, others) in ZOO.items()}
    # Column by column first: so a difference is easy to see.
    assert dict(zip(["id", *ZOO], RAW_FIELD.findall(body.decode()), strict=False)) == {"id": "1", **texts}
    assert body.decode() == ",".join(["1", *texts.values()]) + "\n" + ",".join(["2", *[NULL] * len(ZOO)]) + "\n"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_generated_and_added_columns(loader: Loader, schema: str, execute: Callable[..., Any], dialect: str) -> None:
    execute("CREATE TABLE made (id INT PRIMARY KEY, twice INT AS (id * 2) STORED, thrice INT AS (id * 3) VIRTUAL, name VARCHAR(9))")
    execute("INSERT INTO made (id, name) VALUES (1, 'x')")
    everywhere = {"rule-type": "transformation", "rule-target": "column", "object-locator": {"schema-name": "%", "table-name": "%"}}
    image = {"rule-action": "add-before-image-columns", "before-image-def": {"column-prefix": "BI_", "column-filter": "pk-only"}}
    string = {"type": "string", "length": 50}
    sequence = {"rule-action": "add-column", "value": "seq", "expression": "$AR_H_CHANGE_SEQ", "data-type": string}
    loaded = loader(select_all(schema, extra=[everywhere | image, everywhere | sequence]), dialect=dialect, AddColumnName=True)
    rules = DIALECTS[dialect]
    generated = [] if rules.generated == "omitted" else [("twice", "2"), ("thrice", "3")]
    absent = NULL if rules.absent_added == "marker" else ""
    added = [("BI_id", absent), ("seq", absent)] if rules.added_order == "rules" else [("seq", absent), ("BI_id", absent)]
    columns = [("id", "1"), *generated, ("name", "x"), *added]
    assert loaded.rows() == [[name for name, _ in columns], [text for _, text in columns]]


@pytest.mark.parametrize(("dialect", "stays"), [("guide", False), ("sparse", True)])
def test_preparation_follows_the_dialect(loader: Loader, schema: str, execute: Callable[..., Any], dialect: str, stays: bool) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    folder = loader.bench.name("prepared")
    old = f"{schema}/small/20260101-101010101.csv"
    loader.bench.s3.put_object(Bucket=loader.bench.bucket, Key=f"{folder}/{old}", Body=b"I,9\n")
    assert (old in loader(select_all(schema), dialect=dialect, folder=folder).files) is stays


@pytest.mark.parametrize("dialect", ["guide", "words"])
def test_json_is_compact_where_the_server_has_the_type(loader: Loader, schema: str, execute: Callable[..., Any], dialect: str) -> None:
    """MariaDB's JSON is a LONGTEXT, of which nothing is left out."""
    written = '{"a": [1, 2.50], "b c": "d, e"}'
    execute("CREATE TABLE documents (id INT PRIMARY KEY, doc JSON)")
    execute("INSERT INTO documents VALUES (%s, %s)", (1, written), (2, None))
    ((kind,),) = execute("SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'doc'")
    shown = written.replace("2.50", "2.5") if kind == "json" else written
    compact = kind == "json" and dialect == "words"
    loaded = loader(select_all(schema), dialect=dialect)
    assert loaded.rows() == [["1", shown.replace(": ", ":").replace("[1, ", "[1,").replace("], ", "],") if compact else shown], ["2", NULL]]
