# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The workload in the lab's database: all rows arrive, every reference holds, every text is the one that was made."""

from __future__ import annotations

import json
import re
from typing import Any

import pymysql
import pytest

from lab.workload.billing import table_blocks
from lab.workload.population import TABLES, populate
from tests.support.lab import Lab

ROWS, SEED = 2_000, 11
REFERENCES = (
    "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name "
    "FROM information_schema.key_column_usage WHERE table_schema = 'billing' AND referenced_table_name IN %s"
)


def generate(lab: Lab, rows: int, seed: int) -> dict[str, Any]:
    done = lab.run("generate", "--rows", str(rows), "--seed", str(seed), "--json")
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def filled(lab: Lab) -> dict[str, Any]:
    generate(lab, 1_000, 3)  # what stands there is replaced
    return generate(lab, ROWS, SEED)


def test_every_table_has_the_rows_that_were_announced(lab: Lab, filled: dict[str, Any]) -> None:
    with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")  # noqa: S608
            found[table] = cursor.fetchone()[0]
    assert found == filled["tables"] == populate(ROWS, SEED).rows
    assert sum(found.values()) == ROWS


def test_no_row_is_without_its_parent_and_new_orphans_are_refused(lab: Lab, filled: dict[str, Any]) -> None:
    with lab.connect("landbridge_app") as connection, connection.cursor() as cursor:
        cursor.execute(REFERENCES, (TABLES,))
        references = cursor.fetchall()
        assert len(references) == 7
        for table, name, column, parent, key in references:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}` WHERE `{column}` NOT IN (SELECT `{key}` FROM `{parent}`)")  # noqa: S608
            assert cursor.fetchone()[0] == 0, name
        with pytest.raises(pymysql.IntegrityError):
            cursor.execute("UPDATE charge SET subscriber_no = 2 LIMIT 1")
        connection.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_in_the_database_as_they_were_made(lab: Lab, filled: dict[str, Any], table: str) -> None:
    lines = b"".join(table_blocks(table, populate(ROWS, SEED), SEED)).decode().split("\n")[:-1]
    made = {tuple(None if field == r"\N" else unescaped(field) for field in line.split("\t")) for line in lines}
    with lab.connect("landbridge_reader", conv=pymysql.converters.encoders) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM `{table}`")  # noqa: S608
        assert set(cursor.fetchall()) == made


def test_a_server_that_is_not_there_is_said_plainly(lab: Lab, tmp_path: Any) -> None:
    elsewhere = Lab(lab.site, lab.dir, lab.env | {"LANDBRIDGE_LAB_DIR": str(tmp_path / "none")}, lab.ports)
    done = elsewhere.run("generate", "--rows", "1000")
    assert done.returncode != 0
    assert "landbridge-lab up" in done.stderr
    assert "Traceback" not in done.stderr


def test_too_few_rows_are_refused_before_anything_is_dropped(lab: Lab, filled: dict[str, Any]) -> None:
    done = lab.run("generate", "--rows", "10")
    assert done.returncode != 0
    assert "1000" in done.stderr
    with lab.connect("landbridge_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM charge")
        assert cursor.fetchone()[0] == filled["tables"]["charge"]


def unescaped(field: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}.get(match[1], match[1]), field)
