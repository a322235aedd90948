# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tables, columns and keys from ``information_schema``, the same from MySQL and MariaDB."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import Denied
from ..model.schema import Column, ForeignKey, Table
from .mysql_text import quoted

Ask = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]

_BASE_TABLES = "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_SCHEMA IN %s"

ENGINES = f"""
SELECT TABLE_SCHEMA, TABLE_NAME, IF(TABLE_TYPE = 'BASE TABLE', COALESCE(ENGINE, 'unknown'), CONCAT('system-versioned ', ENGINE))
FROM information_schema.TABLES WHERE {_BASE_TABLES} ORDER BY 1, 2"""  # noqa: S608 - constants only

_COLUMNS = f"""
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, ORDINAL_POSITION, CHARACTER_MAXIMUM_LENGTH,
       NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, COLLATION_NAME, EXTRA
FROM information_schema.COLUMNS
WHERE (TABLE_SCHEMA, TABLE_NAME) IN (SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE {_BASE_TABLES})
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"""  # noqa: S608 - constants only

_PRIMARY_KEYS = """
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS
WHERE INDEX_NAME = 'PRIMARY' AND TABLE_SCHEMA IN %s ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX"""

# MariaDB shows foreign keys in information_schema only to accounts that may do more than SELECT, so they are read from the statement
# that would create the table. Newlines within comments are escaped there: a line that begins like this is a constraint.
_QUOTED = r"`(?:[^`]|``)+`"
_FOREIGN_KEY = re.compile(
    rf"^ +CONSTRAINT {_QUOTED} FOREIGN KEY \((?P<own>.+?)\)"
    rf" REFERENCES (?:(?P<schema>{_QUOTED})\.)?(?P<table>{_QUOTED}) \((?P<other>.+?)\)(?P<rules>.*)$",
    re.MULTILINE,
)
_RULE = r"ON {} (CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)"


def read_tables(ask: Ask, schemas: Sequence[str]) -> tuple[Table, ...]:
    """``ask`` runs a statement with its parameters and gives rows of text; raises Denied where it must."""
    within = (tuple(schemas),)
    columns: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for schema, name, *rest in ask(_COLUMNS, within):
        columns[schema, name].append(_column(rest))
    primary_keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema, name, column in ask(_PRIMARY_KEYS, within):
        primary_keys[schema, name].append(column)
    return tuple(
        Table(schema, name, tuple(of_table), tuple(primary_keys[schema, name]), _foreign_keys(ask, schema, name))
        for (schema, name), of_table in columns.items()
    )


def _column(row: Sequence[Any]) -> Column:
    name, data_type, column_type, nullable, ordinal, length, precision, scale, fraction, collation, extra = row
    words = set(re.findall(r"\w+", str(extra or "").upper()))
    return Column(
        name=name,
        data_type=str(data_type).lower(),
        column_type=str(column_type),
        nullable=nullable == "YES",
        ordinal=int(ordinal),
        length=_whole(length),
        precision=_whole(precision),
        scale=_whole(scale),
        fraction=_whole(fraction),
        collation=collation,
        # MySQL says DEFAULT_GENERATED of a column whose default is an expression: an ordinary column, and another word here.
        generated=bool(words & {"GENERATED", "VIRTUAL", "PERSISTENT"}),
        invisible="INVISIBLE" in words,
    )


def _whole(value: str | None) -> int | None:
    return None if value is None else int(value)


def _foreign_keys(ask: Ask, schema: str, name: str) -> tuple[ForeignKey, ...]:
    try:
        ((_name, statement),) = ask(f"SHOW CREATE TABLE {quoted(schema)}.{quoted(name)}", ())
    except Denied:  # some columns are granted, not the table: nothing of it can be migrated, and the checks say so if it should be
        return ()
    return tuple(_foreign_key(schema, match) for match in _FOREIGN_KEY.finditer(statement))


def _foreign_key(schema: str, match: re.Match[str]) -> ForeignKey:
    on_delete, on_update = (re.search(_RULE.format(event), match["rules"]) for event in ("DELETE", "UPDATE"))
    return ForeignKey(
        columns=_names(match["own"]),
        to_schema=_unquoted(match["schema"]) if match["schema"] else schema,
        to_table=_unquoted(match["table"]),
        to_columns=_names(match["other"]),
        on_delete=on_delete[1] if on_delete else "RESTRICT",
        on_update=on_update[1] if on_update else "RESTRICT",
    )


def _names(quoted_list: str) -> tuple[str, ...]:
    return tuple(_unquoted(name) for name in re.findall(_QUOTED, quoted_list))


def _unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`")
