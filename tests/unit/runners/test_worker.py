# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest
from landbridge_runners.worker.main import main


def arguments(folder: Path, stage: str = "full_load") -> list[str]:
    return ["--site", "/nowhere/site.yml", "--stage", stage, "--folder", str(folder)]


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "SIGTERM" in capsys.readouterr().out


def test_an_error_is_in_the_log_and_in_the_result(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    assert main(arguments(folder)) == 2
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert (result["stage"], result["state"], result["exit_code"], result["error"]["place"]) == (
        "full_load",
        "failed",
        2,
        "/nowhere/site.yml",
    )
    assert "/nowhere/site.yml" in (folder / "worker.log").read_text(encoding="utf-8")
    assert not (folder / "worker.pid").exists()


def test_an_unknown_stage_begins_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path / "folder", "load")) == 2
    assert not (tmp_path / "folder").exists()
    assert "full_load" in capsys.readouterr().err


def test_a_second_worker_is_told_who_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge_runners.worker.main._PATIENCE_SECONDS", 0.0)
    (tmp_path / "result.json").write_text("kept", encoding="utf-8")
    with (tmp_path / "worker.lock").open("w", encoding="utf-8") as held:
        held.write("stage full_load, process 7 since 2024-02-29T12:00:00+00:00\n")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(arguments(tmp_path)) == 5
    assert "stage full_load, process 7 since 2024-02-29" in capsys.readouterr().err
    assert (tmp_path / "result.json").read_text(encoding="utf-8") == "kept"


def test_the_lock_tells_who_holds_it(tmp_path: Path) -> None:
    main(arguments(tmp_path))
    assert f"stage full_load, process {os.getpid()} since " in (tmp_path / "worker.lock").read_text(encoding="utf-8")


def test_a_defect_is_logged_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge_runners.worker.main.load_site", lambda path: 1 / 0)
    assert main(arguments(tmp_path)) == 70
    assert "ZeroDivisionError" in (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert "defect" in json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["error"]["message"]


@pytest.mark.parametrize("name", ["worker.lock", "worker.log"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / name).mkdir()
    assert main(arguments(tmp_path)) == 1
    said = capsys.readouterr().err
    assert f"{tmp_path / name}: the file or folder cannot be used: Is a directory" in said
    assert "free space" in said


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(arguments(tmp_path / "file" / "folder")) == 2
    assert "folder cannot be made" in capsys.readouterr().err
