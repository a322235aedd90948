# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables that are loaded in segments, and how many at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lab.dms.targets.s3 import S3Target

from .conftest import WAIT_SECONDS, select_all
from .direct import Loader


def parallel(schema: str, table: str, **load: Any) -> dict[str, Any]:
    return {"rule-type": "table-settings", "object-locator": {"schema-name": schema, "table-name": table}, "parallel-load": load}


@pytest.fixture
def parted(execute: Callable[..., Any]) -> None:
    execute(
        "CREATE TABLE parted (id INT PRIMARY KEY) PARTITION BY RANGE (id)"
        " (PARTITION low VALUES LESS THAN (10), PARTITION middle VALUES LESS THAN (20), PARTITION high VALUES LESS THAN MAXVALUE)"
    )
    execute("INSERT INTO parted VALUES (%s)", *[(n,) for n in range(1, 16)])


@pytest.fixture
def sales(execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE sales (id INT PRIMARY KEY, region VARCHAR(20) COLLATE utf8mb4_bin, sale INT)")
    execute(
        "INSERT INTO sales VALUES (%s, %s, %s)",
        (1, "EAST", 9999),
        (2, "NORTH", 999),
        (3, "NORTH", 1000),
        (4, "SOUTH", 1),
        (5, "WEST", 2999),
        (6, "WEST", 3000),
        (7, "WEST", None),
        (8, None, 1),
        (9, "ZENITH", 0),
    )


BOUNDS: dict[str, Any] = {"type": "ranges", "columns": ["region", "sale"], "boundaries": [["NORTH", "1000"], ["WEST", "3000"]]}


def test_each_partition_has_its_folder_and_its_own_numbers(loader: Loader, schema: str, parted: None) -> None:
    loaded = loader(select_all(schema, extra=[parallel(schema, "parted", type="partitions-auto")]), MaxFileSize=1)
    assert loaded.files == {
        f"{schema}/parted/low/LOAD00000001.csv": b"".join(b"%d\n" % n for n in range(1, 10)),
        f"{schema}/parted/middle/LOAD00000001.csv": b"".join(b"%d\n" % n for n in range(10, 16)),
    }
    assert loaded.states() == {"parted": ("Table completed", 15)}


def test_a_list_of_partitions_is_all_that_is_loaded(loader: Loader, schema: str, parted: None) -> None:
    chosen = parallel(schema, "parted", type="partitions-list", partitions=["middle"])
    loaded = loader(select_all(schema, extra=[chosen]))
    assert list(loaded.files) == [f"{schema}/parted/middle/LOAD00000001.csv"]
    absent = parallel(schema, "parted", type="partitions-list", partitions=["middle", "elsewhere"])
    assert loader(select_all(schema, extra=[absent])).states() == {"parted": ("Table error", 0)}


def test_a_table_without_partitions_is_loaded_whole(loader: Loader, schema: str, sales: None) -> None:
    loaded = loader(select_all(schema, extra=[parallel(schema, "sales", type="partitions-auto")]))
    assert list(loaded.files) == [f"{schema}/sales/LOAD00000001.csv"]
    assert len(loaded.rows()) == 9


def test_ranges_compare_column_after_column_and_leave_out_null(loader: Loader, schema: str, sales: None) -> None:
    loaded = loader(select_all(schema, extra=[parallel(schema, "sales", **BOUNDS)]))
    ids = {key: [int(line.split(b",")[0]) for line in body.splitlines()] for key, body in loaded.files.items()}
    folder = f"{schema}/sales"
    assert ids == {
        f"{folder}/SEGMENT1_LOAD00000001.csv": [1, 2],
        f"{folder}/SEGMENT2_LOAD00000001.csv": [3, 4, 5],
        f"{folder}/SEGMENT3_LOAD00000001.csv": [6, 9],
    }
    assert loaded.states() == {"sales": ("Table completed", 7)}


def test_named_segments_are_folders_and_filters_hold_in_each(loader: Loader, schema: str, sales: None) -> None:
    document = json.loads(select_all(schema, "sales", extra=[parallel(schema, "sales", **BOUNDS, **{"segment-names": ["a", "b", "c"]})]))
    condition = {"filter-operator": "gte", "value": "3"}
    document["rules"][0]["filters"] = [{"filter-type": "source", "column-name": "id", "filter-conditions": [condition]}]
    loaded = loader(json.dumps(document))
    assert list(loaded.files) == [f"{schema}/sales/{name}/LOAD00000001.csv" for name in "bc"]
    assert sorted(row[0] for row in loaded.rows()) == ["3", "4", "5", "6", "9"]


def test_segments_are_prepared_once(loader: Loader, schema: str, parted: None) -> None:
    """A purge by every segment would take away what others have written."""
    folder = loader.bench.name("parts")
    rules = select_all(schema, extra=[parallel(schema, "parted", type="partitions-auto")])
    settings = {"FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE", "MaxFullLoadSubTasks": 1}}
    stale = f"{schema}/parted/old/LOAD00000001.csv"
    loader.bench.s3.put_object(Bucket=loader.bench.bucket, Key=f"{folder}/{stale}", Body=b"0\n")
    loaded = loader(rules, settings=settings, folder=folder)
    assert list(loaded.files) == [f"{schema}/parted/low/LOAD00000001.csv", f"{schema}/parted/middle/LOAD00000001.csv"]


class Watched:
    """An S3 client that notes the keys of small objects and, on request, makes each put wait until so many are under way."""

    def __init__(self, client: Any, together: int = 0) -> None:
        self._client = client
        self._barrier = threading.Barrier(together) if together else None
        self._lock = threading.Lock()
        self._under_way = 0
        self.most = 0
        self.keys: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **params: Any) -> Any:
        with self._lock:
            self.keys.append(params["Key"])
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        if self._barrier is not None:
            self._barrier.wait(WAIT_SECONDS)
        try:
            return self._client.put_object(**params)
        finally:
            with self._lock:
                self._under_way -= 1


def test_tables_and_segments_share_the_places(loader: Loader, schema: str, parted: None, execute: Callable[..., Any]) -> None:
    for name in ("one", "two"):
        execute(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
        execute(f"INSERT INTO {name} VALUES (1)")  # noqa: S608 - names of ours
    rules = select_all(schema, extra=[parallel(schema, "parted", type="partitions-auto")])
    load, folder = loader.prepare(rules, settings={"FullLoadSettings": {"MaxFullLoadSubTasks": 2}})
    watched = Watched(loader.bench.s3, together=2)
    load.target = S3Target(watched, load.target.settings)
    loaded = loader.finished(load, folder, lambda: load.run(lambda: None))
    assert loaded.outcome.status == "stopped"
    assert (len(loaded.files), watched.most) == (4, 2)


def test_tables_of_a_higher_load_order_begin_first(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    for name in ("a", "b", "c"):
        execute(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
        execute(f"INSERT INTO {name} VALUES (1)")  # noqa: S608 - names of ours
    document = json.loads(select_all(schema, "a", "b", "c"))
    for selection, order in zip(document["rules"], ("1", "3", "2"), strict=True):
        selection["load-order"] = order
    load, folder = loader.prepare(json.dumps(document), settings={"FullLoadSettings": {"MaxFullLoadSubTasks": 1}})
    watched = Watched(loader.bench.s3)
    load.target = S3Target(watched, load.target.settings)
    loader.finished(load, folder, lambda: load.run(lambda: None))
    assert [key.split("/")[-2] for key in watched.keys] == ["b", "c", "a"]
