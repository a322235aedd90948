# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads whole DynamoDB tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..errors import NotFound
from ..ports import Clock
from .aws import AwsConnection
from .clock import SystemClock
from .dynamodb_wire import Wire


class TableReader:
    """Fulfils ``ports.ItemReader``. Scans may run side by side: each has a connection of its own."""

    def __init__(self, connection: AwsConnection, clock: Clock | None = None) -> None:
        self._connection = connection
        self._clock = clock or SystemClock()

    def scan(self, table: str, *, segment: int = 0, segments: int = 1) -> Iterator[list[dict[str, Any]]]:
        """Pages of at most 1 MB. The next one is under way while the caller works on this one."""
        wire = Wire(self._connection, self._clock, 1)
        place = f"dynamodb:{table}"
        request: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
        if segments > 1:
            request |= {"Segment": segment, "TotalSegments": segments}
        try:
            wire.send("Scan", json.dumps(request).encode(), request)
            while True:
                page = wire.finish("Scan", request, place)
                behind = page.get("LastEvaluatedKey")
                if behind:
                    request["ExclusiveStartKey"] = behind
                    wire.send("Scan", json.dumps(request).encode(), request)
                yield page["Items"]
                if not behind:
                    return
        finally:
            wire.close()

    def describe(self, table: str) -> dict[str, Any] | None:
        wire = Wire(self._connection, self._clock, 1)
        try:
            found: dict[str, Any] = wire.call("DescribeTable", {"TableName": table}, f"dynamodb:{table}")["Table"]
            return found
        except NotFound:
            return None
        finally:
            wire.close()
