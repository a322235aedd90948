# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Names of the files that changes go into."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lab.dms.dialects.dialect import Dialect
from lab.dms.targets.settings import S3Settings


class ChangeFileNames:
    """A file is named after the time at which it was begun, in UTC or in the time zone of the date partitions.

    No name is given out twice, and each sorts behind all before it in its folder, even where the clock steps back.
    """

    def __init__(self, settings: S3Settings, dialect: Dialect, clock: Callable[[], float] = time.time, last: str = "") -> None:
        """``last``: where an object of an earlier run ended, "" if there was none."""
        self._settings = settings
        self._digits = dialect.change_file_digits
        self._clock = clock
        self._last = datetime.fromisoformat(last) if last else datetime.min

    @property
    def last(self) -> str:
        """The time in the last name, "" before the first."""
        return "" if self._last == datetime.min else self._last.isoformat()

    def transactions(self) -> str:
        """The key of a new file that holds the changes of all tables."""
        moment = self._next(timedelta(milliseconds=1))
        return f"{self._settings.transaction_folder}CDC_TXN-{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}{self._settings.suffix}"

    def table(self, folder: str) -> str:
        """The key of a new file that holds the changes of one table. ``folder``: with its closing slash."""
        digits = self._digits - 6
        moment = self._next(timedelta(microseconds=10 ** (6 - digits)))
        fraction = f"{moment.microsecond:06d}"[:digits]
        return f"{folder}{moment:%Y%m%d-%H%M%S}{fraction}{self._settings.suffix}"

    def _next(self, step: timedelta) -> datetime:
        """Now, or a step behind the last name."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        partition = self._settings.date_partition
        moment = (partition.local(now) if partition else now).replace(tzinfo=None)
        microseconds = step // timedelta(microseconds=1)
        moment = moment.replace(microsecond=moment.microsecond // microseconds * microseconds)
        self._last = max(moment, self._last + step) if self._last != datetime.min else moment
        return self._last
