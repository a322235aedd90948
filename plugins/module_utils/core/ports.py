# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the engine needs from the world. Adapters fulfil these; tests fulfil them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from .model.progress import StageProgress
from .model.schema import Table
from .model.work import StoredObject


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, UTC, with tzinfo. For people and audit only: nothing is ordered by it."""

    def monotonic(self) -> float:
        """Seconds that only go forward."""

    def sleep(self, seconds: float) -> None: ...

    def random(self) -> float:
        """A number in [0, 1), for jitter and nonces."""


class PreconditionFailed(Exception):
    """A conditional put found another version than it expected."""


class ObjectStore(Protocol):
    """One bucket."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """All objects below ``prefix``, in key order."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Content and etag of a small object; None where there is none."""

    def open(self, key: str, *, etag: str, start: int = 0, end: int | None = None) -> BinaryIO:
        """A stream of bytes [start, end). Raises BadData if the object is no longer the one with that etag, or ends early."""

    def put(self, key: str, content: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store and return the new etag. Raises PreconditionFailed where a condition was given and does not hold."""

    def delete(self, keys: Iterable[str]) -> None: ...


class SourceDatabase(Protocol):
    """A read-only view of the source."""

    def version(self) -> str: ...

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Global variables that exist, name to text."""

    def grants(self) -> tuple[str, ...]:
        """What SHOW GRANTS says for the account that is used."""

    def tables(self, schemas: Sequence[str]) -> tuple[Table, ...]: ...

    def count(self, table: Table) -> int: ...

    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        """All rows in one consistent read, values as the text that DMS would stage, None for NULL."""

    def close(self) -> None: ...


class InspectedDatabase(SourceDatabase, Protocol):
    """What the checks before a run also ask."""

    def require_readable(self, schema: str, name: str) -> None:
        """Raises Denied with the missing grant, or NotFound."""

    def engines(self, schemas: Sequence[str]) -> dict[str, str]:
        """Storage engine of every base table, by ``schema.table``."""

    def holding(self, table: Table, columns: Sequence[str], text: str) -> tuple[str, ...]:
        """Those of the columns in which some row holds exactly ``text``. Reads the whole table."""

    def longest(self, table: Table, columns: Sequence[str]) -> dict[str, int]:
        """Bytes of the longest value of each column; 0 where there is none. Reads the whole table."""


class CloudAccount(Protocol):
    """Who we are at AWS, and what is there already."""

    def identity(self) -> tuple[str, str]:
        """Account (twelve digits) and ARN of the caller."""

    def subnet_zones(self, subnet_ids: Sequence[str]) -> dict[str, str]:
        """Availability zone of each of these subnets that exists."""


class ItemWriter(Protocol):
    """Writes items of one table. ``put`` takes an item as DynamoDB JSON text; it may return before the item is stored."""

    def put(self, key: str, item: str, origin: object = None) -> None:
        """``key`` identifies the item: two puts of one key never share a request and keep their order.

        ``origin`` comes back with the item if DynamoDB refuses it (see ``OnRefused``).
        """

    def flush(self) -> None:
        """Return when all items that were put are stored. Raises Retryable, Denied, NotFound or BadData otherwise."""

    @property
    def retried(self) -> int:
        """Items sent again so far; an item that was sent three times counts twice."""

    def close(self) -> None: ...


OnRefused = Callable[[str, str, str, object], None]
"""Called from within ``put`` or ``flush`` for an item that DynamoDB will never accept: (key, item, reason, origin)."""


class ItemReader(Protocol):
    """Reads a whole table."""

    def scan(self, table: str, *, segment: int = 0, segments: int = 1) -> Iterator[list[dict[str, Any]]]:
        """Pages of items as DynamoDB JSON (``{"PK": {"S": "..."}}``), strongly consistent."""

    def describe(self, table: str) -> dict[str, Any] | None:
        """What DescribeTable says under ``Table``; None where there is no such table."""


class ReplicationTasks(Protocol):
    """The DMS service, as far as the engine asks it."""

    def task(self, identifier: str) -> dict[str, Any] | None:
        """What DescribeReplicationTasks says of the task with that identifier; None where there is none."""

    def table_statistics(self, arn: str) -> list[dict[str, Any]]: ...


ProgressListener = Callable[[StageProgress], None]
