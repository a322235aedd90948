# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables as the log describes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.dms.binlog import TableMap, types
from lab.dms.cdc.shape import table_in_log
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError

NOW = SourceTable(
    "s", "t", 0, (SourceColumn("id", "bigint", "bigint(20)", "", 0, 1), SourceColumn("gone", "int", "int(11)", "", 0, 2)), ("id",)
)


def logged(*columns: tuple[str, int, int, str], unsigned: tuple[bool, ...] = (), labels: tuple[tuple[bytes, ...], ...] = ()) -> TableMap:
    """Columns: name, type, metadata, character set."""
    names, kinds, meta, charsets = zip(*columns, strict=True)
    return TableMap(1, "s", "t", kinds, meta, unsigned, names, charsets, labels)


def described(table_map: TableMap) -> list[str]:
    return [f"{c.data_type} {c.column_type} {c.character_set}".strip() for c in table_in_log(table_map, NOW, trust_names=False).all_columns]


def test_columns_that_are_still_there_are_the_same_ones() -> None:
    table = table_in_log(logged(("new", types.LONG, 0, ""), ("id", types.LONGLONG, 0, "")), NOW, trust_names=True)
    assert [(c.name, c.ordinal, c.column_type) for c in table.all_columns] == [("new", 1, "int"), ("id", 2, "bigint(20)")]
    assert table.primary_key == ("id",)


@pytest.mark.parametrize(
    ("kind", "meta", "charset", "wanted"),
    [
        (types.TINY, 0, "", "tinyint tinyint"),
        (types.NEWDECIMAL, 10 | 2 << 8, "", "decimal decimal(10,2)"),
        (types.BIT, 4 | 1 << 8, "", "bit bit(12)"),
        (types.DATETIME2, 3, "", "datetime datetime(3)"),
        (types.TIMESTAMP2, 0, "", "timestamp timestamp"),
        (types.TIME, 0, "", "time time"),
        (types.VARCHAR, 40, "utf8mb4", "varchar varchar utf8mb4"),
        (types.STRING, 0xFE, "binary", "binary binary"),
        (types.BLOB, 2, "latin1", "text text latin1"),
        (types.BLOB, 3, "binary", "mediumblob mediumblob"),
        (types.GEOMETRY, 4, "", "geometry geometry"),
    ],
)
def test_columns_that_are_gone_are_what_the_log_says(kind: int, meta: int, charset: str, wanted: str) -> None:
    assert described(logged(("x", kind, meta, charset))) == [wanted]


def test_signs_labels_and_fractions_come_from_the_log() -> None:
    columns = (("a", types.LONG, 0, ""), ("b", types.ENUM, 0x1F7, "utf8mb4"))
    assert described(logged(*columns, unsigned=(True, False), labels=((), (b"it's", b"b\\c")))) == [
        "int int unsigned",
        "enum enum('it''s','b\\\\c') utf8mb4",
    ]


def test_what_the_log_does_not_say_is_an_error() -> None:
    with pytest.raises(TableError, match="column x"):
        described(replace(logged(("x", types.VARCHAR, 40, "")), charsets=()))


def test_the_server_s_own_hidden_columns_are_left_out() -> None:
    table_map = logged(("id", types.LONGLONG, 0, ""), ("DB_ROW_HASH_1", types.LONGLONG, 0, ""))
    assert [c.name for c in table_in_log(table_map, NOW, trust_names=True).all_columns] == ["id"]
