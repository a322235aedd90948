# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The pure functions that templates and attributes are built from. Each takes text that was checked, and gives text."""

from __future__ import annotations

import base64
import re
from json.encoder import encode_basestring

from ..errors import Rejected
from .numbers import TooPrecise, normal

# RFC 3986: what needs no escape. Non-ASCII stays readable.
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_ESCAPES = {code: f"%{code:02X}" for code in range(128) if chr(code) not in UNRESERVED}
# Only ASCII letters fold: Unicode folding would join texts that a collation keeps apart (ß and ss, K and the Kelvin sign).
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}

# A string of JSON as a whole, or what may have blanks around it.
_JSON_PART = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|[ \t\r\n]*+([,:])[ \t\r\n]*+|[ \t\r\n]++', re.DOTALL)

json_text = encode_basestring


def escape(text: str) -> str:
    """Percent-encode all ASCII but letters, digits and ``-._~``: afterwards no other punctuation occurs, and nothing is lost."""
    return text if text.isalnum() else text.translate(_ESCAPES)


def lower(text: str) -> str:
    return text.translate(_LOWER)


def upper(text: str) -> str:
    return text.translate(_UPPER)


def json_key(text: str, attribute: str) -> str:
    """A JSON string for a key attribute, which DynamoDB wants to hold at least one character."""
    if not text:
        raise Rejected("empty-key", f"the key attribute '{attribute}' would be empty")
    return encode_basestring(text)


def number(text: str, column: str) -> str:
    """The plain notation of a number that stands in a text column."""
    try:
        return normal(text)
    except TooPrecise:
        raise Rejected("number-too-precise", f"column '{column}' holds a number that DynamoDB cannot hold exactly") from None
    except ValueError:
        raise Rejected("bad-number", f"column '{column}' holds a text that is no number") from None


def boolean(text: str, column: str) -> str:
    """``true`` or ``false`` for 1 or 0."""
    if text not in ("0", "1"):
        raise Rejected("bad-boolean", f"column '{column}' holds a number that is neither 0 nor 1")
    return "true" if text == "1" else "false"


def json_spacing(text: str) -> str:
    """A JSON text with one blank behind each comma and colon and no other blanks between its parts, as MySQL prints it."""
    return _JSON_PART.sub(_spaced, text)


def _spaced(match: re.Match[str]) -> str:
    string, mark = match.groups()
    return string or (f"{mark} " if mark else "")


def hex_base64(text: str) -> str:
    """Base64 of bytes that are written in hex."""
    return base64.b64encode(bytes.fromhex(text)).decode()
