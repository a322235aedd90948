# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Texts of a dialect that a server cannot write by itself: forms of floating-point numbers, JSON without blanks."""

from __future__ import annotations

import re

_JSON_STRINGS_AND_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*"?)|[ \t\r\n]+', re.DOTALL)


def plain_real(text: str) -> str:
    """A number as the server prints it (``-1.5e-7``) without an exponent (``-0.00000015``)."""
    if "e" not in text:
        return text
    sign, digits, point = _parts(text)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def scientific_real(text: str) -> str:
    """The same with one digit before the point and an exponent of a sign and at least two digits: ``1.5E+20``, ``0E+00``."""
    sign, digits, point = _parts(text)
    digits = digits.rstrip("0") or "0"
    exponent = 0 if digits == "0" else point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def compact_json(text: str) -> str:
    """The same JSON without blanks between its parts. A text that was cut within stays cut there."""
    return _JSON_STRINGS_AND_BLANKS.sub(lambda found: found.group(1) or "", text)


def _parts(text: str) -> tuple[str, str, int]:
    """Sign, significant digits, and how many of them stand before the decimal point (negative: zeros behind it come first)."""
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    significant = digits.lstrip("0")
    point = len(whole) - (len(digits) - len(significant)) + int(exponent or 0)
    return sign, significant or "0", point
