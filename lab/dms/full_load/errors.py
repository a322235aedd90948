# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How a load ends early, and what becomes of rows that cannot be written."""

from __future__ import annotations

import logging
import threading

from lab.dms.settings import LoadSettings
from lab.dms.sources.mysql import TableError

_log = logging.getLogger(__name__)


class TaskStopped(Exception):
    """The task was asked to stop."""


class TaskError(Exception):
    """The task cannot go on."""


class RowErrors:
    """The rows of one table that could not be written; many threads count.

    What happens is ``DataErrorPolicy``'s to say, and from the count of ``DataErrorEscalationCount`` on ``DataErrorEscalationPolicy``'s.
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html
    The API's ``FullLoadErrorRows`` is documented for DynamoDB targets alone, so that the log is where these rows are named.
    """

    def __init__(self, table: str, settings: LoadSettings) -> None:
        self._table = table
        self._settings = settings
        self._lock = threading.Lock()
        self.count = 0

    def record(self, problem: str) -> None:
        """One row is left out. Raises TableError or TaskError where that must not be."""
        with self._lock:
            self.count += 1
            escalated = 0 < self._settings.data_escalation_count <= self.count
        policy = self._settings.data_escalation_policy if escalated else self._settings.data_policy
        message = f"a row of table {self._table} cannot be written: {problem}"
        if policy == "STOP_TASK":
            raise TaskError(message)
        if policy == "SUSPEND_TABLE":
            raise TableError(message)
        if policy == "LOG_ERROR":
            _log.warning("%s", message)
