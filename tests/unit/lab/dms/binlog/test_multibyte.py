# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Character sets of several bytes: every case in which the server's characters are not Python's, as the server answered."""

from __future__ import annotations

import pytest

from lab.dms.binlog.charsets import decoder
from lab.dms.binlog.multibyte import MULTIBYTE


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("sjis", "815F8160", "\\〜"),
        ("cp932", "815F81608740", "＼～①"),
        ("ujis", "A1C0A1C1", "\\〜"),
        ("ujis", "F5A1FEFE", "\ue000\ue3ab"),
        ("ujis", "8FF5A1", "\ue3ac"),
        ("ujis", "8FB0A18EB1", "丂ｱ"),
        ("eucjpms", "A1C0A1C1ADA1", "＼～①"),
        ("eucjpms", "8FF3F38FF4FE8FB0A1", "ⅰ黑丂"),
        ("eucjpms", "8FA2B78FA2C3", "～￤"),
        ("big5", "A451A2CCA2CE", "十\ufffd\ufffd"),
        ("big5", "F9D6F9DC", "碁嫺"),
        ("gb18030", "A8BC8135F437", "\u1e3f\ue7c7"),
        ("gb18030", "9439DA33813081304180", "💩\x80A?"),
        ("gbk", "A1A4A1AA", "·—"),
        ("euckr", "8141", "갂"),
    ],
)
def test_characters_that_the_server_reads_in_its_own_way(charset: str, data: str, text: str) -> None:
    assert decoder(charset)(bytes.fromhex(data)) == text


@pytest.mark.parametrize(("charset", "data"), [("sjis", "81AD"), ("gbk", "A140"), ("gb2312", "A2A1"), ("big5", "A3C0"), ("ujis", "8FA1A1")])
def test_a_character_that_nobody_defined_is_one_question_mark(charset: str, data: str) -> None:
    assert decoder(charset)(b"a" + bytes.fromhex(data) + b"b") == "a?b"


@pytest.mark.parametrize("charset", sorted(MULTIBYTE))
def test_ascii_stays(charset: str) -> None:
    every = bytes(range(128))
    assert decoder(charset)(every) == every.decode("ascii")
