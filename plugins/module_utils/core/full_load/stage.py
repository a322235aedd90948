# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Stage full_load: what DMS staged becomes items. Running it again continues; running it when done changes nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, cast

from ..checkpoint.documents import Documents
from ..checkpoint.run import RunRecord
from ..checkpoint.units import Units
from ..contract.definition import Contract
from ..contract.rows import compile_rows
from ..errors import BadData, Interrupted
from ..model.progress import StageProgress, TableProgress
from ..model.site import Site
from ..model.work import StagedFile, UnitResult, WorkUnit
from ..ports import Clock, ItemWriter, ObjectStore, OnRefused, ProgressListener
from ..staging.manifest import KIND, Manifest, build_manifest
from .file_load import FileLoad, Origin, TablePlan, UnitAccount
from .outcome import LoadOutcome, check_complete, items_per_entity, table_load

STAGE = "full_load"
MANIFEST = f"manifest/{STAGE}.json"
FILES_AT_ONCE = 8
ROWS_PER_TURN = 25
_PROGRESS_SECONDS = 0.25
# Settling waits for all requests under way: seldom enough not to cost throughput, often enough that little is done twice.
_SETTLE_SECONDS = 0.25
_SETTLE_UNITS = 64

WriterFor = Callable[[str, OnRefused], ItemWriter]
Statistics = Callable[[], Sequence[Mapping[str, Any]]]


def run_full_load(
    site: Site,
    contract: Contract,
    run: RunRecord,
    staging: ObjectStore,
    documents: Documents,
    writer_for: WriterFor,
    statistics: Statistics,
    clock: Clock,
    listener: ProgressListener,
    stop: Callable[[], bool] = lambda: False,
) -> LoadOutcome:
    """Load everything that is staged and not loaded yet.

    ``writer_for(table, on_refused)`` makes the writer of a target table; it is called at most once per table, and not at all
    when nothing is left to do. ``statistics()`` is DescribeTableStatistics of the replication task, asked only at the first
    start. ``stop()`` is asked many times a second: when it says so, Interrupted is raised at a checkpoint.

    Raises BadData where staged files are damaged or rows are missing, Retryable, Denied, Unreachable or NotFound where AWS says so.
    """
    began = clock.monotonic()
    manifest, warnings = _manifest(site, contract, run, staging, documents, statistics)
    units = Units(documents, STAGE, clock)
    plans = _Plans(contract, run, writer_for)
    load = _Load(manifest, units, documents, plans, staging, clock, listener, stop)
    try:
        changed = load.run()
    finally:
        plans.close()
    results = {name: [cast(UnitResult, units.result(unit)) for unit in mine] for name, mine in load.units_by_table.items()}
    tables = tuple(table_load(name, manifest.rows_expected[name], mine) for name, mine in results.items())
    check_complete(tables, {name: len(mine) for name, mine in results.items()})
    everything = [result for mine in results.values() for result in mine]
    return LoadOutcome(
        tables=tables,
        items=items_per_entity(everything, (entity.name for entity in contract.entities)),
        changed=changed,
        retried=sum(result.retried for result in everything),
        seconds=clock.monotonic() - began,
        warnings=warnings,
    )


def _manifest(
    site: Site, contract: Contract, run: RunRecord, staging: ObjectStore, documents: Documents, statistics: Statistics
) -> tuple[Manifest, tuple[str, ...]]:
    document = documents.read(MANIFEST, KIND)
    if document is None:
        manifest, findings = build_manifest(
            staging.list(f"{run.staging_prefix}/"),
            statistics(),
            contract.source_tables,
            prefix=run.staging_prefix,
            unit_bytes=site.load.unit_mb * 1024 * 1024,
        )
        document = documents.create(MANIFEST, KIND, {**manifest.to_json(), "warnings": [str(finding) for finding in findings]})
    return Manifest.from_json(document.body), tuple(document.body["warnings"])


class _Plans:
    """How rows of each table become items, and the writers that take them."""

    def __init__(self, contract: Contract, run: RunRecord, writer_for: WriterFor) -> None:
        self._contract = contract
        self._run = run
        self._writer_for = writer_for
        self._plans: dict[tuple[str, str], TablePlan] = {}
        self._writers: dict[str, ItemWriter] = {}

    def of(self, file: StagedFile) -> TablePlan:
        place = (file.schema, file.table)
        if place not in self._plans:
            table = self._run.table(*place)
            entities = self._contract.entities_of(*place)
            transform = compile_rows(self._contract, table, null=self._run.null_marker, offset=1, version=self._run.version)
            puts = {entity.name: self._writer(entity.into).put for entity in entities}
            self._plans[place] = TablePlan(table, tuple(puts), transform, puts)
        return self._plans[place]

    def _writer(self, table: str) -> ItemWriter:
        if table not in self._writers:
            self._writers[table] = self._writer_for(table, _refused)
        return self._writers[table]

    @property
    def retried(self) -> int:
        return sum(writer.retried for writer in self._writers.values())

    def flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def _refused(_key: str, _item: str, reason: str, origin: object) -> None:
    account, block, index, entity = cast(Origin, origin)
    account.refuse(block, index, entity, reason)


