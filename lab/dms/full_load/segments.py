# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The parts in which a table is loaded, each by a connection of its own and into files of its own.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html#CHAP_Target.S3.ParallelLoad
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.dms.full_load.csv_line import quoted_name
from lab.dms.mappings import TablePlan
from lab.dms.sources.mysql import MySQLSource, TableError


@dataclass(frozen=True, slots=True)
class Segment:
    """``start``: what stands between the table's folder and LOAD in the keys; ``partition``: its name, or ""; ``condition``: which rows."""

    start: str = ""
    partition: str = ""
    condition: str = ""

    def place(self, schema: str, table: str) -> str:
        """What follows FROM."""
        name = f"{quoted_name(schema)}.{quoted_name(table)}"
        return f"{name} PARTITION ({quoted_name(self.partition)})" if self.partition else name


def segments(plan: TablePlan, source: MySQLSource) -> list[Segment]:
    """The whole table is one segment where no rule splits it, or where it has no partitions to split it by.

    A list of partitions loads these alone. Ranges leave out rows that have NULL in one of their columns, as AWS documents.
    Raises TableError for a partition that is not there.
    """
    parallel = plan.parallel
    if parallel is None:
        return [Segment()]
    if parallel.type == "ranges":
        conditions = parallel.segments(source.literal)
        starts = [f"{name}/" for name in parallel.segment_names] or [f"SEGMENT{n}_" for n in range(1, len(conditions) + 1)]
        return [Segment(start, condition=condition) for start, condition in zip(starts, conditions, strict=True)]
    present = source.partitions(plan.source.schema, plan.source.name)
    chosen = list(parallel.partitions) or present
    absent = [name for name in chosen if name not in present]
    if absent:
        raise TableError(f"the table has no partition {absent[0]}")
    return [Segment(f"{name}/", partition=name) for name in chosen] or [Segment()]
