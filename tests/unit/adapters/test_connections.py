# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from pathlib import Path

import pytest
from landbridge.adapters.connections import Connections, load_contract_file, load_site
from landbridge.errors import InvalidInput

from tests.support.migration import CONTRACT, site


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(InvalidInput, match="the site file cannot be read: No such file") as caught:
        load_site("/nowhere/site.yml")
    assert caught.value.place == "/nowhere/site.yml"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "contract.yml"
    file.write_bytes(b"landbridge: \xff")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load_contract_file(file)


def test_a_contract_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "contract.yml"
    file.write_text(CONTRACT, encoding="utf-8")
    contract = load_contract_file(file)
    assert (contract.file, contract.text) == (str(file), CONTRACT)


def test_a_source_is_made_without_a_connection_and_closed_with_the_others() -> None:
    with Connections(site(), {"PASSWORD": "s3cret"}) as connections:
        first, second = connections.source(), connections.source()
    assert first is not second


def test_a_missing_password_is_told_before_anything_is_opened() -> None:
    with Connections(site(), {}) as connections, pytest.raises(InvalidInput, match="PASSWORD"):
        connections.source()
