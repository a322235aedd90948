# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads a contract from its document. Names are held against each other here; columns are held against the source by the checker."""

from __future__ import annotations

import hashlib
import re

from ..document.walk import Fields, Findings, did_you_mean
from ..model.document import Entry, Mapping
from .definition import RESERVED, AccessPattern, Contract, Entity, Index, Named, NameStyle, TargetTable
from .parse_entity import Defaults, parse_entity

LANGUAGE = 1
NAME_STYLES: tuple[NameStyle, ...] = ("as-is", "camel", "pascal")

_TOP = ("landbridge", "source", "defaults", "tables", "entities", "access")
_RESOURCE_NAME = r"[A-Za-z0-9_.-]{3,255}"  # what DynamoDB allows for tables and indexes
_RESOURCE_RULE = "Use 3 to 255 letters, digits, '_', '-' and '.'."


def parse_contract(document: Mapping, text: str) -> Contract:
    """The contract in ``document``, which was read from ``text``. Raises InvalidInput that holds all findings."""
    findings = Findings()
    top = Fields(document, _TOP, "the contract", findings)
    top.whole("landbridge", minimum=LANGUAGE, maximum=LANGUAGE)
    source = top.fields("source", ("engine", "schemas"), required=True)
    engine = source.text("engine", "mysql", choices=("mysql", "mariadb"))
    schemas = tuple(name for name, _place in source.texts("schemas", required=True))
    defaults = Defaults.read(top.fields("defaults", ("names", "created_at", "updated_at")), NAME_STYLES, findings)
    tables = tuple(_table(entry, findings) for entry in top.mapping("tables", required=True))
    nodes = top.mapping("entities", required=True)
    names = tuple(entry.key for entry in nodes)
    entities = tuple(entity for entry in nodes if (entity := parse_entity(entry, schemas, tables, names, defaults, findings)) is not None)
    for what, found in (("tables", tables), ("entities", names)):
        if not found and document.get(what):
            findings.refuse("missing-key", top.place(what), f"'{what}' of the contract is empty", "Add at least one.")
    access = tuple(pattern for entry in top.mapping("access") if (pattern := _access(entry, entities, names, tables, findings)) is not None)
    findings.raise_refused("the contract")
    return Contract(
        file=document.place.file,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        schemas=schemas,
        names=defaults.names,
        tables=tables,
        entities=entities,
        access=access,
        engine=engine,
    )


def _table(entry: Entry, findings: Findings) -> TargetTable:
    what = f"table '{entry.key}'"
    _check_resource_name(entry, findings)
    fields = Fields.of(entry.value, ("key", "indexes"), what, findings)
    key = fields.fields("key", ("partition", "sort"), required=True)
    partition, sort = _key_names(key, f"the key of {what}", findings)
    indexes = []
    for index in fields.mapping("indexes"):
        _check_resource_name(index, findings)
        index_fields = Fields.of(index.value, ("partition", "sort"), f"index '{index.key}'", findings)
        index_partition, index_sort = _key_names(index_fields, f"index '{index.key}'", findings)
        indexes.append(Index(index.key, index_partition, index_sort, index.place))
    if len(indexes) > 20:
        findings.refuse("too-many-indexes", fields.place("indexes"), f"{what} has {len(indexes)} indexes", "DynamoDB allows 20.")
    return TargetTable(entry.key, partition, sort, tuple(indexes), entry.place)


def _check_resource_name(entry: Entry, findings: Findings) -> None:
    if not re.fullmatch(_RESOURCE_NAME, entry.key):
        findings.refuse("bad-value", entry.place, f"'{entry.key}' is no name for a table or an index", _RESOURCE_RULE)


