# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The DMS types that rules give to columns, and what becomes of a text under them.

The guide names the types and the formats that they take; what it leaves open is chosen here: a string is cut at its length in characters,
a number is rounded half up to the digits that the type has, and a text that is no value of the type is an error of the row.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from lab.dms.faults import not_built
from lab.dms.full_load.csv_line import LOBS, TEXTS
from lab.dms.mappings.rules import Rule, bad, check_members, refused, text_of
from lab.dms.sources.mysql import SourceColumn

STRINGS = frozenset({"string", "wstring"})
INTEGER_BITS = {"int1": 8, "int2": 16, "int4": 32, "int8": 64, "uint1": 8, "uint2": 16, "uint4": 32, "uint8": 64}
TYPES = STRINGS | INTEGER_BITS.keys() | {"numeric", "real4", "real8", "date", "time", "datetime"}
# Types of the guide whose text in a file is open, or that a MySQL source has nothing for.
REFUSED_TYPES = frozenset({"bytes", "blob", "nclob", "clob", "boolean", "set", "list", "map", "tuple"})
LARGEST_PRECISION = 65

_INTEGER_TYPES = {"tinyint": "int1", "smallint": "int2", "mediumint": "int4", "int": "int4", "bigint": "int8", "year": "int2"}
_OTHER_TYPES = {
    "decimal": "numeric",
    "float": "real8",
    "double": "real8",
    "date": "date",
    "time": "string",
    "datetime": "datetime",
    "timestamp": "datetime",
}
_WRITTEN = re.compile(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})?(?:^| |$)(-?\d{1,3}:\d{2}:\d{2}(?:\.\d{1,6})?)?")


@dataclass(frozen=True, slots=True)
class DataType:
    """``size``: length of a string, precision of a number or a time; None where the rule gives none."""

    name: str
    size: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        if self.size is None:
            return self.name
        return f"{self.name}({self.size})" if self.scale is None else f"{self.name}({self.size},{self.scale})"


def read_data_type(rule: Rule) -> DataType:
    """The rule's ``data-type``."""
    found = rule.get("data-type")
    if not isinstance(found, dict):
        raise bad(rule, "it needs a data-type, such as {'type': 'string', 'length': 50}")
    check_members(rule, found, ("type", "length", "precision", "scale"), "a data-type; it knows type, length, precision, scale")
    name = text_of(rule, found, "type")
    if name in REFUSED_TYPES:
        raise refused(rule, not_built(f"the data-type {name}; it knows {', '.join(sorted(TYPES))}"))
    if name not in TYPES:
        raise bad(rule, f"the data-type {name!r} is not one of {', '.join(sorted(TYPES | REFUSED_TYPES))}")
    length, precision, scale = (_number(rule, found, member) for member in ("length", "precision", "scale"))
    if name in STRINGS:
        return DataType(name, length)
    if name == "numeric":
        if precision is None and scale is not None:
            raise bad(rule, "a data-type with a scale needs a precision")
        if precision is not None and not (scale or 0) <= precision <= LARGEST_PRECISION:
            raise bad(rule, f"the precision is at most {LARGEST_PRECISION} and not below the scale")
        return DataType(name, precision, None if precision is None else scale or 0)
    if name in ("datetime", "time") and precision is not None and precision > 6:
        raise bad(rule, f"a {name} has a precision of 0 to 6")
    return DataType(name, precision if name in ("datetime", "time") else None)


def converter(data_type: str) -> Callable[[str | None], str | None] | None:
    """What a value of the column becomes under the written type, such as "numeric(10,2)"; None where it stays as it is.

    The function raises ValueError for a text that is no value of the type.
    """
    found = _WRITTEN.fullmatch(data_type)
    if not found:
        return None
    name = found[1]
    size, scale = (None if n is None else int(n) for n in (found[2], found[3]))
    if name in STRINGS:
        return None if size is None else lambda text: text if text is None else text[:size]
    one = _CONVERTERS[name]
    return lambda text: text if text is None else one(text, name, size, scale)


def dms_type(column: SourceColumn) -> str:
    """The DMS type of a MySQL column: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html, "Source data types"."""
    kind = column.data_type
    if kind in _INTEGER_TYPES:
        return ("u" if "unsigned" in column.column_type and kind != "year" else "") + _INTEGER_TYPES[kind]
    if kind == "bit":
        return "boolean" if column.column_type in ("bit", "bit(1)") else "bytes"
    if kind in LOBS:
        return "nclob" if kind in TEXTS else "blob"
    return _OTHER_TYPES.get(kind, "wstring" if kind in TEXTS else "bytes")


def _number(rule: Rule, found: dict[str, Any], member: str) -> int | None:
    """A member that is a number, or a text of one, or empty."""
    value = found.get(member)
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value), re.ASCII):
        raise bad(rule, f"{member} of the data-type is not a number")
    return int(value)


def _decimal(text: str, digits: int) -> Decimal:
    try:
        with localcontext() as context:
            context.prec = 400
            return Decimal(text).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is not a number") from None


def _integer(text: str, name: str, size: int | None, scale: int | None) -> str:
    value = int(_decimal(text, 0))
    bits = INTEGER_BITS[name]
    low, high = (0, 2**bits) if name[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= value < high:
        raise ValueError(f"{text[:40]!r} does not fit into {name}")
    return str(value)


def _numeric(text: str, name: str, size: int | None, scale: int | None) -> str:
    if size is None:
        _decimal(text, 0)
        return text
    value = _decimal(text, scale or 0)
    if abs(value) >= Decimal(10) ** (size - (scale or 0)):
        raise ValueError(f"{text[:40]!r} does not fit into numeric({size},{scale or 0})")
    return f"{value:f}"


def _real(text: str, name: str, size: int | None, scale: int | None) -> str:
    float(text)
    return text


def _moment(text: str, name: str, size: int | None, scale: int | None) -> str:
    found = _MOMENT.fullmatch(text)
    if not found or not text:
        raise ValueError(f"{text[:40]!r} is not a {name}")
    date, time = found.groups()
    if name == "date" and date:
        return str(date)
    if name == "time" and time:
        return _cut(time, size)
    if name == "datetime" and date:
        return f"{date} {_cut(time or '00:00:00', size)}"
    raise ValueError(f"{text[:40]!r} is not a {name}")


def _cut(time: str, digits: int | None) -> str:
    """The time with so many digits of a second; None leaves them as they are."""
    if digits is None:
        return time
    whole, _, fraction = time.partition(".")
    return f"{whole}.{fraction[:digits].ljust(digits, '0')}" if digits else whole


_CONVERTERS: dict[str, Callable[[str, str, int | None, int | None], str]] = {
    **dict.fromkeys(INTEGER_BITS, _integer),
    "numeric": _numeric,
    "real4": _real,
    "real8": _real,
    **dict.fromkeys(("date", "time", "datetime"), _moment),
}
