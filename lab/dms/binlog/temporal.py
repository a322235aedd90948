# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Dates and times of the binary log as texts.

Forms: https://dev.mysql.com/doc/dev/mysql-server/latest/my__time_8h.html (packed, since 5.6) and field.h (before).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from lab.dms.binlog.memo import Memo
from lab.dms.dialects.dialect import Dialect

_DATETIME_OFFSET = 0x8000000000
_DAY_SECONDS = 86400
_EPOCH = date(1970, 1, 1)
ZERO_DATE = "0000-00-00"


def fraction_bytes(fraction: int) -> int:
    """How many bytes so many digits of a second take."""
    return (fraction + 1) // 2


def _fraction_text(fraction: int, dialect: Dialect) -> Callable[[int], str]:
    """From the stored number (hundredths, ten-thousandths or millionths, as the digits need) to the text with its point."""
    scale = 10 ** (6 - 2 * fraction_bytes(fraction))
    digits = {"declared": 6 if fraction else 0, "six": 6, "exact": fraction}[dialect.fraction]
    if not fraction:
        text = "." + "0" * digits if digits else ""
        return lambda number: text
    if digits == 6:
        return lambda number: f".{number * scale:06d}"
    return lambda number: f".{number * scale:06d}"[: digits + 1]


# Times of a day by their packed form of 5, 6 and 6 bits and by seconds, for all columns.
_PACKED_CLOCK: Memo[int, str] = Memo(lambda packed: f"{packed >> 12:02d}:{packed >> 6 & 63:02d}:{packed & 63:02d}", _DAY_SECONDS)
_CLOCK: Memo[int, str] = Memo(lambda seconds: f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}", _DAY_SECONDS)


def _packed_day(packed: int) -> str:
    """17 bits of 13 * year + month and 5 bits of the day."""
    month = packed >> 5
    return f"{month // 13:04d}-{month % 13:02d}-{packed & 31:02d}"


def _number_of_day(days: int) -> str:
    return (_EPOCH + timedelta(days)).isoformat()


_PACKED_DAY: Memo[int, str] = Memo(_packed_day)
_DAY: Memo[int, str] = Memo(_number_of_day)


def _or_null(text: str, zero: bool, dialect: Dialect) -> str | None:
    return None if zero and dialect.zero_date == "null" else text


def date_text(dialect: Dialect) -> Callable[[bytes], str | None]:
    """DATE: three bytes, lowest first; 5 bits of the day, 4 of the month, 15 of the year."""

    def text(data: bytes) -> str | None:
        packed = int.from_bytes(data, "little")
        return _or_null(f"{packed >> 9:04d}-{packed >> 5 & 15:02d}-{packed & 31:02d}", not packed, dialect)

    return text


def datetime_text(fraction: int, dialect: Dialect) -> Callable[[bytes], str | None]:
    """DATETIME2: five bytes, highest first: 1 bit of the sign, 17 of 13 * year + month, 5, 5, 6 and 6 bits; then the fraction."""
    fraction_of = _fraction_text(fraction, dialect)
    width = 8 * fraction_bytes(fraction)
    mask = (1 << width) - 1
    offset = _DATETIME_OFFSET << width
    zeros_are_null = dialect.zero_date == "null"
    from_bytes = int.from_bytes

    if width == 24 and dialect.fraction != "exact" and not zeros_are_null:
        # The most common of all, in one expression.
        def with_microseconds(data: bytes) -> str:
            packed = from_bytes(data, "big") - offset
            return f"{_PACKED_DAY[packed >> 41]} {_PACKED_CLOCK[packed >> 24 & 0x1FFFF]}.{packed & 0xFFFFFF:06d}"

        return with_microseconds

    def text(data: bytes) -> str | None:
        packed = from_bytes(data, "big") - offset
        moment = packed >> width
        if zeros_are_null and not moment >> 17:
            return None
        return f"{_PACKED_DAY[moment >> 17]} {_PACKED_CLOCK[moment & 0x1FFFF]}{fraction_of(packed & mask)}"

    return text


def old_datetime_text(dialect: Dialect) -> Callable[[bytes], str | None]:
    """DATETIME before 5.6: the number YYYYMMDDhhmmss in eight bytes, lowest first."""
    fraction_of = _fraction_text(0, dialect)

    def text(data: bytes) -> str | None:
        d = f"{int.from_bytes(data, 'little'):014d}"
        moment = f"{d[:4]}-{d[4:6]}-{d[6:8]} {d[8:10]}:{d[10:12]}:{d[12:14]}{fraction_of(0)}"
        return _or_null(moment, d[:8] == "00000000", dialect)

    return text


def timestamp_text(fraction: int, dialect: Dialect, *, old: bool = False) -> Callable[[bytes], str | None]:
    """TIMESTAMP2: seconds since 1970 in four bytes, highest first, then the fraction; before 5.6 lowest first. In UTC."""
    fraction_of = _fraction_text(fraction, dialect)
    zero = None if dialect.zero_date == "null" else f"{ZERO_DATE} 00:00:00{fraction_of(0)}"

    def text(data: bytes) -> str | None:
        seconds = int.from_bytes(data[:4], "little" if old else "big")
        part = int.from_bytes(data[4:], "big")
        if not seconds and not part:
            return zero
        return f"{_DAY[seconds // _DAY_SECONDS]} {_CLOCK[seconds % _DAY_SECONDS]}{fraction_of(part)}"

    return text


def time_text(fraction: int, dialect: Dialect) -> Callable[[bytes], str]:
    """TIME2: three bytes and the fraction, highest first, as one number around the middle of its range."""
    fraction_of = _fraction_text(fraction, dialect)
    width = 8 * fraction_bytes(fraction)
    offset = 0x800000 << width

    def text(data: bytes) -> str:
        packed = int.from_bytes(data, "big") - offset
        minus = "-" if packed < 0 else ""
        packed = abs(packed)
        whole = packed >> width
        part = fraction_of(packed & ((1 << width) - 1))
        return f"{minus}{whole >> 12 & 1023:02d}:{whole >> 6 & 63:02d}:{whole & 63:02d}{part}"

    return text


def old_time_text(dialect: Dialect) -> Callable[[bytes], str]:
    """TIME before 5.6: the number hhmmss in three bytes, lowest first."""
    fraction_of = _fraction_text(0, dialect)

    def text(data: bytes) -> str:
        number = int.from_bytes(data, "little", signed=True)
        minus = "-" if number < 0 else ""
        number = abs(number)
        return f"{minus}{number // 10000:02d}:{number // 100 % 100:02d}:{number % 100:02d}{fraction_of(0)}"

    return text


def packed_date(packed: int) -> str:
    """From the form that JSON has: 40 bits of the moment, 24 bits of microseconds."""
    return _PACKED_DAY[packed >> 41]


def packed_time(packed: int) -> str:
    minus = "-" if packed < 0 else ""
    packed = abs(packed)
    whole = packed >> 24
    return f"{minus}{whole >> 12 & 1023:02d}:{whole >> 6 & 63:02d}:{whole & 63:02d}.{packed & 0xFFFFFF:06d}"


def packed_datetime(packed: int) -> str:
    return f"{_PACKED_DAY[packed >> 41]} {_PACKED_CLOCK[packed >> 24 & 0x1FFFF]}.{packed & 0xFFFFFF:06d}"
