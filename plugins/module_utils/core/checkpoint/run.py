# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a run was begun with: frozen once, the same for every stage after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..errors import BadData, Conflict
from ..model.schema import Table
from .documents import Documents

NAME = "run.json"
KIND = "run"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Contract text and hash, the source's tables as they were, and how and where they are staged."""

    contract_text: str
    contract_sha256: str
    tables: tuple[Table, ...]
    staging_prefix: str
    null_marker: str
    generation: int = 1

    @property
    def version(self) -> str:
        """``_v`` of every item of the full load: generation (6 digits), then zeros for file (17), row (12) and sub-operation (4)."""
        return f"{self.generation:06d}{0:033d}"

    def table(self, schema: str, name: str) -> Table:
        """A table of the snapshot. Raises Conflict where the run was frozen without it."""
        for table in self.tables:
            if (table.schema, table.name) == (schema, name):
                return table
        raise Conflict(
            f"the frozen run knows no table {schema}.{name}", place=NAME, remedy="Begin a new run: give it another name in the site file."
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "tables": [table.to_json() for table in self.tables]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunRecord:
        return cls(**{**data, "tables": tuple(Table.from_json(table) for table in data["tables"])})


def freeze_run(documents: Documents, record: RunRecord) -> bool:
    """Freeze the run; True if this call did it. Raises Conflict where something else was frozen under this name."""
    frozen = documents.read(NAME, KIND)
    if frozen is None:
        try:
            documents.create(NAME, KIND, record.to_json())
        except Conflict:
            frozen = documents.read(NAME, KIND)
        else:
            return True
    different = _differences(record, load_run(documents)) if frozen else []
    if different:
        raise Conflict(
            f"this run was begun with another {' and another '.join(different)}",
            place=NAME,
            remedy="Go back to what it was begun with, or begin a new run: give it another name in the site file.",
        )
    return False


def load_run(documents: Documents) -> RunRecord:
    """The frozen run. Raises NotFound where there is none yet."""
    document = documents.require(NAME, KIND, "Run stage replicate first: it freezes contract and schema.")
    try:
        return RunRecord.from_json(document.body)
    except (KeyError, TypeError) as error:
        raise BadData("the run document is incomplete", place=NAME, remedy="Restore an earlier version of the object.") from error


def load_run_of(documents: Documents, contract_sha256: str, contract_file: str) -> RunRecord:
    """The frozen run, for whoever holds that contract. Raises NotFound where there is none yet, Conflict where it has another contract."""
    run = load_run(documents)
    if run.contract_sha256 != contract_sha256:
        raise Conflict(
            "the contract was changed after the run was begun",
            place=contract_file,
            remedy="go back to the contract that the run was begun with, or begin a new run: give it another name in the site file",
        )
    return run


def _differences(wanted: RunRecord, frozen: RunRecord) -> list[str]:
    pairs = {
        "contract": (wanted.contract_sha256, frozen.contract_sha256),
        "source schema": (wanted.tables, frozen.tables),
        "staging prefix": (wanted.staging_prefix, frozen.staging_prefix),
        "NULL marker": (wanted.null_marker, frozen.null_marker),
    }
    return [name for name, (ours, theirs) in pairs.items() if ours != theirs]
