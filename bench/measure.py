# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a measured process says of itself."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable


def report(work: Callable[[], int]) -> None:
    """Do the work and print ``{"items", "cpu"}``: user and system seconds since the imports were done."""
    before = cpu_seconds(resource.getrusage(resource.RUSAGE_SELF))
    items = work()
    used = cpu_seconds(resource.getrusage(resource.RUSAGE_SELF)) - before
    print(json.dumps({"items": items, "cpu": used}))


def cpu_seconds(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
