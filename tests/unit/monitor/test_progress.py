# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import json
from typing import Any

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.errors import BadData, Conflict, Interrupted, Retryable
from landbridge.model.progress import StageProgress, TableProgress
from landbridge.monitor.progress import KIND, NAME, STAGE_KIND, Publisher, stage_record

from tests.support.memory import FastClock, MemoryStore

WORKER = {"host": "here", "pid": 7}
PROGRESS = StageProgress("full_load", "loading", (TableProgress("a.b", 10, 4, 3, 0, 1),), items_written=3, retried=2)


@pytest.fixture
def documents(store: MemoryStore, clock: FastClock) -> Documents:
    return Documents(store, "m/r1", clock)


def publisher(documents: Documents, clock: FastClock, **changed: Any) -> Publisher:
    return Publisher(documents, clock, **{"migration": "m", "run": "r1", "stage": "full_load", "worker": WORKER, **changed})


def body(documents: Documents) -> dict[str, Any]:
    return documents.require(NAME, KIND, "").body


def record(documents: Documents) -> dict[str, Any]:
    return documents.require(stage_record("full_load"), STAGE_KIND, "").body


def test_the_document_says_all_that_is_known(documents: Documents, clock: FastClock) -> None:
    with publisher(documents, clock) as publish:
        assert body(documents)["state"] == "running"
        publish(PROGRESS)
        publish.publish("running")
        seen = body(documents)
        assert (seen["step"], seen["items_written"], seen["retried"], seen["rejects"]) == ("loading", 3, 2, 1)
        assert seen["tables"][0]["rows_expected"] == 10
        assert (seen["migration"], seen["run"], seen["stage"], seen["worker"]) == ("m", "r1", "full_load", WORKER)
        publish.outcome = {"items": 3}
    ended = body(documents)
    assert (ended["state"], ended["outcome"], ended["error"], ended["eta_seconds"]) == ("finished", {"items": 3}, None, None)
    assert ended["beat"] > seen["beat"]
    assert record(documents)["state"] == "finished"
    assert record(documents)["seconds"] >= 0


@pytest.mark.parametrize(
    ("error", "state", "kind"),
    [
        (BadData("torn file", remedy="look"), "failed", "BadData"),
        (Interrupted("stopped"), "interrupted", "Interrupted"),
        (KeyboardInterrupt(), "interrupted", "Interrupted"),
        (ZeroDivisionError("row 7 held secret"), "failed", "LandbridgeError"),
    ],
)
def test_how_a_stage_ended_is_published(documents: Documents, clock: FastClock, error: BaseException, state: str, kind: str) -> None:
    with pytest.raises(type(error)), publisher(documents, clock):
        raise error
    ended = body(documents)
    assert (ended["state"], ended["error"]["error"]) == (state, kind)
    assert record(documents)["error"] == ended["error"]
    assert "secret" not in json.dumps(ended)


def test_a_refusal_is_a_failure_with_an_outcome(documents: Documents, clock: FastClock) -> None:
    with publisher(documents, clock) as publish:
        publish.outcome, publish.refusal = {"equal": False}, BadData("the sides differ")
    assert (body(documents)["state"], body(documents)["outcome"]) == ("failed", {"equal": False})


def test_a_run_that_changed_nothing_leaves_the_record_of_the_one_that_worked(documents: Documents, clock: FastClock) -> None:
    for changed in (True, False):
        with publisher(documents, clock) as publish:
            clock.sleep(60 if changed else 1)
            publish.outcome = {"changed": changed}
    assert record(documents)["seconds"] >= 60
    assert body(documents)["outcome"] == {"changed": False}


def test_a_heartbeat_goes_on_while_nothing_moves(documents: Documents, clock: FastClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.monitor.progress.BEAT_SECONDS", 0.001)
    with publisher(documents, clock):
        first = body(documents)["beat"]
        while body(documents)["beat"] < first + 3:
            pass


def test_a_second_worker_is_told_who_is_there(documents: Documents, clock: FastClock) -> None:
    with publisher(documents, clock) as first:
        clock.sleep = lambda seconds: first.publish("running")  # type: ignore[method-assign]
        with pytest.raises(Conflict, match="process 7 on here"), publisher(documents, clock, worker={"host": "there", "pid": 8}):
            pytest.fail("the second worker was let in")
        assert body(documents)["worker"] == WORKER


def test_what_a_killed_worker_left_is_taken_over(documents: Documents, clock: FastClock) -> None:
    publisher(documents, clock).__enter__()._ended.set()  # it never says how it ended
    with publisher(documents, clock, worker={"host": "here", "pid": 9}):
        assert body(documents)["worker"]["pid"] == 9
    assert body(documents)["state"] == "finished"


def test_a_worker_that_was_replaced_stops_at_its_next_step(documents: Documents, clock: FastClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.monitor.progress.BEAT_SECONDS", 0.001)
    with pytest.raises(Conflict), publisher(documents, clock) as first:
        other = documents.require(NAME, KIND, "")
        documents.replace(other, {**other.body, "worker": {"host": "there", "pid": 8}})
        first._beat()
        first(PROGRESS)
    assert body(documents)["worker"]["pid"] == 8


def test_a_write_whose_answer_was_lost_is_recognised(documents: Documents, clock: FastClock) -> None:
    with publisher(documents, clock) as publish:
        landed = documents.require(NAME, KIND, "")
        documents.replace(landed, landed.body)  # as it is after a put that landed and was answered by a timeout
        publish.publish("running")
    assert body(documents)["state"] == "finished"


def test_a_store_that_fails_for_a_while_does_not_end_the_stage(documents: Documents, store: MemoryStore, clock: FastClock) -> None:
    failures = [Retryable("slow down")] * 2

    def fail(key: str, content: bytes) -> None:
        if failures:
            raise failures.pop()

    with publisher(documents, clock) as publish:
        publish._ended.wait = lambda timeout=None: not failures  # type: ignore[method-assign]
        store.before_put = fail
        publish._beat()
    assert not failures
    assert body(documents)["state"] == "finished"
