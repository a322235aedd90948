# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The tables whose rows mean each other: a tree, keepers and animals, who cares for whom, what the triggers wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from lab.workload.zoo.tables import TABLES
from lab.workload.zoo.values import Value, date_time, decimal, text

Row = tuple[Value, ...]

NAME = text("name", 60, nullable=False)
NOTE = text("note", 60)
WEIGHT = decimal("weight", 9, 3)
SEEN = date_time("seen", 6)
DUTIES = ("feeds", "cleans", "watches")
# Another spelling that utf8mb4_general_ci takes for the same.
_OTHER_CASE = {code: chr(code ^ 32) for code in range(128) if chr(code).isalpha()} | {ord("é"): "E", ord("ä"): "Ä", ord("Ä"): "a"}

COLUMNS = {
    "folded_child": ("id", "code", "note"),
    "no_key": ("amount", "note"),
    "vacant": ("id", "note"),
    "taxon": ("id", "parent_id", "name"),
    "keeper": ("id", "name", "since"),
    "animal": ("id", "keeper_id", "taxon_id", "name", "weight", "seen"),
    "care": ("keeper_id", "animal_id", "duty"),
    "journal": ("id", "action", "animal_id", "old_name", "new_name"),
}


def other_case(code: str) -> str:
    """The key in another spelling that means the same row."""
    return code.translate(_OTHER_CASE)


def rows(table: str, random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    """As many rows as ``sizes`` says."""
    return _MAKERS[table](random, sizes)


def _folded_children(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    folded = next(table for table in TABLES if table.name == "folded_key")
    # The same seed as the table's own, so the same keys.
    codes = [code for (code,), _ in zip(folded.keys(Random("folded_key")), range(sizes["folded_key"]), strict=False)]  # noqa: S311
    for number in range(1, sizes["folded_child"] + 1):
        code = codes[number - 1] if number <= len(codes) else random.choice([None, *codes])
        yield str(number), None if code is None else other_case(code), NOTE.value(random)


def _without_key(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    """Every third row is the same."""
    for number in range(sizes["no_key"]):
        yield ("7", "twin") if number % 3 == 0 else (str(number), NOTE.value(random))


def _taxa(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    """Four children each: InnoDB cascades no deeper than fifteen levels."""
    for number in range(1, sizes["taxon"] + 1):
        yield str(number), None if number == 1 else str((number + 2) // 4), NAME.value(random)


def _keepers(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    for number in range(1, sizes["keeper"] + 1):
        yield str(number), NAME.value(random), random.choice((None, "1999-12-31", "2026-11-22"))


def _animals(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    for number in range(1, sizes["animal"] + 1):
        keeper = random.choice((None, str(random.randint(1, sizes["keeper"]))))
        yield str(number), keeper, str(random.randint(1, sizes["taxon"])), NAME.value(random), WEIGHT.value(random), SEEN.value(random)


def _cares(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    """Every animal in turn, each time with its next keeper."""
    animals, keepers = sizes["animal"], sizes["keeper"]
    for number in range(sizes["care"]):
        turn, animal = divmod(number, animals)
        yield str((animal * 7 + turn) % keepers + 1), str(animal + 1), random.choice(DUTIES)


def _journal(random: Random, sizes: Mapping[str, int]) -> Iterator[Row]:
    for number in range(1, sizes["journal"] + 1):
        action = random.choice(("insert", "update", "delete"))
        old, new = (None if action == "insert" else NAME.value(random)), (None if action == "delete" else NAME.value(random))
        yield str(number), action, str(random.randint(1, sizes["animal"])), old, new


_MAKERS: dict[str, Callable[[Random, Mapping[str, int]], Iterator[Row]]] = {
    "folded_child": _folded_children,
    "no_key": _without_key,
    "vacant": lambda random, sizes: iter(()),
    "taxon": _taxa,
    "keeper": _keepers,
    "animal": _animals,
    "care": _cares,
    "journal": _journal,
}
