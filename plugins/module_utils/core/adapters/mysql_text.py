# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""SQL that makes the server say a value as the text that DMS stages.

Source: AWS DMS User Guide, "Using a MySQL-compatible database as a source" (data types) and "Using Amazon S3 as a target". The
session runs in UTC with an empty ``sql_mode`` and reads text as utf8mb4.
"""

from __future__ import annotations

from ..model.schema import Column

_BINARY = frozenset(
    {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}
    | {
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "geomcollection",
    }
)


def quoted(identifier: str) -> str:
    return "`" + identifier.replace("`", "``") + "`"


def staged_text(column: Column) -> str:
    """The expression for one column.

    Numbers in decimal digits, FLOAT with those of the double that it widens to (the server prints six at most); DATETIME and TIMESTAMP
    (in UTC) with microseconds; binary values and BIT(2) to BIT(64) in hexadecimal of whole bytes, BIT(1) as 0 or 1; texts, labels of
    ENUM and SET, JSON and all else as the server sends them.
    """
    name = quoted(column.name)
    kind = column.data_type
    if kind in ("datetime", "timestamp"):
        return f"CAST({name} AS DATETIME(6))"
    if kind == "float":
        return f"{name} + 0e0"
    if "zerofill" in column.column_type.lower():
        return f"{name} + 0"
    if kind == "bit":
        return _bit(name, column.precision or 1)
    if kind in _BINARY:
        return f"HEX({name})"
    return name


def _bit(name: str, width: int) -> str:
    if width == 1:
        return f"{name} + 0"
    return f"LPAD(HEX({name} + 0), {(width + 7) // 8 * 2}, '0')"
