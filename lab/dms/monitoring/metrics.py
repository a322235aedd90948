# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Puts the metrics of tasks and instances into CloudWatch.

Names, units and dimensions: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html#CHAP_Monitoring.Metrics
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.monitoring.machine import Machine

NAMESPACE = "AWS/DMS"
# Amazon CloudWatch API reference, PutMetricData: the most data of one call.
LARGEST_BATCH = 1000
_UNITS = {
    "CPUUtilization": "Percent",
    "FreeStorageSpace": "Bytes",
    "FreeMemory": "Bytes",
    "FreeableMemory": "Bytes",
    "AvailableMemory": "Bytes",
    "SwapUsage": "Bytes",
    "MemoryUsage": "Bytes",
    "ReadThroughput": "Bytes/Second",
    "WriteThroughput": "Bytes/Second",
    "FullLoadThroughputBandwidthTarget": "Kilobytes/Second",
    "FullLoadThroughputRowsTarget": "Count/Second",
    "CDCThroughputBandwidthTarget": "Kilobytes/Second",
    "CDCThroughputRowsSource": "Count/Second",
    "CDCThroughputRowsTarget": "Count/Second",
    "CDCLatencySource": "Seconds",
    "CDCLatencyTarget": "Seconds",
}

_log = logging.getLogger(__name__)


@runtime_checkable
class Measured(Protocol):
    """A run of a task that tells of itself: values by the names of the metrics, in the units that AWS gives them."""

    def metrics(self) -> Mapping[str, float]: ...


class Metrics:
    """``running``: the tasks at work with their runs; ``seconds``: between two reports."""

    def __init__(self, store: Store, aws: Aws, running: Callable[[], list[tuple[Resource, Any]]], *, seconds: float) -> None:
        self._store = store
        self._aws = aws
        self._running = running
        self._seconds = seconds
        self._machine = Machine(store.folder)
        self._complained = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(self._seconds)
            try:
                self.report()
            except (ClientError, BotoCoreError) as error:
                # Once: an emulator that is gone stays gone for long.
                if not self._complained:
                    self._complained = True
                    _log.warning("metrics could not be put into CloudWatch: %s", error)
            except Exception:
                _log.exception("metrics")

    def report(self) -> None:
        """Put what is so now."""
        data = list(self.data())
        for first in range(0, len(data), LARGEST_BATCH):
            self._aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[first : first + LARGEST_BATCH])

    def data(self) -> Iterator[dict[str, Any]]:
        """Data of PutMetricData. All instances are this one process, so they tell the same of themselves."""
        now = datetime.fromtimestamp(self._store.clock(), UTC)
        machine = self._machine.metrics()
        instances = {instance.arn: instance for instance in self._store.all("instance")}
        for instance in instances.values():
            if instance.status == "available":
                yield from _data(machine, now, ReplicationInstanceIdentifier=instance.identifier)
        for task, run in self._running():
            instance = instances[task.shown["ReplicationInstanceArn"]]
            values = run.metrics() if isinstance(run, Measured) else {}
            own = {name: machine[name] for name in ("CPUUtilization", "SwapUsage", "MemoryUsage") if name in machine}
            yield from _data(
                own | dict(values),
                now,
                ReplicationInstanceIdentifier=instance.identifier,
                ReplicationTaskIdentifier=task.arn.rsplit(":", 1)[-1],
            )


def _data(values: Mapping[str, float], now: datetime, **dimensions: str) -> Iterator[dict[str, Any]]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    for name, value in values.items():
        yield {"MetricName": name, "Dimensions": named, "Timestamp": now, "Value": float(value), "Unit": _UNITS.get(name, "Count")}
