# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A service that cannot begin says why, and has changed nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lab.dms import cli
from lab.dms.api.service import ServiceConfig
from lab.dms.serve import _own, serve
from lab.errors import LabError


def config(state: Path) -> ServiceConfig:
    return ServiceConfig("http://127.0.0.1:9", "eu-west-1", "123456789012", state)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(LabError, match="--port"):
        serve(config(tmp_path), other.getsockname()[1], verbose=False)


def test_a_state_folder_of_another_process(tmp_path: Path) -> None:
    with _own(tmp_path):
        (tmp_path / "resources.json").write_text("not read", encoding="utf-8")
        with pytest.raises(LabError, match="Another process"):
            serve(config(tmp_path), 0, verbose=False)


def test_a_state_folder_that_cannot_be_made() -> None:
    with pytest.raises(LabError, match="--state"):
        serve(config(Path("/proc/nowhere")), 0, verbose=False)


@pytest.mark.parametrize("text", ["{broken", "[]", '{"resources": [{"arn": "x"}]}'])
def test_a_state_that_is_not_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "resources.json").write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match="is not what this service wrote"):
        serve(config(tmp_path), 0, verbose=False)


@pytest.mark.parametrize(("option", "value"), [("--account", "42"), ("--aws-endpoint", "nonsense")])
def test_an_option_that_cannot_be_meant(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = {"--port": "1", "--aws-endpoint": "http://127.0.0.1:9", "--region": "eu-west-1", "--account": "123456789012", "--state": "x"}
    with pytest.raises(SystemExit):
        cli.main(["serve", *(word for pair in (words | {option: value}).items() for word in pair)])
    assert value in capsys.readouterr().err
