# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab's own switches, beside the API on the port of the service."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lab.dms.dialects.chosen import ChosenDialects
from lab.dms.server import Server

from ..conftest import Bench


@pytest.fixture
def server(bench: Bench) -> Iterator[Server]:
    with Server("127.0.0.1", 0, bench.service) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def call(server: Server, method: str, path: str, document: Any = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    body = document if isinstance(document, bytes) else None if document is None else json.dumps(document).encode()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.load(answer)


def test_manners_are_shown_armed_and_disarmed(server: Server) -> None:
    status, shown = call(server, "GET", "/_lab/manners")
    assert (status, shown["armed"], shown["done"]) == (200, [], [])
    assert all(manner["effect"] and manner["notice"] and manner["where"] for manner in shown["catalogue"])
    status, armed = call(server, "POST", "/_lab/manners", {"name": "log-purged", "task": "t"})
    assert (status, armed["armed"]["manner"], armed["armed"]["task"]) == (200, "log-purged", "t")
    assert len(call(server, "GET", "/_lab/manners")[1]["armed"]) == 1
    assert call(server, "DELETE", "/_lab/manners?name=file-late") == (200, {"disarmed": []})
    assert len(call(server, "DELETE", "/_lab/manners?name=log-purged")[1]["disarmed"]) == 1


@pytest.mark.parametrize("document", [{"name": "x"}, {}, [], b"{", {"name": "log-purged", "options": {"x": 1}}])
def test_nonsense_is_refused_with_a_reason(server: Server, document: Any) -> None:
    status, answer = call(server, "POST", "/_lab/manners", document)
    assert (status, bool(answer["message"])) == (400, True)


def test_dialects_are_shown_and_chosen(server: Server) -> None:
    status, shown = call(server, "GET", "/_lab/dialects")
    assert (status, shown["default"], shown["tasks"]) == (200, "guide", {})
    assert {"guide", "words"} <= {dialect["name"] for dialect in shown["dialects"]}
    assert call(server, "POST", "/_lab/dialects", {"name": "words", "task": "t"})[1]["tasks"] == {"t": "words"}
    assert call(server, "POST", "/_lab/dialects", {"name": "sparse"})[1]["default"] == "sparse"
    refused: tuple[Any, ...] = ({"name": "x"}, {"task": "t"}, {"name": "words", "x": 1}, b"{", [])
    for document in refused:
        assert call(server, "POST", "/_lab/dialects", document)[0] == 400
    assert call(server, "DELETE", "/_lab/dialects")[0] == 405


def test_other_requests_are_not_taken_for_them(server: Server) -> None:
    assert call(server, "GET", "/_lab/x")[0] == 404
    assert call(server, "GET", "/")[1]["service"] == "dms"
    assert call(server, "DELETE", "/")[0] == 405
    target = {"X-Amz-Target": "AmazonDMSv20160101.DescribeReplicationTasks"}
    assert call(server, "POST", "/", {}, **target) == (200, {"ReplicationTasks": []})


def test_a_task_has_its_own_dialect_or_that_of_all() -> None:
    chosen = ChosenDialects("plain")
    chosen.choose("words", "arn")
    assert chosen.of("task", "arn").name == "words"
    assert chosen.of("other").name == "plain"
    chosen.choose("sparse")
    assert (chosen.of("task", "arn").name, chosen.of("other").name) == ("words", "sparse")
    with pytest.raises(ValueError, match="no dialect"):
        chosen.choose("x", "other")


def test_a_lost_machine_comes_back(bench: Bench) -> None:
    bench.group()
    single, multi = bench.instance("single"), bench.instance("multi", MultiAZ=True)
    for arn in (single, multi):
        assert bench.service.instances.fail_over(arn)
        assert not bench.service.instances.fail_over(arn), "it is not there now"
    bench.now += 10
    answer = bench.call("DescribeReplicationInstances")["ReplicationInstances"]
    assert [instance["ReplicationInstanceStatus"] for instance in answer] == ["available", "available"]
    failovers = [event.id for event in bench.service.events.all() if event.kind.category == "failover"]
    assert failovers == ["DMS-EVENT-0013", "DMS-EVENT-0049"]
