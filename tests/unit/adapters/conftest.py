# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.dynamodb import FakeDynamoDB


@pytest.fixture
def dynamodb() -> Iterator[FakeDynamoDB]:
    server = FakeDynamoDB()
    yield server
    server.close()
