# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Waiting for what others do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

WAIT_SECONDS = 60


def wait(answer: Callable[[], Any], what: str) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        got = answer()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {WAIT_SECONDS} seconds")
