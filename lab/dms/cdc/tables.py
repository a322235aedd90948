# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The tables of a run: which of them are followed, as what, and from when on no longer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from lab.dms import statistics as states
from lab.dms.binlog import RowEvent, TableMap, compile_rows
from lab.dms.cdc.errors import CaptureError
from lab.dms.cdc.lines import Lines, Maker, Rows, compile_lines
from lab.dms.cdc.lobs import LobCutter
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.shape import table_in_log
from lab.dms.cdc.tally import TableCounts, Tally
from lab.dms.dialects.dialect import Dialect
from lab.dms.mappings import TableMappings, TablePlan
from lab.dms.outcome import NO_TABLES
from lab.dms.sources.mysql import Address, MySQLSource, SourceTable, TableError
from lab.dms.statistics import Statistics, TableProgress
from lab.dms.targets.settings import S3Settings

_log = logging.getLogger(__name__)
Name: TypeAlias = tuple[str, str]
# Servers give a table another number in the log from time to time, and each is a definition of its own.
_KEPT_FOLLOWERS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Follower:
    """What turns the row events of one definition of one table into lines. ``source``, ``target``: schema and name here and there;
    ``whole``: by operation, how the data of an event begin whose images have all columns."""

    source: Name
    target: Name
    decode: Callable[[RowEvent], Rows]
    make: dict[str, Maker]
    cutter: LobCutter
    header: str
    counts: TableCounts
    whole: dict[str, bytes]


