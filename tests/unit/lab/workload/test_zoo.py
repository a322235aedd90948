# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import hashlib
import re
from functools import cache

import pytest

from lab.errors import LabError
from lab.workload.registry import WORKLOADS
from lab.workload.values import AWKWARD, NULL
from lab.workload.zoo import WORKLOAD
from lab.workload.zoo.relations import other_case
from lab.workload.zoo.rows import MIN_ROWS, NAMES, ZooRows, fields
from lab.workload.zoo.tables import TABLES, ZooTable

ROWS, SEED = 4_000, 5
# What seed 5 gives for the least rows. It changes only when the workload is changed on purpose.
KNOWN_DIGEST = "be9b7d40b303d823d4b6e6b8f8ddda84ce49dfdb8013568239c18bbb7645e824"
_DEFINITION = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\) ENGINE", re.DOTALL)


def digest(rows: int, seed: int) -> str:
    filling, total = ZooRows.of(rows, seed), hashlib.sha256()
    for table in NAMES:
        total.update(table.encode())
        for block in filling.blocks(table):
            total.update(block)
    return total.hexdigest()


@cache
def made(table: str) -> list[list[str]]:
    """The lines of a table, fields as they stand in the file."""
    return [line.split("\t") for line in b"".join(ZooRows.of(ROWS, SEED).blocks(table)).decode().split("\n")[:-1]]


@cache
def defined() -> dict[str, dict[str, str]]:
    """Table -> column -> definition, of the columns that can be written."""
    tables = {}
    for name, body in _DEFINITION.findall(WORKLOAD.schema_sql):
        lines = [line.split(None, 1) for line in body.strip().split(",\n") if "PRIMARY KEY" not in line]
        tables[name] = {column: definition for column, definition in lines if " AS (" not in definition}
    return tables


def written(table: str) -> list[str]:
    """Columns in the order of the lines."""
    inside = fields(table).partition(" SET ")[0]
    return re.findall(r"[`@](\w+)", inside)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert digest(MIN_ROWS, 5) == digest(MIN_ROWS, 5) == KNOWN_DIGEST


def test_another_seed_or_scale_gives_other_rows() -> None:
    assert len({digest(MIN_ROWS, 5), digest(MIN_ROWS, 6), digest(MIN_ROWS + 1, 5)}) == 3


@pytest.mark.parametrize("rows", [MIN_ROWS, MIN_ROWS + 1, 2_345])
def test_rows_are_counted_over_all_tables(rows: int) -> None:
    filling = ZooRows.of(rows, SEED)
    counted = {table: b"".join(filling.blocks(table)).count(b"\n") for table in NAMES}
    assert sum(counted.values()) == rows
    assert counted == filling.rows


def test_too_few_rows_are_refused_with_the_least_number() -> None:
    with pytest.raises(LabError, match=rf"(?s)10 rows.*{MIN_ROWS}"):
        ZooRows.of(10, SEED)


def test_the_workload_has_the_tables_of_its_schema_parents_first() -> None:
    assert set(WORKLOAD.tables) == set(defined())
    for child, parent in re.findall(r"ALTER TABLE (\w+)(?:(?!;).)*?REFERENCES (\w+)", WORKLOAD.schema_sql, re.DOTALL):
        assert WORKLOAD.tables.index(parent) <= WORKLOAD.tables.index(child)


@pytest.mark.parametrize("table", NAMES)
def test_every_line_has_the_columns_that_can_be_written(table: str) -> None:
    assert sorted(written(table)) == sorted(defined()[table])
    assert {len(row) for row in made(table)} <= {len(written(table))}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_extreme_and_null_occur(table: ZooTable) -> None:
    rows = made(table.name)
    for place, column in enumerate(table.columns, len(table.key)):
        found = {row[place] for row in rows}
        assert len(found) >= len(column.edges), column.name
        assert (NULL in found) == column.nullable == ("NOT NULL" not in defined()[table.name][column.name]), column.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_are_unique(table: ZooTable) -> None:
    keys = [tuple(row[: len(table.key)]) for row in made(table.name)]
    assert len(set(keys)) == len(keys)


def test_every_type_of_both_servers_is_there() -> None:
    types = {re.match(r"\w+", definition)[0] for columns in defined().values() for definition in columns.values()}  # type: ignore[index]
    assert types == {
        "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "BIT", "YEAR", "DATE", "DATETIME", "TIMESTAMP",
        "TIME", "CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET", "BINARY", "VARBINARY", "TINYBLOB", "BLOB",
        "MEDIUMBLOB", "LONGBLOB", "JSON", "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
    }  # fmt: skip


def test_awkward_texts_occur() -> None:
    place = written("text_value").index("varied")
    assert {text for text in AWKWARD if text.isalnum()} <= {row[place] for row in made("text_value")}


def test_children_are_spelled_in_another_case_than_their_parents() -> None:
    codes = {row[0] for row in made("folded_key")}
    named = {row[1] for row in made("folded_child")} - {NULL}
    assert {"zOO-000001A".casefold(), "strasse"} <= {code.casefold() for code in named}
    assert len(named - codes) > len(named) / 2


@pytest.mark.parametrize(("code", "other"), [("Zoo-1ä", "zOO-1Ä"), ("ß#1", "ß#1"), ("élan", "ELAN"), ("🦓", "🦓")])
def test_another_spelling_of_a_key(code: str, other: str) -> None:
    assert other_case(code) == other


def test_who_cares_is_no_pair_twice() -> None:
    pairs = [tuple(row[:2]) for row in made("care")]
    assert len(set(pairs)) == len(pairs)


def test_the_registry_names_each_workload_once_with_a_schema_of_its_own() -> None:
    assert [workload.name for workload in WORKLOADS.values()] == list(WORKLOADS)
    assert len({workload.schema for workload in WORKLOADS.values()}) == len(WORKLOADS)
