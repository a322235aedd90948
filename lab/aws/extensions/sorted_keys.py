# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A dictionary that can be walked in key order without sorting it anew each time."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from typing import Any

# A scan in more segments than this is answered by the emulator itself.
MAX_SEGMENTS = 1024


class SortedKeys(dict[str, Any]):
    """Keys in order, remembered until a key comes or goes. Values that are dictionaries are kept as ``SortedKeys`` too.

    Holds what the emulator holds for a table: partition key -> sort key -> item. Knows the methods by which the emulator changes
    it: assignment, ``setdefault``, ``pop`` and ``del``.
    """

    __slots__ = ("_order", "_segments")

    def __init__(self, content: dict[str, Any] | None = None) -> None:
        super().__init__(content or {})
        self._order: list[str] | None = None
        self._segments: dict[int, list[list[str]]] = {}

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self:
            self._order = None
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._order = None

    def setdefault(self, key: str, default: Any = None) -> Any:
        value = self.get(key)
        if value is None:
            value = SortedKeys(default)
            self[key] = value
        return value

    def pop(self, key: str, *default: Any) -> Any:
        self._order = None
        return super().pop(key, *default)

    def in_order(self) -> list[str]:
        """All keys, sorted. The list is ours: do not change it."""
        if self._order is None:
            self._order = sorted(self)
            self._segments = {}
        return self._order

    def segment(self, number: int, total: int) -> list[str]:
        """The keys of one of ``total`` disjoint shares, sorted. Shares as the emulator's own scan deals them."""
        order = self.in_order()
        if total == 1:
            return order
        shares = self._segments.get(total)
        if shares is None:
            shares = [[] for _ in range(total)]
            for key in order:
                digest = hashlib.sha1(key.encode()).digest()  # noqa: S324 - deals out keys, protects nothing
                shares[int.from_bytes(digest[:4], "big") % total].append(key)
            self._segments[total] = shares
        return shares[number]


def start_in(order: list[str], key: str | None) -> int:
    """Position of the first key that is not below ``key``."""
    return 0 if key is None else bisect_left(order, key)


def sorted_items(table: dict[str, Any]) -> SortedKeys:
    """The emulator's items of a table as ``SortedKeys``; they are converted when it made or replaced them itself."""
    items = table["items"]
    if type(items) is not SortedKeys:
        items = SortedKeys({partition: SortedKeys(rows) for partition, rows in items.items()})
        table["items"] = items
    return items