class Tables:
    """``tally``: where the counts of each table are kept."""

    def __init__(
        self,
        *,
        address: Address,
        mappings: TableMappings,
        settings: ChangeSettings,
        target: S3Settings,
        dialect: Dialect,
        statistics: Statistics,
        tally: Tally,
    ) -> None:
        self._address = address
        self._mappings = mappings
        self._settings = settings
        self._target = target
        self._dialect = dialect
        self._statistics = statistics
        self._tally = tally
        self._followers: dict[TableMap, Follower | None] = {}
        # As the catalogue had them when they were last read, and as they were first planned.
        self._definitions: dict[Name, SourceTable] = {}
        self._plans: dict[Name, TablePlan] = {}
        self._suspended: set[Name] = set()

    def open(self) -> None:
        """Read what the source has now. Raises SourceError; CaptureError where nothing is selected and the settings forbid that."""
        with MySQLSource(self._address) as source:
            present = source.tables()
            chosen = [table for table in present if self._mappings.selects(*table[:2])]
            for schema, name, rows in chosen:
                self._definitions[schema, name] = source.table(schema, name, rows)
        self._suspended = {(t.schema, t.table) for t in self._statistics.in_state(states.ERROR)}
        self._begin([table[:2] for table in chosen], states.COMPLETED)
        self._begin(self._mappings.missing(table[:2] for table in present), states.MISSING)
        if not chosen and self._settings.fail_on_no_tables:
            raise CaptureError(NO_TABLES)

    def _begin(self, names: list[Name], state: str) -> None:
        """Tables that no earlier run of the task knew."""
        fresh = [name for name in names if self._statistics.known(*name) is None]
        self._statistics.begin([TableProgress(*name, state=state) for name in fresh])

    def follower(self, table_map: TableMap) -> Follower | None:
        """What writes this table's changes; None for a table that is not selected or not followed. Raises SourceError, CaptureError."""
        try:
            return self._followers[table_map]
        except KeyError:
            follower = self._follow(table_map)
            if len(self._followers) >= _KEPT_FOLLOWERS:
                self._followers.clear()
            if (table_map.schema, table_map.table) not in self._suspended:
                self._followers[table_map] = follower
            return follower

    def selected(self, schema: str, table: str) -> list[Name]:
        """The followed tables of that name; with an empty name, all of the schema that are known."""
        names = [(schema, table)] if table else [name for name in self._definitions if name[0] == schema]
        return [name for name in names if self._mappings.selects(*name) and not self._left_out(name)]

    def target_of(self, name: Name) -> Name:
        """What the table is called at the target. Raises SourceError, TableError."""
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plan(self._definition(name))
        return plan.schema, plan.table

    def alter(self, name: Name) -> None:
        """The definition changes here. If the task ignores that, the files keep their columns, and changes are read anew all the same."""
        self._definitions.pop(name, None)
        if self._settings.handle_altered:
            self._plans.pop(name, None)
        self._followers.clear()

    def create(self, name: Name) -> None:
        """The table begins here."""
        self.forget(name)
        known = self._statistics.known(*name)
        if known is not None and known.state == states.MISSING:
            self._statistics.end(*name, states.COMPLETED)

    def forget(self, name: Name) -> None:
        """The table is dropped: what comes under its name later is another one."""
        self._definitions.pop(name, None)
        self._plans.pop(name, None)
        self._followers.clear()

    def suspend(self, name: Name, reason: str) -> None:
        """Follow the table no longer. Raises CaptureError where the task ends instead."""
        _log.warning("table %s.%s is suspended: %s", *name, reason)
        self._suspended.add(name)
        self._followers.clear()
        self._statistics.suspend(*name, reason)
        if self._settings.table_policy == "STOP_TASK":
            raise CaptureError(f"Table {name[0]}.{name[1]}: {reason}.")

    def _left_out(self, name: Name) -> bool:
        """Is the table suspended? No longer from the moment on at which it is to be loaded anew: that load shows what was there when it
        began, and what comes later is to be found here."""
        if name not in self._suspended:
            return False
        known = self._statistics.known(*name)
        if known is not None and known.state == states.ERROR:
            return True
        self._suspended.discard(name)
        self.forget(name)
        return False

    def _follow(self, table_map: TableMap) -> Follower | None:
        name = (table_map.schema, table_map.table)
        if self._left_out(name) or not self._mappings.selects(*name):
            return None
        try:
            return self._compiled(table_map, self._definition(name))
        except TableError as error:
            self.suspend(name, str(error))
            return None

    def _definition(self, name: Name) -> SourceTable:
        found = self._definitions.get(name)
        if found is None:
            with MySQLSource(self._address) as source:
                found = self._definitions[name] = source.table(*name, 0)
        return found

    def _compiled(self, table_map: TableMap, now: SourceTable) -> Follower:
        """Raises TableError where it is not certain which columns the log's are."""
        if not now.all_columns:
            raise TableError("it is no longer at the source, so that its key is not known")
        try:
            return self._as(table_map, now)
        except TableError as error:
            if not table_map.names:
                raise TableError(f"{error}; set binlog_row_metadata to FULL and the log names its columns") from None
        try:
            return self._as(table_map, table_in_log(table_map, now, trust_names=True))
        except TableError:
            return self._as(table_map, table_in_log(table_map, now, trust_names=False))

    def _as(self, table_map: TableMap, shape: SourceTable) -> Follower:
        name = (shape.schema, shape.name)
        plan = self._plan(shape)
        lines: Lines = compile_lines(plan, shape, self._target, self._dialect)
        decode = compile_rows(table_map, shape, self._dialect, lines.wanted)
        self._plans[name] = plan
        limit = self._settings.lob_bytes if plan.lob_bytes is None else plan.lob_bytes
        cutter = LobCutter([shape.all_columns[place] for place in lines.wanted], limit, self._dialect)
        return Follower(
            name, (plan.schema, plan.table), decode, lines.make, cutter, lines.header, self._tally.table(*name), _whole(table_map)
        )

    def _plan(self, shape: SourceTable) -> TablePlan:
        """For this shape, or, where the task ignores ALTER TABLE, for the one that was first followed."""
        kept = self._plans.get((shape.schema, shape.name))
        if kept is not None and not self._settings.handle_altered:
            return kept
        return self._mappings.plan(shape, self._dialect, lobs=self._settings.lobs)


def _whole(table_map: TableMap) -> dict[str, bytes]:
    """The count of the columns, packed, and one bit for each of them, twice for updates."""
    columns = len(table_map.types)
    count = bytes([columns]) if columns < 251 else b"\xfc" + columns.to_bytes(2, "little")
    bits = ((1 << columns) - 1).to_bytes((columns + 7) // 8, "little")
    return {"I": count + bits, "D": count + bits, "U": count + bits + bits}
