# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks of the tables that a task selects."""

from __future__ import annotations

import re
from collections import Counter

from lab.dms.assessments.examination import FAILED, PASSED, WARNING, Examination, Finding, dotted, found
from lab.dms.full_load.csv_line import quoted_name
from lab.dms.sources.mysql import TableError

MANY_TABLES = 10_000
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.DataTypes
_CASCADE = re.compile(r"^\s*CONSTRAINT `((?:[^`]|``)+)` FOREIGN KEY .* ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)", re.MULTILINE)
_SPATIAL = frozenset(
    {
        *("geometry", "point", "linestring", "polygon"),
        *("multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"),
    }
)
LOBS = _SPATIAL | {"mediumtext", "longtext", "json", "mediumblob", "longblob"}
_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "bit", "decimal", "float", "double"})
_TIMES = frozenset({"date", "datetime", "timestamp", "time", "year"})
_STRINGS = frozenset({"char", "varchar", "tinytext", "text", "enum", "set", "binary", "varbinary", "tinyblob", "blob"})
SUPPORTED = LOBS | _NUMBERS | _TIMES | _STRINGS


def selection_rules(e: Examination) -> Finding:
    """Something must be selected; a rule that selects nothing, a rule that stands twice and what is no base table are worth a warning."""
    if not e.tables:
        return Finding(FAILED, "The selection rules select no table that exists and that this account sees")
    others = e.source.answer("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_TYPE <> 'BASE TABLE'")
    left_out = [f"{dotted(row[:2])} ({str(row[2]).lower()})" for row in others if e.mappings.selects(row[0], row[1])]
    absent = [f"{dotted(pair)} (not there)" for pair in e.mappings.missing(e.tables)]
    problems = [*left_out, *absent, *_selected_twice(e)]
    return found(problems, WARNING, "Selected, but not migrated as the rules say", "Every selection rule selects tables that exist")


def data_types(e: Examination) -> Finding:
    bad = [f"{dotted(c[:3])} ({c[3]})" for c in unsupported_columns(e)]
    return found(bad, FAILED, "Columns of types that DMS does not support", "No column has a type that DMS does not support")


def unsupported_columns(e: Examination) -> list[tuple[str, str, str, str]]:
    """Schema, table, column and type of every column whose type DMS does not support."""
    columns = [(c["table_schema"], c["table_name"], c["column_name"], c["data_type"].lower()) for c in e.columns]
    return [c for c in columns if c[3] not in SUPPORTED]


def keys(e: Examination) -> Finding:
    bad = [dotted(t) for t in e.tables if t not in e.unique]
    return found(bad, WARNING, "Tables without primary key or unique index", "Every table has a primary key or a unique index")


def keys_of_lob_tables(e: Examination) -> Finding:
    with_lob = {(c["table_schema"], c["table_name"]) for c in e.columns if c["data_type"].lower() in LOBS}
    bad = [dotted(t) for t in with_lob - e.unique]
    return found(bad, FAILED, "Tables with LOBs but without primary key or unique index", "Every table with LOBs has a key")


def select_privileges(e: Examination) -> Finding:
    bad = [dotted(t) for t in e.tables if not _readable(e, *t)]
    return found(bad, FAILED, "Tables that this account may not read", "The account may read every selected table")


def engines(e: Examination) -> Finding:
    rows = e.selected("SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE ENGINE <> 'InnoDB'")
    return found((f"{dotted(r[:2])} ({r[2]})" for r in rows), WARNING, "Tables of other engines than InnoDB", "Every table is InnoDB")


def auto_increment(e: Examination) -> Finding:
    bad = [_column(c) for c in e.columns if "auto_increment" in c["extra"].lower()]
    return found(bad, WARNING, "Columns whose AUTO_INCREMENT is not migrated", "No column has AUTO_INCREMENT")


def generated_columns(e: Examination) -> Finding:
    bad = [_column(c) for c in e.columns if c["generation_expression"]]
    return found(bad, WARNING, "Generated columns, whose changes are not replicated", "No column is generated")


