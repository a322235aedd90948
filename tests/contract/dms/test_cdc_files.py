# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Changes in files by table: names, layout and what is left out. Each task reads the same past changes and stops behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .rules import Rule, add_column, before_images, column_filter, mappings, select, transform
from .site import NULL, Rows, Site

CHANGES = [["I", "1", "one"], ["I", "2", "two"], ["U", "1", "uno"], ["D", "2", "two"]]


def all_changes(site: Site) -> list[Rows]:
    """What the changes may look like: a delete is the row before, or its key."""
    return site.either("deletes", {"full": CHANGES, "key": [*CHANGES[:3], ["D", "2", NULL]]})


@dataclass(frozen=True)
class Past:
    """``start``: the position before the changes; ``end``: a time behind them; ``day``: the date of their commits, UTC."""

    schema: str
    start: str
    end: str
    day: datetime


@pytest.fixture(scope="module")
def past(site: Site) -> Past:
    schema = site.schema()
    site.execute("CREATE TABLE events (id INT PRIMARY KEY, note VARCHAR(10))")
    site.execute("CREATE TABLE others (id INT PRIMARY KEY)")
    start = site.position()
    site.execute("INSERT INTO events VALUES (1, 'one')")
    site.execute("INSERT INTO others VALUES (5)")
    site.execute("INSERT INTO events VALUES (2, 'two')")
    site.execute("UPDATE events SET note = 'uno' WHERE id = 1")
    site.execute("DELETE FROM events WHERE id = 2")
    end = site.instant()
    site.execute("INSERT INTO events VALUES (3, 'behind')")
    return Past(schema, start, end, datetime.fromisoformat(end).replace(tzinfo=UTC))


def deliver(site: Site, past: Past, *rules: Rule, selection: Rule | None = None, **s3: Any) -> tuple[str, dict[str, Any]]:
    """The schema's folder after a task over the past changes, and the task."""
    target, folder = site.target(**s3)
    text = mappings(selection or select(past.schema), *rules)
    stop = f"commit_time:{past.end}"
    task = site.run(site.task(text, target, kind="cdc", CdcStartPosition=past.start, CdcStopPosition=stop))
    return f"{folder}/{past.schema}", task


@pytest.fixture(scope="module")
def plain(site: Site, past: Past) -> tuple[str, dict[str, Any]]:
    return deliver(site, past, CdcMinFileSize=32000)


@pytest.mark.behaviour("cdc.start_position")
def test_changes_behind_a_native_position_are_captured(site: Site, plain: tuple[str, dict[str, Any]]) -> None:
    assert site.rows(f"{plain[0]}/events/")[0] == CHANGES[0]


@pytest.mark.behaviour("cdc.stop_at_commit_time")
def test_a_task_stops_at_a_commit_time(site: Site, plain: tuple[str, dict[str, Any]]) -> None:
    assert plain[1]["StopReason"] == "Stop Reason STOPPED_AT_COMMIT_TIME"
    assert ["I", "3", "behind"] not in site.rows(f"{plain[0]}/events/")


@pytest.mark.behaviour("cdc.table_files")
def test_each_table_has_files_of_its_own(site: Site, plain: tuple[str, dict[str, Any]]) -> None:
    assert site.rows(f"{plain[0]}/events/") in all_changes(site)
    assert site.rows(f"{plain[0]}/others/") == [["I", "5"]]


@pytest.mark.behaviour("cdc.table_file_names")
def test_a_file_is_named_by_its_time(site: Site, plain: tuple[str, dict[str, Any]]) -> None:
    names = [key.rsplit("/", 1)[1] for key in site.keys(f"{plain[0]}/")]
    forms = site.either("change_file_digits", {9: r"\d{8}-\d{9}\.csv", 10: r"\d{8}-\d{10}\.csv"})
    assert [name for name in names if not any(re.fullmatch(form, name) for form in forms)] == []
    assert all(abs(datetime.strptime(name[:15], "%Y%m%d-%H%M%S") - datetime.now(UTC).replace(tzinfo=None)) < timedelta(1) for name in names)


@pytest.fixture(scope="module")
def described(site: Site, past: Past) -> Rows:
    """All changes of the table with header, timestamp and added columns."""
    added = (add_column("seq", "$AR_H_CHANGE_SEQ", table="events"), before_images(table="events"))
    folder, _ = deliver(site, past, *added, AddColumnName=True, TimestampColumnName="committed", CompressionType="gzip")
    assert all(key.endswith(".csv.gz") for key in site.keys(f"{folder}/"))
    return site.rows(f"{folder}/events/")


@pytest.mark.behaviour("cdc.header")
def test_added_columns_trail_and_the_timestamp_is_second(site: Site, described: Rows) -> None:
    assert described[0] == ["Op", "committed", "id", "note", "seq", "BI_id"]


@pytest.mark.behaviour("cdc.timestamp_column")
def test_the_timestamp_is_that_of_the_commit(site: Site, past: Past, described: Rows) -> None:
    records = [row for row in described if row[0] != "Op"]
    assert [[row[0], *row[2:4]] for row in records] in all_changes(site)
    moments = [datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC) for row in records]
    assert moments == sorted(moments)
    assert past.day - timedelta(minutes=1) < moments[0] <= moments[-1] <= past.day


@pytest.mark.behaviour("cdc.filters")
def test_filters_hold_for_changes(site: Site, past: Past) -> None:
    rule = select(past.schema, "events", filters=[column_filter("id", ("eq", "1"))])
    folder, _ = deliver(site, past, selection=rule)
    assert site.rows(f"{folder}/") == [CHANGES[0], CHANGES[2]]


