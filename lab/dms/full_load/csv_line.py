# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The SQL by which the source itself writes its values as fields of CSV.

A client that fetches each field and puts the line together spends about ten times as long as one that fetches the finished line. The text
of each type follows the DMS user guide, "Source data types for MySQL"; where the guide leaves the text open, the dialect decides:

=====================================  ==========================================================================
integers, YEAR                         decimal digits, without the zeros of ZEROFILL
DECIMAL                                decimal digits; Dialect.decimal_zeros
FLOAT, DOUBLE                          Dialect.float_width, Dialect.real
BIT(1)                                 Dialect.boolean
DATE, TIME, DATETIME, TIMESTAMP        as the server writes them, TIMESTAMP in UTC; Dialect.fraction, Dialect.zero_date
CHAR, VARCHAR, TEXT, ENUM, SET, JSON   the text itself, UTF-8; Dialect.json
BINARY, VARBINARY, BLOB, geometry      hexadecimal, two digits for each byte; Dialect.hex_case, Dialect.hex_prefix; so is BIT(n)
=====================================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lab.dms.dialects.dialect import Dialect
from lab.dms.dialects.text import compact_json, plain_real, scientific_real
from lab.dms.sources.mysql import SourceColumn, TableError
from lab.dms.targets.csv_text import special_texts
from lab.dms.targets.settings import S3Settings

INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
TEXTS = frozenset({"char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set", "json"})
BINARIES = frozenset({"binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob"})
GEOMETRIES = frozenset(
    {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"}
)
# What DMS carries as LOB, and cuts at LobMaxSize.
LOBS = frozenset({"mediumtext", "longtext", "json", "mediumblob", "longblob"}) | GEOMETRIES

Literal = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ValueText:
    """The text of one column. ``sql``: NULL where the value is. ``free``: it may hold any character. ``finish``: what the server cannot
    do; where it is given, the client makes the field."""

    sql: str
    free: bool = False
    finish: Callable[[str], str] | None = None


def quoted_name(name: str) -> str:
    """The name as an identifier of SQL."""
    return "`" + name.replace("`", "``") + "`"


def value_text(column: SourceColumn, dialect: Dialect, settings: S3Settings, lob_bytes: int, literal: Literal) -> ValueText:
    """``lob_bytes``: where a LOB is cut; ``literal``: makes a literal of a text. Raises TableError for a type that DMS does not read."""
    name = quoted_name(column.name)
    kind = column.data_type
    if kind in TEXTS:
        if kind == "json" and dialect.json == "compact":
            return ValueText(_utf8(column), free=True, finish=partial(_compacted, lob_bytes))
        return ValueText(_text(column, settings, lob_bytes), free=True)
    if kind in INTEGERS:
        return ValueText(f"{name} + 0" if _filled(column) or kind == "year" else name)
    if kind == "decimal":
        return ValueText(_decimal(column, name, dialect))
    if kind in ("float", "double"):
        return _real(column, name, dialect)
    if kind in ("date", "time", "datetime", "timestamp"):
        return ValueText(_temporal(column, name, dialect))
    if kind == "bit":
        return ValueText(_bits(column, name, dialect, literal))
    if kind in GEOMETRIES:
        # As the table and the binary log hold it: four bytes of SRID, then well-known binary. Of MySQL's ST_AsWKB() the axes depend on
        # the SRID.
        return ValueText(_digits(f"SUBSTRING(HEX({name}), 9, {2 * lob_bytes})", dialect, literal))
    if kind in BINARIES:
        return ValueText(_digits(f"HEX(LEFT({name}, {lob_bytes}))" if kind in LOBS else f"HEX({name})", dialect, literal))
    raise TableError(f"the data type {column.data_type} of column {column.name} is not supported")


def field_sql(value: ValueText, dialect: Dialect, settings: S3Settings, literal: Literal) -> str:
    """The expression of the finished field: quotes as RFC 4180 says, the marker where the value is NULL."""
    text = value.sql
    special = special_texts(settings, dialect) if value.free else ()
    if special:
        found = " OR ".join(f"LOCATE({literal(part)}, {text})" for part in special)
        quoted = f"""IF({found}, CONCAT('"', REPLACE({text}, '"', '""'), '"'), {text})"""
        text = f"""IF(OCTET_LENGTH({text}) = 0, '""', {quoted})""" if dialect.empty_string == "quoted" else quoted
    return f"IFNULL({text}, {literal(settings.null)})"


def oversized_condition(columns: Sequence[SourceColumn], lob_bytes: int) -> str:
    """The condition of rows in which a LOB will be cut; nothing where the table has none."""
    return " OR ".join(f"{_lob_size(column)} > {lob_bytes}" for column in columns if column.data_type in LOBS)


def _lob_size(column: SourceColumn) -> str:
    """In bytes: of a text in UTF-8, of a geometry without the four that come before its well-known binary."""
    if column.data_type in TEXTS:
        return f"OCTET_LENGTH({_utf8(column)})"
    name = quoted_name(column.name)
    return f"OCTET_LENGTH(HEX({name})) / 2 - 4" if column.data_type in GEOMETRIES else f"OCTET_LENGTH({name})"


def _compacted(lob_bytes: int, text: str) -> str:
    data = compact_json(text).encode()
    return data[:lob_bytes].decode(errors="ignore")


def _utf8(column: SourceColumn) -> str:
    name = quoted_name(column.name)
    plain = column.character_set == "utf8mb4" and column.data_type not in ("enum", "set", "json")
    return name if plain else f"CONVERT({name} USING utf8mb4)"


def _text(column: SourceColumn, settings: S3Settings, lob_bytes: int) -> str:
    text = _utf8(column)
    if column.data_type in LOBS:
        text = f"IF(OCTET_LENGTH({text}) > {lob_bytes}, {_cut(text, lob_bytes)}, {text})"
    elif column.data_type == "char" and settings.trailing_padding:
        text = f"RPAD({text}, {column.length}, ' ')"
    # Compared by code point: collations that ignore case or width would see commas where there are none.
    return f"{text} COLLATE utf8mb4_bin"


def _cut(text: str, size: int) -> str:
    """As many whole characters as the bytes hold. The first byte behind them is one that begins a character, at most three back."""
    data = f"CAST({text} AS BINARY)"
    begins = [f"ORD(SUBSTRING({data}, {size + 1 - back}, 1)) & 192 <> 128" for back in range(3)]
    back = f"CASE WHEN {begins[0]} THEN 0 WHEN {begins[1]} THEN 1 WHEN {begins[2]} THEN 2 ELSE 3 END"
    return f"CONVERT(LEFT({data}, {size} - {back}) USING utf8mb4)"


def _filled(column: SourceColumn) -> bool:
    return "zerofill" in column.column_type


def _decimal(column: SourceColumn, name: str, dialect: Dialect) -> str:
    text = f"{name} + 0" if _filled(column) else name
    has_scale = re.search(r",\s*[1-9]", column.column_type)
    trimmed = dialect.decimal_zeros == "trimmed" and has_scale
    return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))" if trimmed else text


