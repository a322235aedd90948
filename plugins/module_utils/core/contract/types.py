# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What each MySQL column type becomes, and what its text can look like in a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..model.schema import Column
from . import cleaning
from .cleaning import SINGLE_DIGITS, Cleaner
from .definition import AttributeType

Kind: TypeAlias = Literal[
    "integer", "decimal", "float", "date", "datetime", "timestamp", "time", "text", "json", "binary", "bits", "bit"
]  # fmt: skip

_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
_KINDS: dict[str, Kind] = {
    **dict.fromkeys((*_INTEGER_BITS, "year"), "integer"),
    **dict.fromkeys(("decimal", "numeric"), "decimal"),
    **dict.fromkeys(("float", "double", "real"), "float"),
    "date": "date", "datetime": "datetime", "timestamp": "timestamp", "time": "time",
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "uuid", "inet4", "inet6"), "text"),
    "json": "json",
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "binary"),
}  # fmt: skip

# The first of each is the type by rule; the others can be asked for.
CASTS: dict[Kind, tuple[AttributeType, ...]] = {
    "integer": ("N", "S", "BOOL"), "decimal": ("N", "S"), "float": ("N", "S"), "bit": ("BOOL", "N", "S"),
    "date": ("S",), "datetime": ("S",), "timestamp": ("S",), "time": ("S",), "text": ("S", "N"), "json": ("S",),
    "binary": ("B", "S"), "bits": ("B", "S"),
}  # fmt: skip

