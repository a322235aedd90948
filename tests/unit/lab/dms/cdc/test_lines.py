# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rows into lines of CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from lab.dms.cdc.fields import Stamp
from lab.dms.cdc.lines import Lines, compile_lines
from lab.dms.cdc.lobs import LobCutter
from lab.dms.dialects.dialect import DIALECTS, GUIDE, Dialect
from lab.dms.mappings import read_mappings
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError
from lab.dms.targets.settings import S3Settings

from ..mappings_text import mappings_text

STAMP = Stamp("2026112210152100", "log.000001:4", "2026-11-22 10:15:21.000000")
TABLE = SourceTable(
    "shop",
    "orders",
    0,
    (
        SourceColumn("id", "bigint", "bigint(20) unsigned", "", 0, 1),
        SourceColumn("note", "varchar", "varchar(50)", "utf8mb4", 0, 2),
        SourceColumn("code", "char", "char(4)", "utf8mb4", 0, 3),
    ),
    ("id",),
)
NUMBER = "2026112210152100" + "0" * 17 + "{}"
ORDERS = {"schema-name": "shop", "table-name": "orders"}
PLAIN = ("1", "plain", "ab")
QUOTED = ("2", 'O"Neil, Bob', "cd")
NULLS = ("3", None, "")
SEQUENCE = {"rule-action": "add-column", "value": "_seq", "expression": "$AR_H_CHANGE_SEQ", "data-type": {"type": "string", "length": 50}}
BEFORE = {
    "rule-action": "add-before-image-columns",
    "before-image-def": {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"},
}


def lines(*rules: dict[str, Any], dialect: Dialect = GUIDE, shape: SourceTable = TABLE, **settings: Any) -> Lines:
    given = {"BucketName": "b", "CsvNullValue": "__NULL__"} | settings
    plan = read_mappings(mappings_text(*rules)).plan(TABLE, dialect)
    return compile_lines(plan, shape, S3Settings.read(given), dialect)


def ordered(*rules: dict[str, Any], dialect: Dialect = GUIDE, **settings: Any) -> Lines:
    return lines(*rules, dialect=dialect, PreserveTransactions=True, CdcPath="cdc", **settings)


def test_the_example_of_the_guide() -> None:
    made = ordered(SEQUENCE, BEFORE)
    assert made.make["I"]([(None, PLAIN)], STAMP, 417) == [f"I,orders,shop,1,plain,ab,{NUMBER.format(417)[:32]}417,"]
    assert made.make["U"]([(PLAIN, QUOTED)], STAMP, 1) == [f'U,orders,shop,2,"O""Neil, Bob",cd,{NUMBER.format("01")},1']
    assert made.make["D"]([(NULLS, None)], STAMP, 2) == [f"D,orders,shop,3,__NULL__,,{NUMBER.format('02')},"]


def test_rows_of_one_event_have_numbers_in_a_row_and_quotes_where_they_need_them() -> None:
    rows = [(None, row) for row in (PLAIN, QUOTED, NULLS, PLAIN, QUOTED)]
    written = ordered(SEQUENCE).make["I"](rows, STAMP, 5)
    assert [line.rsplit(",", 1)[1] for line in written] == [NUMBER.format(f"0{n}") for n in range(5, 10)]
    read = list(csv.reader(io.StringIO("\n".join(written), newline="")))
    assert [row[3:6] for row in read] == [["__NULL__" if v is None else v for v in row] for _, row in rows]


@pytest.mark.parametrize("text", ['"', ",", "\n", "\r", "a\r\nb", '""', ',"\n'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "|", ",\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "||", "\t"])
def test_no_text_breaks_a_line(text: str, end: str, delimiter: str) -> None:
    made = ordered(CsvRowDelimiter=end, CsvDelimiter=delimiter)
    special = ['"', delimiter, "\n", "\r", end]
    for value in (text, f"a{text}", "plain", text + text):
        quoted = '"' + value.replace('"', '""') + '"' if any(s in value for s in special) else value
        wanted = delimiter.join(["I", "orders", "shop", "1", quoted, "x"])
        plain = delimiter.join(["I", "orders", "shop", "1", "plain", "ab"])
        assert made.make["I"]([(None, PLAIN), (None, ("1", value, "x")), (None, PLAIN)], STAMP, 1) == [plain, wanted, plain]


def test_any_name_may_stand_in_a_line() -> None:
    table = replace(TABLE, schema="Zoë {x}", name="it's, \\ {a0}\"")
    plan = read_mappings(mappings_text()).plan(table, GUIDE)
    made = compile_lines(plan, table, S3Settings("b", "f", preserve_transactions=True), GUIDE)
    assert made.make["I"]([(None, PLAIN)], STAMP, 1) == ['I,"it\'s, \\ {a0}""",Zoë {x},1,plain,ab']


def test_without_rfc_4180_nothing_is_quoted() -> None:
    assert ordered(Rfc4180=False).make["I"]([(None, QUOTED)], STAMP, 1) == ['I,orders,shop,2,O"Neil, Bob,cd']


def test_a_carriage_return_is_quoted_as_the_dialect_says() -> None:
    row = [(None, ("1", "a\rb", ""))]
    assert ordered().make["I"](row, STAMP, 1) == ['I,orders,shop,1,"a\rb",']
    assert ordered(dialect=DIALECTS["sparse"]).make["I"](row, STAMP, 1) == ["I,orders,shop,1,a\rb,"]


def test_empty_texts_and_absent_columns_of_the_dialect() -> None:
    made = ordered(BEFORE, dialect=DIALECTS["words"])
    assert made.make["I"]([(None, ("1", "", None))], STAMP, 1) == ['I,orders,shop,1,"",__NULL__,__NULL__']


def test_before_images_of_what_changed_and_deletes_of_the_key() -> None:
    made = ordered(BEFORE, dialect=DIALECTS["sparse"])
    assert made.make["U"]([(PLAIN, ("1", "x", "y")), (PLAIN, ("9", "x", "y"))], STAMP, 1) == [
        "U,orders,shop,1,x,y,",
        "U,orders,shop,9,x,y,1",
    ]
    assert made.make["D"]([(PLAIN, None)], STAMP, 1) == ["D,orders,shop,1,__NULL__,__NULL__,"]


def test_per_table_lines_with_a_timestamp_and_a_header() -> None:
    made = lines(SEQUENCE, AddColumnName=True, TimestampColumnName="ts")
    assert made.header == "Op,ts,id,note,code,_seq"
    assert made.make["I"]([(None, PLAIN)], STAMP, 1) == [f"I,2026-11-22 10:15:21.000000,1,plain,ab,{NUMBER.format('01')}"]


def test_the_timestamp_among_transactions_stands_where_the_dialect_has_it() -> None:
    row = [(None, PLAIN)]
    assert ordered(TimestampColumnName="ts").make["I"](row, STAMP, 1) == ["I,2026-11-22 10:15:21.000000,orders,shop,1,plain,ab"]
    made = ordered(dialect=DIALECTS["exponents"], TimestampColumnName="ts")
    assert made.make["I"](row, STAMP, 1) == ["I,orders,shop,2026-11-22 10:15:21.000000,1,plain,ab"]


@pytest.mark.parametrize(("included", "begins"), [(True, "I,1,"), (False, "1,")])
def test_with_inserts_only_the_operation_stands_where_the_full_load_has_it(included: bool, begins: str) -> None:
    made = lines(CdcInsertsOnly=True, IncludeOpForFullLoad=included, AddColumnName=True)
    assert made.make["I"]([(None, PLAIN)], STAMP, 1)[0].startswith(begins)
    assert made.header.startswith("Op,") is included


def test_trailing_padding_fills_char_columns() -> None:
    assert ordered(AddTrailingPaddingCharacter=True).make["I"]([(None, NULLS), (None, PLAIN)], STAMP, 1) == [
        "I,orders,shop,3,__NULL__,    ",
        "I,orders,shop,1,plain,ab  ",
    ]


def test_columns_are_found_by_name_when_the_log_has_another_shape() -> None:
    id_, note, _ = TABLE.all_columns
    shape = replace(TABLE, all_columns=(note, SourceColumn("new", "int", "int", "", 0, 2), id_))
    made = lines(shape=shape, UseCsvNoSupValue=True, CsvNoSupValue="?", PreserveTransactions=True, CdcPath="cdc")
    assert made.wanted == (2, 0)
    assert made.make["I"]([(None, ("1", "x"))], STAMP, 1) == ["I,orders,shop,1,x,?"]
    with pytest.raises(TableError):
        lines(shape=replace(TABLE, all_columns=(SourceColumn("new", "int", "int", "", 0, 1),)))


def test_what_rules_compute_is_quoted_like_a_text() -> None:
    kind = {"type": "string", "length": 50}
    rules = [
        {"rule-action": "add-column", "value": "op", "expression": "$AR_H_OPERATION", "data-type": kind},
        {"rule-action": "add-column", "value": "where", "expression": "$AR_H_STREAM_POSITION", "data-type": kind},
        {"rule-action": "add-column", "value": "both", "expression": "$note || '/' || $code", "data-type": kind},
        {"rule-action": "add-column", "value": "of", "expression": "$AR_M_SOURCE_TABLE_NAME", "data-type": kind},
    ]
    written = lines(*rules).make["U"]([(PLAIN, QUOTED)], STAMP, 1)
    assert written == ['U,2,"O""Neil, Bob",cd,UPDATE,log.000001:4,"O""Neil, Bob/cd",orders']


def test_data_types_of_rules_change_the_text() -> None:
    cut = {"type": "string", "length": 3}
    rules = [
        {**SEQUENCE, "data-type": {"type": "string", "length": 16}},
        {
            "rule-action": "add-column",
            "value": "at",
            "expression": "$AR_H_COMMIT_TIMESTAMP",
            "data-type": {"type": "datetime", "precision": 0},
        },
        {"rule-action": "change-data-type", "object-locator": {**ORDERS, "column-name": "note"}, "data-type": cut},
    ]
    written = lines(*rules).make["I"]([(None, QUOTED), (None, NULLS), (None, ("4", 'a"b"', ""))], STAMP, 1)
    begin = "2026112210152100,2026-11-22 10:15:21"
    assert written == [f'I,2,"O""N",cd,{begin}', f"I,3,__NULL__,,{begin}", f'I,4,"a""b",,{begin}']


def test_filters_look_at_what_a_row_is_afterwards_and_at_a_deleted_one_as_it_was() -> None:
    condition = {"filter-type": "source", "column-name": "id", "filter-conditions": [{"filter-operator": "gte", "value": "2"}]}
    plan = read_mappings(mappings_text(filters=[condition])).plan(TABLE, GUIDE)
    made = compile_lines(plan, TABLE, S3Settings("b", "f"), GUIDE)
    assert made.make["I"]([(None, PLAIN), (None, NULLS)], STAMP, 1) == ["I,3,NULL,"]
    assert made.make["U"]([(PLAIN, NULLS), (NULLS, PLAIN)], STAMP, 1) == ["U,3,NULL,"]
    assert made.make["D"]([(PLAIN, None), (NULLS, None)], STAMP, 1) == ["D,3,NULL,"]


def test_lobs_are_cut_between_characters_and_bytes() -> None:
    columns = [
        SourceColumn("id", "int", "int", "", 0),
        SourceColumn("t", "longtext", "longtext", "utf8mb4", 0),
        SourceColumn("b", "longblob", "longblob", "", 0),
    ]
    cutter = LobCutter(columns, 4, GUIDE)
    assert cutter
    assert not LobCutter(columns[:1], 4, GUIDE)
    assert cutter.row((None, ("1", "abcd", "00112233"))) is None
    assert cutter.row((None, ("1", None, None))) is None
    assert cutter.row((("1", "abcdé", None), ("1", "abcé", "0011223344"))) == (("1", "abcd", None), ("1", "abc", "00112233"))
