# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The usual way: an unbuffered cursor of PyMySQL and the csv module. Run as a process of its own: FOLDER FILE."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from bench.process import report
from bench.source import TABLE, address, config_of
from lab.config import SCHEMA

_NULL = "__DMS_NULL__"


def extract(folder: str, path: Path) -> dict[str, Any]:
    where = address(config_of(folder))
    began = time.monotonic()
    rows = 0
    connection = pymysql.connect(
        host=where.host,
        port=where.port,
        user=where.user,
        password=where.password,
        database=SCHEMA,
        charset="utf8mb4",
        ssl_ca=str(config_of(folder).tls_dir / "ca.pem"),
        ssl_verify_identity=True,
        cursorclass=SSCursor,
    )
    with connection, connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        cursor.execute(f"SELECT * FROM `{TABLE}`")  # noqa: S608 - a name of our own
        for row in cursor:
            write(["I", *(_NULL if value is None else value for value in row)])
            rows += 1
    return {"rows": rows, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    report(lambda: extract(sys.argv[1], Path(sys.argv[2])))
