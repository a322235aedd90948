# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The server's character sets in Python."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import cache
from typing import Any

from pymysql.charset import charset_by_id

from lab.dms.binlog.charset_tables import CORRECTIONS
from lab.dms.binlog.multibyte import MULTIBYTE, multibyte_decoder

UTF8 = frozenset({"utf8mb4", "utf8mb3", "utf8"})
# Python's names; ucs2 has no surrogates, which makes it a part of UTF-16.
_CODECS = {
    "ascii": "ascii",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1257": "cp1257",
    "cp850": "cp850",
    "cp852": "cp852",
    "koi8r": "koi8_r",
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macce": "mac_latin2",
    "macroman": "mac_roman",
    "ucs2": "utf-16-be",
    "utf16": "utf-16-be",
    "utf16le": "utf-16-le",
    "utf32": "utf-32-be",
} | dict.fromkeys(UTF8, "utf-8")


def _question_mark(error: UnicodeError) -> tuple[str, int]:
    """What cannot be a character becomes a question mark, as in the server's CONVERT."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "?", error.end


codecs.register_error("question-mark", _question_mark)


def collation_charset(collation: int) -> str:
    """The character set of a collation by its number; nothing for one that is not known here."""
    try:
        charset: Any = charset_by_id(collation)
    except KeyError:
        return ""
    return str(charset.name)


@cache
def decoder(charset: str) -> Callable[[bytes], str]:
    """From bytes to text. Raises LookupError for a character set that is not known here."""
    if charset in CORRECTIONS:
        base, corrections = CORRECTIONS[charset]
        table = list(bytes(range(256)).decode(base, "question-mark"))
        for first, characters in corrections.items():
            table[first : first + len(characters)] = characters
        mapping = "".join(table)
        return lambda data: codecs.charmap_decode(data, "strict", mapping)[0]
    if charset in MULTIBYTE:
        return multibyte_decoder(charset)
    name = _CODECS.get(charset)
    if name is None:
        raise LookupError(f"character set {charset} is not supported")
    return lambda data: data.decode(name, "question-mark")
