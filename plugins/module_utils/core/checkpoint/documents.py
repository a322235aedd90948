# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""State as small JSON documents: versioned, readable by people, written only under a condition.

A document carries ``document`` (its kind), ``version`` (of its form), ``counter`` (raised by each write) and ``nonce``. The nonce
makes each write's bytes unique, so equal content never has an equal etag, and it tells whose write landed when an answer was lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import BadData, Conflict, NotFound
from ..model.work import StoredObject
from ..ports import Clock, ObjectStore, PreconditionFailed

VERSION = 1
_ENVELOPE = ("document", "version", "counter", "nonce")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it stands in the store. ``body`` is its content without the envelope."""

    name: str
    kind: str
    counter: int
    body: dict[str, Any]
    etag: str


class Documents:
    """The documents of one run: names are relative to ``prefix`` (``<migration>/<run>``)."""

    def __init__(self, store: ObjectStore, prefix: str, clock: Clock) -> None:
        self._store = store
        self._prefix = f"{prefix.strip('/')}/"
        self._clock = clock

    def read(self, name: str, kind: str) -> Document | None:
        """The document, or None. Raises BadData if it is damaged or of another kind, Conflict if a newer Landbridge wrote it."""
        found = self._store.get(self._prefix + name)
        return None if found is None else self._parse(name, kind, *found)

    def require(self, name: str, kind: str, remedy: str) -> Document:
        """The document; raises NotFound with that remedy where there is none."""
        document = self.read(name, kind)
        if document is None:
            raise NotFound(f"there is no {kind} document", place=self._prefix + name, remedy=remedy)
        return document

    def create(self, name: str, kind: str, body: dict[str, Any]) -> Document:
        """Write a document that must not exist yet. Raises Conflict if it does."""
        return self._write(name, kind, body, None)

    def replace(self, previous: Document, body: dict[str, Any]) -> Document:
        """Write the next state of a document. Raises Conflict if somebody else wrote it since ``previous`` was read."""
        return self._write(previous.name, previous.kind, body, previous)

    def listing(self, folder: str) -> Iterator[StoredObject]:
        """What is stored below a folder, names relative to the run."""
        for stored in self._store.list(f"{self._prefix}{folder.strip('/')}/"):
            yield StoredObject(stored.key.removeprefix(self._prefix), stored.size, stored.etag)

    def read_lines(self, name: str) -> list[dict[str, Any]]:
        """Objects of a JSON Lines file that ``write_lines`` wrote; empty where there is none."""
        found = self._store.get(self._prefix + name)
        return [] if found is None else [json.loads(line) for line in found[0].splitlines()]

    def write_lines(self, name: str, lines: Iterable[dict[str, Any]]) -> None:
        """Store a JSON Lines file in place of any former one. Without lines it is empty: nothing that was stored is ever deleted."""
        self._store.put(self._prefix + name, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())

    def _write(self, name: str, kind: str, body: dict[str, Any], previous: Document | None) -> Document:
        counter = previous.counter + 1 if previous else 1
        nonce = f"{int(self._clock.random() * 2**48):012x}{int(self._clock.random() * 2**48):012x}"
        envelope = {"document": kind, "version": VERSION, "counter": counter, "nonce": nonce}
        content = json.dumps({**envelope, **body}, ensure_ascii=False, indent=1).encode()
        key = self._prefix + name
        try:
            if previous is None:
                etag = self._store.put(key, content, if_absent=True)
            else:
                etag = self._store.put(key, content, if_match=previous.etag)
        except PreconditionFailed as error:
            # The first attempt may have landed and its answer been lost: then what stands there is ours.
            found = self._store.get(key)
            if found is None or found[0] != content:
                raise Conflict(
                    f"the {kind} document was written by somebody else meanwhile",
                    place=key,
                    remedy="See that only one worker runs this stage, then run again.",
                ) from error
            etag = found[1]
        return Document(name, kind, counter, body, etag)

    def _parse(self, name: str, kind: str, content: bytes, etag: str) -> Document:
        place = self._prefix + name
        try:
            data = json.loads(content)
            found, version, counter = str(data["document"]), int(data["version"]), int(data["counter"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadData("this is not a state document", place=place, remedy="Restore an earlier version of the object.") from error
        if version > VERSION:
            raise Conflict(
                f"the document has version {version}, this Landbridge knows versions up to {VERSION}",
                place=place,
                remedy="Use the newer Landbridge that wrote it.",
            )
        if found != kind:
            raise BadData(
                f"the document is of kind {found!r}, not {kind!r}", place=place, remedy="Restore an earlier version of the object."
            )
        return Document(name, kind, counter, {key: value for key, value in data.items() if key not in _ENVELOPE}, etag)
