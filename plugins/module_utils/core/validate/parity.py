# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Are both sides equal: every row of the source against every item of the target, by counts and digests.

The source's rows become items through the contract, as the load made them; the items of both sides are brought into canonical form
and hashed; the hashes are added up per entity. Memory does not grow with the data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..checkpoint.run import RunRecord
from ..contract.canonical import Digest, canonical_item
from ..contract.definition import ENTITY_TYPE, Contract, Entity
from ..contract.rows import compile_rows
from ..errors import BadData, NotFound, Rejected
from ..model.parity import EntityParity
from ..model.progress import StageProgress, TableProgress
from ..model.schema import Table
from ..ports import ItemReader, ProgressListener, SourceDatabase

STAGE = "validate"
_ROWS_PER_REPORT = 2000


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """What the load says of one source table."""

    staged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``foreign``: items in the target tables that no entity of the contract made, by ``table / EntityType``."""

    entities: tuple[EntityParity, ...]
    foreign: dict[str, int]

    @property
    def equal(self) -> bool:
        return bool(self.entities) and not self.foreign and all(entity.equal for entity in self.entities)

    def to_json(self) -> dict[str, Any]:
        """``{"equal", "entities": [...], "foreign": {...}}``."""
        return {"equal": self.equal, "entities": [entity.to_json() for entity in self.entities], "foreign": self.foreign}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Comparison:
        return cls(tuple(EntityParity.from_json(entity) for entity in data["entities"]), dict(data["foreign"]))


@dataclass(slots=True)
class _Side:
    """What one side holds. ``rows`` and ``rejected`` by ``schema.table``, ``digests`` by entity."""

    digests: dict[str, Digest]
    rows: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)

    @property
    def items(self) -> int:
        return sum(digest.count for digest in self.digests.values())


def compare(
    contract: Contract,
    run: RunRecord,
    database: SourceDatabase,
    reader: ItemReader,
    loaded: Mapping[str, LoadedTable],
    listener: ProgressListener,
) -> Comparison:
    """Compare everything. ``loaded``: the load's account by ``schema.table``.

    An entity is equal if the items that its rows give and the items in the target are the same in number and digest, and the rows
    that give none because they are rejected are exactly as many as the load put with the rejects. Raises NotFound where a target
    table is missing, and what database and reader raise; what ``listener`` raises ends the comparison.
    """
    missing = [table.name for table in contract.tables if reader.describe(table.name) is None]
    if missing:
        raise NotFound(f"there is no DynamoDB table {', '.join(missing)}", remedy="run the stages provision and full_load first")
    source = _read_source(contract, run, database, _Report(listener, loaded))
    target = _read_target(contract, reader, listener, source)
    return Comparison(tuple(_parity(entity, source, target, loaded) for entity in contract.entities), dict(sorted(target.foreign.items())))


def require_equal(comparison: Comparison) -> None:
    """Raises BadData naming the entities that differ, and items that no entity made."""
    said = [f"{e.entity}: {e.source_rows} rows, {e.items} items, {e.rejects} rejects" for e in comparison.entities if not e.equal]
    said += [f"{place}: {count} items that the contract does not know" for place, count in comparison.foreign.items()]
    if said:
        raise BadData(
            "source and target differ: " + "; ".join(said),
            remedy="If the source changed since, begin a new run. Where there are more items than rows give, an earlier run may have"
            " left them: remove them before, or name another table in the contract. Otherwise look at the rejects and at who else"
            " writes the table.",
        )


class _Report:
    """Tells how far the reading of the source has come."""

    def __init__(self, listener: ProgressListener, loaded: Mapping[str, LoadedTable]) -> None:
        self._listener = listener
        self._tables = {name: TableProgress(name, rows_expected=account.staged) for name, account in loaded.items()}

    def read(self, table: Table, rows: int, rejected: int) -> None:
        known = self._tables.get(table.qualified, TableProgress(table.qualified))
        self._tables[table.qualified] = replace(known, rows_done=rows, rejected=rejected)
        self._listener(StageProgress(STAGE, f"reading {table.qualified}", tuple(self._tables.values())))


def _empty(contract: Contract) -> _Side:
    return _Side({entity.name: Digest() for entity in contract.entities})


def _read_source(contract: Contract, run: RunRecord, database: SourceDatabase, report: _Report) -> _Side:
    side = _empty(contract)
    for schema, name in contract.source_tables:
        table = run.table(schema, name)
        rows = rejected = 0
        for items in _items(contract, run, table, database):
            rows += 1
            if items is None:
                rejected += 1
            else:
                for entity, item in items:
                    side.digests[entity].add(canonical_item(json.loads(item)))
            if rows % _ROWS_PER_REPORT == 0:
                report.read(table, rows, rejected)
        report.read(table, rows, rejected)
        side.rows[table.qualified], side.rejected[table.qualified] = rows, rejected
    return side


def _items(contract: Contract, run: RunRecord, table: Table, database: SourceDatabase) -> Iterator[list[tuple[str, str]] | None]:
    """(entity, item) pairs of each row, or None where the row is rejected."""
    transform = compile_rows(contract, table, null=None, offset=0, version=run.version)
    for row in database.rows(table, [column.name for column in table.staged_columns]):
        try:
            yield [(entity, item) for entity, _key, item in transform(row)]
        except Rejected:
            yield None


def _read_target(contract: Contract, reader: ItemReader, listener: ProgressListener, source: _Side) -> _Side:
    side = _empty(contract)
    into = {entity.name: entity.into for entity in contract.entities}
    for table in contract.tables:
        for page in reader.scan(table.name):
            for item in page:
                kind = item.get(ENTITY_TYPE, {}).get("S", "")
                if into.get(kind) == table.name:
                    side.digests[kind].add(canonical_item(item))
                else:
                    side.foreign[f"{table.name} / {kind or 'no EntityType'}"] += 1
            known = TableProgress(table.name, rows_expected=source.items, rows_done=side.items)
            listener(StageProgress(STAGE, f"reading items of {table.name}", (known,)))
    return side


def _parity(entity: Entity, source: _Side, target: _Side, loaded: Mapping[str, LoadedTable]) -> EntityParity:
    ours, theirs = source.digests[entity.name], target.digests[entity.name]
    table = f"{entity.schema}.{entity.table}"
    load = loaded.get(table, LoadedTable(0, 0))
    return EntityParity(
        entity=entity.name,
        source_rows=source.rows[table],
        staged_rows=load.staged,
        items=theirs.count,
        rejects=load.rejected,
        digest_source=ours.hexdigest(),
        digest_target=theirs.hexdigest(),
        equal=(ours.count, ours.hexdigest()) == (theirs.count, theirs.hexdigest()) and source.rejected[table] == load.rejected,
    )
