# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging a watched stage, look by look."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils._module.watch import Watch
from ansible_collections.landbridge.mysql_dynamodb.plugins.module_utils.core.errors import LandbridgeError, Unreachable


def info(
    rows: int = 0, *, beat: int = 1, running: bool = True, stage: str = "full_load", result: dict[str, Any] | None = None
) -> dict[str, Any]:
    progress = {
        "stage": stage,
        "state": "running",
        "step": "loading",
        "tables": [{"table": "billing.charge", "rows_expected": 300_000, "rows_done": rows}],
        "rates": {"rows_per_second": 41_200.0, "items_per_second": 0.0},
        "eta_seconds": [120, 180],
        "retried": 0,
        "rejects": 0,
        "started_at": "2026-01-01T00:00:00Z",
        "beat": beat,
    }
    return {"progress": progress, "worker": {"running": running, "log": "/folder/worker.log", "result": result or {}}}


@pytest.fixture
def watch() -> Watch:
    return Watch("full_load", interval=5, heartbeat_timeout=60)


def test_a_line_tells_share_rate_and_time_left(watch: Watch) -> None:
    line = watch.line(info(189_000), 0)
    assert line
    assert all(part in line for part in ("full_load", "189,000 of 300,000 rows", "63 %", "41,200 rows/s", "2 min", "3 min"))


def test_lines_keep_their_distance_and_are_not_repeated(watch: Watch) -> None:
    shown = [watch.line(info(rows), now) for now, rows in ((0, 0), (1, 10), (4.9, 20), (5, 30), (10, 30), (11, 40))]
    assert [line is not None for line in shown] == [True, False, False, True, False, True]


def test_the_last_line_does_not_wait(watch: Watch) -> None:
    watch.line(info(10), 0)
    assert watch.line(info(300_000, running=False), 0.5)


def test_the_progress_of_an_earlier_stage_is_not_shown(watch: Watch) -> None:
    assert watch.line(info(10, stage="replicate"), 0) is None


def test_a_worker_that_beats_lives_on(watch: Watch) -> None:
    assert not any(watch.ended(info(beat=beat), 50.0 * beat) for beat in range(5))


def test_a_worker_that_stops_beating_is_dead(watch: Watch) -> None:
    assert not watch.ended(info(), 1000)
    assert not watch.ended(info(), 1060)
    with pytest.raises(Unreachable, match="no sign of life for 61 s") as raised:
        watch.ended(info(), 1061)
    assert raised.value.place == "/folder/worker.log"
    assert "it continues" in raised.value.remedy


def test_a_worker_that_is_gone_without_a_word(watch: Watch) -> None:
    with pytest.raises(Unreachable, match="without a word") as raised:
        watch.ended(info(running=False), 0)
    assert raised.value.place == "/folder/worker.log"


def test_a_good_end(watch: Watch) -> None:
    assert watch.ended(info(running=False, result={"stage": "full_load", "state": "finished", "error": None}), 0)


def test_a_failure_carries_message_and_remedy(watch: Watch) -> None:
    error = {"message": "the target table is missing", "place": "BillingSystem", "remedy": "provision first"}
    with pytest.raises(LandbridgeError, match="full_load failed: the target table is missing") as raised:
        watch.ended(info(running=False, result={"stage": "full_load", "state": "failed", "error": error}), 0)
    assert (raised.value.place, raised.value.remedy) == ("BillingSystem", "provision first")
