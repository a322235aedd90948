# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.checkpoint.run import freeze_run, load_run
from landbridge.errors import BadData, Conflict, Interrupted, InvalidInput
from landbridge.model.progress import StageProgress
from landbridge.monitor.progress import KIND, NAME, STAGE_KIND, stage_record
from landbridge_runners.stages import Ending, run_stage

from tests.support.memory import FastClock, MemoryStore
from tests.support.migration import MemoryDatabase, MemoryItems, contract, keep_load_state, loaded_items, run_record, site


@pytest.fixture
def connections(store: MemoryStore, clock: FastClock) -> Any:
    """The adapters of a site whose load is done, all in memory."""
    documents = Documents(store, "shop/r1", clock)
    account = SimpleNamespace(identity=lambda: ("000000000042", "arn"), subnet_zones=lambda ids: {name: f"zone of {name}" for name in ids})
    return SimpleNamespace(
        site=site(), clock=clock, documents=documents, source=MemoryDatabase, reader=MemoryItems(loaded_items()), account=account
    )


def run(connections: Any, stage: str, *, stop: bool = False, heard: list[StageProgress] | None = None) -> Ending:
    listener = (heard if heard is not None else []).append
    return run_stage(stage, connections, contract(), listener, lambda: stop, {"host": "here", "pid": 7})


def progress(connections: Any) -> dict[str, Any]:
    body: dict[str, Any] = connections.documents.require(NAME, KIND, "").body
    return body


def test_replicate_freezes_once(connections: Any) -> None:
    assert run(connections, "replicate").outcome == {"changed": True}
    assert run(connections, "replicate").outcome == {"changed": False}
    assert load_run(connections.documents) == run_record()
    assert connections.documents.require(stage_record("replicate"), STAGE_KIND, "").body["outcome"] == {"changed": True}


def test_an_equal_validation_is_published_as_finished(connections: Any) -> None:
    freeze_run(connections.documents, run_record())
    keep_load_state(connections.documents, connections.clock)
    heard: list[StageProgress] = []
    ending = run(connections, "validate", heard=heard)
    assert ending.outcome["equal"] is True
    assert ending.refusal is None
    assert heard
    assert (progress(connections)["state"], progress(connections)["outcome"]["equal"]) == ("finished", True)


def test_a_difference_is_an_outcome_and_a_refusal(connections: Any) -> None:
    freeze_run(connections.documents, run_record())
    keep_load_state(connections.documents, connections.clock)
    connections.reader.items.pop()
    ending = run(connections, "validate")
    assert ending.outcome["equal"] is False
    assert isinstance(ending.refusal, BadData)
    assert (progress(connections)["state"], progress(connections)["error"]["exit_code"]) == ("failed", 4)


def test_a_stage_that_is_asked_to_stop_does_so_and_says_so(connections: Any) -> None:
    with pytest.raises(Interrupted):
        run(connections, "replicate", stop=True)
    assert progress(connections)["state"] == "interrupted"


def test_a_contract_that_changed_after_the_freeze_is_refused(connections: Any) -> None:
    run(connections, "replicate")
    connections.documents.replace(
        connections.documents.read("run.json", "run"), {**run_record().to_json(), "contract_sha256": "of another text"}
    )
    with pytest.raises(Conflict, match="contract was changed"):
        run(connections, "validate")


def test_preflight_needs_no_state(connections: Any, store: MemoryStore) -> None:
    ending = run(connections, "preflight")
    assert ending.refusal is None
    assert {finding["severity"] for finding in ending.outcome["findings"]} == {"passed"}
    assert store.objects == {}


def test_a_refusing_preflight_keeps_its_findings_in_the_outcome(connections: Any) -> None:
    connections.account.identity = lambda: ("999999999999", "arn")
    ending = run(connections, "preflight")
    assert isinstance(ending.refusal, InvalidInput)
    assert ending.refusal.findings == ()
    assert "refused" in {finding["severity"] for finding in ending.outcome["findings"]}


def test_an_unknown_stage(connections: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(connections, "cutover")
    assert "validate" in caught.value.remedy