def _real(column: SourceColumn, name: str, dialect: Dialect) -> ValueText:
    single = column.data_type == "float" and dialect.float_width == "single"
    if column.column_type in ("double", "double unsigned"):
        # Of a sum, MySQL puts no more than 22 characters into a line: the column itself keeps its last digits. A zero has no sign.
        sql = f"IF({name} = 0, 0, {name})"
    elif not single:
        sql = f"{name} + 0e0"
    elif _filled(column):
        sql = f"REGEXP_REPLACE({name}, '^0+(?=[0-9])', '')"
    else:
        sql = name
    forms = {"plain": plain_real, "scientific": scientific_real}
    return ValueText(sql, finish=forms.get(dialect.real))


def _temporal(column: SourceColumn, name: str, dialect: Dialect) -> str:
    kind = column.data_type
    six = kind != "date" and (dialect.fraction == "six" or (dialect.fraction == "declared" and column.fraction > 0))
    text = f"CAST({name} AS {'TIME' if kind == 'time' else 'DATETIME'}(6))" if six else name
    nulled = kind != "time" and dialect.zero_date == "null"
    return f"IF({text} LIKE '0000-00-00%', NULL, {text})" if nulled else text


def _bits(column: SourceColumn, name: str, dialect: Dialect, literal: Literal) -> str:
    bits = column.length or 1
    if bits == 1:
        return f"ELT({name} + 1, 'false', 'true')" if dialect.boolean == "word" else f"{name} + 0"
    return _digits(f"LPAD(HEX({name} + 0), {2 * -(-bits // 8)}, '0')", dialect, literal)


def _digits(digits: str, dialect: Dialect, literal: Literal) -> str:
    text = f"LOWER({digits})" if dialect.hex_case == "lower" else digits
    return f"CONCAT({literal(dialect.hex_prefix)}, {text})" if dialect.hex_prefix else text
