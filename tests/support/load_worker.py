# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs stage full_load of the shop in a process of its own, which kills itself (SIGKILL) at the put that it is told.

Usage: python -m tests.support.load_worker PROFILE ENDPOINT BUCKET UNIT_MB ROWS DIE_AT, ROWS being JSON: rows per table.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from landbridge.adapters.aws import connect
from landbridge.adapters.clock import SystemClock
from landbridge.adapters.dynamodb_writer import BatchWriter
from landbridge.adapters.s3 import S3Store
from landbridge.checkpoint.documents import Documents
from landbridge.full_load import stage
from landbridge.full_load.outcome import LoadOutcome
from landbridge.model.site import AwsSite

from .shop import RUN, contract, site, statistics


class MortalWriter(BatchWriter):
    """Dies at put number ``die_at``; 0: never."""

    die_at = 0

    def put(self, key: str, item: str, origin: object = None) -> None:
        self.die_at -= 1
        if self.die_at == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().put(key, item, origin)


def load(aws: AwsSite, bucket: str, unit_mb: float, rows: dict[str, int]) -> LoadOutcome:
    """The bucket holds staging and state, each below a folder of its own."""
    connection, clock = connect(aws), SystemClock()
    store = S3Store(connection, bucket)
    return stage.run_full_load(
        site(unit_mb=unit_mb, aws=aws),
        contract(),
        RUN,
        store,
        Documents(store, "state/shop/r1", clock),
        lambda table, on_refused: MortalWriter(connection, table, connections=4, clock=clock, on_refused=on_refused),
        lambda: statistics(rows),
        clock,
        lambda progress: None,
    )


if __name__ == "__main__":
    profile, endpoint, bucket, unit_mb, rows, die_at = sys.argv[1:]
    MortalWriter.die_at = int(die_at)
    # Settle whenever a unit was read: what is done when the worker dies must not depend on how fast the machine is.
    stage._SETTLE_SECONDS = 0.0
    account = AwsSite("eu-west-1", "000000000042", "shop", profile=profile, endpoint_url=endpoint)
    sys.stdout.write(json.dumps(load(account, bucket, float(unit_mb), json.loads(rows)).to_json()))
