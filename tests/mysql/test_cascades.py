# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What foreign keys do to the rows that refer to others. Since 9.6 MySQL's server does that itself, not its storage engine, and logs it
like any other change, before the change that the statement asked for:
https://dev.mysql.com/doc/refman/9.7/en/replication-features-foreign-keys.html"""

from __future__ import annotations

from typing import Any

import pytest

from lab.dms.binlog import Transaction
from tests.integration.lab.dms.binlogs import Log


@pytest.fixture
def family(log: Log) -> Log:
    log.run("CREATE TABLE parent (id INT PRIMARY KEY, code INT UNIQUE)")
    log.run(
        "CREATE TABLE child (id INT PRIMARY KEY, code INT, FOREIGN KEY (code) REFERENCES parent (code) ON DELETE CASCADE ON UPDATE CASCADE,"
        " twice INT AS (code * 2) VIRTUAL, KEY (code))"
    )
    log.run("CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE)")
    log.run(
        "CREATE TABLE loose (id INT PRIMARY KEY, code INT,"
        " FOREIGN KEY (code) REFERENCES parent (code) ON DELETE SET NULL ON UPDATE SET NULL)"
    )
    log.run("CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)")
    log.run("INSERT INTO parent VALUES (1, 10), (2, 20)")
    log.run("INSERT INTO child (id, code) VALUES (1, 10), (2, 10), (3, 20)")
    log.run("INSERT INTO grandchild VALUES (1, 1), (2, 3)")
    log.run("INSERT INTO loose VALUES (1, 10), (2, 20)")
    log.run("INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)")
    log.begin = log.position()
    return log


def logged(log: Log) -> list[tuple[str, str]]:
    """Operation and table of each event of the one transaction."""
    (transaction,) = log.transactions()
    return [(event.operation, event.table.table) for event in transaction.rows]


def rows(log: Log, name: str) -> list[tuple[Any, ...]]:
    return log.rows(log.table(name))


def test_the_server_says_that_it_follows_foreign_keys_itself(log: Log) -> None:
    assert log.run("SELECT @@innodb_native_foreign_keys") == ((0,),)


def test_a_delete_that_cascades(family: Log) -> None:
    family.run("DELETE FROM parent WHERE id = 1")
    events = logged(family)
    assert sorted(set(events)) == [("D", "child"), ("D", "grandchild"), ("D", "parent"), ("U", "loose")]
    assert events[-1] == ("D", "parent"), "the row that the statement named comes last"
    assert rows(family, "parent") == [("D", ("1", "10"), None)]
    assert rows(family, "child") == [("D", ("1", "10", "20"), None), ("D", ("2", "10", "20"), None)]
    assert rows(family, "grandchild") == [("D", ("1", "1"), None)]
    assert rows(family, "loose") == [("U", ("1", "10"), ("1", None))]


def test_an_update_that_cascades(family: Log) -> None:
    family.run("UPDATE parent SET code = 11 WHERE id = 1")
    assert rows(family, "parent") == [("U", ("1", "10"), ("1", "11"))]
    assert rows(family, "child") == [("U", ("1", "10", "20"), ("1", "11", "22")), ("U", ("2", "10", "20"), ("2", "11", "22"))]
    assert rows(family, "loose") == [("U", ("1", "10"), ("1", None))]
    assert rows(family, "grandchild") == []


def test_rows_that_refer_to_their_own_table(family: Log) -> None:
    family.run("DELETE FROM tree WHERE id = 1")
    assert sorted(row[1] for row in rows(family, "tree")) == [("1", None), ("2", "1"), ("3", "2")]


def test_nothing_cascades_without_checks(family: Log) -> None:
    family.run("SET SESSION foreign_key_checks = OFF")
    try:
        family.run("DELETE FROM parent WHERE id = 1")
    finally:
        family.run("SET SESSION foreign_key_checks = ON")
    assert logged(family) == [("D", "parent")]


def test_a_replay_of_the_log_is_the_tables(family: Log) -> None:
    """As a target sees it: every row that is gone was told to go."""
    family.run("REPLACE INTO parent VALUES (1, 15)")
    family.run("INSERT INTO parent VALUES (2, 20) ON DUPLICATE KEY UPDATE code = 25")
    family.run("DELETE tree, loose FROM tree JOIN loose USING (id)")
    transactions: list[Transaction] = family.transactions()
    start: dict[str, set[Any]] = {
        "parent": {("1", "10"), ("2", "20")},
        "child": {("1", "10", "20"), ("2", "10", "20"), ("3", "20", "40")},
        "grandchild": {("1", "1"), ("2", "3")},
        "loose": {("1", "10"), ("2", "20")},
        "tree": {("1", None), ("2", "1"), ("3", "2"), ("4", None)},
    }
    for name, before in start.items():
        table = family.table(name)
        present = set(before)
        for _, old, new in family.rows(table, transactions):
            present -= {old}
            present |= {new} - {None}
        columns = ", ".join(column.name for column in table.columns)
        answer = family.run(f"SELECT {columns} FROM {name}")  # noqa: S608 - names of the test
        assert present == {tuple(None if value is None else str(value) for value in row) for row in answer}, name
