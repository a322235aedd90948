# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Exact decimal numbers as text. Nothing here goes through a binary float."""

from __future__ import annotations

import re
from typing import NamedTuple

# What a DynamoDB number can hold (Developer Guide, "Data types", Number).
MAX_DIGITS = 38
MAX_MAGNITUDE = 125
MIN_MAGNITUDE = -130

_NUMBER = re.compile(r"([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]{1,5}))?")


class TooPrecise(ValueError):
    """A number that DynamoDB cannot hold: more than 38 digits, or out of range."""


class Decimal(NamedTuple):
    """``sign`` ("" or "-"), digits without zeros at either end ("" is zero), power of ten of the last digit."""

    sign: str
    digits: str
    exponent: int


def parse_decimal(text: str) -> Decimal:
    """Raises ValueError for what is no decimal number."""
    match = _NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        raise ValueError("not a number")
    sign, whole, fraction, power = match[1], match[2], match[3] or "", match[4]
    exponent = int(power or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    if not kept:
        return Decimal("", "", 0)
    return Decimal("-" if sign == "-" else "", kept, exponent + len(digits) - len(kept))


def fixed(number: Decimal, scale: int) -> str:
    """The number with exactly ``scale`` digits behind the point. Raises ValueError where digits would be lost."""
    sign, digits, exponent = number
    if exponent < -scale:
        raise ValueError(f"more than {scale} digits behind the point")
    units = (digits + "0" * (exponent + scale)).rjust(scale + 1, "0") if digits else "0" * (scale + 1)
    return f"{sign}{units[:-scale]}.{units[-scale:]}" if scale else sign + units


def normal(text: str) -> str:
    """The one notation of a number: no plus, no zeros that say nothing, no negative zero, an exponent only where the plain notation
    would need more than 38 digits (boto3 reads no more).

    Raises TooPrecise for what DynamoDB cannot hold, ValueError for what is no number.
    """
    if len(text) <= MAX_DIGITS and text.isascii() and text.isdigit() and (text[0] != "0" or text == "0"):
        return text
    number = parse_decimal(text)
    _sign, digits, exponent = number
    magnitude = len(digits) + exponent - 1
    if digits and (len(digits) > MAX_DIGITS or not MIN_MAGNITUDE <= magnitude <= MAX_MAGNITUDE):
        raise TooPrecise("a number needs more than 38 digits or is out of range")
    if len(digits) + exponent > MAX_DIGITS or -exponent > MAX_DIGITS:
        return f"{number.sign}{digits}E{exponent}"
    return fixed(number, max(0, -exponent))
