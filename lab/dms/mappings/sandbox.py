# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""SQLite as a calculator: the documented functions and nothing else, no tables, no statements.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Expressions.html
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

DOCUMENTED = (
    *("lower", "upper", "ltrim", "replace", "rtrim", "substr", "trim", "replaceChars"),
    *("hex", "randomblob", "zeroblob"),
    *("abs", "random", "round", "max", "min"),
    *("coalesce", "ifnull", "nullif"),
    *("date", "time", "datetime", "julianday", "strftime"),
    *("hash_sha256", "operation_indicator"),
)
# Functions whose value changes from row to row without a column.
VOLATILE = frozenset({"randomblob", "random", "date", "time", "datetime", "julianday", "strftime", "operation_indicator"})
# LIKE and GLOB are operators to the writer and functions to SQLite.
_ALLOWED = frozenset(name.lower() for name in DOCUMENTED) | {"like", "glob"}
_STATEMENTS = frozenset({"select", "values", "with", "from", "over", "filter"})
Value = str | bytes | int | float | None

_LARGEST_BYTES = 128 * 1024 * 1024
_TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|\$(?P<name>[^\W\d]\w*)|(?P<word>[^\W\d]\w*)"
    r"|(?P<refused>--|/\*|[;?:@`\[\]\"'$])|(?P<open>\()|(?P<close>\))|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression with its ``$names`` as parameters ``?1``, ``?2``, ... in the order of ``names``."""

    sql: str
    names: tuple[str, ...]
    volatile: bool


def parse(text: str, first: int = 1) -> Parsed:
    """Raises ValueError for what is not one expression. ``first``: the number of the first parameter.

    Double quotes make a string, as in the guide's examples.
    """
    parts: list[str] = []
    names: dict[str, int] = {}
    words: set[str] = set()
    depth = 0
    for token in _TOKEN.finditer(text):
        kind, found = str(token.lastgroup), token.group()
        depth += (kind == "open") - (kind == "close")
        if kind == "refused":
            raise ValueError(f"{found!r} is not allowed in an expression")
        if depth < 0:
            raise ValueError("a closing parenthesis has no opening one")
        if kind == "word":
            words.add(found.lower())
        if kind == "name":
            found = f"?{names.setdefault(token['name'], first + len(names))}"
        elif kind == "quoted":
            found = "'" + found[1:-1].replace('""', '"').replace("'", "''") + "'"
        parts.append(found)
    if depth or not text.strip():
        raise ValueError("an opening parenthesis has no closing one" if depth else "it is empty")
    if words & _STATEMENTS:
        raise ValueError(f"{(words & _STATEMENTS).pop().upper()} is not allowed: write an expression over the row's columns")
    return Parsed("".join(parts), tuple(names), bool(words & VOLATILE))


def check(parsed: Parsed) -> None:
    """Raises ValueError for what SQLite does not understand and for what it may not do."""
    try:
        open_sandbox(lambda: "INSERT").execute(statement([parsed.sql]), (None,) * len(parsed.names))
    except sqlite3.Error as error:
        raise ValueError(f"{error}; {_advice(str(error))}") from None


def _advice(problem: str) -> str:
    if "function" in problem:
        return f"the documented functions are {', '.join(DOCUMENTED)}"
    if "no such column" in problem:
        return "write columns as $name and texts in straight single quotes"
    return "write one expression of SQLite over the row's columns"


def statement(expressions: list[str]) -> str:
    """One row with each expression's value as SQLite writes it as text."""
    return f"SELECT {', '.join(f'CAST(({sql}) AS TEXT)' for sql in expressions)}"


def open_sandbox(operation: Callable[[], str]) -> sqlite3.Connection:
    """A connection for one thread at a time. ``operation``: the row's INSERT, UPDATE or DELETE, for ``operation_indicator``."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_BYTES)
    connection.create_function("hash_sha256", 1, _hash, deterministic=True)
    connection.create_function("replaceChars", 3, _replace_characters, deterministic=True)

    def indicate(deleted: Value, updated: Value, inserted: Value) -> Value:
        return {"DELETE": deleted, "UPDATE": updated}.get(operation(), inserted)

    connection.create_function("operation_indicator", 3, indicate)
    connection.set_authorizer(_authorize)
    return connection


def _authorize(action: int, _first: str | None, name: str | None, _database: str | None, _inner: str | None) -> int:
    allowed = action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_FUNCTION and str(name).lower() in _ALLOWED)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _hash(value: Value) -> str | None:
    """Lower-case hexadecimal digits; the hash of NULL is NULL."""
    return None if value is None else hashlib.sha256(_bytes(value)).hexdigest()


def _replace_characters(text: Value, replaced: Value, replacements: Value) -> str | None:
    """Each character of ``replaced`` becomes the one at its place in ``replacements``, or the first where there is none."""
    if text is None or replaced is None or replacements is None:
        return None
    new = str(replacements)
    table: dict[int, str] = {}
    for index, character in enumerate(str(replaced)):
        table.setdefault(ord(character), new[index] if index < len(new) else new[:1])
    return str(text).translate(table)
