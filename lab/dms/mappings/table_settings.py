# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table settings: how one table is split for its load, and how long its LOBs may be.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Tablesettings.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from lab.dms.dialects.dialect import Dialect
from lab.dms.faults import not_built
from lab.dms.mappings.comparing import Comparison, Literal, check_value, comparison
from lab.dms.mappings.rules import Locator, Rule, bad, check_members, read_locator, refused, texts_of
from lab.dms.sources.mysql import SourceTable, TableError

KIB = 1024
LARGEST_LOB_KB = 102_400
LARGEST_WIDTH = 10
_MEMBERS = {
    "partitions-auto": ("type",),
    "partitions-list": ("type", "partitions"),
    "ranges": ("type", "columns", "boundaries", "segment-names"),
}


@dataclass(frozen=True, slots=True)
class ParallelLoad:
    """How a table is split.

    ``type``: "partitions-auto", "partitions-list" or "ranges"; ``boundaries``: upper bounds, which do not belong to their segments, with
    one value for each of ``columns``; what lies at and above the last makes one more segment; ``segment_names``: in the order of the
    segments, or empty.
    """

    rule_id: str
    type: str
    partitions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    boundaries: tuple[tuple[str, ...], ...] = ()
    segment_names: tuple[str, ...] = ()
    compared: tuple[Comparison, ...] = ()

    def bind(self, table: SourceTable, dialect: Dialect) -> ParallelLoad:
        """The same for a table that is known. Raises TableError for columns that do not fit, and for boundaries that do not ascend."""
        if self.type != "ranges":
            return self
        by_name = {c.name: c for c in table.columns}
        compared = []
        for name in self.columns:
            if name not in by_name:
                raise TableError(f"rule-id {self.rule_id} splits by the column {name}, which {table.schema}.{table.name} does not have")
            found = comparison(by_name[name], dialect)
            if found is None or by_name[name].data_type in ("float", "double"):
                raise TableError(
                    f"rule-id {self.rule_id} splits by {name} of the type {by_name[name].column_type}; split by another column"
                )
            compared.append(found)
        self._check_order(compared)
        return replace(self, compared=tuple(compared))

    def segments(self, literal: Literal) -> tuple[str, ...]:
        """One condition for each segment of a bound load by ranges, from the lowest to the highest. Rows with NULL are in none."""
        below = [self._below(boundary, literal) for boundary in self.boundaries]
        between = [f"NOT {lower} AND {upper}" for lower, upper in pairwise(below)]
        present = " AND ".join(f"{c.operand} IS NOT NULL" for c in self.compared)
        return tuple(f"({present} AND {condition})" for condition in (below[0], *between, f"NOT {below[-1]}"))

    def _below(self, boundary: tuple[str, ...], literal: Literal) -> str:
        """The guide's form: less in one column, and equal in all before it."""
        operands = [c.operand for c in self.compared]
        values = [c.constant(value, literal) for c, value in zip(self.compared, boundary, strict=True)]
        cases = []
        for last in range(len(values)):
            equal = [f"({operands[i]} = {values[i]})" for i in range(last)]
            cases.append("(" + " AND ".join([*equal, f"({operands[last]} < {values[last]})"]) + ")")
        return f"({' OR '.join(cases)})"

    def _check_order(self, compared: list[Comparison]) -> None:
        previous: tuple[Any, ...] | None = None
        for boundary in self.boundaries:
            for c, value in zip(compared, boundary, strict=True):
                try:
                    check_value(c, value)
                except ValueError as error:
                    raise TableError(
                        f"rule-id {self.rule_id} bounds {c.column.name} of the type {c.column.column_type} by {value!r}: {error}"
                    ) from None
            keys = tuple(c.key(value) for c, value in zip(compared, boundary, strict=True))
            if previous is not None and keys <= previous:
                raise TableError(f"rule-id {self.rule_id}: the boundary {list(boundary)} is not above the one before it; put them in order")
            previous = keys


@dataclass(frozen=True, slots=True)
class TableSettings:
    """What one rule says about one table. ``lob_bytes``: None as the task's settings say."""

    rule_id: str
    locator: Locator
    parallel: ParallelLoad | None
    lob_bytes: int | None


