# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from landbridge.errors import BadData, LandbridgeError
from landbridge_runners.failure import guarded


def raising(error: BaseException) -> int:
    raise error


def test_the_exit_code_of_what_went_well() -> None:
    assert guarded(lambda: 0, as_json=False) == 0


def test_an_error_is_told_with_place_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    error = BadData("the file is torn", place="s3://b/k", remedy="stage it again")
    assert guarded(lambda: raising(error), as_json=False) == 4
    assert capsys.readouterr().err == "error: s3://b/k: the file is torn\n  What to do: stage it again\n"


def test_an_error_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    error: LandbridgeError = BadData("torn", place="k")
    assert guarded(lambda: raising(error), as_json=True) == 4
    assert json.loads(capsys.readouterr().err) == error.to_json()


def test_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: raising(KeyboardInterrupt()), as_json=False) == 75
    assert "interrupted" in capsys.readouterr().err


def test_a_defect_is_one_line_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert guarded(lambda: raising(ZeroDivisionError("oops")), as_json=False) == 70
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    match = re.search(r"defect in landbridge.*: (/\S+\.log)", said)
    assert match
    assert "ZeroDivisionError: oops" in Path(match[1]).read_text(encoding="utf-8")


def test_a_reader_that_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: raising(BrokenPipeError()), as_json=False) == 141
    assert capfd.readouterr().err == ""
