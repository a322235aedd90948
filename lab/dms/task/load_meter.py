# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How fast a full load writes, for CloudWatch."""

from __future__ import annotations

import threading
import time
from typing import Any

from lab.dms.statistics import Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

KIB = 1024


class CountingTarget(S3Target):
    """A target that counts the bytes it sends; many threads write."""

    def __init__(self, client: Any, settings: S3Settings) -> None:
        super().__init__(client, settings)
        self._lock = threading.Lock()
        self.sent = 0

    def put(self, key: str, body: bytes) -> None:
        super().put(key, body)
        self._count(body)

    def part(self, key: str, upload: str, number: int, body: bytes) -> dict[str, Any]:
        answer = super().part(key, upload, number, body)
        self._count(body)
        return answer

    def _count(self, body: bytes) -> None:
        with self._lock:
            self.sent += len(body)


class LoadMeter:
    """Rates of a load since the last call; the first ones since the meter was made."""

    def __init__(self, statistics: Statistics, target: CountingTarget) -> None:
        self._statistics = statistics
        self._target = target
        self._last = (time.monotonic(), statistics.loaded_rows(), 0)

    def metrics(self) -> dict[str, float]:
        """Rows and kilobytes a second, by the names of the metrics."""
        now = (time.monotonic(), self._statistics.loaded_rows(), self._target.sent)
        seconds, rows, sent = (new - old for new, old in zip(now, self._last, strict=True))
        self._last = now
        # A table that is loaded again counts from zero.
        return {
            "FullLoadThroughputRowsTarget": max(0, rows) / max(seconds, 1e-3),
            "FullLoadThroughputBandwidthTarget": sent / KIB / max(seconds, 1e-3),
        }
