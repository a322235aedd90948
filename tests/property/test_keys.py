# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Key templates that the checker accepts never give two rows, or rows of two entities, one key."""

from __future__ import annotations

from itertools import product
from random import Random

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from landbridge.contract.checker import check_contract
from landbridge.contract.rows import compile_rows
from landbridge.model.schema import Table

from tests.fixtures.billing_tables import table
from tests.fixtures.contracts import HEAD, contract_of

# Few characters, so that separators, escapes and literals occur in values all the time.
TEXTS = ["".join(letters) for length in range(3) for letters in product("Aa#1", repeat=length)] + ["%", "%23", "-", "é", "A-a"]
NUMBERS = ["0", "1", "2", "10", "11", "12", "111"]
VALUES = {
    "n int unsigned": NUMBERS,
    "m tinyint unsigned": NUMBERS,
    "i int": [*NUMBERS, "-1", "-11"],
    "b varchar(3) collate utf8mb4_bin": TEXTS,
    "g varchar(3) collate utf8mb4_bin": TEXTS,
    "c varchar(3) collate utf8mb4_general_ci": TEXTS,
    "e enum('A','A#1','1-') collate utf8mb4_bin": ["A", "A#1", "1-"],
    "d date": ["2026-01-01", "2026-01-11"],
    "x varbinary(2)": ["", "a1", "11", "1111"],
    "y binary(1)": ["a1", "11"],
    "r decimal(3,1)": ["-1.0", "1.0", "11.0"],
}
COLUMNS = {definition.split()[0]: definition for definition in VALUES}
WAYS = {
    "n": ["{n}", "{n:010d}"], "m": ["{m}", "{m:03d}", "{m:05d}"], "i": ["{i}"], "d": ["{d}"], "x": ["{x}"], "y": ["{y}"], "r": ["{r}"],
    "e": ["{e}", "{e|escape}"],
    "b": ["{b}", "{b|escape}", "{b|lower}"],
    "g": ["{g}", "{g|escape}"],
    "c": ["{c|lower}", "{c|upper|escape}", "{c|escape|lower}", "{c}"],
}  # fmt: skip


@st.composite
def templates(draw: st.DrawFn, columns: list[str]) -> str:
    literal = st.sampled_from(["", "#", "A", "A#", "#A", "-", "1", "%", "a"])
    parts = [draw(literal)]
    for name in draw(st.permutations(columns)):
        parts += [draw(st.sampled_from(WAYS[name])), draw(literal)]
    return "".join(parts) or "K"


@st.composite
def keyed_tables(draw: st.DrawFn) -> tuple[Table, list[str]]:
    names = draw(st.lists(st.sampled_from([*sorted(COLUMNS), "b", "g"]), min_size=1, max_size=4, unique=True))
    # The source's key is a part of the columns, most often all of them.
    primary = draw(st.just(names) | st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True))
    return table("thing", " ".join(primary), *(COLUMNS[name] for name in names), schema="shop"), names


@st.composite
def entities(draw: st.DrawFn, name: str, names: list[str]) -> str:
    split = draw(st.integers(0, len(names)))
    order = draw(st.permutations(names))
    partition, sort = list(order[:split]), list(order[split:])
    if draw(st.integers(0, 9)) == 0:
        sort = sort[1:]  # now and then the key no longer covers the source's key
    pk, sk = draw(templates(partition)), draw(templates(sort))
    return f'  {name}: {{from: shop.thing, into: Shop, key: {{PK: "{pk}", SK: "{sk}"}}}}\n'


def rows_of(seed: int, source: Table) -> set[tuple[str, ...]]:
    random = Random(seed)  # noqa: S311 - no secret
    cells = [VALUES[COLUMNS[column.name]] for column in source.columns]
    return {tuple(random.choice(values) for values in cells) for _ in range(300)}


def source_key(source: Table, row: tuple[str, ...]) -> tuple[str, ...]:
    """The key as the source's own unique index sees it."""
    values = {}
    for column, value in zip(source.columns, row, strict=True):
        folded = column.collation == "utf8mb4_general_ci"
        values[column.name] = value.casefold() if folded else value
    return tuple(values[name] for name in source.primary_key)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data(), keyed_tables(), st.integers(0, 1000))
def test_accepted_keys_are_unique(data: st.DataObject, keyed: tuple[Table, list[str]], seed: int) -> None:
    source, names = keyed
    contract = contract_of(HEAD + "entities:\n" + data.draw(entities("THING", names)))
    accepted = not any(finding.severity == "refused" for finding in check_contract(contract, [source]))
    event(f"accepted: {accepted}")
    assume(accepted)
    transform = compile_rows(contract, source, null=None, offset=0, version="v")
    seen: dict[str, tuple[str, ...]] = {}
    for row in rows_of(seed, source):
        ((_, key, _),) = transform(row)
        assert seen.setdefault(key, source_key(source, row)) == source_key(source, row)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data(), keyed_tables(), st.integers(0, 1000))
def test_accepted_entities_never_meet(data: st.DataObject, keyed: tuple[Table, list[str]], seed: int) -> None:
    source, names = keyed
    contract = contract_of(HEAD + "entities:\n" + data.draw(entities("ONE", names)) + data.draw(entities("TWO", names)))
    assume(not any(finding.severity == "refused" for finding in check_contract(contract, [source])))
    transform = compile_rows(contract, source, null=None, offset=0, version="v")
    keys: dict[str, set[str]] = {"ONE": set(), "TWO": set()}
    for row in rows_of(seed, source):
        for name, key, _ in transform(row):
            keys[name].add(key)
    assert not keys["ONE"] & keys["TWO"]
