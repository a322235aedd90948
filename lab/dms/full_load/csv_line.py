# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The SQL by which the source itself writes a row as one line of CSV.

A client that fetches each field and puts the line together spends about ten times as long as one that fetches the finished line. The text
of each type follows the DMS user guide, "Source data types for MySQL"; where the guide leaves the text open, the choice is stated here:

=====================================  ==========================================================================
integers, DECIMAL, YEAR                decimal digits, without the zeros of ZEROFILL
FLOAT, DOUBLE                          shortest decimal text of the double
BIT(1); BIT(n)                         0 or 1; hexadecimal, two digits for each byte
DATE, TIME, DATETIME, TIMESTAMP        as the server writes them, TIMESTAMP in UTC; six digits of a second where the type has a fraction
CHAR, VARCHAR, TEXT, ENUM, SET, JSON   the text itself, UTF-8
BINARY, VARBINARY, BLOB, geometry      hexadecimal, upper case, no prefix
=====================================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lab.dms.sources.mysql import SourceColumn, TableError
from lab.dms.targets.settings import S3Settings

INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
TEXTS = frozenset({"char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set", "json"})
BINARIES = frozenset({"binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob"})
GEOMETRIES = frozenset(
    {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"}
)
# What DMS carries as LOB, and cuts at LobMaxSize.
LOBS = frozenset({"mediumtext", "longtext", "json", "mediumblob", "longblob"}) | GEOMETRIES


def quoted_name(name: str) -> str:
    """The name as an identifier of SQL."""
    return "`" + name.replace("`", "``") + "`"


def line_expression(
    columns: Sequence[SourceColumn], added: int, settings: S3Settings, lob_bytes: int, literal: Callable[[str], str]
) -> str:
    """The expression that makes one line, without its row delimiter.

    ``added``: how many empty fields follow the columns; ``lob_bytes``: where a LOB is cut; ``literal``: makes a literal of a text.
    Raises TableError for a type that DMS does not read.
    """
    fields = [literal("I")] if settings.operation else []
    fields += [_field(column, settings, lob_bytes, literal) for column in columns]
    fields += ["''"] * added
    return f"CONCAT_WS({literal(settings.delimiter)}, {', '.join(fields)})"


def oversized_condition(columns: Sequence[SourceColumn], lob_bytes: int) -> str:
    """The condition of rows in which a LOB will be cut; nothing where the table has none."""
    return " OR ".join(f"OCTET_LENGTH({quoted_name(c.name)}) > {lob_bytes}" for c in columns if c.data_type in LOBS)


def header_line(names: Sequence[str], settings: S3Settings) -> bytes:
    """The first line of each file if the endpoint asks for one, with its row delimiter; otherwise nothing."""
    if not settings.header:
        return b""
    all_names = (["Op"] if settings.operation else []) + list(names)
    return (settings.delimiter.join(all_names) + settings.row_delimiter).encode()


def _field(column: SourceColumn, settings: S3Settings, lob_bytes: int, literal: Callable[[str], str]) -> str:
    name = quoted_name(column.name)
    kind = column.data_type
    if kind in TEXTS:
        text = _text(column, lob_bytes)
        written = _quoted(text, settings, literal) if settings.quoted else text
    else:
        written = _plain(column, name, lob_bytes)
    return f"IFNULL({written}, {literal(settings.null)})"


def _text(column: SourceColumn, lob_bytes: int) -> str:
    name = quoted_name(column.name)
    if column.data_type in LOBS:
        # Cut by bytes; a character that is cut in two becomes a question mark.
        name = f"IF(OCTET_LENGTH({name}) > {lob_bytes}, CONVERT(LEFT(CAST({name} AS BINARY), {lob_bytes}) USING utf8mb4), {name})"
    # Compared by code point: collations that ignore case or width would see commas where there are none.
    text = (
        name if column.character_set == "utf8mb4" and column.data_type not in LOBS | {"enum", "set"} else f"CONVERT({name} USING utf8mb4)"
    )
    return f"{text} COLLATE utf8mb4_bin"


def _quoted(text: str, settings: S3Settings, literal: Callable[[str], str]) -> str:
    """RFC 4180: quotes around a field that holds a quote, a delimiter or a line's end; quotes inside doubled."""
    special = dict.fromkeys(['"', settings.delimiter, "\n", "\r", settings.row_delimiter])
    found = " OR ".join(f"LOCATE({literal(s)}, {text})" for s in special)
    return f"""IF({found}, CONCAT('"', REPLACE({text}, '"', '""'), '"'), {text})"""


def _plain(column: SourceColumn, name: str, lob_bytes: int) -> str:
    """A field that never needs quotes."""
    kind = column.data_type
    if kind in INTEGERS or kind == "decimal":
        return f"{name} + 0" if "zerofill" in column.column_type or kind == "year" else name
    if kind in ("float", "double"):
        return f"{name} + 0e0"
    if kind in ("datetime", "timestamp", "time"):
        return f"CAST({name} AS {'TIME' if kind == 'time' else 'DATETIME'}(6))" if column.fraction else name
    if kind == "date":
        return name
    if kind == "bit":
        return _bits(column, name)
    if kind in GEOMETRIES:
        name = f"ST_AsWKB({name})"
    if kind in LOBS:
        name = f"LEFT({name}, {lob_bytes})"
    if kind in BINARIES | GEOMETRIES:
        return f"HEX({name})"
    raise TableError(f"the data type {column.data_type} of column {column.name} is not supported")


def _bits(column: SourceColumn, name: str) -> str:
    width = re.search(r"\((\d+)\)", column.column_type)
    bits = int(width.group(1)) if width else 1
    return f"{name} + 0" if bits == 1 else f"LPAD(HEX({name} + 0), {2 * -(-bits // 8)}, '0')"
