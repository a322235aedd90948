# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How each column lies in a row image, and the Python expression of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.dms.binlog import types
from lab.dms.binlog.charsets import UTF8, decoder
from lab.dms.binlog.json_binary import json_text
from lab.dms.binlog.memo import Memo
from lab.dms.binlog.numbers import binary_text, bit_text, decimal_bytes, decimal_text, real_text, single_text
from lab.dms.binlog.table_map import TableMap
from lab.dms.binlog.temporal import (
    date_text,
    datetime_text,
    fraction_bytes,
    old_datetime_text,
    old_time_text,
    time_text,
    timestamp_text,
)
from lab.dms.dialects.dialect import Dialect
from lab.dms.sources.mysql import SourceColumn, TableError

_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPES = {"0": "\0", "n": "\n", "r": "\r", "Z": "\x1a"}
# Codes of struct for a length of so many bytes; three are two and one.
_LENGTHS = {1: "B", 2: "H", 3: "HB", 4: "I"}
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
_BINARIES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_GEOMETRIES = frozenset(
    {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"}
)
_STRINGS = frozenset({types.STRING, types.VARCHAR, types.VAR_STRING})
_BLOBS = frozenset({types.BLOB, types.TINY_BLOB, types.MEDIUM_BLOB, types.LONG_BLOB})
# Which types of the log a column of the catalogue may have; strings and blobs by what they hold.
_INTEGERS = {
    types.TINY: ("tinyint", "bB"),
    types.SHORT: ("smallint", "hH"),
    types.INT24: ("mediumint", ""),
    types.LONG: ("int", "iI"),
    types.LONGLONG: ("bigint", "qQ"),
}
_OLD_TIMES = {types.TIMESTAMP: "timestamp", types.DATETIME: "datetime", types.TIME: "time"}


@dataclass(frozen=True, slots=True)
class Field:
    """``codes``: struct codes of the column's fixed part, each of which gives one value to the names ``{0}``, ``{1}``.
    ``text``: the expression of its text, over these names, ``{raw}`` if a variable part follows whose length the fixed part is, and the
    name ``{helper}`` of ``helper``."""

    codes: tuple[str, ...]
    text: str
    variable: bool = False
    helper: Any = field(default=None, compare=False)


def field_of(place: int, table_map: TableMap, column: SourceColumn, dialect: Dialect, *, wanted: bool) -> Field:
    """Raises TableError where the log's column cannot be the catalogue's, or where it is ``wanted`` and DMS does not read the type."""
    kind = table_map.types[place]
    meta = table_map.meta[place]
    if kind in _INTEGERS:
        unsigned = table_map.unsigned[place] if table_map.unsigned else "unsigned" in column.column_type
        return _integer(kind, unsigned, column)
    found = _number(kind, meta, column, table_map.server, dialect) or _moment(kind, meta, column, dialect)
    if found is None:
        charset = (table_map.charsets[place] if table_map.charsets else "") or column.character_set
        labels = table_map.labels[place] if table_map.labels else ()
        found = _labelled(kind, meta, column, charset, labels) or _bytes(kind, meta, column, charset, dialect)
    if found is None and not wanted and _length_codes(kind, meta):
        found = Field(_length_codes(kind, meta), "", variable=True)
    if found is None:
        raise TableError(
            f"column {column.name} is {column.column_type} now, but the binary log has it with type {kind}: the table was altered"
        )
    return found


def _integer(kind: int, unsigned: bool, column: SourceColumn) -> Field:
    name, codes = _INTEGERS[kind]
    if column.data_type != name:
        raise TableError(f"column {column.name} is {column.column_type} now, but the binary log has it as {name}: the table was altered")
    if kind == types.INT24:
        return Field(("H", "B" if unsigned else "b"), "str({0} + ({1} << 16))")
    return Field((codes[unsigned],), "str({0})")


def _memo(size: int, make: Callable[[bytes], str] | Callable[[bytes], str | None]) -> Field:
    return Field((f"{size}s",), "{helper}[{0}]", helper=Memo(make))


def _moment_field(size: int, fraction: int, make: Callable[[bytes], str | None]) -> Field:
    """Times with a fraction hardly ever come again."""
    return Field((f"{size}s",), "{helper}({0})", helper=make) if fraction else _memo(size, make)


def _number(kind: int, meta: int, column: SourceColumn, server: str, dialect: Dialect) -> Field | None:
    low, high = meta & 0xFF, meta >> 8
    if kind == types.NEWDECIMAL and column.data_type == "decimal":
        # Amounts are too many to remember.
        return Field((f"{decimal_bytes(low, high)}s",), "{helper}({0})", helper=decimal_text(low, high, dialect))
    if kind == types.DOUBLE and column.data_type == "double":
        return Field(("d",), "{helper}({0})", helper=real_text(column.column_type, server, dialect))
    if kind == types.FLOAT and column.data_type == "float":
        return Field(("f",), "{helper}({0})", helper=single_text(column.column_type, server, dialect))
    if kind == types.BIT and column.data_type == "bit":
        return _memo(high + (low > 0), bit_text(8 * high + low, dialect))
    if kind == types.YEAR and column.data_type == "year":
        return Field(("B",), "{helper}[{0}]", helper=("0", *[str(1900 + year) for year in range(1, 256)]))
    return None


def _moment(kind: int, meta: int, column: SourceColumn, dialect: Dialect) -> Field | None:
    more = fraction_bytes(meta)
    if kind in _OLD_TIMES and column.data_type == _OLD_TIMES[kind]:
        if column.fraction:
            raise TableError(f"column {column.name} is logged in MariaDB's old form of fractions (mysql56_temporal_format)")
        if kind == types.TIMESTAMP:
            return _memo(4, timestamp_text(0, dialect, old=True))
        return _memo(8, old_datetime_text(dialect)) if kind == types.DATETIME else _memo(3, old_time_text(dialect))
    if kind in (types.DATE, types.NEWDATE) and column.data_type == "date":
        return _memo(3, date_text(dialect))
    if kind == types.TIME2 and column.data_type == "time":
        return _moment_field(3 + more, meta, time_text(meta, dialect))
    if kind == types.DATETIME2 and column.data_type == "datetime":
        return _moment_field(5 + more, meta, datetime_text(meta, dialect))
    if kind == types.TIMESTAMP2 and column.data_type == "timestamp":
        return _moment_field(4 + more, meta, timestamp_text(meta, dialect))
    return None


def _labelled(kind: int, meta: int, column: SourceColumn, charset: str, logged: tuple[bytes, ...]) -> Field | None:
    """ENUM: the label's number, 0 for the value of an error; SET: a bit for each label."""
    if kind not in (types.ENUM, types.SET) or column.data_type != ("enum" if kind == types.ENUM else "set"):
        return None
    decode = _decoder(column, charset)
    labels = [decode(label) for label in logged] or labels_of(column.column_type)
    size = meta >> 8
    if kind == types.ENUM:
        return Field(("B" if size == 1 else "H",), "{helper}[{0}]", helper=("", *labels))

    def text(data: bytes) -> str:
        bits = int.from_bytes(data, "little")
        return ",".join([label for number, label in enumerate(labels) if bits >> number & 1])

    return _memo(size, text)


def _decoder(column: SourceColumn, charset: str) -> Callable[[bytes], str]:
    try:
        return decoder(charset)
    except LookupError as error:
        raise TableError(f"column {column.name}: {error}") from None


def labels_of(column_type: str) -> list[str]:
    """The labels in the catalogue's text of an ENUM or SET, which doubles quotes and escapes with backslashes."""

    def plain(match: re.Match[str]) -> str:
        return _ESCAPES.get(match.group(1), match.group(1)) if match.group(1) else "'"

    return [_ESCAPED.sub(plain, label) for label in _LABEL.findall(column_type)]


def _bytes(kind: int, meta: int, column: SourceColumn, charset: str, dialect: Dialect) -> Field | None:
    """Everything that has a length in front."""
    codes = _length_codes(kind, meta)
    if not codes:
        return None
    longest = _longest(kind, meta)
    name = column.data_type
    if name in _TEXTS and kind in _STRINGS | _BLOBS:
        if charset in UTF8:
            return Field(codes, '{raw}.decode("utf-8", "question-mark")', variable=True)
        return Field(codes, "{helper}({raw})", variable=True, helper=_decoder(column, charset))
    if name == "binary" and kind == types.STRING:
        # The log leaves out the zeros at the end.
        binary = binary_text(dialect)
        return Field(codes, "{helper}({raw})", variable=True, helper=lambda data: binary(data.ljust(longest, b"\0")))
    if name in _BINARIES and kind in _STRINGS | _BLOBS:
        return Field(codes, "{helper}({raw})", variable=True, helper=binary_text(dialect))
    if name in _GEOMETRIES and kind == types.GEOMETRY:
        # Four bytes of the spatial reference system in front of the WKB.
        binary = binary_text(dialect)
        return Field(codes, "{helper}({raw}[4:])", variable=True, helper=binary)
    if name == "json" and kind == types.JSON:
        return Field(codes, "{helper}({raw})", variable=True, helper=json_text(dialect))
    if name in _ADDRESSES and kind == types.STRING:
        make = _ADDRESSES[name]
        return Field(codes, "{helper}({raw})", variable=True, helper=lambda data: make(data.ljust(longest, b"\0")))
    return None


def _length_codes(kind: int, meta: int) -> tuple[str, ...]:
    """Of the length in front; nothing for types of a fixed length."""
    if kind in _STRINGS:
        return ("B",) if _longest(kind, meta) < 256 else ("H",)
    return tuple(_LENGTHS[meta]) if kind in _BLOBS or kind in (types.GEOMETRY, types.JSON, types.VECTOR) else ()


def _longest(kind: int, meta: int) -> int:
    """Of CHAR: bits 8 and 9 of its length in bytes are stored inverted in the byte of its real type."""
    if kind != types.STRING:
        return meta
    return (meta >> 8) | (((meta & 0x30) ^ 0x30) << 4)


def _uuid(data: bytes) -> str:
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _inet6(data: bytes) -> str:
    """As the server writes it (sql/sql_type_inet.cc): the first longest run of zeros left out, even one of a single group; IPv4 in its
    own form."""
    groups = [data[at : at + 2].hex().lstrip("0") or "0" for at in range(0, 16, 2)]
    longest = max((len(run) for run in re.findall("0+", "".join("0" if g == "0" else "x" for g in groups))), default=0)
    if not longest:
        return ":".join(groups)
    gap = next(at for at in range(8) if groups[at : at + longest] == ["0"] * longest)
    tail = groups[gap + longest :]
    if gap == 0 and (longest == 6 or (longest == 5 and groups[5] == "ffff")):
        tail = [*tail[:-2], _inet4(data[12:])]
    return f"{':'.join(groups[:gap])}::{':'.join(tail)}"


def _inet4(data: bytes) -> str:
    return ".".join(map(str, data))


# MariaDB's types of a fixed length.
_ADDRESSES: Mapping[str, Callable[[bytes], str]] = {"uuid": _uuid, "inet6": _inet6, "inet4": _inet4}
