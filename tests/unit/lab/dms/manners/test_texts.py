# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What is done to the bytes of files, and to their names."""

from __future__ import annotations

import csv
import io
import random

import pytest

from lab.dms.manners import keys
from lab.dms.manners.texts import malformed, truncated
from lab.dms.targets.settings import S3Settings

PLAIN = S3Settings("b", "run")
ROWS = [["I", "1", 'a "quoted", text', "10.50"], ["U", "2", "two\nlines", ""], ["D", "3", "", "-7"]]


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable on purpose


def content(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def parsed(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def test_a_file_loses_its_end() -> None:
    body = bytes(range(200))
    for seed in range(50):
        cut = truncated(body, 0, chance(seed))
        assert body.startswith(cut)
        assert 100 <= len(cut) < 200
        assert cut == truncated(body, 0, chance(seed))
    assert truncated(body, 3, chance(0)) == body[:-3]
    assert truncated(body, 300, chance(0)) == b""
    assert truncated(b"a", 0, chance(1)) == b""
    assert truncated(b"", 0, chance(1)) == b""


@pytest.mark.parametrize("seed", range(12))
def test_one_row_has_another_width(seed: int) -> None:
    body, row, detail = malformed(content(ROWS), "width", PLAIN, chance(seed))
    found = parsed(body)
    assert [len(fields) for number, fields in enumerate(found, 1) if number != row] == [4, 4]
    assert len(found[row - 1]) in (3, 5)
    assert detail == f"{len(found[row - 1])} fields instead of 4"
    assert [fields for number, fields in enumerate(found, 1) if number != row] == [r for n, r in enumerate(ROWS, 1) if n != row]


@pytest.mark.parametrize("seed", range(12))
def test_a_quote_that_does_not_end_swallows_what_follows(seed: int) -> None:
    body, row, detail = malformed(content(ROWS), "quote", PLAIN, chance(seed))
    assert body.count(b'"') % 2 == 1
    assert parsed(body)[: row - 1] == ROWS[: row - 1]
    assert "quote" in detail


@pytest.mark.parametrize("seed", range(12))
def test_a_text_stands_where_a_number_was(seed: int) -> None:
    body, row, detail = malformed(content(ROWS), "number", PLAIN, chance(seed))
    found = parsed(body)
    [place] = [p for p, (a, b) in enumerate(zip(found[row - 1], ROWS[row - 1], strict=True)) if a != b]
    assert (found[row - 1][place], detail) == ("not a number", f"field {place + 1} is a text")
    float(ROWS[row - 1][place])


def test_where_no_field_is_a_number_any_is_taken() -> None:
    body, row, _ = malformed(b"I,a\n", "number", PLAIN, chance(1))
    assert (row, body.count(b"not a number")) == (1, 1)


def test_the_header_stays_and_other_delimiters_are_heeded() -> None:
    settings = S3Settings("b", "run", header=True, delimiter="|", row_delimiter="\r\n")
    for seed in range(8):
        body, row, _ = malformed(b"id|x\r\n1|a\r\n2|b\r\n", "width", settings, chance(seed))
        lines = body.decode().split("\r\n")
        assert (lines[0], lines[-1], row in (1, 2)) == ("id|x", "", True)
        assert lines[row].count("|") in (0, 2)
    assert malformed(b"id|x\r\n", "width", settings, chance(1)) == (b"id|x\r\n", 0, "")
    assert malformed(b"", "quote", PLAIN, chance(1)) == (b"", 0, "")


def test_without_quoting_each_delimiter_counts() -> None:
    settings = S3Settings("b", "run", quoted=False)
    body, row, _ = malformed(b'1,"\n2,b\n', "number", settings, chance(3))
    assert body.decode().split("\n")[row - 1].startswith("not a number,")


def test_bytes_that_are_no_utf_8_come_through() -> None:
    body, _, _ = malformed(b"1,\xff\xe4\n", "number", PLAIN, chance(1))
    assert body == b"not a number,\xff\xe4\n"


def test_an_earlier_name() -> None:
    stream = "run/cdc/CDC_TXN-20261122120000000.csv"
    assert keys.earlier(stream, []) == "run/cdc/CDC_TXN-20261122115959999.csv"
    taken = ["run/cdc/CDC_TXN-20261122115959999.csv", "run/cdc/CDC_TXN-20261122115959998.csv"]
    assert keys.earlier(stream, taken) == "run/cdc/CDC_TXN-20261122115959997.csv"
    assert keys.earlier("s/t/20261122-120000123.csv.gz", []) == "s/t/20261122-120000122.csv.gz"
    assert keys.earlier("20261122-1200000000.csv", []) == "20261122-1159599999.csv"
    with pytest.raises(ValueError, match="no file of changes"):
        keys.earlier("s/t/LOAD00000001.csv", [])


def test_a_higher_number() -> None:
    assert keys.higher("s/t/LOAD0000000F.csv") == "s/t/LOAD0000100F.csv"
    assert keys.higher("s/t/SEGMENT2_LOAD00000001.csv.gz") == "s/t/SEGMENT2_LOAD00001001.csv.gz"
    with pytest.raises(ValueError, match="no file of a full load"):
        keys.higher("cdc/CDC_TXN-20261122120000000.csv")
