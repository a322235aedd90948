# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Scans of whole tables in time proportional to what they return.

The emulator sorts all items of the table for every page of 1 MB. Plain scans - no filter, index or projection - are answered here,
in the same order, with the same pages and the same keys to go on from; every other scan goes to the emulator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.core.responses import json_response
from ministack.services import dynamodb

from lab.aws.extensions.sorted_keys import MAX_SEGMENTS, SortedKeys, sorted_items, start_in

PAGE_BYTES = 1_048_576
PLAIN = {
    "TableName",
    "Limit",
    "ExclusiveStartKey",
    "Segment",
    "TotalSegments",
    "ConsistentRead",
    "Select",
    "ReturnConsumedCapacity",
}

_emulated_scan = dynamodb._scan


def install() -> None:
    dynamodb._scan = scan


def scan(data: dict[str, Any]) -> Any:
    """Scan, as the emulator's handler of that name: request document to (status, headers, body)."""
    name = data.get("TableName")
    table = dynamodb._tables.get(name) if isinstance(name, str) else None
    if table is None or not _is_plain(data, table):
        return _emulated_scan(data)
    page, more = _page(table, data)
    result: dict[str, Any] = {"Count": len(page), "ScannedCount": len(page)}
    if data.get("Select") != "COUNT":
        result["Items"] = page
    if more:
        result["LastEvaluatedKey"] = {key: page[-1][key] for key in _key_names(table)}
    dynamodb._add_consumed_capacity(result, data, name)
    return json_response(result)


def _key_names(table: dict[str, Any]) -> list[str]:
    return [name for name in (table["pk_name"], table["sk_name"]) if name]


def _is_plain(data: dict[str, Any], table: dict[str, Any]) -> bool:
    """May we answer? Whatever is odd is left to the emulator, which knows how AWS words its refusals."""
    limit, segment, total = data.get("Limit"), data.get("Segment"), data.get("TotalSegments")
    start = data.get("ExclusiveStartKey")
    return (
        data.keys() <= PLAIN
        and data.get("Select") in (None, "ALL_ATTRIBUTES", "COUNT")
        and data.get("ReturnConsumedCapacity") in (None, "NONE")
        and data.get("ConsistentRead") in (None, True, False)
        and (limit is None or (type(limit) is int and limit > 0))
        and (segment is None) == (total is None)
        and (total is None or (type(total) is int and type(segment) is int and 0 <= segment < total <= MAX_SEGMENTS))
        and (start is None or (isinstance(start, dict) and start.keys() == set(_key_names(table))))
    )


def _page(table: dict[str, Any], data: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """Items up to the limit or 1 MB, and whether it was one of these that ended the page."""
    limit = data.get("Limit")
    page: list[dict[str, Any]] = []
    size = 0
    for item in _items_after(table, data):
        item_size = item_bytes(item)
        if page and size + item_size > PAGE_BYTES:
            return page, True
        page.append(item)
        size += item_size
        if len(page) == limit or size >= PAGE_BYTES:
            return page, True
    return page, False


def _items_after(table: dict[str, Any], data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The segment's items in key order, from behind the start key on."""
    items: SortedKeys = sorted_items(table)
    start: dict[str, Any] = data.get("ExclusiveStartKey") or {}
    first = dynamodb._extract_key_val(start[table["pk_name"]]) if start else None
    order = items.segment(data.get("Segment", 0), data.get("TotalSegments", 1))
    for position in range(start_in(order, first), len(order)):
        partition = order[position]
        rows: SortedKeys = items[partition]
        keys = rows.in_order()
        begin = 0
        if partition == first:
            if not table["sk_name"]:
                continue
            last = dynamodb._extract_key_val(start[table["sk_name"]])
            begin = start_in(keys, last)
            if begin < len(keys) and keys[begin] == last:
                begin += 1
        for row in range(begin, len(keys)):
            yield rows[keys[row]]


def item_bytes(item: dict[str, Any]) -> int:
    """An item's size as DynamoDB counts it; the emulator's own count, made quick for text."""
    size = 0
    for name, value in item.items():
        text = value.get("S")
        if text is not None and name.isascii() and text.isascii():
            size += len(name) + len(text)
        else:
            size += len(name.encode()) + dynamodb._attribute_value_size(value)
    return size
