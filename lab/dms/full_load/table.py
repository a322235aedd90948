# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Copies one table: its rows as lines from the source, into numbered files of the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.dms.full_load.csv_line import LOBS, header_line, line_expression, oversized_condition, quoted_name
from lab.dms.mappings import TableMappings
from lab.dms.settings import LoadSettings
from lab.dms.sources.mysql import MySQLSource, SourceColumn, SourceTable, TableError
from lab.dms.targets.s3 import S3Target


class TaskStopped(Exception):
    """The task was asked to stop."""


class TaskError(Exception):
    """The task cannot go on."""


@dataclass(frozen=True, slots=True)
class TableLoad:
    """What is to be done with one table."""

    table: SourceTable
    columns: tuple[SourceColumn, ...]
    added: tuple[str, ...]

    @classmethod
    def plan(cls, table: SourceTable, mappings: TableMappings, settings: LoadSettings) -> TableLoad:
        """Raises TableError where no column is left."""
        kept = set(mappings.kept(table.schema, table.name, (c.name for c in table.columns)))
        columns = tuple(c for c in table.columns if c.name in kept and (settings.lobs or c.data_type not in LOBS))
        if not columns:
            raise TableError("the table has no column to load")
        return cls(table, columns, tuple(mappings.added(table.schema, table.name, table.primary_key)))

    def run(
        self, source: MySQLSource, target: S3Target, settings: LoadSettings, *, on_rows: Callable[[int], None], stopped: Callable[[], bool]
    ) -> None:
        """Load the table. Raises TableError, TaskError, TaskStopped, SourceError, or botocore's errors of the target."""
        schema, name = self.table.schema, self.table.name
        if settings.preparation != "DO_NOTHING":
            target.purge(schema, name)
        # One statement sees one state of the table; so must the count of cut values beside it.
        source.begin_snapshot()
        condition = self._truncation(source, settings)
        line = line_expression(self.columns, len(self.added), target.settings, settings.lob_bytes, source.literal)
        sql = f"SELECT {line} FROM {self._place}{condition}"  # noqa: S608 - identifiers are quoted, texts are literals
        files = target.files(schema, name, header_line([c.name for c in self.columns] + list(self.added), target.settings))
        try:
            for block in source.lines(sql):
                if stopped():
                    raise TaskStopped
                files.write(block)
                on_rows(len(block))
            files.close()
        except BaseException:
            files.abort()
            raise

    @property
    def _place(self) -> str:
        return f"{quoted_name(self.table.schema)}.{quoted_name(self.table.name)}"

    def _truncation(self, source: MySQLSource, settings: LoadSettings) -> str:
        """The WHERE clause that the policy for values longer than LobMaxSize asks for."""
        oversized = oversized_condition(self.columns, settings.lob_bytes)
        if not oversized:
            return ""
        if settings.truncation_policy == "IGNORE_RECORD":
            return f" WHERE COALESCE(NOT ({oversized}), TRUE)"
        if settings.truncation_policy == "LOG_ERROR":
            return ""
        rows = source.number(f"SELECT COUNT(*) FROM {self._place} WHERE {oversized}")  # noqa: S608 - as above
        if rows:
            problem = f"{rows} row(s) of table {self.table.schema}.{self.table.name} hold a LOB larger than {settings.lob_bytes} bytes"
            raise TaskError(problem) if settings.truncation_policy == "STOP_TASK" else TableError(problem)
        return ""
