# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What DMS staged of each table: files in order, and how many rows they must hold.

Key form ``<prefix>/<schema>/<table>/LOAD00000001.csv[.gz]``, the counter in eight hex digits from 1 (DMS user guide, "Using
Amazon S3 as a target"). A table without rows has no folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import BadData, Retryable
from ..model.finding import Finding, Place
from ..model.work import StagedFile, StoredObject, WorkUnit

KIND = "manifest"
_LOAD = re.compile(r"LOAD([0-9A-Fa-f]{8})\.csv(\.gz)?")
_RESTAGE = "Begin a new run (another name in the site file), so that DMS stages into an empty folder."


@dataclass(frozen=True, slots=True)
class Manifest:
    """Frozen at the first start of the load. ``rows_expected``: per ``schema.table``, FullLoadRows of DMS's table statistics."""

    files: tuple[StagedFile, ...]
    rows_expected: dict[str, int]
    unit_bytes: int

    def units_of(self, file: StagedFile) -> list[WorkUnit]:
        """The file in steps: record-aligned ranges of ``unit_bytes``, or the whole where it is compressed."""
        step = max(file.size, 1) if file.key.endswith(".gz") else self.unit_bytes
        starts = range(0, max(file.size, 1), step)
        stem = file.key.rsplit("/", 1)[1].split(".", 1)[0]
        return [
            WorkUnit(f"{file.schema}.{file.table}.{stem}.{number:05d}", file, start, min(start + step, file.size))
            for number, start in enumerate(starts)
        ]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Manifest:
        return cls(tuple(StagedFile(**file) for file in data["files"]), dict(data["rows_expected"]), int(data["unit_bytes"]))


def build_manifest(
    objects: Iterable[StoredObject],
    statistics: Sequence[Mapping[str, Any]],
    tables: Sequence[tuple[str, str]],
    *,
    prefix: str,
    unit_bytes: int,
) -> tuple[Manifest, list[Finding]]:
    """Bring listing and table statistics together.

    ``objects``: the listing below ``prefix``; ``statistics``: DescribeTableStatistics; ``tables``: (schema, table) of the contract.
    Raises Retryable while a table is not loaded completely, BadData where files are missing, doubled or of unknown form.
    Warns of files that belong to no table of the contract.
    """
    rows_expected = {f"{schema}.{table}": _rows(statistics, schema, table) for schema, table in tables}
    found: dict[tuple[str, str], list[tuple[str, StoredObject]]] = {table: [] for table in tables}
    findings = []
    for stored in objects:
        *folder, name = stored.key.removeprefix(f"{prefix}/").split("/")
        table = (folder[0], folder[1]) if len(folder) == 2 else None
        if table in found:
            found[table].append((name, stored))
        elif name:
            findings.append(
                Finding(
                    "warning",
                    "foreign-file",
                    Place(stored.key),
                    "the file belongs to no table of the contract and is not loaded",
                    "Remove it, or add its table to the contract and begin a new run.",
                )
            )
    files = [file for (schema, table), here in found.items() for file in _files_of(schema, table, here, rows_expected[f"{schema}.{table}"])]
    return Manifest(tuple(files), rows_expected, unit_bytes), findings


def _rows(statistics: Sequence[Mapping[str, Any]], schema: str, table: str) -> int:
    for entry in statistics:
        if (entry["SchemaName"], entry["TableName"]) == (schema, table):
            if entry.get("TableState") != "Table completed":
                raise Retryable(
                    f"DMS has not loaded {schema}.{table} completely: its state is {entry.get('TableState')!r}",
                    remedy="Wait for the replication task, or look at its log if the table is in error.",
                )
            return int(entry["FullLoadRows"])
    raise BadData(
        f"DMS's table statistics do not name {schema}.{table}",
        remedy="See that the replication task was made from this contract and that the table exists in the source.",
    )


def _files_of(schema: str, table: str, found: Sequence[tuple[str, StoredObject]], rows: int) -> list[StagedFile]:
    numbered: dict[int, StoredObject] = {}
    for name, stored in found:
        match = _LOAD.fullmatch(name)
        if match is None:
            raise BadData("this is not a name that the staging profile gives", place=stored.key, remedy=_RESTAGE)
        number = int(match[1], 16)
        if number in numbered:
            raise BadData(f"the file stands for the same part as {numbered[number].key}", place=stored.key, remedy=_RESTAGE)
        numbered[number] = stored
    for wanted, number in enumerate(sorted(numbered), start=1):
        if number != wanted:
            place = numbered[number].key.rsplit("/", 1)[0]
            raise BadData(f"the file with number {wanted:08X} is missing before {number:08X}", place=place, remedy=_RESTAGE)
    if rows and not numbered:
        raise BadData(f"DMS loaded {rows} rows of {schema}.{table}, but there is no staged file", remedy=_RESTAGE)
    return [StagedFile(schema, table, numbered[n].key, numbered[n].size, numbered[n].etag) for n in sorted(numbered)]
