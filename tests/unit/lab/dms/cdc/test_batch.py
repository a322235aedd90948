# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Names of files, and what waits in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.dms.cdc.batch import Batch, SpoolFile
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.targets.settings import S3Settings

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_987, tzinfo=UTC)
ORDERED = S3Settings("b", "run", preserve_transactions=True, cdc_path="cdc")
PER_TABLE = S3Settings("b", "run")


class Bucket:
    """Stands for the target: what was uploaded, in order."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self.objects: dict[str, str] = {}
        self.broken = False

    def upload(self, key: str, content: Iterable[bytes]) -> None:
        if self.broken:
            raise ConnectionError
        assert key not in self.objects
        self.objects[key] = b"".join(content).decode()


@dataclass(frozen=True, eq=False)
class Table:
    target: tuple[str, str]
    header: str = ""


def batch(bucket: Any, tmp_path: Path) -> Batch:
    made = Batch(bucket, ChangeFileNames(bucket.settings, GUIDE, NOON.timestamp), tmp_path)
    made.begin(NOON)
    return made


def test_names_increase_though_the_clock_stands_or_steps_back() -> None:
    times = iter([NOON.timestamp(), NOON.timestamp(), NOON.timestamp() - 3600, NOON.timestamp() + 1])
    names = ChangeFileNames(ORDERED, GUIDE, lambda: next(times))
    assert [names.transactions() for _ in range(4)] == [
        f"run/cdc/CDC_TXN-{digits}.csv" for digits in ("20261122120000123", "20261122120000124", "20261122120000125", "20261122120001123")
    ]


def test_names_of_a_later_run_sort_behind_those_of_the_last_one() -> None:
    names = ChangeFileNames(ORDERED, GUIDE, NOON.timestamp)
    assert names.last == ""
    before = [names.transactions() for _ in range(3)]
    again = ChangeFileNames(ORDERED, GUIDE, lambda: NOON.timestamp() - 3600, names.last)
    assert again.transactions() > before[-1]


def test_names_of_per_table_files_have_the_dialect_s_digits() -> None:
    nine = ChangeFileNames(PER_TABLE, GUIDE, NOON.timestamp)
    assert [nine.table("run/s/t/"), nine.table("run/s/t/")] == ["run/s/t/20261122-120000123.csv", "run/s/t/20261122-120000124.csv"]
    ten = ChangeFileNames(PER_TABLE, DIALECTS["exponents"], NOON.timestamp)
    assert [ten.table("f/"), ten.table("f/")] == ["f/20261122-1200001239.csv", "f/20261122-1200001240.csv"]


def test_names_follow_the_time_zone_of_the_partitions() -> None:
    settings = S3Settings.read({"BucketName": "b", "DatePartitionEnabled": True, "DatePartitionTimezone": "Asia/Tokyo"})
    assert ChangeFileNames(settings, GUIDE, NOON.timestamp).table("f/") == "f/20261122-210000123.csv"


def test_all_tables_share_one_file_in_their_order(tmp_path: Path) -> None:
    bucket = Bucket(ORDERED)
    made = batch(bucket, tmp_path)
    one, two = Table(("s", "one")), Table(("s", "two"))
    for table, lines in ((one, ["a", "b"]), (two, ["c"]), (one, []), (one, ["d"])):
        made.write(table, lines)
    assert (made.empty, made.waiting()) == (False, (4, 0))
    assert made.upload() == 8
    assert bucket.objects == {"run/cdc/CDC_TXN-20261122120000123.csv": "a\nb\nc\nd\n"}
    assert (made.empty, made.due, made.waiting(), made.upload()) == (True, False, (0, 0), 0)
    made.write(one, ["e"])
    made.upload()
    assert sorted(bucket.objects) == list(bucket.objects)
    assert len(bucket.objects) == 2


def test_each_table_has_a_file_and_a_new_header_begins_another(tmp_path: Path) -> None:
    bucket = Bucket(PER_TABLE)
    made = batch(bucket, tmp_path)
    made.write(Table(("s", "one"), "h1"), ["a"])
    made.write(Table(("s", "two"), "h2"), ["b"])
    made.write(Table(("s", "one"), "h1"), ["c"])
    made.write(Table(("s", "one"), "h1,more"), ["d"])
    made.upload()
    assert list(bucket.objects.values()) == ["h1\na\nc\n", "h2\nb\n", "h1,more\nd\n"]


def test_the_commit_s_date_chooses_the_folder(tmp_path: Path) -> None:
    bucket = Bucket(S3Settings.read({"BucketName": "b", "DatePartitionEnabled": True}))
    made, table = batch(bucket, tmp_path), Table(("s", "t"))
    made.write(table, ["a"])
    made.begin(NOON.replace(day=23))
    made.write(table, ["b"])
    made.begin(NOON)
    made.write(table, ["c"])
    made.upload()
    assert list(bucket.objects.items()) == [
        ("s/t/2026/11/22/20261122-120000123.csv", "a\nc\n"),
        ("s/t/2026/11/23/20261122-120000124.csv", "b\n"),
    ]


def test_large_files_go_to_disk_and_come_back_whole(tmp_path: Path) -> None:
    bucket = Bucket(ORDERED)
    made, table = batch(bucket, tmp_path), Table(("s", "t"))
    lines = [str(n) * 100 for n in range(10_000)]
    for begin in range(0, len(lines), 100):
        made.write(table, lines[begin : begin + 100])
    assert made.waiting() == (0, len(lines))
    made.upload()
    assert list(bucket.objects.values()) == ["".join(f"{line}\n" for line in lines)]
    assert list(tmp_path.iterdir()) == []


def test_a_batch_is_due_by_size_or_age(tmp_path: Path) -> None:
    small = batch(Bucket(S3Settings("b", "", batch_bytes=4, batch_seconds=3600)), tmp_path)
    small.write(Table(("s", "one")), ["a"])
    small.write(Table(("s", "two")), ["b"])
    assert not small.due
    small.write(Table(("s", "two")), ["c"])
    assert small.due
    old = batch(Bucket(S3Settings("b", "", batch_seconds=0)), tmp_path)
    assert not old.due
    old.write(Table(("s", "one")), ["a"])
    assert old.due


def test_what_could_not_be_uploaded_stays_until_it_is_thrown_away(tmp_path: Path) -> None:
    bucket = Bucket(ORDERED)
    made = batch(bucket, tmp_path)
    made.write(Table(("s", "t")), ["a"])
    bucket.broken = True
    with pytest.raises(ConnectionError):
        made.upload()
    assert made.waiting() == (1, 0)
    bucket.broken = False
    made.upload()
    assert list(bucket.objects.values()) == ["a\n"]
    made.write(Table(("s", "t")), ["b"])
    made.close()
    assert made.empty


def test_what_a_full_disk_did_not_take_is_thrown_away_without_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Path("/dev/full").open("r+b")  # noqa: SIM115 - closed by the spool file
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **options: disk)
    file = SpoolFile("key", b"", tmp_path)
    with pytest.raises(OSError, match="No space left"):
        file.write(b"x" * 1024 * 1024, 1)
    disk.write(b"still waiting")
    file.close()
    assert disk.closed
