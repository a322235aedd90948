# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The tables of ``examples/zoo/schema.sql`` whose rows stand for themselves: types at their extremes, and keys of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TypeAlias

from lab.workload.zoo.values import (
    TEXTS,
    ZooColumn,
    binary,
    bits,
    choice,
    date,
    date_time,
    decimal,
    document,
    double,
    geometry,
    narrow_text,
    rounded,
    several,
    single,
    text,
    time,
    timestamp,
    whole,
    year,
)

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One column of a primary key. ``form``: as of a column."""

    name: str
    form: str = "%s"


def _serials(random: Random) -> Iterator[Key]:
    return ((str(number),) for number in count(1))


@dataclass(frozen=True, slots=True)
class ZooTable:
    """``keys``: endless keys, the extremes first, no two alike for the table's collation. ``fresh``: a key that is hardly there
    already, or None where keys are numbers in a row."""

    name: str
    columns: tuple[ZooColumn, ...]
    key: tuple[KeyPart, ...] = (KeyPart("id"),)
    keys: Callable[[Random], Iterator[Key]] = _serials
    fresh: Callable[[Random], Key] | None = None
    key_edges: int = 0

    @property
    def forms(self) -> dict[str, str]:
        """The SQL expression of each column that is written, the key's first."""
        return {part.name: part.form for part in self.key} | {column.name: column.form for column in self.columns}

    @property
    def least(self) -> int:
        """Rows that hold every extreme."""
        return max(self.key_edges, *(len(column.edges) for column in self.columns))


_DIGITS = range(7)
_NEVER, _REAL = "0000-00-00 00:00:00", "2026-11-22 08:00:00"
_EDGE_NAMES = tuple(dict.fromkeys((*(edge.rstrip(" ") for edge in TEXTS if len(edge) <= 80), "k" * 80, "\U0001f9a6" * 80)))
_EDGE_COMPOSITES: tuple[Key, ...] = (
    ("0", "-2147483648", "", "1000-01-01"),
    ("18446744073709551615", "2147483647", "#", "9999-12-31"),
    ("1", "-1", "a#b", "2000-02-29"),
    ("1", "-1", "a%23b", "2000-02-29"),
    ("1", "-1", "A#B", "2000-02-29"),
    ("1", "1", "a#b", "2000-02-29"),
    ("10", "0", "\U0001f98a" * 12, "1970-01-01"),
    ("2", "0", '",\n', "1970-01-01"),
    ("9223372036854775808", "0", "é", "1970-01-01"),
    ("9223372036854775808", "0", "e\u0301", "1970-01-01"),
)
_EDGE_TOKENS: tuple[Key, ...] = tuple(
    (token * 16, part) for token in ("00", "FF", "22", "0A", "20") for part in ("", "00", "0000", "20", "FFFFFFFFFFFFFFFF")
)
# No two of these are alike in utf8mb4_general_ci, which folds case and most accents, takes ß for s and all beyond U+FFFF for one.
_EDGE_CODES = (
    "", "Straße", "STRASSE", "élan", "Zebra", "ZEBRA 2", "ﬀ", "ff", "Ωmega", "Ł", "L", "İ1", "ı2", "K\u0301 3", "#", "%23", "a#b", "_",
    "🦓", "x" * 40,
)  # fmt: skip
_EDGE_LATIN = ("", "a", "A", "é", "É", "ß", "ss", "ÿ", "a#b", "'", '"', ",", "\n", "x" * 20, "NULL", "\\N", "ÿÿ")


def _composites(random: Random) -> Iterator[Key]:
    yield from _EDGE_COMPOSITES
    for number in count(100):
        yield str(number), str(random.randint(-5, 5)), random.choice(("eu", "EU", "us#1", "日本")), f"20{random.randint(10, 40)}-01-31"


def _names(random: Random) -> Iterator[Key]:
    yield from ((name,) for name in _EDGE_NAMES)
    yield from ((f"{random.choice('aAéÉ日🦒')}-{number:x}{random.choice(('', '#', ',', chr(10)))}",) for number in count(1))


