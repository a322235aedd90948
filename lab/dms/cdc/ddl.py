# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads the statements of the log: which tables a DDL statement is about, and what it does to them.

Only as much of the grammar is read as that takes: https://mariadb.com/kb/en/sql-statements/,
https://dev.mysql.com/doc/refman/8.4/en/sql-data-definition-statements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CREATE, DROP, TRUNCATE, ALTER, RENAME, PARTITION = "create", "drop", "truncate", "alter", "rename", "partition"

# Comments that only some servers heed (/*! ... */, /*M! ... */) are read as if they stood open.
_TOKEN = re.compile(
    r"""
    (?P<skip>\s+ | /\*(?!M?!).*?\*/ | /\*M?!\d* | \*/ | (?:--(?=\s|$)|\#)[^\n]*)
    | `(?P<quoted>(?:[^`]|``)*)`
    | "(?P<double>(?:[^"]|"")*)"
    | '(?P<text>(?:[^'\\]|\\.|'')*)'
    | (?P<word>[\w$]+)
    | (?P<mark>.)
    """,
    re.DOTALL | re.VERBOSE,
)
# What ALTER TABLE does to partitions removes or moves rows of which the log says nothing.
_PARTITION_ACTIONS = frozenset({"TRUNCATE", "DROP", "EXCHANGE", "DISCARD", "IMPORT", "CONVERT"})


@dataclass(frozen=True, slots=True)
class TableDdl:
    """One table of a statement. ``kind``: a constant of this module; ``table``: "" for all tables of the schema."""

    kind: str
    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class _Token:
    """``word``: in upper case, "" for quoted names and texts; a mark is its own word."""

    text: str
    word: str = ""


_END = _Token("")


def read_ddl(sql: str, schema: str) -> list[TableDdl]:
    """What the statement does, in its order; nothing for one that touches no stored table. ``schema``: the session's default."""
    return _Statement(sql, schema).read()


class _Statement:
    def __init__(self, sql: str, schema: str) -> None:
        self._tokens = _tokens(sql)
        self._schema = schema
        self._next = next(self._tokens, _END)

    def read(self) -> list[TableDdl]:
        verb = self._take().word
        if verb == "TRUNCATE":
            self._skip("TABLE")
            return [self._table(TRUNCATE)]
        if verb == "RENAME" and self._skip("TABLE", "TABLES"):
            return self._renamed()
        if verb == "DROP":
            return self._dropped()
        if verb == "CREATE":
            return self._created()
        if verb == "ALTER":
            return self._altered()
        return []

    def _dropped(self) -> list[TableDdl]:
        if self._skip("DATABASE", "SCHEMA"):
            self._skip_all("IF", "EXISTS")
            return [TableDdl(DROP, self._take().text, "")]
        if not self._skip("TABLE", "TABLES"):
            return []
        self._skip_all("IF", "EXISTS")
        found = [self._table(DROP)]
        while self._skip(","):
            found.append(self._table(DROP))
        return found

    def _created(self) -> list[TableDdl]:
        replaced = self._skip("OR")
        self._skip_all("REPLACE")
        if not self._skip("TABLE"):
            return []
        self._skip_all("IF", "NOT", "EXISTS")
        table = self._table(CREATE)
        return [TableDdl(DROP, table.schema, table.table), table] if replaced else [table]

    def _renamed(self) -> list[TableDdl]:
        self._skip_all("IF", "EXISTS")
        found: list[TableDdl] = []
        while self._next is not _END:
            found.append(self._table(RENAME))
            self._skip_wait()
            self._skip("TO")
            found.append(self._table(RENAME))
            if not self._skip(","):
                break
        return found

    def _altered(self) -> list[TableDdl]:
        self._skip_all("ONLINE", "IGNORE")
        if not self._skip("TABLE"):
            return []
        self._skip_all("IF", "EXISTS")
        table = self._table(ALTER)
        self._skip_wait()
        found = [table]
        # Each specification behind a comma (outside of parentheses) begins with what it does.
        depth, first = 0, True
        while self._next is not _END:
            token = self._take()
            depth += (token.word == "(") - (token.word == ")")
            if first and depth == 0:
                found += self._specification(token.word, table)
            first = depth == 0 and token.word == ","
        return found

    def _specification(self, action: str, table: TableDdl) -> list[TableDdl]:
        if action == "RENAME" and self._next.word not in ("COLUMN", "INDEX", "KEY"):
            self._skip_all("TO", "AS", "=")
            return [TableDdl(RENAME, table.schema, table.table), self._table(RENAME)]
        if action in _PARTITION_ACTIONS and self._next.word == "PARTITION":
            return [TableDdl(PARTITION, table.schema, table.table)]
        return []

    def _table(self, kind: str) -> TableDdl:
        """A name, with or without its schema."""
        name = self._take().text
        if self._next.word == ".":
            self._take()
            return TableDdl(kind, name, self._take().text)
        return TableDdl(kind, self._schema, name)

    def _skip_wait(self) -> None:
        """MariaDB's WAIT n and NOWAIT behind the name of a table."""
        if self._skip("WAIT"):
            self._take()
        self._skip("NOWAIT")

    def _skip(self, *words: str) -> bool:
        """Take the next token if it is one of these words."""
        if self._next.word in words:
            self._take()
            return True
        return False

    def _skip_all(self, *words: str) -> None:
        """Take those of the words that follow, in this order."""
        for word in words:
            self._skip(word)

    def _take(self) -> _Token:
        token, self._next = self._next, next(self._tokens, _END)
        return token


def _tokens(sql: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(sql):
        kind, text = found.lastgroup, found.group(found.lastgroup or 0)
        if kind == "quoted":
            yield _Token(text.replace("``", "`"))
        elif kind == "double":
            yield _Token(text.replace('""', '"'))
        elif kind == "text":
            yield _Token(text)
        elif kind in ("word", "mark"):
            yield _Token(text, text.upper())
