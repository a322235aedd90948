# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tasks that follow changes, from the lab's database to the emulator's S3, by the API alone."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from .conftest import Bench, select_all, wait

# One stream for all tables, uploaded each second.
ORDERED = {"PreserveTransactions": True, "CdcPath": "cdc", "CdcMaxBatchInterval": 1}
SEQUENCE = {
    "rule-type": "transformation",
    "rule-target": "column",
    "object-locator": {"schema-name": "%", "table-name": "%"},
    "rule-action": "add-column",
    "value": "_dms_seq",
    "expression": "$AR_H_CHANGE_SEQ",
    "data-type": {"type": "string", "length": 50},
}


@dataclass
class Following:
    """One task; its files are in ``folder``."""

    bench: Bench
    task: str
    folder: str
    schema: str

    def changes(self, table: str = "") -> list[list[str]]:
        """Operation and columns of every change, in the order of the stream; only those of ``table`` if it is given."""
        prefix = f"{self.folder}/cdc/"
        listed = self.bench.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bench.bucket, Prefix=prefix)
        keys = [item["Key"] for answer in listed for item in answer.get("Contents", [])]
        found = [row for key in keys for row in csv.reader(io.StringIO(self.bench.content(key).decode(), newline=""))]
        return [[row[0], *row[3:]] for row in found if not table or row[1:3] == [table, self.schema]]

    def until(self, count: int, table: str = "") -> list[list[str]]:
        """The changes, when there are that many."""
        return list(wait(lambda: len(found := self.changes(table)) >= count and found, f"{count} changes"))

    def start(self, kind: str = "start-replication", **params: Any) -> None:
        self.bench.dms.start_replication_task(ReplicationTaskArn=self.task, StartReplicationTaskType=kind, **params)
        self.bench.until(self.task, "running", "failed", "stopped")

    def loaded(self, table: str) -> None:
        """Returns when the table is loaded."""
        wait(lambda: self.bench.statistics(self.task).get(table, {}).get("TableState") == "Table completed", f"the load of {table}")

    def stop(self) -> dict[str, Any]:
        self.bench.dms.stop_replication_task(ReplicationTaskArn=self.task)
        return self.bench.until(self.task, "stopped", "failed")

    def described(self) -> dict[str, Any]:
        return self.bench.describe(self.task)


def follow(
    bench: Bench,
    schema: str,
    migration: str = "full-load-and-cdc",
    *,
    settings: dict[str, Any] | None = None,
    extra: list[dict[str, Any]] | None = None,
    **params: Any,
) -> Following:
    """A task in the state ready."""
    target, folder = bench.target(**ORDERED)
    task = bench.task(bench.source(), target, select_all(schema, extra=extra), settings, MigrationType=migration, **params)
    return Following(bench, task, folder, schema)


def event_categories(bench: Bench, task: str) -> list[str]:
    """The categories of the task's events, in their order."""
    identifier = bench.describe(task)["ReplicationTaskIdentifier"]
    events = bench.dms.describe_events(SourceType="replication-task", SourceIdentifier=identifier)["Events"]
    return [category for event in events for category in event["EventCategories"]]
