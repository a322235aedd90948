# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""MySQL's binary JSON as the text that the server prints.

Form: https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html; text: sql-common/json_dom.cc, Json_wrapper::to_string.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable

from lab.dms.binlog import types
from lab.dms.binlog.numbers import decimal_text, server_real
from lab.dms.binlog.temporal import packed_date, packed_datetime, packed_time
from lab.dms.dialects.dialect import GUIDE, Dialect
from lab.dms.dialects.text import compact_json

_SMALL_OBJECT, _LARGE_OBJECT, _SMALL_ARRAY, _LARGE_ARRAY, _LITERAL = range(5)
_STRING = 12
_OPAQUE = 15
_LITERALS = ("null", "true", "false")
_NUMBERS = {
    5: struct.Struct("<h"),
    6: struct.Struct("<H"),
    7: struct.Struct("<i"),
    8: struct.Struct("<I"),
    9: struct.Struct("<q"),
    10: struct.Struct("<Q"),
}
_DOUBLE = 11
_REAL = struct.Struct("<d")
# Between the lines of 76 characters of base64, escaped as in any JSON text.
_NEW_LINE = "\\n"
_ESCAPED = re.compile(r'[\x00-\x1f"\\]')
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def json_text(dialect: Dialect) -> Callable[[bytes], str]:
    """Of a whole value, which begins with its type."""
    return (lambda data: compact_json(_document(data))) if dialect.json == "compact" else _document


def _document(data: bytes) -> str:
    # What a statement with IGNORE could not read as JSON is logged as nothing.
    return _value(data[0], data, 1) if data else "null"


def _value(kind: int, data: bytes, at: int) -> str:
    if kind <= _LARGE_ARRAY:
        return _container(kind, data, at)
    if kind == _LITERAL:
        return _LITERALS[data[at]]
    if kind in _NUMBERS:
        return str(_NUMBERS[kind].unpack_from(data, at)[0])
    if kind == _DOUBLE:
        text = server_real(_REAL.unpack_from(data, at)[0])
        return text if "." in text or "e" in text else f"{text}.0"
    if kind == _STRING:
        length, at = _length(data, at)
        return _quoted(data[at : at + length])
    if kind == _OPAQUE:
        length, first = _length(data, at + 1)
        return _opaque(data[at], data[first : first + length])
    raise ValueError(f"a JSON value of type {kind}")


def _container(kind: int, data: bytes, base: int) -> str:
    """Offsets count from where the container begins."""
    width = 4 if kind in (_LARGE_OBJECT, _LARGE_ARRAY) else 2

    def number(at: int, size: int = width) -> int:
        return int.from_bytes(data[at : at + size], "little")

    count = number(base)
    at = base + 2 * width
    keys = []
    if kind in (_SMALL_OBJECT, _LARGE_OBJECT):
        for _ in range(count):
            start = base + number(at)
            keys.append(_quoted(data[start : start + number(at + width, 2)]))
            at += width + 2
    values = []
    for _ in range(count):
        inner = data[at]
        # Literals and the numbers that fit stand in the place of their offset.
        inlined = inner in (_LITERAL, 5, 6) or (width == 4 and inner in (7, 8))
        values.append(_value(inner, data, at + 1 if inlined else base + number(at + 1)))
        at += 1 + width
    if kind in (_SMALL_ARRAY, _LARGE_ARRAY):
        return f"[{', '.join(values)}]"
    return "{" + ", ".join([f"{key}: {value}" for key, value in zip(keys, values, strict=True)]) + "}"


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, lowest first; the highest bit says that more follow."""
    length = shift = 0
    while True:
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return length, at


def _quoted(data: bytes) -> str:
    text = _ESCAPED.sub(_escaped, data.decode("utf-8", "question-mark"))
    return f'"{text}"'


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"


def _opaque(kind: int, data: bytes) -> str:
    """Values that JSON does not know."""
    if kind == types.NEWDECIMAL:
        return decimal_text(data[0], data[1], GUIDE)(data[2:])
    packed = int.from_bytes(data, "little", signed=True)
    if kind == types.DATE:
        return f'"{packed_date(packed)}"'
    if kind == types.TIME:
        return f'"{packed_time(packed)}"'
    if kind in (types.DATETIME, types.TIMESTAMP):
        return f'"{packed_datetime(packed)}"'
    lines = base64.encodebytes(data).decode().splitlines()
    return f'"base64:type{kind}:{_NEW_LINE.join(lines)}"'
