# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The one progress document of a run, refreshed every second while a stage works, and a short record of how each stage ended."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from ..checkpoint.documents import Document, Documents
from ..checkpoint.latest import save_latest
from ..errors import Conflict, Interrupted, LandbridgeError
from ..model.progress import StageProgress
from ..ports import Clock
from .pace import Pace

NAME = "progress.json"
KIND = "progress"
STAGE_KIND = "stage"
BEAT_SECONDS = 1.0
# A worker that lives writes at least once within this time.
_SIGN_OF_LIFE_SECONDS = 3 * BEAT_SECONDS


def stage_record(stage: str) -> str:
    """Name of the document that says how the stage ended last."""
    return f"stages/{stage}.json"


class Publisher:
    """Publishes one stage's progress while the ``with`` block runs it. An instance is the stage's progress listener.

    Body of the document: ``migration, run, stage, state (running, finished, failed, interrupted), step, tables, items_written, retried,
    rejects, rates {rows_per_second, items_per_second}, eta_seconds [from, to] or null, started_at, updated_at, beat, worker, error,
    outcome, extra``. A heartbeat goes on while nothing moves. Set ``outcome`` before the block ends; where its ``changed`` is false the
    record of the stage keeps the run that did the work. A stage that ran to its end and failed by its outcome sets ``refusal``.

    Entering and every call raise Conflict where another worker publishes the same run.
    """

    def __init__(self, documents: Documents, clock: Clock, *, migration: str, run: str, stage: str, worker: Mapping[str, Any]) -> None:
        self.outcome: dict[str, Any] | None = None
        self.refusal: LandbridgeError | None = None
        self._documents = documents
        self._clock = clock
        self._stage = stage
        self._head = {"migration": migration, "run": run, "stage": stage}
        self._worker = dict(worker)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="progress", daemon=True)
        self._progress = StageProgress(stage, "starting")
        self._pace = Pace()
        self._beats = 0
        self._document: Document | None = None
        self._taken_over: Conflict | None = None

    def __enter__(self) -> Self:
        self._began = self._clock.monotonic()
        self._started_at = self._now()
        self._document = self._documents.read(NAME, KIND)
        self._refuse_second_worker()
        self.publish("running")
        self._thread.start()
        return self

    def __call__(self, progress: StageProgress) -> None:
        if self._taken_over:
            raise self._taken_over
        with self._lock:
            self._progress = progress
            self._pace.add(self._clock.monotonic(), progress)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        error = error or self.refusal
        state = "finished" if error is None else "interrupted" if isinstance(error, Interrupted | KeyboardInterrupt) else "failed"
        try:
            self.publish(state, _error(error))
            self._record(state, _error(error))
        except LandbridgeError:
            # What ended the stage is worth more than that it could not be published.
            if error is None:
                raise

    def publish(self, state: str, error: dict[str, Any] | None = None) -> None:
        """Write the document once. Raises what the store raises."""
        body = self._body(state, error)
        if self._document is None:
            self._document = self._documents.create(NAME, KIND, body)
            return
        try:
            self._document = self._documents.replace(self._document, body)
        except Conflict:
            # An earlier write of ours may have landed although its answer was lost.
            found = self._documents.read(NAME, KIND)
            if found is None or found.body.get("worker") != self._worker or found.body.get("started_at") != self._started_at:
                raise
            self._document = self._documents.replace(found, body)

    def _body(self, state: str, error: dict[str, Any] | None) -> dict[str, Any]:
        with self._lock:
            progress, rates, eta = self._progress, self._pace.rates(), self._pace.eta_seconds()
        self._beats += 1
        return {
            **self._head,
            "state": state,
            "step": progress.step,
            "tables": [asdict(table) for table in progress.tables],
            "items_written": progress.items_written,
            "retried": progress.retried,
            "rejects": sum(table.rejected for table in progress.tables),
            "rates": rates,
            "eta_seconds": eta if state == "running" else None,
            "started_at": self._started_at,
            "updated_at": self._now(),
            "beat": self._beats,
            "worker": self._worker,
            "error": error,
            "outcome": self.outcome,
            "extra": progress.extra,
        }

    def _record(self, state: str, error: dict[str, Any] | None) -> None:
        name = stage_record(self._stage)
        before = self._documents.read(name, STAGE_KIND)
        unchanged = state == "finished" and self.outcome is not None and self.outcome.get("changed") is False
        if unchanged and before is not None and before.body["state"] == "finished":
            return
        body = {
            **self._head,
            "state": state,
            "started_at": self._started_at,
            "finished_at": self._now(),
            "seconds": round(self._clock.monotonic() - self._began, 3),
            "worker": self._worker,
            "error": error,
            "outcome": self.outcome,
        }
        save_latest(self._documents, name, STAGE_KIND, body)

    def _refuse_second_worker(self) -> None:
        if self._document is None or self._document.body["state"] != "running":
            return
        self._clock.sleep(_SIGN_OF_LIFE_SECONDS)
        seen, self._document = self._document, self._documents.read(NAME, KIND)
        if self._document is not None and self._document.counter != seen.counter and self._document.body["state"] == "running":
            other = self._document.body
            raise Conflict(
                f"stage {other['stage']} of this run is already being worked on"
                f" by process {other['worker'].get('pid')} on {other['worker'].get('host')} since {other['started_at']}",
                remedy="wait for it (landbridge status --watch), or stop that worker first",
            )

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self.publish("running")
            except Conflict as error:
                self._taken_over = error
                return
            except LandbridgeError:
                continue  # a fault of the way to the store is no fault of the stage: the next beat tries again

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")


def _error(error: BaseException | None) -> dict[str, Any] | None:
    if error is None:
        return None
    if isinstance(error, LandbridgeError):
        return error.to_json()
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("the run was interrupted", remedy="run the stage again: it continues").to_json()
    return LandbridgeError(f"a defect in landbridge: {type(error).__name__}", remedy="see the log of the worker and report it").to_json()