def _tokens(random: Random) -> Iterator[Key]:
    yield from _EDGE_TOKENS
    yield from ((f"{number:032X}", random.randbytes(random.randint(0, 8)).hex().upper()) for number in count(1000))


def _codes(random: Random) -> Iterator[Key]:
    yield from ((code,) for code in _EDGE_CODES)
    yield from ((f"{random.choice(('zoo', 'Zoo', 'ZOO'))}-{number:06d}{random.choice('aAäÄ')}",) for number in count(1))


def _latin_codes(random: Random) -> Iterator[Key]:
    yield from ((code,) for code in _EDGE_LATIN)
    yield from ((f"{random.choice('äöü')}-{number}",) for number in count(1))


def _fresh_composite(random: Random) -> Key:
    return str(random.getrandbits(63)), str(random.randint(-(2**31), 2**31 - 1)), "new#", "2026-11-22"


_TEXT_BYTES, _MEDIUM_TEXT, _LONG_TEXT = 65_535, 80_000, 120_000
_RING = "0 0,0 1,1 1,0 0"
_HOLE = "0.2 0.4,0.2 0.5,0.3 0.5,0.2 0.4"
_POINT, _LINE, _AREA = "POINT(1.5 -2.25)", "LINESTRING(0 0,1 1,2 0)", f"POLYGON(({_RING}),({_HOLE}))"
_MANY_POINTS, _MANY_LINES = "MULTIPOINT(0 0,-180 90)", "MULTILINESTRING((0 0,1 1),(5 5,6 6))"
_MANY_AREAS, _MIXED = f"MULTIPOLYGON((({_RING})))", f"GEOMETRYCOLLECTION({_POINT},{_LINE})"

_NOTE = text("note", 60)

