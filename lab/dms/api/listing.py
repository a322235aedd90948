# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Filters and pages of the Describe calls."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from lab.dms.faults import invalid_value

T = TypeVar("T")

DEFAULT_PAGE = 100
SMALLEST_PAGE = 20
LARGEST_PAGE = 100
LARGEST_STATISTICS_PAGE = 500


def select(items: Sequence[T], filters: Sequence[Mapping[str, Any]], values: Mapping[str, Callable[[T], str]]) -> list[T]:
    """The items that satisfy every filter. ``values``: for each known filter name, what it compares. Raises Fault for an unknown name."""
    chosen = list(items)
    for one in filters:
        value_of = values.get(one["Name"])
        if value_of is None:
            raise invalid_value(f"The filter name {one['Name']} is not one of {sorted(values)}.")
        wanted = set(one["Values"])
        chosen = [item for item in chosen if value_of(item) in wanted]
    return chosen


def page(items: Sequence[T], params: Mapping[str, Any], largest: int = LARGEST_PAGE) -> tuple[list[T], str | None]:
    """The page that ``Marker`` and ``MaxRecords`` ask for, and the marker of the next. Raises Fault for values out of range."""
    size = params.get("MaxRecords", DEFAULT_PAGE)
    if not SMALLEST_PAGE <= size <= largest:
        raise invalid_value(f"MaxRecords is {size}; it must be between {SMALLEST_PAGE} and {largest}.")
    start = _position(params.get("Marker"))
    end = start + size
    marker = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), marker


def _position(marker: str | None) -> int:
    if not marker:
        return 0
    try:
        return int(base64.urlsafe_b64decode(marker.encode()))
    except (ValueError, binascii.Error):
        raise invalid_value("The marker is not one that this service gave.") from None
