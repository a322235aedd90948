# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Names, layout and punctuation of the files of a full load."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .rules import add_column, before_images, mappings, select, transform
from .site import NULL, Site

HEADER = ["Op", "id", "note", "filler"]


@pytest.fixture(scope="module")
def schema(site: Site) -> str:
    name = site.schema()
    site.execute("CREATE TABLE many (id INT PRIMARY KEY, note VARCHAR(20), filler VARCHAR(400), gone INT)")
    site.execute("INSERT INTO many VALUES (%s, %s, %s, %s)", *[(n, None if n == 1 else f"row {n}", "x" * 400, 0) for n in range(1, 41)])
    site.execute("CREATE TABLE empty_one (id INT PRIMARY KEY)")
    site.execute("CREATE TABLE texts (id INT PRIMARY KEY, body VARCHAR(40))")
    bodies = ("plain", "a,b", 'a "word"', "one\ntwo", "back\rward", "", None, " round ", "semi;colon", "it's", "Zoë 日本 😀")
    site.execute("INSERT INTO texts VALUES (%s, %s)", *enumerate(bodies))
    return name


@pytest.fixture(scope="module")
def default(site: Site, schema: str) -> str:
    """The schema's folder after a load with every setting left out that can be."""
    rules = mappings(select(schema), transform("column", "remove-column", schema, "many", "filler"))
    return f"{site.load(rules, CsvNullValue=None, IncludeOpForFullLoad=None)[1]}/{schema}"


@pytest.fixture(scope="module")
def described(site: Site, schema: str) -> str:
    """... with a header, small files and added columns."""
    rules = mappings(
        select(schema),
        transform("column", "remove-column", schema, "many", "gone"),
        before_images(schema, "many"),
        add_column("seq", "$AR_H_CHANGE_SEQ", schema, "many"),
    )
    return f"{site.load(rules, MaxFileSize=1, AddColumnName=True)[1]}/{schema}"


@dataclass(frozen=True)
class Odd:
    """... with punctuation and compression of its own. ``stats``: of the task."""

    folder: str
    stats: dict[str, Any]


@pytest.fixture(scope="module")
def odd(site: Site, schema: str) -> Odd:
    task, folder = site.load(
        mappings(select(schema)),
        AddColumnName=True,
        CompressionType="gzip",
        CsvDelimiter=";",
        CsvRowDelimiter="\r\n",
        TimestampColumnName="moved",
        UseTaskStartTimeForFullLoadTimestamp=True,
    )
    return Odd(f"{folder}/{schema}", task["ReplicationTaskStats"])


@pytest.mark.behaviour("full_load.file_names")
def test_a_table_has_a_folder_below_schema_and_bucket_folder(site: Site, default: str) -> None:
    assert site.keys(f"{default}/") == [f"{default}/{table}/LOAD00000001.csv" for table in ("many", "texts")]


@pytest.mark.behaviour("full_load.hexadecimal_counter")
def test_files_are_numbered_with_eight_hexadecimal_digits(site: Site, described: str) -> None:
    keys = site.keys(f"{described}/many/")
    assert len(keys) > 16
    assert keys == [f"{described}/many/LOAD{number:08X}.csv" for number in range(1, len(keys) + 1)]


@pytest.mark.behaviour("full_load.max_file_size")
def test_a_file_ends_before_the_largest_size(site: Site, described: str) -> None:
    assert max(len(site.content(key).encode()) for key in site.keys(f"{described}/many/")) <= 1024


@pytest.mark.behaviour("full_load.empty_table")
def test_an_empty_table_has_no_folder(site: Site, described: str) -> None:
    assert site.keys(f"{described}/empty_one") == []


@pytest.mark.behaviour("full_load.header")
def test_each_file_begins_with_the_names_of_its_columns(site: Site, described: str) -> None:
    for key in site.keys(f"{described}/many/"):
        first, *records = csv.reader(io.StringIO(site.content(key), newline=""))
        assert first[: len(HEADER)] == HEADER
        assert {len(record) for record in records} == {len(first)}


@pytest.mark.behaviour("full_load.operation")
def test_each_record_is_an_insert_if_so_set(site: Site, described: str) -> None:
    assert {row[0] for row in site.rows(f"{described}/many/")} == {"Op", "I"}


@pytest.mark.behaviour("full_load.no_operation")
def test_by_default_no_operation_is_written(site: Site, default: str) -> None:
    assert site.rows(f"{default}/many/")[:2] == [["1", "NULL", "0"], ["2", "row 2", "0"]]


@pytest.mark.behaviour("full_load.column_order")
def test_columns_stand_as_in_the_table(site: Site, described: str) -> None:
    second = [row for row in site.rows(f"{described}/many/") if row[1] == "2"]
    assert [row[1:4] for row in second] == [["2", "row 2", "x" * 400]]


