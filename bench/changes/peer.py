# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The usual way: mysql-replication and the csv module. Run as a process of its own: SOURCE-FOLDER FILE BEGIN END."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

from bench.changes.log import COPY
from bench.process import report
from bench.source import address, config_of
from bench.twin import NULL_MARKER
from lab.config import SCHEMA
from lab.dms.binlog import Position

SERVER_ID = 4_000_000_001
KEY = ("charge_seq", "activity_num")


def follow(source: str, path: Path, begin: str, end: str) -> dict[str, Any]:
    where, first, last = address(config_of(source)), Position.parse(begin), Position.parse(end)
    login = {"host": where.host, "port": where.port, "user": where.user, "passwd": where.password}
    tls = {"ssl_ca": str(config_of(source).tls_dir / "ca.pem"), "ssl_verify_identity": True}
    began = time.monotonic()
    rows = 0
    stream = BinLogStreamReader(
        connection_settings=login | tls,
        server_id=SERVER_ID,
        blocking=True,
        resume_stream=True,
        log_file=first.file,
        log_pos=first.offset,
        only_schemas=[SCHEMA],
        only_tables=[COPY],
        only_events=[WriteRowsEvent, UpdateRowsEvent, DeleteRowsEvent],
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        for event in stream:
            rows += len(event.rows)
            for row in event.rows:
                write(line(event, row))
            # The log ends with a commit behind the last rows.
            if Position(stream.log_file, stream.log_pos) >= Position(last.file, last.offset - 100):
                break
    stream.close()
    return {"rows": rows, "seconds": time.monotonic() - began}


def line(event: Any, row: dict[str, Any]) -> list[Any]:
    """Operation, table, schema, the columns, the key as an update found it; the twin's number of the change is left out."""
    if isinstance(event, UpdateRowsEvent):
        operation, values, before = "U", row["after_values"], [row["before_values"][name] for name in KEY]
    else:
        operation, values, before = "I" if isinstance(event, WriteRowsEvent) else "D", row["values"], ["", ""]
    return [operation, event.table, event.schema, *(NULL_MARKER if value is None else value for value in values.values()), "", *before]


if __name__ == "__main__":
    report(lambda: follow(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
