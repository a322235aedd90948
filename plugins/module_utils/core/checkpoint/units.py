# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The state of each work unit of a stage: pending → started → done | failed.

One document per unit, written at each transition; a pending unit has none. What is done is gathered in one further document
every few hundred units, so that a restart reads a listing, that document, and the few units that it does not hold yet.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..errors import Conflict
from ..model.work import UnitResult, WorkUnit
from ..ports import Clock
from .documents import Document, Documents

KIND = "unit"
SUMMARY_KIND = "units"
_GATHER_EVERY = 256
_NEXT = {"pending": {"started"}, "started": {"started", "done", "failed"}, "failed": {"started"}, "done": frozenset[str]()}


class Units:
    """All units of one stage, as they stood when this was made and as this process changed them since."""

    def __init__(self, documents: Documents, stage: str, clock: Clock) -> None:
        self._documents = documents
        self._folder = f"units/{stage}"
        self._clock = clock
        self._summary = documents.read(f"{self._folder}.json", SUMMARY_KIND)
        self._results = {unit: UnitResult(**result) for unit, result in self._summary.body["done"].items()} if self._summary else {}
        self._open: dict[str, Document] = {}
        self._ungathered = 0
        for stored in documents.listing(self._folder):
            unit = stored.key.removeprefix(f"{self._folder}/").removesuffix(".json")
            if unit not in self._results:
                self._take(unit, documents.require(stored.key, KIND, "Run the stage again."))

    def state(self, unit: WorkUnit) -> str:
        if unit.id in self._results:
            return "done"
        return str(self._open[unit.id].body["state"]) if unit.id in self._open else "pending"

    def result(self, unit: WorkUnit) -> UnitResult | None:
        """The account of a unit that is done; None of any other."""
        return self._results.get(unit.id)

    def attempts(self, unit: WorkUnit) -> int:
        """How often the unit was started and is not done yet."""
        return int(self._open[unit.id].body["attempts"]) if unit.id in self._open else 0

    def start(self, unit: WorkUnit) -> None:
        """Begin a unit, or begin again one that an earlier worker left behind."""
        self._move(unit, "started", {"attempts": self.attempts(unit) + 1})

    def finish(self, unit: WorkUnit, result: UnitResult) -> None:
        """Its items and rejects are stored: the unit is done for good."""
        self._move(unit, "done", {"attempts": self.attempts(unit), "result": asdict(result)})
        if self._ungathered >= _GATHER_EVERY:
            self.gather()

    def fail(self, unit: WorkUnit, reason: str) -> None:
        self._move(unit, "failed", {"attempts": self.attempts(unit), "reason": reason})

    def gather(self) -> None:
        """Write what is done into the one document that a restart reads."""
        if not self._ungathered:
            return
        body = {"done": {unit: asdict(result) for unit, result in sorted(self._results.items())}}
        if self._summary is None:
            self._summary = self._documents.create(f"{self._folder}.json", SUMMARY_KIND, body)
        else:
            self._summary = self._documents.replace(self._summary, body)
        self._ungathered = 0

    def _move(self, unit: WorkUnit, state: str, more: dict[str, Any]) -> None:
        before = self.state(unit)
        name = f"{self._folder}/{unit.id}.json"
        if state not in _NEXT[before]:
            raise Conflict(
                f"the unit is {before}: it cannot become {state}", place=name, remedy="See that only one worker runs this stage."
            )
        body = {
            "unit": unit.id,
            "state": state,
            "at": self._clock.now().isoformat(timespec="milliseconds"),
            "file": unit.file.key,
            "start": unit.start,
            "end": unit.end,
            **more,
        }
        known = self._open.get(unit.id)
        document = self._documents.replace(known, body) if known else self._documents.create(name, KIND, body)
        self._take(unit.id, document)

    def _take(self, unit: str, document: Document) -> None:
        if document.body["state"] == "done":
            self._results[unit] = UnitResult(**document.body["result"])
            self._open.pop(unit, None)
            self._ungathered += 1
        else:
            self._open[unit] = document
