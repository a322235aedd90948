# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One spelling for every item, so that items can be compared by hash wherever they come from."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from ..errors import BadData
from .definition import DELETED, TIME_TO_LIVE, VERSION
from .numbers import normal

_OWN = frozenset((VERSION, DELETED, TIME_TO_LIVE))
# JSON text is injective: distinct structures have distinct texts, and sorted names leave one text per item.
_spell = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_item(item: dict[str, Any]) -> bytes:
    """The canonical bytes of an item in DynamoDB JSON (``{"PK": {"S": "..."}}``), without the engine's own attributes.

    Equal for two items exactly when DynamoDB holds them equal: numbers by value, sets without order. Binary values may be bytes
    (as boto3 gives them) or base64 text. Raises BadData for what is no DynamoDB JSON.
    """
    try:
        plain = {name: _value(value) for name, value in item.items() if name not in _OWN}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadData(f"an item is not DynamoDB JSON: {error}", remedy="Look at the item; it was not written by this engine.") from None
    return _spell(plain).encode("utf-8", "surrogatepass")


def _value(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL" | "NULL":
            return value
        case "N":
            return {"N": normal(content)}
        case "B":
            return {"B": _binary(content)}
        case "M":
            return {"M": {name: _value(inner) for name, inner in content.items()}}
        case "L":
            return {"L": [_value(inner) for inner in content]}
        case "SS":
            return {"SS": sorted(content)}
        case "NS":
            return {"NS": sorted(map(normal, content))}
        case "BS":
            return {"BS": sorted(map(_binary, content))}
        case _:
            raise ValueError(f"unknown type {kind!r}")


def _binary(content: bytes | str) -> str:
    raw = base64.b64decode(content, validate=True) if isinstance(content, str) else bytes(content)
    return base64.b64encode(raw).decode()


class Digest:
    """The sum modulo 2**128 of the BLAKE2b-128 hashes of all items: whatever the order, equal for equal collections of items."""

    def __init__(self) -> None:
        self._sum = 0
        self.count = 0

    def add(self, canonical: bytes) -> None:
        self._sum += int.from_bytes(hashlib.blake2b(canonical, digest_size=16).digest(), "big")
        self.count += 1

    def hexdigest(self) -> str:
        """32 hex digits."""
        return f"{self._sum % (1 << 128):032x}"
