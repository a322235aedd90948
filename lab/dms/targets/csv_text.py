# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Fields of CSV that the engine itself writes, as the endpoint and the dialect want them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lab.dms.dialects.dialect import Dialect
from lab.dms.targets.settings import S3Settings

Quote = Callable[[str | None], str]


def special_texts(settings: S3Settings, dialect: Dialect) -> tuple[str, ...]:
    """What puts a field into quotes; nothing where the endpoint asks for none (Rfc4180)."""
    if not settings.quoted:
        return ()
    carriage_return = ["\r"] if dialect.quote_carriage_return else []
    return tuple(dict.fromkeys(['"', settings.delimiter, "\n", *carriage_return, settings.row_delimiter]))


def quoting(settings: S3Settings, dialect: Dialect) -> Quote:
    """A function that makes a field of a text or of NULL."""
    null = settings.null
    special = special_texts(settings, dialect)
    if not special:
        return lambda text: null if text is None else text
    empty = '""' if dialect.empty_string == "quoted" else ""
    found = re.compile("|".join(re.escape(s) for s in special)).search

    def quote(text: str | None) -> str:
        if text is None:
            return null
        if found(text):
            return '"' + text.replace('"', '""') + '"'
        return text or empty

    return quote


def absent_field(settings: S3Settings, dialect: Dialect) -> str:
    """The field of an added column in a row that has no value for it."""
    return settings.null if dialect.absent_added == "marker" else ""


def header_line(names: Sequence[str], settings: S3Settings, dialect: Dialect) -> bytes:
    """The first line of each full-load file if the endpoint asks for one, with its row delimiter; otherwise nothing.

    ``names``: of the row's columns; those of the operation and the timestamp come before them.
    """
    if not settings.header:
        return b""
    operation = ["Op"] if settings.operation else []
    timestamp = [settings.timestamp_column] if settings.timestamp_column else []
    quote = quoting(settings, dialect)
    return (settings.delimiter.join(quote(name) for name in [*operation, *timestamp, *names]) + settings.row_delimiter).encode()
