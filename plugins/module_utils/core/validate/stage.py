# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Stage validate: compares what the run loaded with the source, and keeps the result."""

from __future__ import annotations

from ..checkpoint.documents import Documents
from ..checkpoint.latest import save_latest
from ..checkpoint.run import RunRecord
from ..checkpoint.units import Units
from ..contract.definition import Contract
from ..errors import Conflict
from ..ports import Clock, ItemReader, ProgressListener, SourceDatabase
from ..staging.manifest import KIND as MANIFEST_KIND
from ..staging.manifest import Manifest
from .parity import STAGE, Comparison, LoadedTable, compare

NAME = f"report/{STAGE}.json"
KIND = "parity"
_LOAD = "full_load"


def run_validate(
    contract: Contract,
    run: RunRecord,
    database: SourceDatabase,
    reader: ItemReader,
    documents: Documents,
    clock: Clock,
    listener: ProgressListener,
) -> Comparison:
    """Compare and keep the result as ``report/validate.json``, equal or not.

    Raises NotFound where nothing was loaded yet, Conflict while the load is not done, and what ``compare`` raises.
    """
    comparison = compare(contract, run, database, reader, _loaded(documents, clock), listener)
    save_latest(documents, NAME, KIND, {**comparison.to_json(), "at": clock.now().isoformat(timespec="seconds")})
    return comparison


def last_comparison(documents: Documents) -> Comparison:
    """What the newest validation found. Raises NotFound where there was none."""
    return Comparison.from_json(documents.require(NAME, KIND, "run the stage validate first").body)


def _loaded(documents: Documents, clock: Clock) -> dict[str, LoadedTable]:
    manifest = Manifest.from_json(documents.require(f"manifest/{_LOAD}.json", MANIFEST_KIND, "run the stage full_load first").body)
    units = Units(documents, _LOAD, clock)
    staged, rejected = dict.fromkeys(manifest.rows_expected, 0), dict.fromkeys(manifest.rows_expected, 0)
    for file in manifest.files:
        for unit in manifest.units_of(file):
            result = units.result(unit)
            if result is None:
                raise Conflict(
                    f"the load is not done: unit {unit.id} is {units.state(unit)}", remedy="run the stage full_load to its end first"
                )
            staged[f"{file.schema}.{file.table}"] += result.rows
            rejected[f"{file.schema}.{file.table}"] += result.rejected
    return {table: LoadedTable(staged[table], rejected[table]) for table in staged}
