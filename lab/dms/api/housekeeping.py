# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Moves time along for the resources: their states change, and tell so, even while nobody calls."""

from __future__ import annotations

import logging
import threading
import time

from lab.dms.api.store import Store

SECONDS = 0.1

_log = logging.getLogger(__name__)


class Housekeeping:
    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self) -> None:
        threading.Thread(target=self._run, name="housekeeping", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(SECONDS)
            try:
                self._store.settle()
            except Exception:
                _log.exception("housekeeping")