def invisible_columns(e: Examination) -> Finding:
    bad = [_column(c) for c in e.columns if "invisible" in c["extra"].lower()]
    return found(bad, WARNING, "Invisible columns, which are not migrated", "No column is invisible")


def partitions(e: Examination) -> Finding:
    return found(_partitioned(e), WARNING, "Partitioned tables", "No table is partitioned")


def partition_ddl(e: Examination) -> Finding:
    if "skiptablesuspensionforpartitionddl=true" in e.attributes.lower().replace(" ", ""):
        return Finding(PASSED, "skipTableSuspensionForPartitionDdl is true")
    good = "No table is partitioned"
    return found(_partitioned(e), WARNING, "Partitioned tables without skipTableSuspensionForPartitionDdl=true", good)


def cascades(e: Examination) -> Finding:
    """The server changes the child rows without writing that into its binary log.

    Read from SHOW CREATE TABLE: ``information_schema.REFERENTIAL_CONSTRAINTS`` hides tables that an account may only SELECT from.
    """
    named = [f"{dotted(table)}.{name}" for table in e.tables for name in _CASCADE.findall(_definition(e, *table))]
    bad = FAILED if e.captures else WARNING
    return found(named, bad, "Foreign keys whose cascades are not in the binary log", "No foreign key cascades")


def lobs_and_packets(e: Examination) -> Finding:
    limit = int(e.number("max_allowed_packet"))
    bad = [_column(c) for c in e.columns if c["data_type"].lower() in LOBS and _longer(e, c, limit)]
    details = f"LOB columns with values longer than max_allowed_packet ({limit} bytes)"
    return found(bad, FAILED, details, "No LOB is longer than max_allowed_packet")


def number_of_tables(e: Examination) -> Finding:
    if len(e.tables) > MANY_TABLES:
        return Finding(WARNING, f"The task selects {len(e.tables)} tables, more than {MANY_TABLES}")
    return Finding(PASSED, f"The task selects {len(e.tables)} tables")


def load_threads(e: Examination) -> Finding:
    at_once = e.settings["FullLoadSettings"]["MaxFullLoadSubTasks"]
    if len(e.tables) > at_once:
        return Finding(
            WARNING, f"The task selects {len(e.tables)} tables and loads {at_once} at a time; think of a higher MaxFullLoadSubTasks"
        )
    return Finding(PASSED, f"All {len(e.tables)} tables are loaded at once")


def _column(column: dict[str, str]) -> str:
    return dotted((column["table_schema"], column["table_name"], column["column_name"]))


def _partitioned(e: Examination) -> list[str]:
    rows = e.selected("SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.PARTITIONS WHERE PARTITION_NAME IS NOT NULL")
    return [dotted(r) for r in rows]


def _readable(e: Examination, schema: str, table: str) -> bool:
    try:
        e.source.answer(f"SELECT 1 FROM {quoted_name(schema)}.{quoted_name(table)} LIMIT 0")  # noqa: S608 - quoted names
    except TableError:
        return False
    return True


def _definition(e: Examination, schema: str, table: str) -> str:
    """The statement that would create the table; nothing if the account may not know."""
    try:
        return str(e.source.answer(f"SHOW CREATE TABLE {quoted_name(schema)}.{quoted_name(table)}")[0][1])
    except TableError:
        return ""


def _longer(e: Examination, column: dict[str, str], limit: int) -> bool:
    name = quoted_name(column["column_name"])
    table = f"{quoted_name(column['table_schema'])}.{quoted_name(column['table_name'])}"
    return bool(e.source.answer(f"SELECT 1 FROM {table} WHERE OCTET_LENGTH({name}) > {limit:d} LIMIT 1"))  # noqa: S608 - quoted names


def _selected_twice(e: Examination) -> list[str]:
    """Rules that stand twice, and tables that other rules send to one and the same target table."""
    rules = Counter((s.locator.pair, s.action) for s in e.mappings.selections)
    twice = [f"{dotted(pair)} ({action} rule stands {count} times)" for (pair, action), count in rules.items() if count > 1]
    return twice + [f"{dotted(pair)} (shares its target table)" for pair in e.mappings.colliding(e.tables)]
