# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""DECIMAL, FLOAT, DOUBLE and BIT of the binary log as texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lab.dms.dialects.dialect import Dialect
from lab.dms.dialects.text import plain_real, scientific_real

# How many bytes so many digits take, nine of them four.
_DIGIT_BYTES = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
# The server writes an exponent where more zeros than these would follow the point, or more digits stand before it and none behind it
# (DBL_DIG; strings/dtoa.c, my_gcvt).
_PLAIN_DIGITS = 15
# Longer than any number.
_ENOUGH = 400


def decimal_bytes(precision: int, scale: int) -> int:
    """How long a DECIMAL is in the log."""
    return sum(4 * (digits // 9) + _DIGIT_BYTES[digits % 9] for digits in (precision - scale, scale))


def decimal_text(precision: int, scale: int, dialect: Dialect) -> Callable[[bytes], str]:
    """From the binary form: groups of nine digits, the highest and the lowest group shorter; all bits of a negative number inverted,
    and the highest bit of a positive one set.

    https://dev.mysql.com/doc/dev/mysql-server/latest/decimal_8cc.html (decimal2bin)
    """
    whole = precision - scale
    wholes = [n for n in (whole % 9, *[9] * (whole // 9)) if n]
    fractions = [n for n in (*[9] * (scale // 9), scale % 9) if n]
    left = bits = 8 * decimal_bytes(precision, scale)
    groups = []
    for digits in wholes + fractions:
        width = 8 * _DIGIT_BYTES[digits]
        left -= width
        groups.append(f"(number >> {left} & {(1 << width) - 1})")
    integer = " + ".join(f"{group} * {10 ** (9 * (len(wholes) - place))}" for place, group in enumerate(groups[: len(wholes)], 1))
    fraction = "".join(f"{{{group}:0{digits}d}}" for group, digits in zip(groups[len(wholes) :], fractions, strict=True))
    written = f"{{{integer or 0}}}.{fraction}" if fraction else f"{{{integer or 0}}}"
    trim = '.rstrip("0").rstrip(".")' if fraction and dialect.decimal_zeros == "trimmed" else ""
    # A loop over the groups would take three times as long. The text is made of numbers alone.
    code = f"""
def text(data):
    number = from_bytes(data, "big") ^ {1 << (bits - 1)}
    if number & {1 << (bits - 1)}:
        number ^= {(1 << bits) - 1}
        return f"-{written}"{trim}
    return f"{written}"{trim}
"""
    names: dict[str, Any] = {"from_bytes": int.from_bytes}
    exec(code, names)  # noqa: S102
    text: Callable[[bytes], str] = names["text"]
    return text


def real_text(column_type: str, server: str, dialect: Dialect) -> Callable[[float], str]:
    """The text of a DOUBLE, and of a FLOAT that is widened to one in a sum, by that version of the server."""
    column, total, _ = _widths(server)
    width = column if column_type in ("double", "double unsigned") else total
    # A zero has no sign.
    return _in_dialect(lambda number: server_real(number + 0.0, width), dialect)


def single_text(column_type: str, server: str, dialect: Dialect) -> Callable[[float], str]:
    """The text of a FLOAT: of the double that it widens to, or as the server prints a FLOAT: with six significant digits (FLT_DIG), or with
    as many decimals as it is declared with."""
    if dialect.float_width == "double":
        return real_text(column_type, server, dialect)
    declared = re.match(r"float\(\d+,(\d+)\)", column_type)
    if declared is not None:
        decimals = int(declared.group(1))
        return _in_dialect(lambda number: f"{number:.{decimals}f}", dialect)
    width = _widths(server)[2]
    return _in_dialect(lambda number: server_real(float(f"{number:.6g}"), width), dialect)


def _in_dialect(text: Callable[[float], str], dialect: Dialect) -> Callable[[float], str]:
    forms = {"plain": plain_real, "scientific": scientific_real}
    form = forms.get(dialect.real)
    return text if form is None else lambda number: form(text(number))


def _widths(server: str) -> tuple[int, int, int]:
    """How many characters the server has for a column of DOUBLE, for a sum, and for a column of FLOAT: MySQL 8 writes an exponent where a
    text would be longer (sql/item.cc, MAX_DOUBLE_STR_LENGTH and MAX_FLOAT_STR_LENGTH; the first as MySQL 9.7 does it)."""
    first = re.match(r"\d+", server)
    narrow = "MariaDB" not in server and first is not None and int(first.group()) >= 8
    return (24, 22, 12) if narrow else (_ENOUGH, _ENOUGH, _ENOUGH)


def server_real(number: float, width: int = _ENOUGH) -> str:
    """The shortest text that reads back as the same number, with an exponent where the server writes one."""
    text = repr(number)
    if "e" not in text and -1e15 < number < 1e15 and len(text) <= width:
        return text[:-2] if text.endswith(".0") else text
    mantissa, _, exponent = text.partition("e")
    minus = "-" if mantissa[0] == "-" else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    point = len(whole) - (len(digits) - len(digits.lstrip("0"))) + int(exponent or 0)
    digits = digits.strip("0")
    # The number is 0.digits times ten to the power of ``point``.
    if point <= 0:
        plain = f"{minus}0.{'0' * -point}{digits}"
    else:
        plain = minus + (f"{digits[:point]}.{digits[point:]}" if point < len(digits) else digits.ljust(point, "0"))
    if point <= -_PLAIN_DIGITS or (point > _PLAIN_DIGITS and point >= len(digits)) or len(plain) > width:
        return _with_exponent(number, minus, digits, point - 1, width)
    return plain


def _with_exponent(number: float, minus: str, digits: str, exponent: int, width: int) -> str:
    """With fewer digits where there is no room for all."""
    text = f"{minus}{digits[0]}{'.' if len(digits) > 1 else ''}{digits[1:]}e{exponent}"
    excess = len(text) - width
    if excess <= 0:
        return text
    mantissa, _, power = f"{number:.{len(digits) - 1 - excess}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


def bit_text(bits: int, dialect: Dialect) -> Callable[[bytes], str]:
    """BIT(1) as a digit or a word, wider ones as hexadecimal digits, two for each byte."""
    if bits == 1:
        words = ("false", "true") if dialect.boolean == "word" else ("0", "1")
        return lambda data: words[data[-1] & 1]
    return binary_text(dialect)


def binary_text(dialect: Dialect) -> Callable[[bytes], str]:
    prefix = dialect.hex_prefix
    if dialect.hex_case == "upper":
        return lambda data: prefix + data.hex().upper()
    return lambda data: prefix + data.hex()