# The 29th of February goes the slow way.
_DAY = (
    r"(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Characters that can occur: these of ASCII, and perhaps all beyond it."""

    ascii: frozenset[str]
    beyond: bool = False

    def __contains__(self, character: str) -> bool:
        return character in self.ascii if character.isascii() else self.beyond

    def meets(self, other: Alphabet) -> bool:
        return bool(self.ascii & other.ascii) or (self.beyond and other.beyond)


ANYTHING = Alphabet(frozenset(map(chr, range(128))), beyond=True)


@dataclass(frozen=True, slots=True)
class KeyText:
    """How values of a column look in a key: characters, exact width in characters if it is always the same, most bytes in UTF-8."""

    alphabet: Alphabet
    width: int | None
    max_bytes: int
    may_be_empty: bool = False


def kind_of(column: Column) -> Kind | None:
    """None for a type that the engine does not know (geometry and such)."""
    if column.data_type == "bit":
        return "bit" if bit_count(column) == 1 else "bits"
    return _KINDS.get(column.data_type)


def bit_count(column: Column) -> int:
    return column.precision or 1


def integer_range(column: Column) -> tuple[int, int]:
    if column.data_type == "year":
        return (0, 2155)
    bits = _INTEGER_BITS[column.data_type]
    return (0, 2**bits - 1) if column.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def can_be_negative(column: Column) -> bool:
    kind = kind_of(column)
    return (kind == "integer" and integer_range(column)[0] < 0) or (kind in ("decimal", "float") and not column.unsigned)


def decimal_size(column: Column) -> tuple[int, int]:
    """Digits in all, digits behind the point. MySQL's own defaults where the schema says nothing."""
    return (column.precision or 10, column.scale or 0)


def fraction_digits(column: Column) -> int:
    return column.fraction or 0


def is_single(column: Column) -> bool:
    """FLOAT with a precision above 24 is a DOUBLE, and ``information_schema`` says so."""
    return column.data_type == "float"


def labels(column: Column) -> tuple[str, ...]:
    """The labels of an ENUM or SET."""
    return tuple(label.replace("''", "'") for label in re.findall(r"'((?:[^']|'')*)'", column.column_type))


def is_case_sensitive(column: Column) -> bool:
    collation = (column.collation or "").lower()
    return collation == "binary" or collation.endswith("_bin") or "_cs" in collation


def cleaner(column: Column, *, as_number: bool) -> Cleaner | None:
    """What brings a staged value into its clean spelling; None where every text is clean. ``as_number``: it becomes an N somewhere."""
    name = column.name
    match kind_of(column):
        case "integer":
            return cleaning.integer(name, *integer_range(column))
        case "decimal":
            return cleaning.decimal(name, *decimal_size(column), as_number=as_number)
        case "float":
            return cleaning.binary_float(name, single=is_single(column), as_number=as_number)
        case "date":
            return cleaning.calendar_date(name)
        case "datetime" | "timestamp":
            return cleaning.date_time(name, fraction_digits(column))
        case "time":
            return cleaning.time_of_day(name, fraction_digits(column))
        case "bit":
            return cleaning.bit(name)
        case "bits":
            return cleaning.hex_number(name, (bit_count(column) + 7) // 8)
        case "binary":
            return cleaning.hex_bytes(name, column.length if column.data_type == "binary" else None)
        case _:
            return None


def clean_pattern(column: Column) -> str:
    """A regular expression for spellings that need no cleaning (not all of them: it may leave rare ones to the cleaner).

    It never matches a line end. Only for columns that have a cleaner.
    """
    digits = fraction_digits(column)
    match kind_of(column):
        case "integer":
            low, high = integer_range(column)
            # Every number that is shorter than the largest fits; of those as long, the ones that differ early do.
            sign = "(?!-0)-?" if low < 0 else ""
            return rf"{sign}(?:0|[1-9][0-9]{{0,{len(str(high)) - 2}}}|{_full_width(high)})"
        case "decimal":
            precision, scale = decimal_size(column)
            if precision > 38:
                return r"(?!)"
            whole = rf"(?:0|[1-9][0-9]{{0,{precision - scale - 1}}})" if precision > scale else "0"
            sign = "" if column.unsigned else r"(?!-[0.]+(?:\n|'|$))-?"
            return rf"{sign}{whole}\.[0-9]{{{scale}}}" if scale else sign + whole
        case "float":
            few = rf"(?!-?[0-9]{{{SINGLE_DIGITS + 1}}})(?=-?[0-9.]{{1,{SINGLE_DIGITS + 1}}}(?:\n|'|$))" if is_single(column) else ""
            return few + r"(?!-0(?:\n|'|$))-?(?:0|[1-9][0-9]{0,16})(?:\.[0-9]{0,16}[1-9])?"
        case "date":
            return _DAY
        case "datetime" | "timestamp":
            return rf"{_DAY} {_CLOCK}" + (rf"\.[0-9]{{{digits}}}0*" if digits else r"(?:\.0+)?")
        case "time":
            return r"-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9]" + (rf"\.[0-9]{{{digits}}}" if digits else "")
        case "bit":
            return r"[01]"
        case "bits":
            return rf"[0-9a-f]{{{(bit_count(column) + 7) // 8 * 2}}}"
        case _:
            return rf"(?:[0-9a-f]{{2}}){{{column.length}}}" if column.data_type == "binary" else r"(?:[0-9a-f]{2})*"


def _full_width(high: int) -> str:
    """Numbers as long as ``high`` that begin with a smaller digit, or with the same digit and a smaller second one."""
    text = str(high)
    rest = len(text) - 1
    first = int(text[0])
    choices = []
    if first > 1:
        choices.append(f"[1-{first - 1}][0-9]{{{rest}}}")
    if text[1] != "0":
        choices.append(f"{first}[0-{int(text[1]) - 1}][0-9]{{{rest - 1}}}")
    return "|".join(choices)


def key_text(column: Column) -> KeyText | None:
    """How the column looks in a key; None for a type that cannot stand in one."""
    match kind_of(column):
        case "integer":
            low, high = integer_range(column)
            width = max(len(str(low)), len(str(high)))
            return KeyText(_letters("-0123456789" if low < 0 else "0123456789"), None, width)
        case "decimal":
            precision, scale = decimal_size(column)
            return KeyText(_letters("-.0123456789"), None, precision + (2 if scale else 1) + 1)
        case "date":
            return KeyText(_letters("-0123456789"), 10, 10)
        case "datetime" | "timestamp" as kind:
            width = 19 + (fraction_digits(column) + 1 if column.fraction else 0) + (kind == "timestamp")
            return KeyText(_letters("-:.TZ0123456789"), width, width)
        case "time":
            return KeyText(_letters("-:.0123456789"), None, 17)
        case "bit":
            return KeyText(_letters("01"), 1, 1)
        case "bits":
            width = (bit_count(column) + 7) // 8 * 2
            return KeyText(_letters("0123456789abcdef"), width, width)
        case "binary" if column.length is not None:
            width = 2 * column.length
            fixed = column.data_type == "binary"
            return KeyText(_letters("0123456789abcdef"), width if fixed else None, width, may_be_empty=not fixed)
        case "text":
            return _text_key(column)
        case _:
            return None


def _text_key(column: Column) -> KeyText:
    if column.data_type in ("enum", "set"):
        names = labels(column)
        joined = ",".join(names)
        used = joined if column.data_type == "set" else "".join(names)
        longest = len(joined.encode()) if column.data_type == "set" else max((len(name.encode()) for name in names), default=0)
        # MySQL stores '' for a label that it did not know, and for an empty SET.
        return KeyText(Alphabet(frozenset(c for c in used if c.isascii()), not used.isascii()), None, longest, may_be_empty=True)
    if column.data_type in ("uuid", "inet4", "inet6"):
        return KeyText(_letters("0123456789abcdef-.:"), 36 if column.data_type == "uuid" else None, 45)
    charset = (column.collation or "").split("_")[0]
    per_character = {"ascii": 1, "latin1": 3, "utf8": 3, "utf8mb3": 3, "ucs2": 3}.get(charset, 4)
    return KeyText(ANYTHING, None, per_character * (column.length or 0), may_be_empty=True)


def _letters(text: str) -> Alphabet:
    return Alphabet(frozenset(text))
