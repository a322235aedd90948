# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Values of each column type as SQL takes them in text: the extremes first, then how to make more.

Ranges: MySQL 8.4 reference manual, "Data Types". Where MariaDB's range is wider, MySQL's is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from lab.workload.values import AWKWARD

Value: TypeAlias = str | None

DIGIT_WORDS = ("+1", "1e5", "0x41", " 1", "１")
# What billing's texts do not have: NUL bytes, more kinds of line ends, the longest characters at both ends.
TEXTS = (
    *AWKWARD,
    "\0",
    "a\0b",
    "\0\0",
    "\v\f\x1c\x85",
    "\U0010ffff",
    "\U00010000",
    "\u00a0",
    "a\u2028b\u2029c",
    "\\\n",
    '"\n",\r\n"',
    '\\"',
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 äß€日🦒"


@dataclass(frozen=True, slots=True)
class ZooColumn:
    """A column that is written. ``form``: the SQL expression that takes the text, for the types that do not take it as it is."""

    name: str
    edges: tuple[Value, ...]
    make: Callable[[Random], str]
    nullable: bool = True
    form: str = "%s"

    def value(self, random: Random) -> Value:
        """Any value: one in twelve is NULL, one in four an extreme."""
        if self.nullable and random.random() < 1 / 12:
            return None
        return random.choice(self.edges) if random.random() < 1 / 4 else self.make(random)


def _column(name: str, edges: Iterable[Value], make: Callable[[Random], str], *, nullable: bool = True, form: str = "%s") -> ZooColumn:
    """Each extreme once; NULL is one of them where it may be."""
    all_edges = dict.fromkeys([None, *edges] if nullable else edges)
    return ZooColumn(name, tuple(all_edges), make, nullable, form)


def whole(name: str, low: int, high: int) -> ZooColumn:
    edges = [low, high, 0, 1, low + 1, high - 1] + ([-1] if low < 0 else [])
    return _column(name, map(str, edges), lambda random: str(random.randint(low, high) if random.random() < 0.5 else random.randrange(100)))


def year(name: str) -> ZooColumn:
    return _column(name, ("0000", "1901", "2155", "2000"), lambda random: str(random.randint(1901, 2155)))


def bits(name: str, width: int) -> ZooColumn:
    high = 2**width - 1
    edges = [0, 1, high, high ^ 1, 1 << (width - 1)]
    return _column(name, map(str, edges), lambda random: str(random.randint(0, high)), form="CAST(%s AS UNSIGNED)")


def decimal(name: str, precision: int, scale: int, *, signed: bool = True) -> ZooColumn:
    def placed(digits: str) -> str:
        digits = digits.rjust(scale + 1, "0")
        return f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits

    def make(random: Random) -> str:
        digits = str(random.randrange(10 ** random.randint(1, precision)))
        return ("-" if signed and digits.strip("0") and random.random() < 0.4 else "") + placed(digits)

    magnitudes = ["9" * precision, "1", "0", "1" + "0" * (precision - 1), "5" + "0" * (scale // 2)]
    edges = [placed(digits) for digits in magnitudes]
    return _column(name, [*edges, *(f"-{edge}" for edge in edges if signed and edge.strip("0."))], make)


def single(name: str, *, signed: bool = True) -> ZooColumn:
    edges = (
        "0", "1", "0.1", "0.5", "16777216", "16777217", "123456.7", "9999999", "3.4028234663852886e38", "1.1754943508222875e-38", "1e-10",
        "1.1e20", "3.14159274", "0.001", "100000", "1000000", "1e15", "33554432",
    )  # fmt: skip
    return _column(
        name, [*edges, *(f"-{edge}" for edge in edges if signed and edge != "0")], lambda random: f"{_real(random, 37, signed):.8g}"
    )


def rounded(name: str) -> ZooColumn:
    """FLOAT(9,3)."""
    return _column(name, ("0", "1.5", "0.001", "-0.001", "99999.9", "-99999.9"), lambda random: f"{random.uniform(-9999, 9999):.3f}")


def double(name: str, most: int) -> ZooColumn:
    """``most``: the largest power of ten; 308 stands for all that a DOUBLE can hold."""
    edges = [
        "0",
        "1",
        "-1",
        "0.1",
        "-0.1",
        "1e15",
        "1e-15",
        "123456789012345680",
        "0.30000000000000004",
        "9007199254740993",
        "1e22",
        "1e23",
    ]
    edges += ["5e-5", "-1.5e-7", "1e17", "1e-100", "-1e100"]
    if most == 308:
        edges += [f"{sign}{edge}" for sign in ("", "-") for edge in ("1.7976931348623157e308", "2.2250738585072014e-308")]
    return _column(name, edges, lambda random: repr(_real(random, most - 1, signed=True)))


def _real(random: Random, power: int, signed: bool) -> float:
    number = random.uniform(1, 10) * 10.0 ** (random.randint(-power, power) if random.random() < 0.3 else random.randint(-3, 6))
    return -number if signed and random.random() < 0.4 else number


def date(name: str, *, nullable: bool = True) -> ZooColumn:
    return _column(name, ("1000-01-01", "9999-12-31", "1970-01-01", "2000-02-29", "1900-02-28", "2026-12-31"), _day, nullable=nullable)


def _day(random: Random, first: int = 1900, last: int = 2100) -> str:
    return f"{random.randint(first, last)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"


def date_time(name: str, digits: int) -> ZooColumn:
    edges = [f"{day} 00:00:00" for day in ("1000-01-01", "2000-02-29", "1970-01-01")]
    edges += [
        f"9999-12-31 23:59:59{_fraction('9' * digits)}",
        f"2026-03-29 02:30:00{_fraction('0' * digits)}",
        f"2026-11-01 08:00:00{_fraction('1'.rjust(digits, '0'))}",
        f"2026-11-01 08:00:00{_fraction('1'.ljust(digits, '0'))}",
    ]
    return _column(name, edges, lambda random: f"{_day(random)} {_clock(random, 23)}{_any_fraction(random, digits)}")


def timestamp(name: str, digits: int) -> ZooColumn:
    edges = [
        "1970-01-01 00:00:01",
        f"2038-01-19 03:14:07{_fraction('9' * digits)}",
        "2026-03-29 02:30:00",
        "2026-10-25 02:30:00",
        f"2026-11-01 08:00:00{_fraction('1'.rjust(digits, '0'))}",
    ]
    return _column(name, edges, lambda random: f"{_day(random, 1971, 2037)} {_clock(random, 23)}{_any_fraction(random, digits)}")


def time(name: str, digits: int) -> ZooColumn:
    edges = ["00:00:00", "-838:59:59", "838:59:59", "24:00:00", "-00:00:01", "99:59:59", "100:00:00", "23:59:59"]
    if digits:
        edges += [
            f"-838:59:58{_fraction('9' * digits)}",
            f"-00:00:00{_fraction('1'.rjust(digits, '0'))}",
            f"00:00:00{_fraction('5'.ljust(digits, '0'))}",
        ]
    return _column(name, edges, lambda random: f"{random.choice(('', '-'))}{_clock(random, 837)}{_any_fraction(random, digits)}")


def _clock(random: Random, hours: int) -> str:
    return f"{random.randint(0, hours):02d}:{random.randint(0, 59):02d}:{random.randint(1, 59):02d}"


def _any_fraction(random: Random, digits: int) -> str:
    return _fraction(str(random.randrange(10**digits)).rjust(digits, "0") if digits else "")


def _fraction(digits: str) -> str:
    return f".{digits}" if digits else ""


def text(name: str, limit: int, *, nullable: bool = True, blanks: bool = True, longest: Iterable[str] = ()) -> ZooColumn:
    """``limit``: characters of the texts, whatever they are. ``blanks``: trailing ones are kept (CHAR loses them)."""
    edges = [*(edge for edge in (*DIGIT_WORDS, *TEXTS) if len(edge) <= limit), "\U0001f4a1" * limit, *longest]
    kept = (edge if blanks else edge.rstrip(" ") for edge in edges)
    return _column(name, kept, lambda random: _words(random, min(limit, 30)), nullable=nullable)


def narrow_text(name: str, limit: int) -> ZooColumn:
    """What latin1 can hold."""
    edges = [edge for edge in TEXTS if len(edge) <= limit and _is_latin(edge)] + ["ÿ" * limit, "€ „“ ÄÖÜ", "\xa0\xad", "ÀÁÂÃÄÅÆ¿"[:limit]]
    return _column(
        name, (edge.rstrip(" ") for edge in edges), lambda random: "".join(random.choices("abcäöüß€é,\"'", k=random.randint(0, 12)))
    )


def _is_latin(edge: str) -> bool:
    """MySQL's latin1 is Windows-1252 with the holes filled; control characters beyond ASCII are left out."""
    return all(character.isascii() or 0xA0 <= ord(character) <= 0xFF for character in edge)


def _words(random: Random, limit: int) -> str:
    return "".join(random.choices(_LETTERS, k=random.randint(1, limit))).strip(" ") or "x"


def binary(name: str, limit: int, *, fixed: bool = False, nullable: bool = True, longest: int = 0) -> ZooColumn:
    """Bytes, as hexadecimal digits; ``longest``: how many the longest values have, if that is more than ``limit``."""
    edges = ["", "00", "0000", "FF", "30", "5C4E", "0A", "0D0A", "2C", "22", "222C0A", "C3", "EDA080", "4E554C4C", "2000", "0020", "00FF00"]
    edges += ["00" * limit, "FF" * limit, bytes(range(min(limit, 256))).hex().upper()]
    sized = [edge.ljust(2 * limit, "0") if fixed else edge for edge in edges]

    def make(random: Random) -> str:
        return random.randbytes(limit if fixed else random.randint(0, min(limit, 40))).hex().upper()

    return _column(name, [*sized, *(["00FF" * (longest // 2)] if longest else [])], make, nullable=nullable, form="UNHEX(%s)")


def choice(name: str, labels: Iterable[str], *, nullable: bool = True) -> ZooColumn:
    options = tuple(labels)
    return _column(name, options, lambda random: random.choice(options), nullable=nullable)


def several(name: str, labels: Iterable[str]) -> ZooColumn:
    options = tuple(labels)

    def make(random: Random) -> str:
        return ",".join(label for label in options if random.random() < 0.5)

    return _column(name, ("", *options, ",".join(options)), make)


def document(name: str, *, nullable: bool = True) -> ZooColumn:
    edges = (
        "{}", "[]", "null", "true", "0", "-1", "1.5", "1e300", "18446744073709551615", "-9223372036854775808", '""', '"text"', '"\\u0000"',
        '"a\\"b, c: d"', '"\\\\"', '"😀 \\ud83e\\udd81"', "[[[[[]]]]]", '{"b":1,"aa":2,"a":{"x":[1,2,{"y":null}]}}', '{"":""}',
        '{"a , b":"c : d", "q\\"k":[1 , 2]}', ' { "spaced" :  [ 1,2 ] } ', '{"line":"one\\ntwo","sep":"\u2028"}', "[1.0,1e2,0.1,-0.0]",
        json.dumps({"long": "x" * 5000}), json.dumps([*range(300)], separators=(",", ":")),
    )  # fmt: skip

    def make(random: Random) -> str:
        content = {f"k{number}": random.choice((random.randrange(10**6), _words(random, 9), None, [1, 2])) for number in range(3)}
        return json.dumps(content, ensure_ascii=random.random() < 0.5, separators=random.choice(((",", ":"), (", ", ": "))))

    return _column(name, edges, make, nullable=nullable)


def geometry(name: str, *edges: str) -> ZooColumn:
    """``edges``: well-known text; random values are points, where the column takes them."""

    def make(random: Random) -> str:
        if edges[0].startswith("POINT"):
            return f"POINT({random.uniform(-180, 180):.6f} {random.uniform(-90, 90):.6f})"
        return random.choice(edges)

    return _column(name, edges, make, form="ST_GeomFromText(%s)")
