# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the log itself says about a table: its columns at the time of the change, where the server logs their names.

A server with binlog_row_metadata=FULL describes each table in the log. A run that reads old changes needs that: what the server's catalogue
says is the table as it is now.
"""

from __future__ import annotations

from dataclasses import replace

from lab.dms.binlog import TableMap, types
from lab.dms.binlog.charsets import decoder
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError

_INTEGERS = {types.TINY: "tinyint", types.SHORT: "smallint", types.INT24: "mediumint", types.LONG: "int", types.LONGLONG: "bigint"}
_PLAIN = {
    types.FLOAT: "float",
    types.DOUBLE: "double",
    types.DATE: "date",
    types.NEWDATE: "date",
    types.YEAR: "year",
    types.JSON: "json",
    types.GEOMETRY: "geometry",
}
_TEMPORAL = {
    types.TIMESTAMP: "timestamp",
    types.TIMESTAMP2: "timestamp",
    types.DATETIME: "datetime",
    types.DATETIME2: "datetime",
    types.TIME: "time",
    types.TIME2: "time",
}
_BLOBS = {1: "tiny", 2: "", 3: "medium", 4: "long"}
_BLOB_TYPES = frozenset({types.BLOB, types.TINY_BLOB, types.MEDIUM_BLOB, types.LONG_BLOB, types.BLOB_COMPRESSED})
_VARIABLE = frozenset({types.VARCHAR, types.VAR_STRING, types.VARCHAR_COMPRESSED})
# MariaDB's own columns behind those of the table.
_HIDDEN = "DB_ROW_HASH_"


def table_in_log(table_map: TableMap, now: SourceTable, *, trust_names: bool) -> SourceTable:
    """The table as the log has it. ``now``: as the catalogue has it.

    ``trust_names``: a column that has its name in both is taken to be the same. Otherwise all is taken from the log, which does not know
    whether a column is generated or invisible. The log must have names. Raises TableError where it does not say enough.
    """
    known = {column.name: column for column in now.all_columns}
    columns = []
    for place, name in enumerate(table_map.names):
        if name.startswith(_HIDDEN):
            continue
        same = known.get(name)
        column = same if same is not None and trust_names else _column(table_map, place, name)
        columns.append(replace(column, ordinal=place + 1))
    key = tuple(name for name in now.primary_key if name in table_map.names)
    return SourceTable(now.schema, now.name, now.rows, tuple(columns), key)


def _column(table_map: TableMap, place: int, name: str) -> SourceColumn:
    kind, meta = table_map.types[place], table_map.meta[place]
    charset = table_map.charsets[place] if table_map.charsets else ""
    unsigned = " unsigned" if table_map.unsigned and table_map.unsigned[place] else ""
    if kind in _INTEGERS:
        return _plain(name, _INTEGERS[kind], _INTEGERS[kind] + unsigned)
    if kind in _PLAIN:
        return _plain(name, _PLAIN[kind], _PLAIN[kind] + (unsigned if kind in types.NUMERIC else ""))
    if kind in _TEMPORAL:
        fraction = meta if kind in types.META_BYTES else 0
        return SourceColumn(name, _TEMPORAL[kind], f"{_TEMPORAL[kind]}({fraction})" if fraction else _TEMPORAL[kind], "", fraction)
    if kind == types.NEWDECIMAL:
        return _plain(name, "decimal", f"decimal({meta & 0xFF},{meta >> 8}){unsigned}")
    if kind == types.BIT:
        return _plain(name, "bit", f"bit({(meta >> 8) * 8 + (meta & 0xFF)})")
    if kind in (types.ENUM, types.SET) and table_map.labels and charset:
        return _labelled(name, "enum" if kind == types.ENUM else "set", table_map.labels[place], charset)
    if charset:
        return _string(name, kind, meta, charset)
    raise TableError(f"the log does not say what its column {name} was, which it no longer has in that form")


def _plain(name: str, data_type: str, column_type: str) -> SourceColumn:
    return SourceColumn(name, data_type, column_type, "", 0)


def _labelled(name: str, data_type: str, labels: tuple[bytes, ...], charset: str) -> SourceColumn:
    decode = decoder(charset)
    quoted = ",".join("'" + decode(label).replace("\\", "\\\\").replace("'", "''") + "'" for label in labels)
    return SourceColumn(name, data_type, f"{data_type}({quoted})", charset, 0)


def _string(name: str, kind: int, meta: int, charset: str) -> SourceColumn:
    """CHAR, VARCHAR and TEXT, or, in the character set "binary", what holds bytes."""
    binary = charset == "binary"
    if kind in _BLOB_TYPES:
        data_type = _BLOBS[meta & 7 or 2] + ("blob" if binary else "text")
    else:
        data_type = ("var" if kind in _VARIABLE else "") + ("binary" if binary else "char")
    return SourceColumn(name, data_type, data_type, "" if binary else charset, 0)
