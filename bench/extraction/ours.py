# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A full load of one table by the twin, into a local folder. Run as a process of its own: SOURCE-FOLDER TARGET-FOLDER."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from bench import twin
from bench.process import BenchError, report
from bench.source import TABLE, address, config_of
from lab.dms.full_load.run import FullLoad
from lab.dms.settings import LoadSettings, merge_settings
from lab.dms.statistics import Statistics


def extract(source: str, folder: Path) -> dict[str, Any]:
    where = address(config_of(source))
    statistics = Statistics()
    settings = LoadSettings.read(merge_settings('{"FullLoadSettings": {"TargetTablePrepMode": "DO_NOTHING"}}'))
    load = FullLoad(lambda: where, twin.target(folder), twin.mappings(TABLE), settings, statistics)
    began = time.monotonic()
    outcome = load.run(lambda: None)
    seconds = time.monotonic() - began
    if outcome.status == "failed":
        raise BenchError(outcome.failure)
    return {"rows": sum(t["FullLoadRows"] for t in statistics.to_api()), "seconds": seconds}


if __name__ == "__main__":
    report(lambda: extract(sys.argv[1], Path(sys.argv[2])))
