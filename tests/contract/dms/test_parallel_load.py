# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Parallel load of one table: by its partitions, by some of them, and by ranges of values."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .rules import mappings, parallel_load, select
from .site import Rows, Site

_BY_RANGE = " PARTITION BY RANGE (id) (PARTITION p_low VALUES LESS THAN (4), PARTITION p_mid VALUES LESS THAN (7),"
_PARTITIONS = _BY_RANGE + " PARTITION p_top VALUES LESS THAN MAXVALUE)"
BOUNDARIES = [["NORTH", "2"], ["WEST", "1"]]


@dataclass(frozen=True)
class Segments:
    """The schema's folder, and the counted rows of each table."""

    folder: str
    counted: dict[str, int]


@pytest.fixture(scope="module")
def loaded(site: Site) -> Segments:
    schema = site.schema()
    numbers = [(number,) for number in range(1, 10)]
    for table, tail in (("parted", _PARTITIONS), ("listed", _PARTITIONS), ("ranged", ""), ("named", "")):
        site.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY){tail}")
        site.execute(f"INSERT INTO {table} VALUES (%s)", *numbers)  # noqa: S608 - a name from above
    site.execute("CREATE TABLE regions (id INT PRIMARY KEY, region VARCHAR(10) NULL, sale INT)")
    sales = [(1, "EAST", 5), (2, "NORTH", 2), (3, "NORTH", 3), (4, "SOUTH", 0), (5, "WEST", 1), (6, "WEST", 2), (7, None, 1)]
    site.execute("INSERT INTO regions VALUES (%s, %s, %s)", *sales)
    task, folder = site.load(
        mappings(
            select(schema),
            parallel_load(schema, "parted", type="partitions-auto"),
            parallel_load(schema, "listed", type="partitions-list", partitions=["p_low", "p_top"]),
            parallel_load(schema, "ranged", type="ranges", columns=["id"], boundaries=[["3"], ["6"]]),
            parallel_load(
                schema, "named", type="ranges", columns=["id"], boundaries=[["3"], ["6"]], segment_names=["first", "second", "third"]
            ),
            parallel_load(
                schema, "regions", type="ranges", columns=["region", "sale"], boundaries=BOUNDARIES, segment_names=["a", "b", "c"]
            ),
        )
    )
    statistics = site.statistics(task["ReplicationTaskArn"])
    return Segments(f"{folder}/{schema}", {name: found["FullLoadRows"] for name, found in statistics.items()})


def by_file(site: Site, prefix: str) -> dict[str, list[int]]:
    """The ids in each file, by what its key has behind the prefix."""
    found: dict[str, Rows] = {key: site.rows(key) for key in site.keys(prefix)}
    return {key.removeprefix(prefix): sorted(int(row[1]) for row in rows) for key, rows in found.items()}


@pytest.mark.behaviour("parallel_load.partitions_auto")
def test_each_partition_has_a_folder(site: Site, loaded: Segments) -> None:
    assert by_file(site, f"{loaded.folder}/parted/") == {
        "p_low/LOAD00000001.csv": [1, 2, 3],
        "p_mid/LOAD00000001.csv": [4, 5, 6],
        "p_top/LOAD00000001.csv": [7, 8, 9],
    }


@pytest.mark.behaviour("parallel_load.partitions_list")
def test_only_listed_partitions_are_loaded(site: Site, loaded: Segments) -> None:
    assert by_file(site, f"{loaded.folder}/listed/") == {"p_low/LOAD00000001.csv": [1, 2, 3], "p_top/LOAD00000001.csv": [7, 8, 9]}


@pytest.mark.behaviour("parallel_load.ranges")
def test_the_files_of_a_range_carry_its_number(site: Site, loaded: Segments) -> None:
    found = by_file(site, f"{loaded.folder}/ranged/")
    assert {name.split("_")[0]: ids for name, ids in found.items()} == {
        "SEGMENT1": [1, 2],
        "SEGMENT2": [3, 4, 5],
        "SEGMENT3": [6, 7, 8, 9],
    }
    assert all(name.split("_")[1].startswith("LOAD0000000") for name in found)


@pytest.mark.behaviour("parallel_load.segment_names")
def test_a_named_range_has_a_folder(site: Site, loaded: Segments) -> None:
    assert by_file(site, f"{loaded.folder}/named/") == {
        "first/LOAD00000001.csv": [1, 2],
        "second/LOAD00000001.csv": [3, 4, 5],
        "third/LOAD00000001.csv": [6, 7, 8, 9],
    }


@pytest.mark.behaviour("parallel_load.several_columns")
def test_the_first_column_of_a_boundary_weighs_most(site: Site, loaded: Segments) -> None:
    found = by_file(site, f"{loaded.folder}/regions/")
    assert found == {"a/LOAD00000001.csv": [1], "b/LOAD00000001.csv": [2, 3, 4], "c/LOAD00000001.csv": [5, 6]}


@pytest.mark.behaviour("parallel_load.null_boundaries")
def test_a_row_without_a_value_for_the_boundary_is_not_loaded(loaded: Segments) -> None:
    assert loaded.counted["regions"] == 6


@pytest.mark.behaviour("parallel_load.statistics")
def test_the_rows_of_all_segments_are_counted(loaded: Segments) -> None:
    assert {name: loaded.counted[name] for name in ("parted", "listed", "ranged", "named")} == {
        "parted": 9,
        "listed": 6,
        "ranged": 9,
        "named": 9,
    }


@pytest.mark.behaviour("parallel_load.no_wildcards")
def test_table_settings_name_one_table(site: Site) -> None:
    target, _ = site.target()
    params = {
        "ReplicationTaskIdentifier": site.name("task"),
        "SourceEndpointArn": site.shared_source,
        "TargetEndpointArn": target,
        "ReplicationInstanceArn": site.instance,
        "MigrationType": "full-load",
        "TableMappings": mappings(select("some"), parallel_load("some", "%", type="partitions-auto")),
    }
    assert site.refusal("create_replication_task", **params).startswith("InvalidParameter")