@pytest.mark.behaviour("full_load.added_columns_last")
def test_what_rules_add_stands_behind_the_columns(site: Site, described: str) -> None:
    added = site.rows(f"{described}/many/")[0][len(HEADER) :]
    assert added in site.either("added_order", {"rules": ["BI_id", "seq"], "before-images-last": ["seq", "BI_id"]})


@pytest.mark.behaviour("full_load.before_images_absent")
def test_a_loaded_row_has_no_before_image(site: Site, described: str) -> None:
    header, *rows = site.rows(f"{described}/many/LOAD00000001.csv")
    assert {row[header.index("BI_id")] for row in rows} <= set(site.either("absent_added", {"empty": "", "marker": NULL}))


@pytest.mark.behaviour("full_load.change_sequence_absent")
def test_a_loaded_row_has_no_change_sequence(site: Site, described: str) -> None:
    header, *rows = site.rows(f"{described}/many/LOAD00000001.csv")
    assert {row[header.index("seq")] for row in rows} <= set(site.either("absent_added", {"empty": "", "marker": NULL}))


@pytest.mark.behaviour("full_load.null_default")
def test_null_is_written_as_the_word_null(site: Site, default: str) -> None:
    assert "\n6,NULL\n" in site.content(f"{default}/texts/LOAD00000001.csv")


@pytest.mark.behaviour("full_load.null_marker")
def test_null_is_written_as_the_marker_that_was_set(site: Site, described: str) -> None:
    assert ["I", "6", NULL] in site.rows(f"{described}/texts/")


@pytest.mark.behaviour("full_load.empty_string")
def test_an_empty_string_is_not_null(site: Site, default: str) -> None:
    raw = site.content(f"{default}/texts/LOAD00000001.csv")
    assert any(f"\n5,{text}\n" in raw for text in site.either("empty_string", {"bare": "", "quoted": '""'}))


@pytest.mark.behaviour("full_load.rfc4180")
@pytest.mark.parametrize(
    ("number", "field"),
    [(0, "plain"), (1, '"a,b"'), (2, '"a ""word"""'), (3, '"one\ntwo"'), (7, " round "), (8, "semi;colon"), (9, "it's")],
)
def test_quotes_stand_only_where_they_are_needed(site: Site, default: str, number: int, field: str) -> None:
    raw = "\n" + site.content(f"{default}/texts/LOAD00000001.csv")
    assert f"\n{number},{field}\n" in raw


@pytest.mark.behaviour("full_load.carriage_return")
def test_a_carriage_return(site: Site, default: str) -> None:
    raw = site.content(f"{default}/texts/LOAD00000001.csv")
    assert any(f"\n4,{text}\n" in raw for text in site.either("quote_carriage_return", {True: '"back\rward"', False: "back\rward"}))


@pytest.mark.behaviour("full_load.utf8")
def test_files_are_in_utf8(site: Site, default: str) -> None:
    assert ["10", "Zoë 日本 😀"] in site.rows(f"{default}/texts/")


@pytest.mark.behaviour("full_load.delimiters")
def test_delimiters_are_those_that_were_set(site: Site, odd: Odd) -> None:
    raw = site.content(site.keys(f"{odd.folder}/texts/")[0])
    assert raw.startswith("Op;moved;id;body\r\nI;")
    assert raw.endswith("\r\n")
    assert ';8;"semi;colon"\r\n' in raw
    assert ";1;a,b\r\n" in raw


@pytest.mark.behaviour("full_load.gzip")
def test_compressed_files_say_so_in_their_names(site: Site, odd: Odd) -> None:
    assert site.keys(f"{odd.folder}/texts/") == [f"{odd.folder}/texts/LOAD00000001.csv.gz"]


@pytest.mark.behaviour("full_load.timestamp_column")
def test_the_timestamp_is_the_second_column(site: Site, odd: Odd) -> None:
    header, *rows = site.rows(f"{odd.folder}/many/", delimiter=";")
    assert header[:3] == ["Op", "moved", "id"]
    assert {len(row[1]) for row in rows} == {len("2026-11-22 10:15:20.123456")}
    assert all(datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S.%f") for row in rows)


@pytest.mark.behaviour("full_load.task_start_timestamp")
def test_the_timestamp_is_the_start_of_the_task_if_so_set(site: Site, odd: Odd) -> None:
    written = {row[1] for row in site.rows(f"{odd.folder}/many/", delimiter=";")[1:]}
    assert len(written) == 1
    moment = datetime.strptime(written.pop(), "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    assert abs(moment - odd.stats["StartDate"]) < timedelta(minutes=1)


@pytest.mark.behaviour("full_load.encryption")
def test_files_are_encrypted_by_the_bucket(site: Site, default: str) -> None:
    head = site.s3.head_object(Bucket=site.bucket, Key=f"{default}/texts/LOAD00000001.csv")
    assert head["ServerSideEncryption"] == "AES256"
