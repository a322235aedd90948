# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest

from tests.support.memory import FastClock, MemoryStore


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()
