# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Fields and header lines that the engine writes itself."""

from __future__ import annotations

import pytest

from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.targets.csv_text import header_line, quoting
from lab.dms.targets.settings import S3Settings


@pytest.mark.parametrize(
    ("text", "guide", "words", "sparse"),
    [
        (None, "NIL", "NIL", "NIL"),
        ("", "", '""', ""),
        ("plain", "plain", "plain", "plain"),
        ("a,b", '"a,b"', '"a,b"', '"a,b"'),
        ('"', '""""', '""""', '""""'),
        ("a\nb", '"a\nb"', '"a\nb"', '"a\nb"'),
        ("a\rb", '"a\rb"', '"a\rb"', "a\rb"),
        ("NIL", "NIL", "NIL", "NIL"),
    ],
)
def test_fields(text: str | None, guide: str, words: str, sparse: str) -> None:
    settings = S3Settings("b", "", null="NIL")
    found = [quoting(settings, DIALECTS[name])(text) for name in ("guide", "words", "sparse")]
    assert found == [guide, words, sparse]


def test_without_rfc_4180_a_text_is_written_as_it_is() -> None:
    quote = quoting(S3Settings("b", "", quoted=False), DIALECTS["words"])
    assert [quote(text) for text in ('a,"b"\n', "", None)] == ['a,"b"\n', "", "NULL"]


def test_other_delimiters_are_special_and_the_comma_is_not() -> None:
    quote = quoting(S3Settings("b", "", delimiter="|", row_delimiter="##"), GUIDE)
    assert [quote(text) for text in ("a,b", "a|b", "a##b", "a#b")] == ["a,b", '"a|b"', '"a##b"', "a#b"]


def test_the_header() -> None:
    settings = S3Settings("b", "f", header=True, operation=True, timestamp_column="at")
    assert header_line(["id", "a,b"], settings, GUIDE) == b'Op,at,id,"a,b"\n'
    assert header_line(["id"], S3Settings("b", "f", header=True), GUIDE) == b"id\n"
    assert header_line(["id"], S3Settings("b", "f"), GUIDE) == b""
