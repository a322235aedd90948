# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The load as the worker does it, from a staged file to the endpoint. Run as a process of its own: FILE ENDPOINT."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO, cast

from landbridge.adapters.aws import connect
from landbridge.adapters.clock import SystemClock
from landbridge.adapters.dynamodb_writer import BatchWriter
from landbridge.contract.rows import compile_rows
from landbridge.full_load.file_load import FileLoad, TablePlan, UnitAccount
from landbridge.model.site import AwsSite
from landbridge.model.work import StagedFile, WorkUnit
from landbridge.ports import ObjectStore

from bench.full_load.data import CHARGE, NULL_MARKER, TABLE, contract
from bench.process import report

_VERSION = "000001" + 32 * "0"
_CONNECTIONS = 16  # the default of a site
_ROWS_PER_TURN = 512


class _Folder:
    """The part of a bucket that loading asks for, from the disk."""

    def open(self, key: str, *, etag: str, start: int = 0, end: int | None = None) -> BinaryIO:
        stream = Path(key).open("rb")  # noqa: SIM115 - the caller closes it
        stream.seek(start)
        return stream


def load(path: Path, endpoint: str) -> int:
    """Load the whole file; the number of items that the endpoint took."""
    writer = BatchWriter(
        connect(AwsSite(region="eu-west-1", account="0" * 12, prefix="bench", endpoint_url=endpoint)),
        TABLE,
        connections=_CONNECTIONS,
        clock=SystemClock(),
    )
    transform = compile_rows(contract(), CHARGE, null=NULL_MARKER, offset=1, version=_VERSION)
    size = path.stat().st_size
    unit = WorkUnit("charge", StagedFile("billing", "charge", str(path), size, ""), 0, size)
    plan = TablePlan(CHARGE, ("CHARGE",), transform, {"CHARGE": writer.put})
    file = FileLoad([unit], (0, 1), plan, cast(ObjectStore, _Folder()), lambda unit: None)
    ended: list[UnitAccount] = []
    while not file.finished:
        ended += file.advance(_ROWS_PER_TURN)
    writer.flush()
    writer.close()
    return sum(account.result(writer.retried).items["CHARGE"] for account in ended)


if __name__ == "__main__":
    report(lambda: {"items": load(Path(sys.argv[1]), sys.argv[2])})
