# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Statements of the log: what DDL of a followed table does to its files, and to how its changes are read."""

from __future__ import annotations

import logging
from collections.abc import Callable

from lab.dms.binlog import Statement
from lab.dms.cdc import ddl
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.tables import Name, Tables
from lab.dms.cdc.tally import Tally
from lab.dms.sources.mysql import TableError
from lab.dms.targets.s3 import S3Target

_log = logging.getLogger(__name__)


class DdlHandler:
    """TRUNCATE and DROP delete the table's files, ALTER changes how wide its rows are from the next one on, and so on, as the task's
    ChangeProcessingDdlHandlingPolicy says. No statement leaves a line in a file: DMS documents none."""

    def __init__(self, tables: Tables, tally: Tally, target: S3Target, settings: ChangeSettings) -> None:
        self._tables = tables
        self._tally = tally
        self._target = target
        self._settings = settings
        self._handlers: dict[str, Callable[[Name], None]] = {
            ddl.CREATE: self._tables.create,
            ddl.DROP: self._drop,
            ddl.TRUNCATE: self._truncate,
            ddl.ALTER: self._tables.alter,
            ddl.RENAME: self._rename,
            ddl.PARTITION: self._partition,
        }

    def concerns(self, statement: Statement) -> bool:
        """Is it about a table that is followed?"""
        return any(self._tables.selected(change.schema, change.table) for change in ddl.read_ddl(statement.sql, statement.schema))

    def handle(self, statement: Statement) -> None:
        """To be called when everything before the statement is in the bucket. Raises SourceError, CaptureError, botocore's errors."""
        for change in ddl.read_ddl(statement.sql, statement.schema):
            for name in self._tables.selected(change.schema, change.table):
                _log.info("%s %s.%s at %s", change.kind, *name, statement.begin)
                self._tally.table(*name).read["ddl"] += 1
                self._handlers[change.kind](name)

    def _drop(self, name: Name) -> None:
        if self._settings.handle_dropped:
            self._delete_files(name)
        self._tables.forget(name)

    def _truncate(self, name: Name) -> None:
        if self._settings.handle_truncated:
            self._delete_files(name)

    def _rename(self, name: Name) -> None:
        self._tables.suspend(name, "RENAME TABLE is not supported by change capture")

    def _partition(self, name: Name) -> None:
        self._tables.suspend(name, "DDL on partitions is not supported by change capture: the log does not hold the rows that it removes")

    def _delete_files(self, name: Name) -> None:
        """All of the table's files and folders. In the files that hold all tables its changes stay: they are history there."""
        try:
            target = self._tables.target_of(name)
        except TableError as error:
            _log.warning("table %s.%s: its files cannot be found: %s", *name, error)
            return
        self._target.delete_table(*target)
