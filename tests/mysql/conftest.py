# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab with MySQL as its source, and the helpers of the lab's own tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.lab.dms.conftest import (
    administrator,
    bench,
    captures,
    execute,
    loader,
    log,
    roles,
    schema,
    subnets,
)
from tests.support.lab import lab

__all__ = ["administrator", "bench", "captures", "execute", "lab", "loader", "log", "roles", "schema", "subnets"]


@pytest.fixture(autouse=True, scope="session")
def mysql(administrator: Any) -> str:
    """The version of the server, which must be a MySQL."""
    with administrator.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        version = str(cursor.fetchone()[0])
    if "MariaDB" in version:
        pytest.fail("the lab's source is MariaDB: end that lab and set LANDBRIDGE_LAB_SOURCE=mysql, as make test-mysql does", pytrace=False)
    return version
