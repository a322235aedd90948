# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Full loads without a task: the engine's own classes between the lab's source and its bucket."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.dms.dialects.dialect import DIALECTS
from lab.dms.full_load.run import FullLoad
from lab.dms.mappings import read_mappings
from lab.dms.outcome import Outcome
from lab.dms.settings import LoadSettings, merge_settings
from lab.dms.sources.mysql import Address
from lab.dms.statistics import Statistics
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

from .conftest import Bench

NULL = "__DMS_NULL__"
STRING = {"type": "string", "length": 50}


def rule(target: str, action: str, locator: dict[str, str] | None = None, **members: Any) -> dict[str, Any]:
    """A transformation; of everything, where ``locator`` does not say otherwise."""
    everywhere = {"schema-name": "%", "table-name": "%"} | (locator or {})
    if target == "schema":
        everywhere.pop("table-name")
    return {"rule-type": "transformation", "rule-target": target, "rule-action": action, "object-locator": everywhere, **members}


def added(name: str, expression: str, **data_type: Any) -> dict[str, Any]:
    """A column that every table gets."""
    return rule("column", "add-column", value=name, expression=expression, **{"data-type": data_type or STRING})


@dataclass
class Loaded:
    """One load and its files. ``files``: content by key below the load's folder."""

    outcome: Outcome
    statistics: Statistics
    files: dict[str, bytes]

    def rows(self, *, delimiter: str = ",") -> list[list[str]]:
        """All records of all files, in the order of the keys."""
        return [row for body in self.files.values() for row in csv.reader(io.StringIO(body.decode(), newline=""), delimiter=delimiter)]

    def states(self) -> dict[str, tuple[str, int]]:
        """State and rows by table."""
        return {s["TableName"]: (s["TableState"], s["FullLoadRows"]) for s in self.statistics.to_api()}


@dataclass
class Loader:
    """``address``: members of the source's Address that a test wants otherwise."""

    bench: Bench
    address: dict[str, Any] = field(default_factory=dict)

    def prepare(
        self, mappings: str, *, dialect: str = "guide", settings: dict[str, Any] | None = None, folder: str = "", **s3: Any
    ) -> tuple[FullLoad, str]:
        """A load that has not begun, and its folder."""
        folder = folder or self.bench.name("direct")
        given = {"BucketName": self.bench.bucket, "BucketFolder": folder, "CsvNullValue": NULL, **s3}
        load = FullLoad(
            self.source,
            S3Target(self.bench.s3, S3Settings.read(given)),
            read_mappings(mappings),
            LoadSettings.read(merge_settings(json.dumps(settings or {}))),
            Statistics(),
            DIALECTS[dialect],
        )
        return load, folder

    def __call__(self, mappings: str, **how: Any) -> Loaded:
        """A load as ``prepare`` takes it, run to its end."""
        load, folder = self.prepare(mappings, **how)
        return self.finished(load, folder, lambda: load.run(lambda: None))

    def finished(self, load: FullLoad, folder: str, run: Callable[[], Outcome]) -> Loaded:
        outcome = run()
        keys = self.bench.keys(folder)
        return Loaded(outcome, load.statistics, {key.removeprefix(folder + "/"): self.bench.content(key) for key in keys})

    def source(self) -> Address:
        ca = (self.bench.lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
        base = {"host": "127.0.0.1", "port": self.bench.lab.ports["mysql"], "user": self.bench.user, "password": self.bench.password}
        return Address(**{**base, "ssl_mode": "verify-full", "ca_pem": ca, **self.address})
