# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Files of changes on their way: in memory while they are small, on disk from then on, and in the bucket when the batch is due."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol, TypeAlias

from lab.dms.cdc.names import ChangeFileNames
from lab.dms.targets.s3 import S3Target

_IN_MEMORY = 256 * 1024
_BLOCK = 1024 * 1024


class Destination(Protocol):
    """A table as the batch sees it: its names at the target, and the header of its files, "" if there is none."""

    @property
    def target(self) -> tuple[str, str]: ...

    @property
    def header(self) -> str: ...


# Appends lines to the files of a table.
Write: TypeAlias = Callable[[Destination, Sequence[str]], None]


class SpoolFile:
    """One file before it is uploaded. ``key``: its name in the bucket."""

    def __init__(self, key: str, header: bytes, spool_dir: Path) -> None:
        self.key = key
        self.rows = 0
        self.size = 0
        self._spool_dir = spool_dir
        self._buffer: list[bytes] = [header] if header else []
        self._buffered = len(header)
        self._disk: IO[bytes] | None = None

    @property
    def on_disk(self) -> bool:
        return self._disk is not None

    def write(self, data: bytes, rows: int) -> None:
        size = len(data)
        self.rows += rows
        self.size += size
        self._buffer.append(data)
        self._buffered += size
        if self._buffered >= _IN_MEMORY:
            self._roll()

    def blocks(self) -> Iterator[bytes]:
        if self._disk is not None:
            self._disk.seek(0)
            while block := self._disk.read(_BLOCK):
                yield block
        yield from self._buffer

    def close(self) -> None:
        if self._disk is not None:
            # What a full disk did not take is tried once more here; it is thrown away all the same.
            with suppress(OSError):
                self._disk.close()

    def _roll(self) -> None:
        if self._disk is None:
            self._disk = tempfile.TemporaryFile(dir=self._spool_dir)  # noqa: SIM115 - closed by ``close``
        self._disk.write(b"".join(self._buffer))
        self._buffer.clear()
        self._buffered = 0


class Batch:
    """What was read and is not in the bucket yet. A transaction lies whole in one file, or in one file a table.

    All files of a batch are uploaded together when the first of them is due: only then is there one place in the log up to which
    everything is in the bucket.
    """

    def __init__(self, target: S3Target, names: ChangeFileNames, spool_dir: Path) -> None:
        self._target = target
        self._names = names
        self._spool_dir = spool_dir
        self._settings = target.settings
        self._end = target.settings.row_delimiter
        self._moment = datetime.min
        self._current: dict[Destination, SpoolFile] = {}
        self._by_folder: dict[str, tuple[str, SpoolFile]] = {}
        self._files: list[SpoolFile] = []
        self._opened: float | None = None
        self._largest = 0

    @property
    def empty(self) -> bool:
        return not self._files

    @property
    def due(self) -> bool:
        """Has CdcMaxBatchInterval passed since the first change, or has a file reached CdcMinFileSize?"""
        if self._opened is None:
            return False
        return self._largest >= self._settings.batch_bytes or time.monotonic() - self._opened >= self._settings.batch_seconds

    def waiting(self) -> tuple[int, int]:
        """Rows in memory and rows in files on disk."""
        files = list(self._files)
        on_disk = sum(file.rows for file in files if file.on_disk)
        return sum(file.rows for file in files) - on_disk, on_disk

    def begin(self, committed: datetime) -> None:
        """A transaction follows, committed at that time (which knows its zone)."""
        if self._settings.date_partition is not None and not self._settings.preserve_transactions:
            self._current.clear()
        self._moment = committed

    def write(self, destination: Destination, lines: Sequence[str]) -> None:
        """Append lines, each without its end. Raises UnicodeEncodeError before anything is written."""
        if not lines:
            return
        data = (self._end.join(lines) + self._end).encode()
        file = self._current.get(destination) or self._file(destination)
        file.write(data, len(lines))
        if file.size > self._largest:
            self._largest = file.size

    def upload(self) -> int:
        """Put every file into the bucket, the oldest first; the bytes that were written. Raises botocore's errors, and keeps the files
        then."""
        for file in self._files:
            self._target.upload(file.key, file.blocks())
        size = sum(file.size for file in self._files)
        self.close()
        return size

    def end_files(self) -> list[str]:
        """Let what is written next begin new files; the keys of those that end here."""
        ended = [file.key for _, file in self._by_folder.values()]
        self._current.clear()
        self._by_folder.clear()
        return ended

    def close(self) -> None:
        """Throw away what is left."""
        for file in self._files:
            file.close()
        self._files.clear()
        self._opened = None
        self._largest = 0
        self.end_files()

    def _file(self, destination: Destination) -> SpoolFile:
        """The file that this table's rows go into now."""
        together = self._settings.preserve_transactions
        folder = "" if together else self._settings.change_folder(*destination.target, self._moment)
        header, file = self._by_folder.get(folder, ("", None))
        if file is None or (header != destination.header and not together):
            file = self._begin(folder, destination.header)
        self._current[destination] = file
        return file

    def _begin(self, folder: str, header: str) -> SpoolFile:
        key = self._names.table(folder) if folder else self._names.transactions()
        first_line = (header + self._end).encode() if header and folder else b""
        file = SpoolFile(key, first_line, self._spool_dir)
        self._files.append(file)
        self._by_folder[folder] = header, file
        if self._opened is None:
            self._opened = time.monotonic()
        return file
