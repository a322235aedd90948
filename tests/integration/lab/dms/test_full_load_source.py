# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the source's endpoint and its character sets do to a full load."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.dms.sources.mysql import MySQLSource

from .conftest import select_all
from .direct import Loader

# Character set and a text that it can hold.
TEXTS = {
    "latin1": "é€ÿ",
    "latin2": "łódź",
    "cp1251": "привет",
    "koi8r": "привет",
    "greek": "αβγ",
    "utf8mb3": "日本é",
    "utf8mb4": "😀é",
    "utf16": "😀é日",
    "utf16le": "😀é日",
    "utf32": "😀é日",
    "ucs2": "é日",
    "sjis": "日本語ソ",
    "cp932": "日本語①",
    "eucjpms": "日本語",
    "euckr": "한국",
    "gb2312": "中文",
    "gbk": "中文",
    "big5": "中文",
    "ascii": "plain",
}


def test_every_character_set_is_written_in_utf_8(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    kinds = ("VARCHAR(20)", "CHAR(20)", "TEXT", "LONGTEXT")
    for charset, text in TEXTS.items():
        columns = ", ".join(f"c{n} {kind} CHARACTER SET {charset}" for n, kind in enumerate(kinds))
        execute(
            f"CREATE TABLE t_{charset} (id INT PRIMARY KEY, {columns}, binary_c VARCHAR(20) CHARACTER SET {charset} COLLATE {charset}_bin)"
        )
        execute(f"INSERT INTO t_{charset} VALUES (%s, %s, %s, %s, %s, %s)", (1, *[f'{text},"x"'] * 5))  # noqa: S608 - names of ours
    loaded = loader(select_all(schema))
    assert {key.split("/")[1].removeprefix("t_"): body.decode() for key, body in loaded.files.items()} == {
        charset: "1" + f',"{text},""x"""' * 5 + "\n" for charset, text in TEXTS.items()
    }


def test_names_of_columns_and_tables_may_hold_anything(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE `odd ``name'` (`a,b` INT PRIMARY KEY, `select` VARCHAR(9), `ü%s` INT)")
    execute("INSERT INTO `odd ``name'` VALUES (1, 'x', 2)")
    loaded = loader(select_all(schema), AddColumnName=True)
    assert loaded.files == {f"{schema}/odd `name'/LOAD00000001.csv": '"a,b",select,ü%s\n1,x,2\n'.encode()}


def test_the_server_timezone_moves_timestamps_and_nothing_else(loader: Loader, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE times (id INT PRIMARY KEY, stamp TIMESTAMP(3) NULL, moment DATETIME, none TIMESTAMP NULL)")
    execute("SET SESSION time_zone = '+00:00'")
    execute("INSERT INTO times VALUES (1, '2026-07-01 08:00:00.25', '2026-07-01 08:00:00', NULL)")
    execute("SET SESSION time_zone = @@GLOBAL.time_zone")
    ((shown,),) = execute("SELECT DATE_FORMAT(stamp, '%Y-%m-%d %H:%i:%S') FROM times")
    right = loader(select_all(schema))
    assert right.rows()[0][1:3] == ["2026-07-01 08:00:00.250000", "2026-07-01 08:00:00"]
    for zone in ("America/New_York", "Asia/Tokyo"):
        loader.address = {"server_timezone": zone}
        taken = datetime.fromisoformat(shown).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert loader(select_all(schema)).rows()[0][1:3] == [f"{taken:%Y-%m-%d %H:%M:%S}.250000", "2026-07-01 08:00:00"]
    loader.address = {"server_timezone": "Nowhere"}
    assert loader(select_all(schema)).states() == {"times": ("Table error", 0)}


def test_the_script_runs_first_on_every_connection(loader: Loader, schema: str) -> None:
    loader.address = {"after_connect": "SET @first = 'a;b'; SET @second = 2;"}
    for _ in range(2):
        with MySQLSource(loader.source()) as source:
            assert source.answer("SELECT @first, @second") == (("a;b", 2),)


def test_a_script_that_fails_does_not_end_the_load_and_is_not_shown(
    loader: Loader, schema: str, execute: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    execute("CREATE TABLE small (id INT PRIMARY KEY)")
    execute("INSERT INTO small VALUES (1)")
    loader.address = {"after_connect": "SET @first = 1; SET @broken = hush_hush(; SET @second = 2"}
    with caplog.at_level(logging.WARNING, "lab.dms"):
        assert loader(select_all(schema)).states() == {"small": ("Table completed", 1)}
    assert "AfterConnectScript" in caplog.text
    assert "hush" not in caplog.text
