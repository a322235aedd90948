# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Brings one staged text into the one spelling that its column type has, or rejects it.

DMS's spelling of some types is not documented, and a row read from the database itself may be spelled differently. Every cleaner takes
the known spellings; it raises Rejected, naming the column and never the value, for the rest. The clean spellings:

integers ``-?(0|[1-9]...)`` · decimals with exactly their scale · floats in plain notation, FLOAT with the digits that a single needs ·
dates ``YYYY-MM-DD`` · times of day and date-times with exactly their declared fraction, date and time separated by a space ·
bits ``0``/``1`` · bytes in small hex digits.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from ..errors import Rejected
from .numbers import MAX_DIGITS, TooPrecise, fixed, normal, parse_decimal

Cleaner: TypeAlias = Callable[[str], str]

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00(?:\.0+)?)?")
_DATETIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]+))?Z?")
_TIME = re.compile(r"(-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9])(?:\.([0-9]+))?")
_HEX = re.compile(r"(?:[0\\][xX])?((?:[0-9a-fA-F]{2})*)")
_SINGLE = struct.Struct("<f")
# Decimal texts of so many digits come back from a single unchanged; so many tell every two singles apart (FLT_DIG, FLT_DECIMAL_DIG).
SINGLE_DIGITS, _SINGLE_MOST_DIGITS = 6, 9
_FALSE, _TRUE = ("0", "false", "f", "b'0'", "\0"), ("1", "true", "t", "b'1'", "\1")


def integer(column: str, low: int, high: int) -> Cleaner:
    def clean(text: str) -> str:
        try:
            whole = fixed(parse_decimal(text), 0)
        except ValueError:
            raise Rejected("bad-number", f"column '{column}' holds no whole number") from None
        if len(whole) > 21 or not low <= int(whole) <= high:
            raise Rejected("bad-number", f"column '{column}' holds a number outside {low} to {high}")
        return whole

    return clean


def decimal(column: str, precision: int, scale: int, *, as_number: bool) -> Cleaner:
    def clean(text: str) -> str:
        try:
            number = parse_decimal(text)
            if len(number.digits) + number.exponent > precision - scale:
                raise ValueError("too large")
            exact = fixed(number, scale)
        except ValueError:
            raise Rejected("bad-number", f"column '{column}' holds no number with {precision} digits, {scale} of them decimals") from None
        if as_number and len(number.digits) > MAX_DIGITS:
            raise Rejected("number-too-precise", f"column '{column}' holds a number with more than {MAX_DIGITS} digits")
        return exact

    return clean


def binary_float(column: str, *, single: bool, as_number: bool) -> Cleaner:
    """``single``: the column is a FLOAT, whose text may be that of the single or that of the double which it widens to."""

    def clean(text: str) -> str:
        try:
            if single:
                text = _shortest_single(text)
            if as_number:
                return normal(text)
            number = parse_decimal(text)
            if abs(number.exponent) > 400:  # no FLOAT or DOUBLE is that large or small
                raise ValueError("too large")
            return fixed(number, max(0, -number.exponent))
        except TooPrecise:
            raise Rejected("number-too-precise", f"column '{column}' holds a number outside DynamoDB's range") from None
        except ValueError:
            raise Rejected("bad-number", f"column '{column}' holds no number") from None

    return clean


def _shortest_single(text: str) -> str:
    """The shortest text from six digits on that names the same single. Raises ValueError where there is none."""
    parse_decimal(text)
    try:
        packed = _SINGLE.pack(float(text))
    except OverflowError:
        raise ValueError("too large") from None
    (value,) = _SINGLE.unpack(packed)
    texts = (f"{value:.{digits}g}" for digits in range(SINGLE_DIGITS, _SINGLE_MOST_DIGITS + 1))
    return next(short for short in texts if _packs_to(short, packed))


def _packs_to(text: str, packed: bytes) -> bool:
    """Rounding the largest single up would overflow."""
    try:
        return _SINGLE.pack(float(text)) == packed
    except OverflowError:
        return False


def _real_date(column: str, text: str) -> str:
    match = _DATE.fullmatch(text)
    if not match:
        raise Rejected("bad-date", f"column '{column}' holds no date")
    year, month, day = (int(part) for part in match.groups())
    if not (year and month and day):
        raise Rejected("zero-date", f"column '{column}' holds a date with a zero part")
    try:
        date(year, month, day)
    except ValueError:
        raise Rejected("bad-date", f"column '{column}' holds a day that does not exist") from None
    return text[:10]


def calendar_date(column: str) -> Cleaner:
    return lambda text: _real_date(column, text)


def _with_fraction(column: str, seconds: str, fraction: str, digits: int) -> str:
    if fraction[digits:].strip("0"):
        raise Rejected("bad-date", f"column '{column}' holds a time finer than its {digits} digits of a second")
    return f"{seconds}.{fraction[:digits].ljust(digits, '0')}" if digits else seconds


def date_time(column: str, digits: int) -> Cleaner:
    def clean(text: str) -> str:
        match = _DATETIME.fullmatch(text)
        if not match:
            raise Rejected("bad-date", f"column '{column}' holds no date with a time")
        return _with_fraction(column, f"{_real_date(column, match[1])} {match[2]}", match[3] or "", digits)

    return clean


def time_of_day(column: str, digits: int) -> Cleaner:
    def clean(text: str) -> str:
        match = _TIME.fullmatch(text)
        if not match:
            raise Rejected("bad-time", f"column '{column}' holds no time")
        return _with_fraction(column, match[1], match[2] or "", digits)

    return clean


def bit(column: str) -> Cleaner:
    def clean(text: str) -> str:
        small = text.lower()
        if small in _TRUE or small in _FALSE:
            return "1" if small in _TRUE else "0"
        raise Rejected("bad-boolean", f"column '{column}' holds neither 0 nor 1")

    return clean


def hex_bytes(column: str, length: int | None = None) -> Cleaner:
    """``length``: bytes of a BINARY column, which ends with zero bytes where fewer are written."""

    def clean(text: str) -> str:
        digits = _hex_digits(column, text)
        return digits if length is None else digits.ljust(2 * length, "0")

    return clean


def hex_number(column: str, width: int) -> Cleaner:
    """A BIT column of ``width`` bytes: filled up with zero bytes in front, or freed of them."""

    def clean(text: str) -> str:
        digits = _hex_digits(column, text).lstrip("0").rjust(2 * width, "0")
        if len(digits) > 2 * width:
            raise Rejected("bad-binary", f"column '{column}' holds more than {width} bytes")
        return digits

    return clean


def _hex_digits(column: str, text: str) -> str:
    match = _HEX.fullmatch(text)
    if not match:
        raise Rejected("bad-binary", f"column '{column}' does not hold bytes in hex digits")
    return match[1].lower()
