# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The expressions by which the source writes its rows. Their results are compared with real rows in tests/integration."""

from __future__ import annotations

import pytest

from lab.dms.full_load.csv_line import header_line, line_expression, oversized_condition, quoted_name
from lab.dms.sources.mysql import SourceColumn, TableError
from lab.dms.targets.settings import S3Settings


def column(name: str, data_type: str, column_type: str = "", character_set: str = "", fraction: int = 0) -> SourceColumn:
    return SourceColumn(name, data_type, column_type or data_type, character_set, fraction)


def literal(text: str) -> str:
    return f"<{text}>"


def test_a_name_cannot_leave_its_quotes() -> None:
    assert quoted_name("a`; DROP TABLE x") == "`a``; DROP TABLE x`"


def test_a_line_of_plain_fields() -> None:
    settings = S3Settings("b", "f", null="NIL", operation=True)
    columns = [column("id", "int"), column("at", "datetime", fraction=3), column("raw", "varbinary")]
    assert line_expression(columns, 2, settings, 1024, literal) == (
        "CONCAT_WS(<,>, <I>, IFNULL(`id`, <NIL>), IFNULL(CAST(`at` AS DATETIME(6)), <NIL>), IFNULL(HEX(`raw`), <NIL>), '', '')"
    )


def test_texts_are_quoted_only_under_rfc_4180() -> None:
    text = column("t", "varchar", character_set="latin1")
    assert line_expression([text], 0, S3Settings("b", "f", quoted=False), 1024, literal) == (
        "CONCAT_WS(<,>, IFNULL(CONVERT(`t` USING utf8mb4) COLLATE utf8mb4_bin, <NULL>))"
    )
    quoted = line_expression([text], 0, S3Settings("b", "f", delimiter=";"), 1024, literal)
    assert "LOCATE(<;>, CONVERT(`t` USING utf8mb4) COLLATE utf8mb4_bin)" in quoted
    assert "LOCATE(<,>" not in quoted


def test_lobs_are_cut_and_counted() -> None:
    columns = [column("a", "longblob"), column("b", "varchar"), column("c", "json")]
    assert oversized_condition(columns, 9) == "OCTET_LENGTH(`a`) > 9 OR OCTET_LENGTH(`c`) > 9"
    assert "HEX(LEFT(`a`, 9))" in line_expression(columns[:1], 0, S3Settings("b", "f"), 9, literal)


def test_a_type_that_dms_does_not_read() -> None:
    with pytest.raises(TableError, match="inet6 of column address"):
        line_expression([column("address", "inet6")], 0, S3Settings("b", "f"), 9, literal)


def test_the_header() -> None:
    settings = S3Settings("b", "f", header=True, operation=True)
    assert header_line(["id", "_dms_seq"], settings) == b"Op,id,_dms_seq\n"
    assert header_line(["id"], S3Settings("b", "f")) == b""