class _Load:
    """Takes turns over a few files at a time, so that writes spread over the key space, and settles units that were read."""

    def __init__(
        self,
        manifest: Manifest,
        units: Units,
        documents: Documents,
        plans: _Plans,
        staging: ObjectStore,
        clock: Clock,
        listener: ProgressListener,
        stop: Callable[[], bool],
    ) -> None:
        self._units = units
        self._documents = documents
        self._plans = plans
        self._staging = staging
        self._clock = clock
        self._listener = listener
        self._stop = stop
        self._expected = manifest.rows_expected
        self._active: deque[FileLoad] = deque()
        self._read: list[UnitAccount] = []
        self._retried_before = 0
        self._reported = self._settled = clock.monotonic()
        self.units_by_table: dict[str, list[WorkUnit]] = {name: [] for name in manifest.rows_expected}
        self._done: dict[str, list[UnitResult]] = {name: [] for name in manifest.rows_expected}
        self._waiting = deque(self._open_ranges(manifest))

    def run(self) -> bool:
        """Load what is open; True if there was anything."""
        changed = bool(self._waiting)
        try:
            self._take_turns()
        finally:
            for load in self._active:
                load.close()
        self._settle()
        self._units.gather()
        self._report("loaded")
        return changed

    def _take_turns(self) -> None:
        while self._waiting or self._active:
            self._turn()
            if self._clock.monotonic() - self._reported >= _PROGRESS_SECONDS:
                self._report("loading")
            if self._stop():
                self._settle()
                raise Interrupted("the load was stopped as asked", remedy="Run it again: it continues with the units that are not done.")

    def _turn(self) -> None:
        while self._waiting and len(self._active) < FILES_AT_ONCE:
            self._active.append(self._file_load(self._waiting.popleft()))
        for _turn in range(len(self._active)):
            load = self._active.popleft()
            try:
                self._read += load.advance(ROWS_PER_TURN)
            except BadData as error:
                if load.account:
                    self._units.fail(load.account.unit, error.message)
                raise
            if not load.finished:
                self._active.append(load)
        if self._read and (len(self._read) >= _SETTLE_UNITS or self._clock.monotonic() - self._settled >= _SETTLE_SECONDS):
            self._settle()

    def _settle(self) -> None:
        """A unit is done when its items and its rejects are stored: one flush serves all units that were read since the last."""
        if not self._read:
            return
        self._plans.flush()
        retried, self._retried_before = self._plans.retried - self._retried_before, self._plans.retried
        for account in self._read:
            result = account.result(retried)
            retried = 0
            if account.rejects or self._units.attempts(account.unit) > 1:
                self._documents.write_lines(f"rejects/{STAGE}/{account.unit.id}.jsonl", account.rejects)
            self._units.finish(account.unit, result)
            self._done[account.plan.table.qualified].append(result)
        self._read.clear()
        self._settled = self._clock.monotonic()

    def _open_ranges(self, manifest: Manifest) -> Iterator[list[WorkUnit]]:
        """Runs of consecutive units that are not done, the tables taking turns."""
        by_table: dict[str, list[list[WorkUnit]]] = {name: [] for name in manifest.rows_expected}
        for file in manifest.files:
            name = f"{file.schema}.{file.table}"
            together = False
            for unit in manifest.units_of(file):
                self.units_by_table[name].append(unit)
                result = self._units.result(unit)
                if result is not None:
                    self._done[name].append(result)
                elif together:
                    by_table[name][-1].append(unit)
                else:
                    by_table[name].append([unit])
                together = result is None
        for turn in zip_longest(*by_table.values()):
            yield from (units for units in turn if units)

    def _file_load(self, units: list[WorkUnit]) -> FileLoad:
        siblings = self.units_by_table[f"{units[0].file.schema}.{units[0].file.table}"]
        begin = (0, 1)
        if units[0].start:
            before = cast(UnitResult, self._units.result(siblings[siblings.index(units[0]) - 1]))
            begin = (before.next_offset, before.next_record)
        return FileLoad(units, begin, self._plans.of(units[0].file), self._staging, self._units.start)

    def _report(self, step: str) -> None:
        self._reported = self._clock.monotonic()
        running = [load.account for load in self._active if load.account] + self._read
        tables = []
        items = 0
        for name, expected in self._expected.items():
            mine = [account for account in running if account.plan.table.qualified == name]
            sums: list[UnitResult | UnitAccount] = [*self._done[name], *mine]
            items += sum(sum(one.items.values()) for one in sums)
            written, filtered, rejected = (sum(getattr(one, what) for one in sums) for what in ("written", "filtered", "rejected"))
            tables.append(
                TableProgress(
                    table=name,
                    rows_expected=expected,
                    rows_done=written + filtered + rejected,
                    written=written,
                    filtered=filtered,
                    rejected=rejected,
                    units=len(self.units_by_table[name]),
                    units_done=len(self._done[name]),
                )
            )
        self._listener(StageProgress(STAGE, step, tuple(tables), items_written=items, retried=self._plans.retried))
