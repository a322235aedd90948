# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The expressions by which the source writes its values. Their results are compared with real rows in tests/integration."""

from __future__ import annotations

import pytest

from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.full_load.csv_line import field_sql, oversized_condition, quoted_name, value_text
from lab.dms.sources.mysql import SourceColumn, TableError
from lab.dms.targets.settings import S3Settings

S3 = S3Settings("b", "f")


def column(name: str, data_type: str, column_type: str = "", character_set: str = "", fraction: int = 0) -> SourceColumn:
    return SourceColumn(name, data_type, column_type or data_type, character_set, fraction)


def literal(text: str) -> str:
    return f"<{text}>"


def field(found: SourceColumn, settings: S3Settings = S3, lob_bytes: int = 1024, dialect: str = "guide") -> str:
    chosen = DIALECTS[dialect]
    return field_sql(value_text(found, chosen, settings, lob_bytes, literal), chosen, settings, literal)


def test_a_name_cannot_leave_its_quotes() -> None:
    assert quoted_name("a`; DROP TABLE x") == "`a``; DROP TABLE x`"


def test_plain_fields() -> None:
    settings = S3Settings("b", "f", null="NIL")
    assert field(column("id", "int"), settings) == "IFNULL(`id`, <NIL>)"
    assert field(column("at", "datetime", fraction=3), settings) == "IFNULL(CAST(`at` AS DATETIME(6)), <NIL>)"
    assert field(column("raw", "varbinary"), settings) == "IFNULL(HEX(`raw`), <NIL>)"


def test_texts_are_quoted_only_under_rfc_4180() -> None:
    text = column("t", "varchar", character_set="latin1")
    assert field(text, S3Settings("b", "f", quoted=False)) == "IFNULL(CONVERT(`t` USING utf8mb4) COLLATE utf8mb4_bin, <NULL>)"
    quoted = field(text, S3Settings("b", "f", delimiter=";"))
    assert "LOCATE(<;>, CONVERT(`t` USING utf8mb4) COLLATE utf8mb4_bin)" in quoted
    assert "LOCATE(<,>" not in quoted


def test_a_carriage_return_is_special_where_the_dialect_says_so() -> None:
    text = column("t", "varchar", character_set="utf8mb4")
    assert "LOCATE(<\r>" in field(text)
    assert "LOCATE(<\r>" not in field(text, dialect="sparse")


def test_lobs_are_cut_and_counted_in_the_bytes_that_are_written() -> None:
    columns = [column("a", "longblob"), column("b", "varchar"), column("c", "longtext", character_set="latin1"), column("d", "point")]
    assert oversized_condition(columns, 9) == (
        "OCTET_LENGTH(`a`) > 9 OR OCTET_LENGTH(CONVERT(`c` USING utf8mb4)) > 9 OR OCTET_LENGTH(HEX(`d`)) / 2 - 4 > 9"
    )
    assert "HEX(LEFT(`a`, 9))" in field(columns[0], lob_bytes=9)


def test_fixed_length_texts_are_padded_on_request() -> None:
    padded = S3Settings("b", "f", trailing_padding=True, quoted=False)
    assert "RPAD(`t`, 5, ' ')" in field(column("t", "char", "char(5)", "utf8mb4"), padded)
    assert "RPAD" not in field(column("t", "varchar", "varchar(5)", "utf8mb4"), padded)


def test_only_what_the_server_cannot_write_is_left_to_the_client() -> None:
    finished = {
        (kind, name)
        for kind in ("double", "json", "decimal", "bit", "varchar")
        for name, dialect in DIALECTS.items()
        if value_text(column("x", kind), dialect, S3, 9, literal).finish is None
    }
    everything = {(kind, name) for kind in ("double", "json", "decimal", "bit", "varchar") for name in DIALECTS}
    assert everything - finished == {("double", "exponents"), ("double", "plain"), ("json", "words")}


def test_json_is_cut_when_it_is_compact() -> None:
    value = value_text(column("j", "json"), DIALECTS["words"], S3, 6, literal)
    assert value.finish is not None
    assert [value.finish(text) for text in ('["é", 1]', "[1, 2]")] == ['["é",', "[1,2]"]
    assert value.sql == "CONVERT(`j` USING utf8mb4)"


def test_a_type_that_dms_does_not_read() -> None:
    with pytest.raises(TableError, match="inet6 of column address"):
        value_text(column("address", "inet6"), GUIDE, S3, 9, literal)
