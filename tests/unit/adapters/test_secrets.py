# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest
from landbridge.adapters.secrets import resolve
from landbridge.errors import InvalidInput
from landbridge.model.site import SecretReference


def unused() -> NoReturn:
    pytest.fail("AWS was asked for a secret that is not kept there")


class Vault:
    """A connection whose Secrets Manager holds one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def client(self, service: str) -> Any:
        assert service == "secretsmanager"
        return self

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - botocore's name
        return {"Name": SecretId, "SecretString": self._text}

    def call(self, action: Any, doing: str, place: str = "") -> Any:
        return action()


def in_vault(text: str) -> str:
    vault: Any = Vault(text)
    return resolve(SecretReference("secretsmanager", "shop/source"), {}, lambda: vault)


def test_a_variable() -> None:
    assert resolve(SecretReference("env", "PASSWORD"), {"PASSWORD": "s3cret"}, unused) == "s3cret"


@pytest.mark.parametrize("environ", [{}, {"PASSWORD": ""}])
def test_a_variable_that_is_not_set(environ: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="PASSWORD"):
        resolve(SecretReference("env", "PASSWORD"), environ, unused)


@pytest.mark.parametrize("content", ["s3 cret", "s3 cret\n", "s3 cret\r\n"])
def test_a_file_with_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content.encode())
    assert resolve(SecretReference("file", str(file)), {}, unused) == "s3 cret"


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo\n", b"\xff\xfe"])
def test_a_file_of_another_form_is_refused_without_its_content(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        resolve(SecretReference("file", str(file)), {}, unused)
    assert caught.value.place == str(file)
    assert "two" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        resolve(SecretReference("file", str(tmp_path / "none")), {}, unused)


def test_a_secret_in_secrets_manager() -> None:
    assert in_vault('{"username": "u", "password": "s3cret"}') == "s3cret"


@pytest.mark.parametrize("text", ["s3cret", '["s3cret"]', '{"secret": "s3cret"}', '{"password": 7}', '{"password": ""}'])
def test_a_secret_of_another_form_is_refused_without_its_content(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        in_vault(text)
    assert "shop/source" in caught.value.place
    assert "s3cret" not in str(caught.value)
