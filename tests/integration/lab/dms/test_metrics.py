# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Metrics of an instance and of a task that runs, read back from CloudWatch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .conftest import Bench, wait
from .following import follow


def statistics(bench: Bench, metric: str, **dimensions: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    answer = bench.lab.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/DMS",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )
    return list(answer["Datapoints"])


def test_an_instance_tells_of_its_machine(bench: Bench) -> None:
    points = wait(lambda: statistics(bench, "FreeStorageSpace", ReplicationInstanceIdentifier=bench.prefix), "metrics of the instance")
    assert points[0]["Maximum"] > 1_000_000
    assert points[0]["Unit"] == "Bytes"
    query = {
        "Id": "cpu",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/DMS",
                "MetricName": "CPUUtilization",
                "Dimensions": [{"Name": "ReplicationInstanceIdentifier", "Value": bench.prefix}],
            },
            "Period": 60,
            "Stat": "Maximum",
        },
    }
    now = datetime.now(UTC)
    found = bench.lab.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=1)
    )["MetricDataResults"][0]["Values"]
    assert found
    assert all(0 <= value <= 100 for value in found)


def test_a_task_tells_of_its_changes(bench: Bench, schema: str, execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY)")
    followed = follow(bench, schema, "cdc")
    dimensions = {
        "ReplicationInstanceIdentifier": bench.prefix,
        # The last part of the task's ARN, not its name.
        "ReplicationTaskIdentifier": followed.task.rsplit(":", 1)[-1],
    }
    followed.start()
    execute("INSERT INTO a VALUES (1), (2), (3)")
    followed.until(3)
    latency = wait(lambda: statistics(bench, "CDCLatencyTarget", **dimensions), "latency")
    assert (latency[0]["Unit"], latency[0]["Maximum"] >= 0) == ("Seconds", True)
    rows = wait(
        lambda: [p for p in statistics(bench, "CDCThroughputRowsTarget", **dimensions) if p["Maximum"] > 0], "rows that were written"
    )
    assert rows[0]["Unit"] == "Count/Second"
    assert statistics(bench, "MemoryUsage", **dimensions)[0]["Maximum"] > 1_000_000
    followed.stop()
