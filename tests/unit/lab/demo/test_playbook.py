# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab.demo.playbook import StageClock, run


class Hand:
    """A clock whose hand the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def heard(*moments: tuple[float, str]) -> dict[str, float]:
    hand = Hand()
    clock = StageClock(hand)
    for hand.at, line in moments:
        clock.hear(line)
    clock.stop()
    return clock.seconds


def test_a_stage_lasts_until_the_next_one_begins() -> None:
    seconds = heard(
        (1.0, "TASK [landbridge.mysql_dynamodb.preflight : Check] ***"),
        (3.0, "TASK [landbridge.mysql_dynamodb.preflight : Check more] ***"),
        (6.0, "\x1b[0;32mTASK [landbridge.mysql_dynamodb.full_load : Begin] ***\x1b[0m"),
        (16.0, "PLAY RECAP ***"),
    )
    assert seconds == {"preflight": 5.0, "full_load": 10.0}


def test_shared_roles_and_other_output_change_nothing() -> None:
    seconds = heard(
        (0.0, "TASK [landbridge.mysql_dynamodb.migration : Validating arguments] ***"),
        (2.0, "TASK [landbridge.mysql_dynamodb.validate : Begin] ***"),
        (3.0, "full_load running, 3 of 5 rows"),
        (4.0, "TASK [Assert that every tag is a stage] ***"),
        (7.0, "ok: [localhost]"),
    )
    assert seconds == {"validate": 5.0}


def test_output_is_shown_and_kept_and_the_exit_code_is_handed_on(tmp_path: Path) -> None:
    program = "import sys; print('TASK [a.b.preflight : x]'); print('\\x1b[31mred\\x1b[0m', file=sys.stderr); sys.exit(3)"
    shown: list[str] = []
    code, seconds = run([sys.executable, "-c", program], tmp_path, os.environ, tmp_path / "log", shown.append)
    assert code == 3
    assert list(seconds) == ["preflight"]
    assert sorted(shown) == sorted(["TASK [a.b.preflight : x]", "\x1b[31mred\x1b[0m"])
    assert sorted((tmp_path / "log").read_text(encoding="utf-8").split("\n")) == ["", "TASK [a.b.preflight : x]", "red"]