def read_table_settings(rule: Rule) -> TableSettings:
    known = ("rule-type", "rule-id", "rule-name", "rule-action", "object-locator", "parallel-load", "lob-settings", "filters")
    check_members(rule, rule, known, "rules of the type table-settings")
    locator = read_locator(rule)
    if not locator.exact:
        raise bad(rule, "Exact schema and table name required when using table settings rule")
    if not rule.get("parallel-load") and not rule.get("lob-settings"):
        raise bad(rule, "table-settings need parallel-load or lob-settings")
    return TableSettings(str(rule["rule-id"]), locator, _parallel(rule), _lob_bytes(rule))


def _object(rule: Rule, member: str) -> dict[str, Any] | None:
    value = rule.get(member)
    if value in (None, {}):
        return None
    if not isinstance(value, dict):
        raise bad(rule, f"{member} is not an object")
    return value


def _parallel(rule: Rule) -> ParallelLoad | None:
    load = _object(rule, "parallel-load")
    kind = load.get("type", "none") if load else "none"
    if load is None or kind == "none":
        return None
    if kind == "subpartitions-auto" or load.get("subpartitions"):
        raise bad(rule, "subpartitions are for Oracle sources; use partitions-auto, partitions-list or ranges")
    if kind not in _MEMBERS:
        raise bad(rule, f"the parallel-load type {kind!r} is not one of {', '.join(_MEMBERS)}, none")
    check_members(rule, load, _MEMBERS[kind], f"a parallel-load of the type {kind}")
    number = str(rule["rule-id"])
    if kind == "partitions-list":
        return ParallelLoad(number, kind, partitions=_distinct(rule, load, "partitions"))
    return _ranges(rule, load) if kind == "ranges" else ParallelLoad(number, kind)


def _ranges(rule: Rule, load: dict[str, Any]) -> ParallelLoad:
    columns = _distinct(rule, load, "columns")
    if len(columns) > LARGEST_WIDTH:
        raise bad(rule, f"ranges take at most {LARGEST_WIDTH} columns")
    boundaries = load.get("boundaries")
    if not isinstance(boundaries, list) or not boundaries:
        raise bad(rule, "boundaries is missing or not a list")
    for boundary in boundaries:
        if not isinstance(boundary, list) or not all(isinstance(value, str) for value in boundary):
            raise bad(rule, "a boundary is not a list of texts; write numbers in quotes too")
        if len(boundary) != len(columns):
            raise bad(rule, f"the boundary {boundary} has {len(boundary)} value(s) for {len(columns)} column(s)")
    names = _distinct(rule, load, "segment-names") if load.get("segment-names") else ()
    if names and len(names) != len(boundaries) + 1:
        raise bad(rule, f"{len(boundaries)} boundaries make {len(boundaries) + 1} segments, but there are {len(names)} segment-names")
    return ParallelLoad(str(rule["rule-id"]), "ranges", (), columns, tuple(tuple(b) for b in boundaries), names)


def _distinct(rule: Rule, load: dict[str, Any], member: str) -> tuple[str, ...]:
    names = texts_of(rule, load, member)
    if len(set(names)) < len(names):
        raise bad(rule, f"{member} names something twice")
    return names


def _lob_bytes(rule: Rule) -> int | None:
    settings = _object(rule, "lob-settings")
    mode = settings.get("mode", "limited") if settings else "none"
    if settings is None:
        return None
    check_members(rule, settings, ("mode", "bulk-max-size"), "lob-settings")
    if mode == "none":
        return None
    if mode == "unlimited":
        raise refused(rule, not_built("the LOB mode unlimited; use limited with a bulk-max-size"))
    if mode != "limited":
        raise bad(rule, f"the LOB mode {mode!r} is not one of limited, unlimited, none")
    size = str(settings.get("bulk-max-size", ""))
    if not size.isascii() or not size.isdigit() or not 0 < int(size) <= LARGEST_LOB_KB:
        raise bad(rule, f"the mode limited needs a bulk-max-size of 1 to {LARGEST_LOB_KB} kilobytes")
    return int(size) * KIB
