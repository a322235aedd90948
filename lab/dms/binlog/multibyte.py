# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Character sets in which a character has one byte or more, where the server's tables are not wholly Python's.

As MySQL 9.7 answers CONVERT(CONVERT(x'..' USING name) USING utf8mb4) for every pair of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

# One character a match.
_EAST = re.compile(rb"[\x81-\xfe].|.", re.DOTALL)
_SHIFTED = re.compile(rb"[\x81-\x9f\xe0-\xfc].|.", re.DOTALL)
_EUC = re.compile(rb"\x8f..|[\x8e\xa1-\xfe].|.", re.DOTALL)
_FOUR = re.compile(rb"[\x81-\xfe](?:[\x30-\x39]..|.)|.", re.DOTALL)
# Of JIS by EUC, 94 characters a row: those for private use, and those that IBM added to eucjpms.
_ROW = 94
_PRIVATE_ROW, _PRIVATE, _PRIVATE_OF_THREE = 0xF5, 0xE000, 0xE3AC
_IBM_FIRST = 0xF3F3
_IBM = (
    "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ＇＂㈱№℡炻仼僴凬匇匤\ufa0e咊坙\ufa0f\ufa10增寬峵嵓\ufa11德悅愠敎昻晥\ufa12\uf929栁\ufa13\ufa14橫櫢淸淲瀨\ufa15\ufa16甁"
    "皂皞\ufa17礰\ufa18\ufa19\ufa1a\ufa1b竧\ufa1c\ufa1d綠緖\ufa1e荢\ufa1f薰\ufa20\ufa21蠇\ufa22譿賴赶\ufa23\ufa24\ufa25郞\ufa26鄕\ufa27\ufa28"
    "閒\uf9dc\ufa29霻靍靑\ufa2a\ufa2b\ufa2c馞髙魲\ufa2d黑"
)


def _python(codec: str, others: Mapping[bytes, str], character: bytes) -> str:
    """As Python has it, but for the ``others``; a question mark where there is none."""
    other = others.get(character)
    if other is not None:
        return other
    try:
        return character.decode(codec)
    except UnicodeDecodeError:
        return "?"


def _euc(character: bytes) -> str:
    # The server reads the full-width backslash as the plain one.
    return _private(character) or _python("euc_jp", {b"\xa1\xc0": "\\"}, character)


def _eucjpms(character: bytes) -> str:
    """The characters of Windows' Shift JIS at the places of EUC, and those of JIS X 0212."""
    if private := _private(character):
        return private
    if len(character) == 3:
        number = (character[1] - (_IBM_FIRST >> 8)) * _ROW + character[2] - (_IBM_FIRST & 0xFF)
        return _IBM[number] if 0 <= number < len(_IBM) else _python("euc_jp", {b"\x8f\xa2\xb7": "～", b"\x8f\xa2\xc3": "￤"}, character)
    if len(character) == 1 or character[0] == 0x8E:
        return _python("euc_jp", {}, character)
    row, cell = character[0] - 0x80, character[1] - 0x80
    first = ((row - 1) >> 1) + (0x71 if row <= 0x5E else 0xB1)
    second = (cell + (0x1F if cell < 0x60 else 0x20)) if row % 2 else cell + 0x7E
    return _python("cp932", {}, bytes([first, second]))


def _private(character: bytes) -> str:
    """A character for private use; nothing for others."""
    if len(character) == 1 or character[-2] < _PRIVATE_ROW:
        return ""
    return chr((_PRIVATE if len(character) == 2 else _PRIVATE_OF_THREE) + _ROW * (character[-2] - _PRIVATE_ROW) + character[-1] - 0xA1)


_BIG5 = {
    **dict.fromkeys((b"\xa1\x5a", b"\xa1\xc3", b"\xa1\xc5", b"\xa1\xfe", b"\xa2\x40", b"\xa2\xcc", b"\xa2\xce"), "\ufffd"),
    **{bytes([0xF9, 0xD6 + number]): character for number, character in enumerate("碁銹裏墻恒粧嫺")},
}
# Two that GB 18030-2005 exchanged; the server has them as in 2000.
_GB18030 = {b"\xa8\xbc": "\u1e3f", b"\x81\x35\xf4\x37": "\ue7c7"}
_SETS: dict[str, tuple[re.Pattern[bytes], Callable[[bytes], str]]] = {
    "big5": (_EAST, partial(_python, "big5", _BIG5)),
    "cp932": (_SHIFTED, partial(_python, "cp932", {})),
    "eucjpms": (_EUC, _eucjpms),
    "euckr": (_EAST, partial(_python, "cp949", {})),
    "gb18030": (_FOUR, partial(_python, "gb18030", _GB18030)),
    "gb2312": (_EAST, partial(_python, "gb2312", {})),
    "gbk": (_EAST, partial(_python, "gbk", {})),
    "sjis": (_SHIFTED, partial(_python, "shift_jis", {b"\x81\x5f": "\\"})),
    "ujis": (_EUC, _euc),
}
MULTIBYTE = frozenset(_SETS)


class _Characters(dict[bytes, str]):
    """What was decoded before."""

    def __init__(self, one: Callable[[bytes], str]) -> None:
        super().__init__()
        self._one = one

    def __missing__(self, character: bytes) -> str:
        text = self[character] = self._one(character)
        return text


def multibyte_decoder(charset: str) -> Callable[[bytes], str]:
    """From bytes to text, for one of ``MULTIBYTE``."""
    pattern, one = _SETS[charset]
    text_of = _Characters(one).__getitem__
    split = pattern.findall
    return lambda data: data.decode("ascii") if data.isascii() else "".join(map(text_of, split(data)))
