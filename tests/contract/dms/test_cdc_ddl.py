# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Changes of structure while changes of rows are captured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .rules import mappings, select
from .site import Rows, Site


@dataclass
class Tasks:
    """Two tasks over the same tables: one follows a truncation, the other was told not to.

    ``before``: keys of the table "cut" before it was truncated, ``after``: afterwards, each by task.
    """

    schema: str
    following: str
    ignoring: str
    folders: dict[str, str]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    grown: Rows
    statistics: dict[str, Any]


def arrived(site: Site, folder: str, row: list[str]) -> Rows:
    return site.until_rows(f"{folder}/", lambda rows: row in rows, f"{row} in {folder}")


@pytest.fixture(scope="module")
def tasks(site: Site) -> Tasks:
    schema = site.schema()
    site.execute("CREATE TABLE cut (id INT PRIMARY KEY)")
    site.execute("CREATE TABLE grown (id INT PRIMARY KEY, note CHAR(1))")
    site.execute("INSERT INTO cut VALUES (1)")
    site.execute("INSERT INTO grown VALUES (1, 'a')")
    folders, arns = {}, []
    for follows in (True, False):
        target, folder = site.target()
        policy = {"HandleSourceTableTruncated": follows, "HandleSourceTableAltered": True, "HandleSourceTableDropped": True}
        settings = {"ChangeProcessingDdlHandlingPolicy": policy}
        arns.append(site.task(mappings(select(schema)), target, settings, kind="full-load-and-cdc"))
        folders[arns[-1]] = f"{folder}/{schema}"
    for arn in arns:
        site.start(arn)
    for arn in arns:
        site.running(arn)
        site.loaded(arn)
    site.execute("INSERT INTO cut VALUES (2)")
    for folder in folders.values():
        arrived(site, f"{folder}/cut", ["I", "2"])
    before = {arn: site.keys(f"{folder}/cut/") for arn, folder in folders.items()}
    site.execute("TRUNCATE TABLE cut")
    site.execute("INSERT INTO cut VALUES (3)")
    site.execute("INSERT INTO grown VALUES (2, 'b')")
    site.execute("ALTER TABLE grown ADD COLUMN size INT NULL AFTER id")
    site.execute("INSERT INTO grown VALUES (3, 33, 'c')")
    for folder in folders.values():
        arrived(site, f"{folder}/cut", ["I", "3"])
        arrived(site, f"{folder}/grown", ["I", "3", "33", "c"])
    after = {arn: site.keys(f"{folder}/cut/") for arn, folder in folders.items()}
    grown = site.rows(f"{folders[arns[0]]}/grown/2")
    site.wait(lambda: site.statistics(arns[0], "grown")["Ddls"], "the counting of a change of structure")
    statistics = site.statistics(arns[0])
    for arn in arns:
        site.stop(arn)
    return Tasks(schema, arns[0], arns[1], folders, before, after, grown, statistics)


@pytest.mark.behaviour("cdc.truncate")
def test_a_truncation_deletes_the_files_of_the_table(site: Site, tasks: Tasks) -> None:
    assert len(tasks.before[tasks.following]) == 2
    assert set(tasks.before[tasks.following]) & set(tasks.after[tasks.following]) == set()
    assert site.rows(f"{tasks.folders[tasks.following]}/cut/") == [["I", "3"]]


@pytest.mark.behaviour("cdc.truncate_ignored")
def test_a_truncation_can_be_ignored(tasks: Tasks) -> None:
    assert set(tasks.before[tasks.ignoring]) < set(tasks.after[tasks.ignoring])


@pytest.mark.behaviour("cdc.add_column")
def test_rows_have_a_new_column_from_its_addition_on(tasks: Tasks) -> None:
    assert tasks.grown == [["I", "2", "b"], ["I", "3", "33", "c"]]


@pytest.mark.behaviour("cdc.ddl_statistics")
def test_changes_of_structure_are_counted(tasks: Tasks) -> None:
    assert tasks.statistics["grown"]["Ddls"] == 1
    assert tasks.statistics["cut"]["Ddls"] == 1
