# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a full load writes, read back and compared with the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .conftest import Bench, select_all

NULL = "__DMS_NULL__"
SEQUENCE = {
    "rule-type": "transformation",
    "rule-target": "column",
    "rule-action": "add-column",
    "object-locator": {"schema-name": "%", "table-name": "%"},
    "value": "_dms_seq",
    "expression": "$AR_H_CHANGE_SEQ",
    "data-type": {"type": "string", "length": 50},
}
BEFORE_IMAGE = {
    "rule-type": "transformation",
    "rule-target": "column",
    "rule-action": "add-before-image-columns",
    "object-locator": {"schema-name": "%", "table-name": "%"},
    "before-image-def": {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"},
}
TEXTS = [
    None,
    "",
    "NULL",
    "plain",
    "two, with a comma",
    'a "quoted" word',
    '"',
    '""',
    ",",
    "line one\nline two",
    "carriage\rreturn",
    "both\r\nends",
    " spaces around ",
    "back\\slash \\n",
    "tab\there",
    "Zoë Müller",
    "日本語、テキスト",
    "full\uff0cwidth comma \uff02quote\uff02",
    "emoji 😀🎉",
    "zero\x00byte",
    "it's",
    "%s {x} $1",
]


def test_every_text_comes_back_as_it_was(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute(
        "CREATE TABLE texts (id INT PRIMARY KEY, general VARCHAR(200), exact VARCHAR(200) COLLATE utf8mb4_bin,"
        " uca VARCHAR(200) COLLATE utf8mb4_unicode_ci, long_text LONGTEXT)"
    )
    execute("INSERT INTO texts VALUES (%s, %s, %s, %s, %s)", *[(n, t, t, t, t) for n, t in enumerate(TEXTS)])
    _, folder = bench.load(select_all(schema, extra=[SEQUENCE, BEFORE_IMAGE]))
    written = [NULL if t is None else t for t in TEXTS]
    assert bench.rows(folder, schema, "texts") == [["I", str(n), t, t, t, t, "", ""] for n, t in enumerate(written)]


def test_only_fields_that_need_quotes_have_them(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE notes (id INT PRIMARY KEY, note TEXT COLLATE utf8mb4_unicode_ci)")
    execute("INSERT INTO notes VALUES (%s, %s)", (1, "plain"), (2, 'O"Neil, Bob'), (3, "a\uff0cb"), (4, ""), (5, None))
    _, folder = bench.load(select_all(schema))
    raw = bench.content(f"{folder}/{schema}/notes/LOAD00000001.csv").decode()
    assert raw == 'I,1,plain\nI,2,"O""Neil, Bob"\nI,3,a\uff0cb\nI,4,\nI,5,__DMS_NULL__\n'


def test_the_text_of_each_type(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute(
        "CREATE TABLE kinds (id BIGINT UNSIGNED PRIMARY KEY, small TINYINT, flag TINYINT(1), filled INT(8) ZEROFILL, money DECIMAL(14,4),"
        " ratio FLOAT, wide DOUBLE, one BIT(1), many BIT(12), day DATE, moment DATETIME, fine DATETIME(6), coarse DATETIME(3),"
        " stamp TIMESTAMP NULL, span TIME, finer TIME(2), born YEAR, choice ENUM('open','written, off'), several SET('a','b'),"
        " fixed BINARY(4), bytes VARBINARY(10), picture LONGBLOB, letter CHAR(3), old VARCHAR(20) CHARACTER SET latin1, doc JSON)"
    )
    execute("SET time_zone = '+02:00'")
    execute(
        "INSERT INTO kinds VALUES (18446744073709551615, -128, 1, 42, -1234.5000, 0.1, 1e300, b'1', b'101010101010', '2026-02-28',"
        " '2026-11-01 08:00:00', '2026-11-01 08:00:00.25', '2026-11-01 08:00:00.125', '2026-11-01 08:00:00', '-100:59:59', '01:02:03.5',"
        " 2026, 'written, off', 'a,b', x'00ff', x'c3a90a', x'00', 'ab', 'é', '{\"a\": 1}')"
    )
    execute("SET time_zone = 'SYSTEM'")
    execute("INSERT INTO kinds (id) VALUES (0)")
    _, folder = bench.load(select_all(schema))
    nothing, full = bench.rows(folder, schema, "kinds")
    assert nothing == ["I", "0"] + [NULL] * 24
    assert full == [
        "I",
        "18446744073709551615",
        "-128",
        "1",
        "42",
        "-1234.5000",
        "0.10000000149011612",
        "1e300",
        "1",
        "0AAA",
        "2026-02-28",
        "2026-11-01 08:00:00",
        "2026-11-01 08:00:00.250000",
        "2026-11-01 08:00:00.125000",
        "2026-11-01 06:00:00",
        "-100:59:59",
        "01:02:03.500000",
        "2026",
        "written, off",
        "a,b",
        "00FF0000",
        "C3A90A",
        "00",
        "ab",
        "é",
        '{"a": 1}',
    ]


def test_files_are_split_between_records_and_numbered(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE many (id INT PRIMARY KEY, filler VARCHAR(1000))")
    execute("INSERT INTO many VALUES (%s, %s)", *[(n, "line\n" * 100) for n in range(1, 101)])
    _, folder = bench.load(select_all(schema), MaxFileSize=2)
    keys = bench.keys(folder)
    assert keys == [f"{folder}/{schema}/many/LOAD{n:08X}.csv" for n in range(1, len(keys) + 1)]
    assert len(keys) == 25  # four records of about 510 bytes fit into 2 kB, five do not
    assert all(len(bench.content(key)) <= 2048 for key in keys)
    assert [row[1] for row in bench.rows(folder, schema, "many")] == [str(n) for n in range(1, 101)]


def test_large_files_go_up_in_parts(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE large (id INT PRIMARY KEY, filler VARCHAR(1000))")
    execute("INSERT INTO large VALUES (%s, %s)", *[(n, str(n).ljust(900, "x")) for n in range(1, 20001)])
    task, folder = bench.load(select_all(schema))
    assert bench.keys(folder) == [f"{folder}/{schema}/large/LOAD00000001.csv"]
    tag = bench.s3.head_object(Bucket=bench.bucket, Key=bench.keys(folder)[0])["ETag"]
    assert tag.strip('"').endswith("-3")  # 18 MB in parts of 8
    assert bench.rows(folder, schema, "large") == [["I", str(n), str(n).ljust(900, "x")] for n in range(1, 20001)]
    assert task["ReplicationTaskStats"]["FullLoadProgressPercent"] == 100


def test_gzip_header_and_no_operation(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY, name VARCHAR(10), secret VARCHAR(10))")
    execute("INSERT INTO small VALUES (1, 'x', 'y')")
    drop = {
        "rule-type": "transformation",
        "rule-target": "column",
        "rule-action": "remove-column",
        "object-locator": {"schema-name": schema, "table-name": "small", "column-name": "secret"},
    }
    _, folder = bench.load(
        select_all(schema, extra=[SEQUENCE, drop]), CompressionType="gzip", AddColumnName=True, IncludeOpForFullLoad=False, CsvDelimiter=";"
    )
    assert bench.keys(folder) == [f"{folder}/{schema}/small/LOAD00000001.csv.gz"]
    assert bench.content(bench.keys(folder)[0]) == b"id;name;_dms_seq\n1;x;\n"


def test_an_empty_table_makes_no_folder_and_an_excluded_one_no_entry(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    for name in ("empty_one", "filled", "tmp_x"):
        execute(f"CREATE TABLE {name} (id INT PRIMARY KEY, gone INT INVISIBLE)")
    execute("INSERT INTO filled VALUES (7)")
    exclude = {
        "rule-type": "selection",
        "rule-action": "exclude",
        "object-locator": {"schema-name": schema, "table-name": "tmp%"},
    }
    task, folder = bench.load(select_all(schema, extra=[exclude]))
    assert bench.keys(folder) == [f"{folder}/{schema}/filled/LOAD00000001.csv"]
    assert bench.rows(folder, schema, "filled") == [["I", "7"]]
    statistics = bench.statistics(task["ReplicationTaskArn"])
    assert {name: (s["TableState"], s["FullLoadRows"]) for name, s in statistics.items()} == {
        "empty_one": ("Table completed", 0),
        "filled": ("Table completed", 1),
    }
    assert datetime.now(UTC) >= statistics["filled"]["FullLoadEndTime"] >= statistics["filled"]["FullLoadStartTime"]
    assert task["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    assert task["ReplicationTaskStats"]["TablesLoaded"] == 2


def test_preparation_modes(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    execute("INSERT INTO small VALUES (1)")
    for mode, stays in (("DO_NOTHING", True), ("DROP_AND_CREATE", False), ("TRUNCATE_BEFORE_LOAD", False)):
        target, folder = bench.target()
        old = f"{folder}/{schema}/small/LOAD000000FF.csv"
        bench.s3.put_object(Bucket=bench.bucket, Key=old, Body=b"I,9\n")
        task = bench.task(bench.source(), target, select_all(schema), {"FullLoadSettings": {"TargetTablePrepMode": mode}})
        assert bench.run(task)["Status"] == "stopped"
        assert (old in bench.keys(folder)) is stays


def test_a_value_larger_than_the_limit(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE lobs (id INT PRIMARY KEY, body LONGTEXT)")
    execute("INSERT INTO lobs VALUES (1, REPEAT('a', 1024)), (2, REPEAT('b', 1025)), (3, NULL)")

    def lengths(policy: str) -> list[int]:
        settings = {"TargetMetadata": {"LobMaxSize": 1}, "ErrorBehavior": {"DataTruncationErrorPolicy": policy}}
        _, folder = bench.load(select_all(schema), settings)
        return [len(row[2]) for row in bench.rows(folder, schema, "lobs")]

    assert lengths("LOG_ERROR") == [1024, 1024, len(NULL)]
    assert lengths("IGNORE_RECORD") == [1024, len(NULL)]
    assert lengths("SUSPEND_TABLE") == []
    target, _ = bench.target()
    stop = {"TargetMetadata": {"LobMaxSize": 1}, "ErrorBehavior": {"DataTruncationErrorPolicy": "STOP_TASK"}}
    failed = bench.run(bench.task(bench.source(), target, select_all(schema), stop))
    assert failed["Status"] == "failed"
    assert "1 row(s) of table" in failed["LastFailureMessage"]
    assert failed["StopReason"] == "Stop Reason FATAL_ERROR"