TABLES = (
    ZooTable(
        "whole_number",
        (
            whole("tiny", -128, 127),
            whole("tiny_u", 0, 255),
            whole("flag", -128, 127),
            whole("small", -(2**15), 2**15 - 1),
            whole("small_u", 0, 2**16 - 1),
            whole("medium", -(2**23), 2**23 - 1),
            whole("medium_u", 0, 2**24 - 1),
            whole("regular", -(2**31), 2**31 - 1),
            whole("regular_u", 0, 2**32 - 1),
            whole("big", -(2**63), 2**63 - 1),
            whole("big_u", 0, 2**64 - 1),
            whole("padded", 0, 2**32 - 1),
            whole("padded_big", 0, 2**64 - 1),
            year("born"),
            bits("bit_1", 1),
            bits("bit_9", 9),
            bits("bit_64", 64),
        ),
    ),
    ZooTable(
        "real_number",
        (
            decimal("widest", 65, 30),
            decimal("whole", 65, 0),
            decimal("tail", 30, 30),
            decimal("longest", 38, 10),
            decimal("price", 12, 4, signed=False),
            decimal("padded", 10, 2, signed=False),
            single("weight"),
            single("weight_u", signed=False),
            rounded("rounded"),
            double("ratio", 100),
            double("any_double", 308),
        ),
    ),
    ZooTable(
        "moment",
        (
            date("day"),
            *(date_time(f"d{digits}", digits) for digits in _DIGITS),
            *(timestamp(f"s{digits}", digits) for digits in _DIGITS),
            *(time(f"t{digits}", digits) for digits in _DIGITS),
        ),
    ),
    # The fourth row is real throughout, the fifth but for its last day, which could be NULL as well.
    ZooTable(
        "zero_date",
        (
            choice("day", ("0000-00-00", "2026-00-00", "2026-11-00", "2026-11-22", "1999-12-31"), nullable=False),
            choice("moment", (f"{_NEVER}.000", "2026-00-10 08:00:00.125", "2026-11-00 08:00:00", f"{_REAL}.5", _REAL), nullable=False),
            choice("stamp", (_NEVER, "1970-01-01 00:00:01", "2038-01-19 03:14:07", _REAL, "1999-12-31 23:59:59"), nullable=False),
            choice("maybe_day", ("0000-11-22", "2026-00-22", "2026-11-22", "0000-00-00")),
            choice("maybe_moment", (_NEVER, "2026-00-22 08:00:00", _REAL, "1999-12-31 23:59:59")),
            choice("maybe_stamp", (_NEVER, "1970-01-01 00:00:01", f"{_REAL}.000001", f"{_REAL}.999999")),
        ),
    ),
    ZooTable(
        "text_value",
        (
            text("fixed", 12, blanks=False),
            text("varied", 600),
            text("required", 600, nullable=False),
            text("tiny", 63, longest=["ä" * 127]),
            text("regular", 200, longest=["x,\n" * (_TEXT_BYTES // 3)]),
            text("medium", 200, longest=['"' * _MEDIUM_TEXT]),
            text("long_one", 200, longest=["z\r\n" * (_LONG_TEXT // 3)]),
            choice("mood", ("calm", "wild", "it's", "a,b", 'say "hi"', " leading", "ünïcode", "NULL", "")),
            several("habits", ("sleeps", "plays", "it's", '"eats"', "ünïcode")),
        ),
    ),
    ZooTable(
        "binary_value",
        (
            binary("fixed", 8, fixed=True),
            binary("varied", 300),
            binary("required", 300, nullable=False),
            binary("tiny", 255),
            binary("regular", 300, longest=65_534),
            binary("medium", 300, longest=80_000),
            binary("long_one", 300, longest=120_000),
        ),
    ),
    ZooTable("document", (document("body"), document("common", nullable=False))),
    ZooTable(
        "place",
        (
            text("name", 60, nullable=False),
            geometry("anything", _POINT, _LINE, _AREA, _MIXED),
            geometry("spot", _POINT, "POINT(0 0)", "POINT(-180 90)", "POINT(1e300 -1e-300)"),
            geometry("path", _LINE),
            geometry("area", _AREA, f"POLYGON(({_RING}))"),
            geometry("spots", _MANY_POINTS),
            geometry("paths", _MANY_LINES),
            geometry("areas", _MANY_AREAS),
            geometry("mixed", _MIXED),
        ),
    ),
    ZooTable(
        "latin",
        (narrow_text("fixed", 20), narrow_text("varied", 200), narrow_text("regular", 1000)),
        (KeyPart("code"),),
        _latin_codes,
        lambda random: (f"ñ{random.getrandbits(48):x}",),
        len(_EDGE_LATIN),
    ),
    ZooTable("wide", (text("fixed", 20, blanks=False), text("varied", 200), text("regular", 400))),
    ZooTable(
        "derived",
        (
            whole("amount", -(2**31), 2**31 - 1),
            text("label", 40),
            whole("hidden", -(2**31), 2**31 - 1),
            text("ending", 40),
        ),
    ),
    ZooTable(
        "composite_key",
        (_NOTE, decimal("amount", 10, 2)),
        (KeyPart("serial"), KeyPart("region"), KeyPart("code"), KeyPart("day")),
        _composites,
        _fresh_composite,
        len(_EDGE_COMPOSITES),
    ),
    ZooTable("string_key", (_NOTE,), (KeyPart("name"),), _names, lambda random: (f'n"{random.getrandbits(48):x},\n',), len(_EDGE_NAMES)),
    ZooTable(
        "binary_key",
        (_NOTE,),
        (KeyPart("token", "UNHEX(%s)"), KeyPart("part", "UNHEX(%s)")),
        _tokens,
        lambda random: (random.randbytes(16).hex().upper(), random.randbytes(random.randint(0, 8)).hex().upper()),
        len(_EDGE_TOKENS),
    ),
    ZooTable("folded_key", (_NOTE,), (KeyPart("code"),), _codes, lambda random: (f"New-{random.getrandbits(48):x}É",), len(_EDGE_CODES)),
)
