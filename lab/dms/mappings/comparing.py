# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Compares a column with a value of a rule, by the server in SQL and by this program on the text that change capture writes.

Both must come to the same answer for the same row. The guide says which values a rule may hold, not how texts are collated; here texts
compare by code point, so that a full load and the changes after it take the same rows whatever the column's collation is.

Values: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.Filters.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import INTEGERS, LOBS, TEXTS, quoted_name
from lab.dms.sources.mysql import SourceColumn

Literal = Callable[[str], str]

# What DECIMAL(65,30) holds: digits before and behind the point.
_WHOLE_DIGITS, _FRACTION_DIGITS = 35, 30
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?", re.ASCII)
_TIME = re.compile(r"(-?)(\d{1,3}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?", re.ASCII)
_REAL = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_LONGEST_TIME = ((838 * 60 + 59) * 60 + 59) * 1_000_000
_MIDNIGHT = " 00:00:00.000000"
_SINGLE = struct.Struct("<f")
_ZERO_DATE = "0000-00-00 00:00:00"
# Seconds: earlier than the year 1.
_BEFORE_ALL = -100_000_000_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """How values of one column compare.

    ``key``: the text of a row or a rule as something that orders as the server orders it; raises ValueError for a text that is no value
    of the column. ``operand``: the column in SQL. ``constant``: a value of a rule in SQL, through ``literal``.
    """

    column: SourceColumn
    operand: str
    key: Callable[[str], Any]
    constant: Callable[[str, Literal], str]


def comparison(column: SourceColumn, dialect: Dialect) -> Comparison | None:
    """None for a column that holds bytes: there is nothing to compare them with."""
    kind, name = column.data_type, quoted_name(column.name)
    if kind in LOBS:
        return None
    if kind == "bit":
        return Comparison(column, f"({name} + 0)", _bit, _exact_constant) if column.column_type in ("bit", "bit(1)") else None
    if kind in INTEGERS or kind == "decimal":
        # A bare YEAR takes a number below 100 for a year of this century.
        return Comparison(column, f"({name} + 0)" if kind == "year" else name, _exact, _exact_constant)
    if kind in ("float", "double"):
        return Comparison(column, f"({name} + 0e0)", _single if kind == "float" else float, _real_constant)
    if kind == "timestamp":
        return Comparison(column, _epoch(name, dialect), _moment, _epoch_constant)
    if kind in ("date", "datetime"):
        operand = f"NULLIF({name}, '{_ZERO_DATE}')" if dialect.zero_date == "null" else name
        return Comparison(column, operand, _moment, _moment_constant)
    if kind == "time":
        return Comparison(column, name, _duration, _duration_constant)
    if kind in TEXTS:
        return Comparison(column, f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)", str, _text_constant)
    return None


def check_value(compared: Comparison, value: str) -> None:
    """Raises ValueError for a value that a rule cannot compare with this column."""
    kind = compared.column.data_type
    if kind in ("date", "datetime", "timestamp"):
        if not _DATE.fullmatch(value):
            raise ValueError("it must be YYYY-MM-DD or YYYY-MM-DD HH:MM:SS")
        datetime.fromisoformat(value[:19])
    elif kind == "time":
        if abs(_duration(value)) > _LONGEST_TIME:
            raise ValueError("it is longer than 838:59:59")
    elif kind in ("float", "double"):
        if not _REAL.fullmatch(value) or not isfinite(float(value)):
            raise ValueError("it must be a number")
    elif kind in INTEGERS or kind in ("decimal", "bit"):
        _check_exact(value)


def _check_exact(value: str) -> None:
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", value, re.ASCII):
        raise ValueError("it must be a decimal number")
    whole, _, fraction = value.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > _WHOLE_DIGITS or len(fraction) > _FRACTION_DIGITS:
        raise ValueError(f"it has more than {_WHOLE_DIGITS} digits before or {_FRACTION_DIGITS} behind the point")


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("it must be a decimal number") from None


def _bit(text: str) -> Decimal:
    """A dialect may write a bit as a word."""
    return Decimal({"false": 0, "true": 1}[text]) if text in ("false", "true") else _exact(text)


def _single(text: str) -> float:
    """A rule's value stays a double, but a row's text is the double of a FLOAT or its own shortest text: both stand for the same FLOAT."""
    return float(_SINGLE.unpack(_SINGLE.pack(float(text)))[0])


def _moment(text: str) -> str:
    """``YYYY-MM-DD HH:MM:SS.ffffff``, which orders as text; the dialects leave out what is zero."""
    if len(text) == 10:
        return text + _MIDNIGHT
    return text + ".000000" if len(text) == 19 else text.ljust(26, "0")


def _duration(text: str) -> int:
    """Microseconds."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("it must be a time HH:MM:SS")
    sign, hours, minutes, seconds, fraction = found.groups()
    if int(minutes) > 59 or int(seconds) > 59:
        raise ValueError("it must be a time HH:MM:SS")
    size = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1_000_000 + int((fraction or "").ljust(6, "0"))
    return -size if sign else size


def _epoch(name: str, dialect: Dialect) -> str:
    """Seconds since 1970, whatever the session's time zone is: the files hold UTC. A date of zeros comes before every other."""
    seconds = f"UNIX_TIMESTAMP({name})"
    return f"NULLIF({seconds}, 0)" if dialect.zero_date == "null" else f"IF({seconds} = 0, {_BEFORE_ALL}, {seconds})"


def _epoch_constant(value: str, literal: Literal) -> str:
    microseconds = (datetime.fromisoformat(_moment(value)) - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    return _exact_constant(f"{Decimal(microseconds).scaleb(-6):f}", literal)


def _exact_constant(value: str, literal: Literal) -> str:
    return f"CAST({literal(value)} AS DECIMAL({_WHOLE_DIGITS + _FRACTION_DIGITS},{_FRACTION_DIGITS}))"


def _real_constant(value: str, literal: Literal) -> str:
    return f"({literal(value)} + 0e0)"


def _moment_constant(value: str, literal: Literal) -> str:
    return f"CAST({literal(value)} AS DATETIME(6))"


def _duration_constant(value: str, literal: Literal) -> str:
    return f"CAST({literal(value)} AS TIME(6))"


def _text_constant(value: str, literal: Literal) -> str:
    return f"CAST({literal(value)} AS BINARY)"
