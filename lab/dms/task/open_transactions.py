# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Waits for transactions that were open when a task started: ``FullLoadSettings.TransactionConsistencyTimeout``.

A source whose log shows a transaction's changes as they happen needs this wait: a transaction that began before the remembered place would
lose its beginning. MySQL and MariaDB write a transaction into the binary log as a whole when it commits, so one that is open at that place
comes behind it, complete, whether the load waits or not. The wait therefore only keeps the settings' promise about time, and an account
that may not see the transactions of others (that needs the PROCESS privilege, which DMS does not ask for) does not wait.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.FullLoad.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from lab.dms.sources.mysql import Address, MySQLSource, SourceError

POLL_SECONDS = 0.2
# A transaction has a number only from its first change on; its session and its start are there at once.
_OPEN = "SELECT trx_mysql_thread_id, trx_started FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID()"


def wait_for_open_transactions(
    address: Address, seconds: float, stop: threading.Event, on_wait: Callable[[], None], *, strict: bool
) -> None:
    """Return when every transaction that is open now has ended, the time is over, or ``stop`` is set. ``on_wait``: called while it waits.

    Raises SourceError where the source fails, and, if ``strict``, where the time is over.
    """
    deadline = time.monotonic() + seconds
    with MySQLSource(address) as source:
        waiting = _visible(source)
        while waiting and not stop.is_set():
            if time.monotonic() >= deadline:
                if strict:
                    raise SourceError("Transactions were still open when TransactionConsistencyTimeout was over.", recoverable=False)
                return
            on_wait()
            stop.wait(POLL_SECONDS)
            waiting &= _visible(source)


def _visible(source: MySQLSource) -> set[tuple[Any, ...]]:
    """The transactions of others that are open; none if this account may not look."""
    try:
        return set(source.answer(_OPEN))
    except SourceError as error:
        if "PROCESS" in str(error):
            return set()
        raise
