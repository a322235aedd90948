# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What DMS staged, and the units in which it is loaded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a listing. ``etag`` without quotes; ``size`` in bytes."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A full-load file of one source table."""

    schema: str
    table: str
    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """A file, or a byte range of one, whose records are loaded as one step. Records that begin in [start, end) belong to it."""

    id: str  # stable: the same staging gives the same ids
    file: StagedFile
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnitResult:
    """Account of one unit. Every row that was read is in exactly one of written, filtered, rejected.

    ``items`` counts the items written per entity (a row may give items of several entities, a filtered row gives none).
    """

    rows: int
    written: int
    filtered: int
    rejected: int
    items: dict[str, int]
    retried: int = 0  # items that DynamoDB handed back or throttled, and that were sent again
    bytes_read: int = 0
    next_offset: int = 0  # where the first record behind this unit begins: byte offset in the file
    next_record: int = 0  # and its number in the file, counted from 1
