# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What this process and its machine tell of themselves, as metrics of a replication instance.

Sources: proc(5). What a single process cannot tell (queue depth and latency of disks, packets of its own) is left out.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True)
class _Reading:
    """Counters since the process began; times in seconds, sizes in bytes."""

    at: float
    processor: float
    read: int
    written: int


class Machine:
    """``folder``: on the disk whose free space counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = _read_counters()

    def metrics(self) -> dict[str, float]:
        """Values by the names of DMS's metrics; rates since the last call. Bytes, bytes a second, and percent of all processors."""
        before, now = self._last, _read_counters()
        self._last = now
        seconds = max(now.at - before.at, 1e-6)
        memory, own = _fields(Path("/proc/meminfo")), _fields(Path("/proc/self/status"))
        return {
            "CPUUtilization": 100 * (now.processor - before.processor) / seconds / (os.cpu_count() or 1),
            "FreeStorageSpace": shutil.disk_usage(self._folder).free,
            "FreeMemory": memory["MemFree"] * KIB,
            "FreeableMemory": (memory["Buffers"] + memory["Cached"]) * KIB,
            "AvailableMemory": memory["MemAvailable"] * KIB,
            "SwapUsage": own.get("VmSwap", 0) * KIB,
            "MemoryUsage": own["VmRSS"] * KIB,
            "ReadThroughput": (now.read - before.read) / seconds,
            "WriteThroughput": (now.written - before.written) / seconds,
        }


def _read_counters() -> _Reading:
    moved = _fields(Path("/proc/self/io"))
    return _Reading(time.monotonic(), time.process_time(), moved["read_bytes"], moved["write_bytes"])


def _fields(path: Path) -> dict[str, int]:
    """The numbers of a file of lines ``name: number unit``."""
    pairs = (line.split(":", 1) for line in path.read_text(encoding="ascii", errors="replace").splitlines() if ":" in line)
    return {name: int(words[0]) for name, rest in pairs if (words := rest.split()) and words[0].isdigit()}
