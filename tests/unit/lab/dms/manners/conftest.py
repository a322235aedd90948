# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Waiting for threads."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

SECONDS = 20


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Returns when the condition holds."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait
