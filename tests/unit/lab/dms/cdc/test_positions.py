# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where a run begins, where it ends, and how its changes are numbered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lab.dms.binlog import Idle, Position, RowEvents, Transaction
from lab.dms.cdc.checkpoint import Checkpoint, starting_point
from lab.dms.cdc.sequence import Sequence
from lab.dms.cdc.stop import AfterPosition, StopPosition
from lab.dms.sources.mysql import Address

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC).timestamp()


def transaction(commit_time: float, begin: int = 4) -> Transaction:
    return Transaction(
        Position("log.000001", begin), Position("log.000001", begin + 100), commit_time, commit_time, "", RowEvents.__new__(RowEvents)
    )


def test_a_checkpoint_comes_back_as_it_was() -> None:
    for checkpoint in (Checkpoint(Position("mysql-bin.000007", 1975), "2026112210152100", 417), Checkpoint(Position("b.1", 4))):
        assert Checkpoint.parse(str(checkpoint)) == checkpoint


def test_a_checkpoint_of_aws_begins_where_its_transaction_does() -> None:
    text = "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876#0#0#*#0#93"
    assert Checkpoint.parse(text) == Checkpoint(Position("mysql-bin-changelog.157832", 1876))


def test_a_place_in_the_log_is_a_checkpoint() -> None:
    assert Checkpoint.parse("mysql-bin-changelog.000024:373") == Checkpoint(Position("mysql-bin-changelog.000024", 373))


def test_a_task_starts_at_a_place_that_needs_no_server() -> None:
    nowhere = Address("nowhere.invalid", 1, "u", "p", "none", "")
    assert starting_point("mysql-bin.000024:373", nowhere) == Checkpoint(Position("mysql-bin.000024", 373))


@pytest.mark.parametrize("text", ["", "mysql-bin.1", "checkpoint:V1#27", "checkpoint:V2#1#a:1:-1:1:0:a:1#0#0#*#0#0", "a:b"])
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(ValueError):
        Checkpoint.parse(text)


def test_numbers_increase_though_commit_times_tie_and_step_back() -> None:
    sequence = Sequence(Checkpoint(Position("l", 4)), restarts=False)
    assert sequence.at(NOON + 1.239) == "2026112212000123"
    assert sequence.at(NOON + 1.239) == "2026112212000123"
    assert sequence.at(NOON - 60) == "2026112212000123"
    assert sequence.at(NOON + 2) == "2026112212000200"


def test_a_resumed_run_goes_on_counting_unless_the_dialect_restarts() -> None:
    checkpoint = Checkpoint(Position("l", 4), "2026112212000123", 9)
    assert Sequence(checkpoint, restarts=False).counter == 9
    assert Sequence(checkpoint, restarts=True).counter == 0
    assert Sequence(checkpoint, restarts=True).at(NOON) == "2026112212000123"


def test_a_stop_at_a_commit_time_waits_for_a_later_commit() -> None:
    stop = StopPosition.parse("commit_time: 2026-11-22T12:00:00")
    assert stop.reason == "Stop Reason STOPPED_AT_COMMIT_TIME"
    assert not stop.reached(transaction(NOON))
    assert not stop.reached(Idle(Position("l", 4), NOON + 3600))
    assert stop.reached(transaction(NOON + 1))


def test_a_stop_at_a_server_time_is_reached_by_the_clock_alone() -> None:
    stop = StopPosition.parse("server_time:2026-11-22T12:00:00")
    assert stop.reason == "Stop Reason STOPPED_AT_SERVER_TIME"
    assert not stop.reached(Idle(Position("l", 4), NOON))
    assert stop.reached(Idle(Position("l", 4), NOON + 0.5))
    assert stop.reached(transaction(NOON + 1))


def test_cached_changes_end_at_a_position() -> None:
    stop = AfterPosition(Position("log.000001", 500))
    assert not stop.reached(transaction(NOON, 400))
    assert stop.reached(transaction(NOON, 500))
    assert stop.reached(Idle(Position("log.000002", 4), NOON))


@pytest.mark.parametrize("text", ["", "2026-11-22T12:00:00", "log_time:2026-11-22T12:00:00", "server_time:soon"])
def test_what_is_no_stop_position(text: str) -> None:
    with pytest.raises(ValueError):
        StopPosition.parse(text)


def test_the_end_of_cached_changes_is_found_where_the_number_of_the_log_grows_longer() -> None:
    end = AfterPosition(Position("binlog.1000000", 4))
    assert not end.reached(Idle(Position("binlog.999999", 500), 0.0))
    assert end.reached(Idle(Position("binlog.1000000", 4), 0.0))