@pytest.mark.behaviour("cdc.transformations")
def test_transformations_hold_for_changes(site: Site, past: Past) -> None:
    rules = (
        transform("table", "rename", past.schema, "events", value="renamed"),
        transform("column", "rename", past.schema, "events", "note", value="remark"),
        add_column("loud", "upper($note)", past.schema, "events"),
    )
    folder, _ = deliver(site, past, *rules, AddColumnName=True)
    assert [row for row in site.rows(f"{folder}/renamed/") if row[0] in ("Op", "I")][:2] == [
        ["Op", "id", "remark", "loud"],
        ["I", "1", "one", "ONE"],
    ]
    assert site.keys(f"{folder}/events/") == []


@pytest.mark.behaviour("cdc.inserts_only")
@pytest.mark.parametrize(("marked", "rows"), [(True, [["I", "1", "one"], ["I", "2", "two"]]), (False, [["1", "one"], ["2", "two"]])])
def test_only_inserts(site: Site, past: Past, marked: bool, rows: Rows) -> None:
    folder, _ = deliver(site, past, CdcInsertsOnly=True, IncludeOpForFullLoad=marked)
    assert site.rows(f"{folder}/events/") == rows


@pytest.mark.behaviour("cdc.inserts_and_updates")
def test_inserts_and_updates(site: Site, past: Past) -> None:
    folder, _ = deliver(site, past, CdcInsertsAndUpdates=True, IncludeOpForFullLoad=True)
    assert site.rows(f"{folder}/events/") == CHANGES[:3]


@pytest.mark.behaviour("cdc.inserts_exclude_updates")
def test_the_two_choices_exclude_each_other(site: Site) -> None:
    settings = {"ServiceAccessRoleArn": site.place.bucket_role, "BucketName": site.bucket}
    both = settings | {"CdcInsertsOnly": True, "CdcInsertsAndUpdates": True}
    params = {"EndpointIdentifier": site.name("both"), "EndpointType": "target", "EngineName": "s3", "S3Settings": both}
    assert site.refusal("create_endpoint", **params).startswith("InvalidParameter")


@pytest.mark.behaviour("cdc.date_partitions")
@pytest.mark.parametrize(
    ("sequence", "delimiter", "form"),
    [(None, None, "%Y/%m/%d"), ("YYYYMMDDHH", "DASH", "%Y-%m-%d-%H"), ("MMYYYYDD", "UNDERSCORE", "%m_%Y_%d"), ("YYYYMM", "NONE", "%Y%m")],
)
def test_folders_by_date_of_commit(site: Site, past: Past, sequence: str | None, delimiter: str | None, form: str) -> None:
    folder, _ = deliver(site, past, DatePartitionEnabled=True, DatePartitionSequence=sequence, DatePartitionDelimiter=delimiter)
    days = {(past.day - timedelta(seconds=back)).strftime(form) for back in (0, 60)}
    assert {key.removeprefix(f"{folder}/events/").rsplit("/", 1)[0] for key in site.keys(f"{folder}/events/")} <= days
    assert site.rows(f"{folder}/events/") in all_changes(site)


@pytest.mark.behaviour("cdc.date_partition_zone")
def test_a_zone_shifts_folder_and_file_name(site: Site, past: Past) -> None:
    zone = "Asia/Seoul"
    folder, _ = deliver(site, past, DatePartitionEnabled=True, DatePartitionSequence="YYYYMMDDHH", DatePartitionTimezone=zone)
    hours = {(past.day - timedelta(seconds=back)).astimezone(ZoneInfo(zone)).strftime("%Y/%m/%d/%H") for back in (0, 60)}
    keys = site.keys(f"{folder}/events/")
    assert {key.removeprefix(f"{folder}/events/").rsplit("/", 1)[0] for key in keys} <= hours
    now = datetime.now(ZoneInfo(zone)).replace(tzinfo=None)
    written = [datetime.strptime(key.rsplit("/", 1)[1][:15], "%Y%m%d-%H%M%S") for key in keys]
    assert all(abs(moment - now) < timedelta(hours=1) for moment in written)


@pytest.mark.behaviour("cdc.incompatible_settings")
@pytest.mark.parametrize("extra", [{"DatePartitionEnabled": True}, {"AddColumnName": True}])
def test_a_stream_has_no_date_folders_and_no_header(site: Site, extra: dict[str, bool]) -> None:
    settings = {"ServiceAccessRoleArn": site.place.bucket_role, "BucketName": site.bucket, "PreserveTransactions": True, "CdcPath": "x"}
    params = {"EndpointIdentifier": site.name("clash"), "EndpointType": "target", "EngineName": "s3", "S3Settings": settings | extra}
    assert site.refusal("create_endpoint", **params).startswith("InvalidParameter")


@pytest.mark.behaviour("cdc.stream_timestamp")
def test_the_timestamp_in_a_stream(site: Site, past: Past) -> None:
    folder, _ = deliver(site, past, PreserveTransactions=True, CdcPath="changes", TimestampColumnName="committed")
    (first,) = [row for row in site.rows(f"{folder.rsplit('/', 1)[0]}/changes/") if row[-2:] == ["1", "one"]]
    place = next(number for number, text in enumerate(first) if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", text))
    assert place in site.either("transaction_timestamp", {"after-operation": 1, "after-schema": 3})
    assert [text for text in first if text != first[place]] == ["I", "events", past.schema, "1", "one"]
