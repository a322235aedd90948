# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Change capture by the twin, into a local folder. Run as a process of its own: SOURCE-FOLDER TARGET-FOLDER BEGIN END."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import twin
from bench.changes.log import COPY
from bench.process import BenchError, report
from bench.source import address, config_of
from lab.dms.binlog import Position
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.run import ChangeCapture
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.stop import AfterPosition
from lab.dms.dialects.dialect import GUIDE
from lab.dms.settings import merge_settings
from lab.dms.statistics import Statistics


def follow(source: str, folder: Path, begin: str, end: str) -> dict[str, Any]:
    where = address(config_of(source))
    statistics = Statistics()
    with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as spool:
        capture = ChangeCapture(
            address=lambda: where,
            target=twin.target(folder),
            mappings=twin.mappings(COPY),
            settings=ChangeSettings.read(merge_settings(None)),
            statistics=statistics,
            dialect=GUIDE,
            spool_dir=Path(spool),
            start=Checkpoint(Position.parse(begin)),
            stop_at=AfterPosition(Position.parse(end)),
            save=lambda checkpoint: None,
        )
        began = time.monotonic()
        outcome = capture.run(lambda: None)
        seconds = time.monotonic() - began
    if outcome.status == "failed":
        raise BenchError(outcome.failure)
    applied = [t["AppliedInserts"] + t["AppliedUpdates"] + t["AppliedDeletes"] for t in statistics.to_api()]
    return {"rows": sum(applied), "seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    report(lambda: follow(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
