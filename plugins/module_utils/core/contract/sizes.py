# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The size of an item as DynamoDB counts it (Developer Guide, "DynamoDB item sizes and formats")."""

from __future__ import annotations

import json
from typing import Any

from ..errors import Rejected
from .numbers import parse_decimal

MAX_ITEM_BYTES = 400 * 1024


def item_size(item: dict[str, Any]) -> int:
    """Bytes of an item in DynamoDB JSON: names and values, in UTF-8."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    kind: str
    content: str
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            # About one byte per two digits, one more, and one for the sign.
            number = parse_decimal(content)
            return (len(number.digits) + 1) // 2 + 1 + (number.sign == "-")
        case "B":
            return len(content) * 3 // 4 - content[-2:].count("=")
        case _:
            return 1


def check_item(text: str) -> None:
    """Reject an item, given as JSON text, that is no valid UTF-8 or larger than DynamoDB takes."""
    try:
        encoded = len(text.encode())
    except UnicodeEncodeError:
        raise Rejected("bad-text", "a text holds half of a surrogate pair, which UTF-8 cannot express") from None
    # The JSON text is never shorter than what DynamoDB counts, so most large items are settled here.
    if encoded > MAX_ITEM_BYTES and (size := item_size(json.loads(text))) > MAX_ITEM_BYTES:
        raise Rejected(
            "item-too-large",
            f"the item has {size} bytes, DynamoDB takes {MAX_ITEM_BYTES}",
            remedy="Omit a large column in the contract.",
        )
