# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Batch writes of ordinary items in a fraction of the emulator's time.

The emulator checks every item twice and adds up capacity units that nobody asked for. A batch in which everything is ordinary -
puts of flat items, well formed, far below every limit - passes all of its checks and is stored at once, by its own functions;
every other batch goes to the emulator, which knows what AWS refuses and in which words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import json_response
from ministack.services import dynamodb

from lab.aws.extensions.sorted_keys import sorted_items

MAX_REQUESTS = 25
# Far below the limits of 400 KB an item, 2048 and 1024 bytes a key, whatever the characters' width in UTF-8.
MAX_CHARACTERS = 90_000
MAX_KEY_CHARACTERS = 250
NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,18}))?")

_emulated_batch_write = dynamodb._batch_write_item


def install() -> None:
    dynamodb._batch_write_item = batch_write_item


def batch_write_item(data: dict[str, Any]) -> Any:
    """BatchWriteItem, as the emulator's handler of that name: request document to (status, headers, body)."""
    writes = _ordinary_writes(data)
    if writes is None:
        return _emulated_batch_write(data)
    for rules, partition, sort, item in writes:
        old = dynamodb._set_item(rules.table, partition, sort, item)
        dynamodb._emit_stream_event(rules.name, "MODIFY" if old else "INSERT", old, item)
    return json_response({"UnprocessedItems": {}})


@dataclass(frozen=True, slots=True)
class TableRules:
    """``key_types``: attribute type of every attribute that is a key of the table or of an index."""

    name: str
    table: dict[str, Any]
    partition: str
    sort: str | None
    key_types: dict[str, str]


Write = tuple[TableRules, str, str, dict[str, Any]]


def _rules(name: str) -> TableRules | None:
    table = dynamodb._tables.get(name)
    if table is None or table.get("VectorIndexes"):
        return None
    sorted_items(table)
    types = {definition["AttributeName"]: definition["AttributeType"] for definition in table["AttributeDefinitions"]}
    return TableRules(name, table, table["pk_name"], table["sk_name"] or None, types)


def _ordinary_writes(data: dict[str, Any]) -> list[Write] | None:
    """What to store, in order; None if anything in the request is out of the ordinary."""
    tables = data.get("RequestItems")
    if data.keys() - {"RequestItems"} and any(data[option] != "NONE" for option in data.keys() - {"RequestItems"}):
        return None
    if not isinstance(tables, dict) or not tables or not all(isinstance(requests, list) and requests for requests in tables.values()):
        return None
    if sum(map(len, tables.values())) > MAX_REQUESTS:
        return None
    writes: list[Write] = []
    for name, requests in tables.items():
        rules = _rules(name)
        if rules is None:
            return None
        keys = set()
        for request in requests:
            write = _ordinary_put(request, rules)
            if write is None or write[1:3] in keys:
                return None
            keys.add(write[1:3])
            writes.append(write)
    return writes


def _ordinary_put(request: Any, rules: TableRules) -> Write | None:
    if not isinstance(request, dict) or request.keys() != {"PutRequest"} or not isinstance(request["PutRequest"], dict):
        return None
    item = request["PutRequest"].get("Item")
    if request["PutRequest"].keys() != {"Item"} or not isinstance(item, dict) or not _is_ordinary(item, rules.key_types):
        return None
    partition = item.get(rules.partition)
    if partition is None:
        return None
    if rules.sort is None:
        return rules, next(iter(partition.values())), "__no_sort__", item  # the emulator's own word for "has none"
    sort = item.get(rules.sort)
    return None if sort is None else (rules, next(iter(partition.values())), next(iter(sort.values())), item)


def _is_ordinary(item: dict[str, Any], key_types: dict[str, str]) -> bool:
    """Is each value well formed and each key attribute of its type, not empty and short? Numbers are normalised on the way."""
    size = 0
    for name, value in item.items():
        if type(value) is not dict or len(value) != 1 or not name:
            return False
        [(kind, content)] = value.items()
        if kind == "S":
            if type(content) is not str:
                return False
            size += len(content)
        elif kind == "N":
            number = normal_number(content)
            if number is None:
                return False
            value["N"] = number
        elif not (kind == "NULL" and content is True) and not (kind == "BOOL" and type(content) is bool):
            return False
        size += len(name)
        wanted = key_types.get(name)
        if wanted is not None and (kind != wanted or not 0 < len(content) <= MAX_KEY_CHARACTERS):
            return False
    return size <= MAX_CHARACTERS


def normal_number(text: Any) -> str | None:
    """A plain decimal number as DynamoDB gives it back; None for what is no plain decimal number of up to 36 digits."""
    match = NUMBER.fullmatch(text) if type(text) is str else None
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    if fraction is None:
        return "0" if whole == "0" else text
    digits = fraction.rstrip("0")
    number = f"{whole}.{digits}" if digits else whole
    return number if number == "0" else sign + number
