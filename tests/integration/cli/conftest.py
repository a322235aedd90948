# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.lab_migration import source_tables, write_site


@pytest.fixture(scope="module")
def tables(lab: Any) -> Iterator[None]:
    with source_tables(lab):
        yield


@pytest.fixture
def site(lab: Any, tables: None, tmp_path: Path) -> Path:
    return write_site(lab, tmp_path)
