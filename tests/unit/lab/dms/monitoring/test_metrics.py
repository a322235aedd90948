# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Metrics: of which resources, under which dimensions, in which units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.dms.api.store import Resource
from lab.dms.monitoring.machine import Machine
from lab.dms.monitoring.metrics import LARGEST_BATCH, NAMESPACE, Metrics

from ..conftest import Bench


class Run:
    def metrics(self) -> dict[str, float]:
        return {"CDCLatencySource": 2.5, "CDCIncomingChanges": 7}


class CloudWatch:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's names
        assert Namespace == NAMESPACE
        self.batches.append(MetricData)


@pytest.fixture
def cloudwatch(bench: Bench) -> CloudWatch:
    bench.account.cloudwatch = CloudWatch()
    return bench.account.cloudwatch


def task(instance: str) -> Resource:
    arn = "arn:aws:dms:eu-west-1:000000000042:task:ABC"
    return Resource("task", arn, "task-1", {"Status": "running", "ReplicationInstanceArn": instance})


def test_a_task_and_its_instance(bench: Bench, cloudwatch: CloudWatch) -> None:
    bench.group()
    instance = bench.instance("one")
    metrics = Metrics(bench.service._store, bench.account, lambda: [(task(instance), Run())], seconds=1)  # type: ignore[arg-type]
    metrics.report()
    found = {(m["MetricName"], *(d["Value"] for d in m["Dimensions"])): m for m in cloudwatch.batches[0]}
    latency = found["CDCLatencySource", "one", "ABC"]
    assert (latency["Value"], latency["Unit"], latency["Timestamp"].timestamp()) == (2.5, "Seconds", bench.now)
    assert [d["Name"] for d in latency["Dimensions"]] == ["ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"]
    assert found["CDCIncomingChanges", "one", "ABC"]["Unit"] == "Count"
    assert found["FreeStorageSpace", "one"]["Unit"] == "Bytes"
    assert ("FreeStorageSpace", "one", "ABC") not in found


def test_an_instance_that_is_not_there_tells_nothing(bench: Bench, cloudwatch: CloudWatch) -> None:
    bench.group()
    arn = bench.instance("one")
    bench.call("RebootReplicationInstance", ReplicationInstanceArn=arn)
    Metrics(bench.service._store, bench.account, list, seconds=1).report()  # type: ignore[arg-type]
    assert cloudwatch.batches == []


def test_no_call_holds_more_than_it_may(bench: Bench, cloudwatch: CloudWatch) -> None:
    bench.group()
    arn = bench.instance("one")
    tasks = [(task(arn), Run())] * 300
    Metrics(bench.service._store, bench.account, lambda: tasks, seconds=1).report()  # type: ignore[arg-type,return-value]
    assert [len(batch) <= LARGEST_BATCH for batch in cloudwatch.batches] == [True, True]


def test_what_the_machine_tells(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    sum(range(2_000_000))
    (tmp_path / "some").write_bytes(b"x" * 100_000)
    found = machine.metrics()
    assert 0 < found["CPUUtilization"] <= 100
    assert found["AvailableMemory"] > found["MemoryUsage"] > 1_000_000
    assert found["FreeStorageSpace"] > 0
    assert found["WriteThroughput"] >= 0
