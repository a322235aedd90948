# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What is done to the bytes of a file. Chance comes as a ``random.Random``: the same state does the same."""

from __future__ import annotations

import random
import re

from lab.dms.targets.settings import S3Settings

TEXT = "not a number"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def truncated(body: bytes, missing: int, chance: random.Random) -> bytes:
    """Without its last ``missing`` bytes, at most all of them; with 0, cut anywhere in its second half."""
    kept = len(body) - missing if missing else chance.randrange(len(body) // 2, max(len(body), 1))
    return body[: max(kept, 0)]


def malformed(content: bytes, kind: str, settings: S3Settings, chance: random.Random) -> tuple[bytes, int, str]:
    """The file with one bad row, the number of that row (from 1, without the header), and what is wrong with it.

    ``kind``: as the manner's option. A content without rows stays as it is, with the number 0.
    """
    delimiter, end = settings.delimiter, settings.row_delimiter
    # Files are UTF-8, but for bytes of columns in other character sets, which must come through as they are.
    records = _split(content.decode("utf-8", "surrogateescape"), end, quoted=settings.quoted)[:-1]
    first = 1 if settings.header else 0
    if len(records) <= first:
        return content, 0, ""
    rows = {place: _split(records[place], delimiter, quoted=settings.quoted) for place in range(first, len(records))}
    if kind == "number":
        rows = {place: fields for place, fields in rows.items() if _numbers(fields)} or rows
    place = chance.choice(list(rows))
    fields, detail = _bad(rows[place], kind, chance)
    records[place] = delimiter.join(fields)
    return "".join(record + end for record in records).encode("utf-8", "surrogateescape"), place - first + 1, detail


def _bad(fields: list[str], kind: str, chance: random.Random) -> tuple[list[str], str]:
    if kind == "width":
        if len(fields) > 1 and chance.random() < 0.5:
            return fields[:-1], f"{len(fields) - 1} fields instead of {len(fields)}"
        return [*fields, TEXT], f"{len(fields) + 1} fields instead of {len(fields)}"
    place = chance.choice(_numbers(fields) if kind == "number" and _numbers(fields) else range(len(fields)))
    changed = TEXT if kind == "number" else '"' + fields[place].replace('"', "")
    what = "is a text" if kind == "number" else "begins with a quote that does not end"
    return [*fields[:place], changed, *fields[place + 1 :]], f"field {place + 1} {what}"


def _numbers(fields: list[str]) -> list[int]:
    """Where a number stands."""
    return [place for place, field in enumerate(fields) if _NUMBER.fullmatch(field)]


def _split(text: str, separator: str, *, quoted: bool) -> list[str]:
    """At each separator, but not within quotes; a quote within quotes is doubled, so that quotes outside come in pairs."""
    parts = text.split(separator)
    if not quoted or '"' not in text:
        return parts
    whole: list[str] = []
    is_open = False
    for part in parts:
        if is_open:
            whole[-1] += separator + part
        else:
            whole.append(part)
        is_open ^= part.count('"') % 2 == 1
    return whole
