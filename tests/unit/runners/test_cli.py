# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
from pathlib import Path

import pytest
from landbridge.adapters.connections import Connections
from landbridge_runners.cli import commands
from landbridge_runners.cli.main import main

from tests.support.migration import CONTRACT, site


@pytest.fixture(autouse=True)
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANDBRIDGE_SITE", raising=False)


@pytest.fixture
def contract_file(tmp_path: Path) -> Path:
    file = tmp_path / "contract.yml"
    file.write_text(CONTRACT, encoding="utf-8")
    return file


@pytest.mark.parametrize("words", ["", "contract", "contract check", "run", "status", "report", "version"])
def test_every_command_explains_itself(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    assert ended.value.code == 0
    assert "usage: landbridge" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    plain = capsys.readouterr().out
    assert main(["version", "--json"]) == 0
    assert plain == f"landbridge {json.loads(capsys.readouterr().out)['version']}\n"


def test_an_unknown_stage_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "ful_load"]) == 2
    said = capsys.readouterr().err
    assert "'ful_load'" in said
    assert "preflight, replicate, full_load, validate" in said


@pytest.mark.parametrize("words", [["run", "full_load"], ["status"], ["report", "--out", "x"], ["contract", "check"]])
def test_without_a_site_the_remedy_names_the_option(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "--site" in capsys.readouterr().err


def test_the_site_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANDBRIDGE_SITE", "/nowhere/site.yml")
    assert main(["status"]) == 2
    assert "/nowhere/site.yml" in capsys.readouterr().err


def test_a_good_contract(contract_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "check", str(contract_file)]) == 0
    said = capsys.readouterr().out
    assert "2 entities of 2 tables" in said
    assert "0 refused" in said


def test_a_bad_contract_for_people_and_for_machines(contract_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract_file.write_text(CONTRACT.replace("into: Shop", "into: Shoop", 1), encoding="utf-8")
    assert main(["contract", "check", str(contract_file)]) == 2
    assert f"{contract_file}:11:" in capsys.readouterr().err
    assert main(["contract", "check", str(contract_file), "--json"]) == 2
    answer = json.loads(capsys.readouterr().err)
    assert answer["error"] == "InvalidInput"
    assert answer["findings"][0]["line"] == 11


def test_measurements_of_another_form_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from landbridge.errors import InvalidInput
    from landbridge_runners.cli.commands import _read_extra

    for text in ("[]", '{"timings": 3}', '{"timings": {"a": "b"}}', "{"):
        file = tmp_path / "extra.json"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidInput) as caught:
            _read_extra(str(file))
        assert caught.value.place == str(file)
    file.write_text('{"timings": {"generate": 1.5}, "rates": {}}', encoding="utf-8")
    assert _read_extra(str(file))["timings"] == {"generate": 1.5}


def test_watching_ends_well_with_an_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    class NothingStored(Connections):
        documents = None  # type: ignore[assignment]

        def __init__(self, *_arguments: object) -> None:
            super().__init__(site(), {})
            monkeypatch.setattr(self.clock, "sleep", interrupt)

    monkeypatch.setattr(commands, "load_site", lambda _file: site())
    monkeypatch.setattr(commands, "Connections", NothingStored)
    monkeypatch.setattr(commands, "_state", lambda _documents: (None, {}))
    assert main(["status", "--site", "site.yml", "--watch"]) == 0
    said = capsys.readouterr()
    assert said.out == "nothing has run yet: there is no progress in s3://state/shop/r1/\n"
    assert said.err == ""