def _key_names(fields: Fields, what: str, findings: Findings) -> tuple[str, str | None]:
    partition = fields.text("partition", pattern=".{1,255}")
    sort = fields.text("sort", "", pattern=".{0,255}") or None
    if sort is not None and sort == partition:
        findings.refuse("duplicate-name", fields.place("sort"), f"{what} has one attribute for partition and sort", "Name two attributes.")
    for name, key in ((partition, "partition"), (sort, "sort")):
        if name in RESERVED:
            reason = f"'{name}' is an attribute that the engine writes itself"
            findings.refuse("reserved-attribute", fields.place(key), reason, "Choose another name for the key.")
    return partition, sort


def _access(
    entry: Entry, entities: tuple[Entity, ...], names: tuple[str, ...], tables: tuple[TargetTable, ...], findings: Findings
) -> AccessPattern | None:
    """One access pattern. The key that it reads must be built from exactly the columns that it is asked by."""
    what = f"access pattern '{entry.key}'"
    fields = Fields.of(entry.value, ("entity", "entities", "index", "by", "between", "sum"), what, findings)
    single, several = fields.node("entity"), fields.node("entities")
    if (single is None) == (several is None):
        findings.refuse("missing-key", entry.place, f"{what} needs either 'entity' or 'entities'", "Name the entities that it returns.")
        return None
    wanted = fields.texts("entities") if several else ((fields.text("entity"), fields.place("entity")),)
    for name, place in wanted:
        if name and name not in names:
            findings.refuse("unknown-entity", place, f"{what}: there is no entity '{name}'", did_you_mean(name, names))
    found = [entity for entity in entities if entity.name in dict(wanted)]
    table = next((table for table in tables if found and table.name == found[0].into), None)
    if table is None:
        return None
    if any(entity.into != table.name for entity in found):
        findings.refuse("access-not-by-key", entry.place, f"{what} spans several tables", "Describe one pattern per table.")
    index_name = fields.text("index", "")
    index = table.index(index_name)
    if index_name and index is None:
        remedy = did_you_mean(index_name, [known.name for known in table.indexes])
        findings.refuse("unknown-index", fields.place("index"), f"{what}: table '{table.name}' has no index '{index_name}'", remedy)
        return None
    by = tuple(Named(name, place) for name, place in fields.texts("by", required=True))
    between = Named(text, fields.place("between")) if (text := fields.text("between", "")) else None
    sums = tuple(Named(name, place) for name, place in fields.texts("sum"))
    pattern = AccessPattern(entry.key, tuple(e.name for e in found), table.name, index_name or None, by, between, sums, entry.place)
    for entity in found:
        _check_access(pattern, entity, index or table, findings)
    return pattern


def _check_access(pattern: AccessPattern, entity: Entity, key: Index | TargetTable, findings: Findings) -> None:
    partition = entity.template(key.partition)
    sort = entity.template(key.sort) if key.sort else None
    if partition is None:
        reason = f"access pattern '{pattern.name}': entity '{entity.name}' does not stand in '{key.name}'"
        findings.refuse("access-not-by-key", pattern.place, reason, f"Give '{entity.name}' a template for '{key.partition}'.")
        return
    by = [named.name for named in pattern.by]
    sort_columns = list(sort.columns) if sort else []
    missing = [column for column in partition.columns if column not in by]
    if missing:
        reason = f"access pattern '{pattern.name}': '{key.partition}' of '{entity.name}' also needs {', '.join(missing)}"
        findings.refuse("access-not-by-key", pattern.place, reason, f"Add {', '.join(missing)} to 'by'.")
    # What is asked by beyond the partition key, and then the range, must lead the sort key in order.
    beyond = [named for named in pattern.by if named.name not in partition.columns]
    for position, named in enumerate([*beyond, *([pattern.between] if pattern.between else [])]):
        if sort_columns[position : position + 1] != [named.name]:
            reason = f"access pattern '{pattern.name}': '{named.name}' is not number {position + 1} in the sort key of '{entity.name}'"
            remedy = f"The sort key holds: {', '.join(sort_columns) or 'no column'}."
            findings.refuse("access-not-by-key", named.place, reason, remedy)
            return
