# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Other names for files."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

_STREAM = re.compile(r"(?P<begin>(?:.*/)?CDC_TXN-)(?P<time>\d{17})(?P<end>\..*)")
_TABLE = re.compile(r"(?P<begin>(?:.*/)?)(?P<time>\d{8}-\d{9,10})(?P<end>\..*)")
_LOAD = re.compile(r"(?P<begin>(?:.*/)?(?:SEGMENT\d+_)?LOAD)(?P<number>[0-9A-F]{8})(?P<end>\..*)")
_HIGHER = 0x1000


def is_stream(key: str) -> bool:
    """Is it a file of the changes of all tables?"""
    return _STREAM.fullmatch(key) is not None


def folder(key: str) -> str:
    return key.rpartition("/")[0] + "/"


def higher(key: str) -> str:
    """A full-load file's key with a number that the load itself does not reach soon."""
    found = _LOAD.fullmatch(key)
    if found is None:
        raise ValueError(f"{key} is no file of a full load")
    return f"{found['begin']}{int(found['number'], 16) + _HIGHER:08X}{found['end']}"


def earlier(key: str, taken: Collection[str]) -> str:
    """The last key of a change file that sorts before this one and is not taken."""
    found = _STREAM.fullmatch(key) or _TABLE.fullmatch(key)
    if found is None:
        raise ValueError(f"{key} is no file of changes")
    digits = found["time"].replace("-", "")
    unit = timedelta(microseconds=10 ** (6 - (len(digits) - 14)))
    moment = datetime.strptime(digits[:14], "%Y%m%d%H%M%S") + timedelta(microseconds=int(digits[14:].ljust(6, "0")))
    fresh = key
    while fresh == key or fresh in taken:
        moment -= unit
        text = f"{moment:%Y%m%d%H%M%S%f}"[: len(digits)]
        fresh = found["begin"] + (f"{text[:8]}-{text[8:]}" if "-" in found["time"] else text) + found["end"]
    return fresh
