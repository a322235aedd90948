# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The tables that the contract names, as they are in the source now.

Source: AWS DMS User Guide, "Using a MySQL-compatible database as a source" (limitations, data types), "Setting LOB support".
"""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.checker import check_contract
from ..errors import LandbridgeError
from ..model.finding import Finding
from ..model.schema import Column
from .check import Check, Subject

_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
# What DMS treats as LOB, and cuts at the size that the task is given.
_LOBS = frozenset({"mediumtext", "longtext", "json", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon"}) | {
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geomcollection",
}
_CHARSETS = frozenset({"utf8", "utf8mb3", "utf8mb4", "latin1", "ascii", "binary"})


def readable(subject: Subject) -> Iterator[Finding]:
    for schema, name in subject.contract.source_tables:
        try:
            subject.database.require_readable(schema, name)
        except LandbridgeError as error:
            yield subject.on_server("refused", "table-readable", error.message, error.remedy)


def contract(subject: Subject) -> Iterator[Finding]:
    # Whether a table is there at all was asked before, with a better answer.
    yield from (f for f in check_contract(subject.contract, subject.tables) if f.code != "unknown-source-table")


def names(subject: Subject) -> Iterator[Finding]:
    for table in subject.tables:
        for name in (table.schema, table.name, *(column.name for column in table.columns)):
            if set(name) & set("`\"'"):
                yield subject.on_server(
                    "refused", "identifier", f"DMS cannot handle the name {name!r} of {table.qualified}: it holds a quote", "rename it"
                )


def engines(subject: Subject) -> Iterator[Finding]:
    found = subject.database.engines(subject.contract.schemas)
    for schema, name in subject.contract.source_tables:
        engine = found.get(f"{schema}.{name}", "InnoDB")
        if engine != "InnoDB":
            yield subject.on_server(
                "warning",
                "storage-engine",
                f"{schema}.{name} is a {engine} table: it cannot be read in one consistent snapshot while it is written",
                "convert it to InnoDB, or keep writers away during load and validation",
            )


def cascades(subject: Subject) -> Iterator[Finding]:
    for table in subject.tables:
        for key in table.foreign_keys:
            if {key.on_delete, key.on_update} & {"CASCADE", "SET NULL", "SET DEFAULT"}:
                yield subject.on_server(
                    "warning",
                    "cascading-foreign-key",
                    f"{table.qualified} ({', '.join(key.columns)}) changes with {key.to_schema}.{key.to_table}, unseen by the binary log",
                    "keep deletes and key changes of the parent away while changes are followed, or change the key to RESTRICT",
                )


def null_marker(subject: Subject) -> Iterator[Finding]:
    marker = subject.site.replication.null_marker
    for table in subject.tables:
        candidates = [c.name for c in table.staged_columns if c.data_type in _TEXTS and (c.length is None or c.length >= len(marker))]
        for name in subject.database.holding(table, candidates, marker):
            yield subject.on_server(
                "refused",
                "null-marker",
                f"{table.qualified}.{name} holds the text {marker}, which stands for NULL in the staged files",
                "choose another `replication.null_marker` in the site file",
            )


def large_objects(subject: Subject) -> Iterator[Finding]:
    limit = subject.site.replication.lob_max_kb
    for table in subject.tables:
        lobs = [column.name for column in table.staged_columns if column.data_type in _LOBS]
        for name, size in subject.database.longest(table, lobs).items():
            if size > limit * 1024:
                yield subject.on_server(
                    "refused",
                    "lob-size",
                    f"{table.qualified}.{name} holds a value of {size} bytes: DMS would cut it at {limit} KB",
                    f"set `replication.lob_max_kb` of the site file to {-(-size // 1024)} or more",
                )


def charsets(subject: Subject) -> Iterator[Finding]:
    for table in subject.tables:
        for column in table.staged_columns:
            if _charset(column) not in _CHARSETS:
                yield subject.on_server(
                    "warning",
                    "character-set",
                    f"{table.qualified}.{column.name} has the character set {_charset(column)}: DMS may write ? for its characters",
                    "compare a sample of the staged text, or convert the column to utf8mb4",
                )


def _charset(column: Column) -> str:
    return (column.collation or "binary").split("_", 1)[0]


CHECKS = (
    Check("table-readable", "every table of the contract is there and can be read", readable),
    Check("contract", "the contract fits the source", contract),
    Check("identifier", "DMS can handle all names", names),
    Check("storage-engine", "all tables are InnoDB", engines),
    Check("cascading-foreign-key", "no foreign key changes rows behind the binary log", cascades),
    Check("character-set", "DMS can read all character sets", charsets),
    Check("null-marker", "no text can be mistaken for NULL", null_marker),
    Check("lob-size", "no large value would be cut", large_objects),
)
