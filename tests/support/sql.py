# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""SQL that MariaDB and MySQL both understand, where each has a shorter form of its own."""

from __future__ import annotations

_DIGITS = " UNION ALL ".join(f"SELECT {digit}{' AS d' if digit == 0 else ''}" for digit in range(10))


def sequence(count: int) -> str:
    """A table for a FROM clause: its column ``seq`` holds the numbers from 1 to ``count``, in no order."""
    places = range(len(str(count)))
    tables = ", ".join(f"({_DIGITS}) p{place}" for place in places)
    number = " + ".join(f"p{place}.d * {10**place}" for place in places)
    return f"(SELECT {number} AS seq FROM {tables} HAVING seq BETWEEN 1 AND {count}) numbers"  # noqa: S608 - numbers only
