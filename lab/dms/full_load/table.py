# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Copies one segment of a table: its rows as lines from the source, into numbered files of the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.dms.dialects.dialect import Dialect
from lab.dms.full_load.csv_line import oversized_condition
from lab.dms.full_load.errors import RowErrors, TaskError, TaskStopped
from lab.dms.full_load.row_format import Constants, RowFormat, row_format
from lab.dms.full_load.segments import Segment
from lab.dms.manners.load import LoadManners
from lab.dms.mappings import TablePlan
from lab.dms.settings import LoadSettings
from lab.dms.sources.mysql import MySQLSource, TableError
from lab.dms.targets.csv_text import header_line, quoting
from lab.dms.targets.s3 import S3Target


def timestamp(moment: datetime) -> str:
    """``yyyy-MM-dd HH:mm:ss.SSSSSS`` in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@dataclass(frozen=True, slots=True)
class TableLoad:
    """What the loads of all segments of a table have in common. ``zone``: the endpoint's ServerTimezone, or ""."""

    plan: TablePlan
    target: S3Target
    settings: LoadSettings
    dialect: Dialect
    zone: str
    task_started: datetime
    errors: RowErrors
    manners: LoadManners

    def prepare(self) -> None:
        """Delete what the table's folder holds, if the task's preparation and the dialect have it so. Raises botocore's errors."""
        if self.settings.preparation != "DO_NOTHING" and self.dialect.preparation == "purges":
            self.target.delete_table(self.plan.schema, self.plan.table)

    def run(self, source: MySQLSource, segment: Segment, *, on_rows: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """Load one segment. Raises TableError, TaskError, TaskStopped, SourceError, or botocore's errors of the target.

        One statement sees one state of the table; so must the count of cut values beside it. Segments and tables are read at slightly
        different times: DMS takes no snapshot across them, and the changes that a task captures make up for it.
        """
        source.begin_snapshot()
        plan, s3 = self.plan, self.target.settings
        now = timestamp(datetime.now(UTC))
        form = row_format(plan, Constants(s3, self.dialect, self.settings.lob_bytes, source.literal, now, self.zone))
        where = self._where(source, segment)
        sql = f"SELECT {form.select} FROM {segment.place(plan.source.schema, plan.source.name)}{where}"  # noqa: S608 - quoted names, literals
        start = s3.table_folder(plan.schema, plan.table) + segment.start
        files = self.target.files(start, header_line([c.name for c in plan.columns], s3, self.dialect))
        try:
            for block in self.manners.rows(f"{plan.source.schema}.{plan.source.name}", self._lines(source, sql, form)):
                if stopped():
                    raise TaskStopped
                files.write(block, self._first_fields())
                on_rows(len(block))
            files.close()
        except BaseException:
            files.abort()
            raise

    def _lines(self, source: MySQLSource, sql: str, form: RowFormat) -> Iterator[list[bytes]]:
        if form.finished:
            yield from source.lines(sql, lambda: self.errors.record("it is longer than the server's max_allowed_packet"))
            return
        for rows in source.rows(sql, form.columns):
            lines = []
            for row in rows:
                try:
                    lines.append(form.line(row))
                except (TableError, ValueError) as error:
                    self.errors.record(str(error))
            yield lines

    def _first_fields(self) -> bytes:
        """What begins every line: the operation, and when the row was transferred or the task began."""
        s3 = self.target.settings
        fields = ["I"] if s3.operation else []
        if s3.timestamp_column:
            quote = quoting(s3, self.dialect)
            fields.append(quote(timestamp(self.task_started if s3.use_task_start_time else datetime.now(UTC))))
        return "".join(f + s3.delimiter for f in fields).encode()

    def _where(self, source: MySQLSource, segment: Segment) -> str:
        conditions = [c for c in (self.plan.filters.sql(source.literal), segment.condition) if c]
        lob_bytes = self.plan.lob_bytes or self.settings.lob_bytes
        oversized = oversized_condition([c.source for c in self.plan.columns if c.source], lob_bytes)
        policy = self.settings.truncation_policy
        if oversized and policy == "IGNORE_RECORD":
            conditions.append(f"COALESCE(NOT ({oversized}), TRUE)")
        elif oversized and policy != "LOG_ERROR":
            self._refuse_truncation(source, segment, _where([*conditions, oversized]), lob_bytes)
        return _where(conditions)

    def _refuse_truncation(self, source: MySQLSource, segment: Segment, where: str, lob_bytes: int) -> None:
        """Raises TaskError or TableError, as the policy says, if a row holds a LOB that would be cut."""
        schema, name = self.plan.source.schema, self.plan.source.name
        rows = source.number(f"SELECT COUNT(*) FROM {segment.place(schema, name)}{where}")  # noqa: S608 - quoted names, literals
        if rows:
            problem = f"{rows} row(s) of table {schema}.{name} hold a LOB larger than {lob_bytes} bytes"
            raise TaskError(problem) if self.settings.truncation_policy == "STOP_TASK" else TableError(problem)


def _where(conditions: list[str]) -> str:
    return " WHERE " + " AND ".join(f"({c})" for c in conditions) if conditions else ""
