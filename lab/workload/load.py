# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Fills the source database: one process makes the rows, another sends them with LOAD DATA LOCAL INFILE, at the same time."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import time
from collections.abc import Mapping, Sequence

import pymysql
from pymysql.cursors import Cursor

from lab.config import APP_USER, HOST, LabConfig
from lab.errors import LabError
from lab.workload.workload import Filling, Workload

_PIPE_BYTES = 1 << 20
_LOAD = (
    r"LOAD DATA LOCAL INFILE %s INTO TABLE `{table}` CHARACTER SET utf8mb4 "
    r"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' {fields}"
)


def connect(config: LabConfig, schema: str) -> pymysql.Connection[Cursor]:
    """A connection of the application that owns the schema, over verified TLS, which may send local data.

    Raises LabError where no lab runs, or its server does not answer or refuses.
    """
    password = config.secrets_dir / APP_USER
    if not password.exists():
        raise LabError(f"There is no running lab in {config.dir}", 'Start it with "lab/landbridge-lab up".')
    try:
        return pymysql.connect(
            host=HOST,
            port=config.mysql_port,
            user=APP_USER,
            password=password.read_text(encoding="utf-8").strip(),
            database=schema,
            charset="utf8mb4",
            local_infile=True,
            ssl_ca=str(config.tls_dir / "ca.pem"),
            ssl_verify_cert=True,
            ssl_verify_identity=True,
        )
    except pymysql.MySQLError as error:
        raise LabError(
            f"The source database at {HOST}:{config.mysql_port} did not let {APP_USER} in: {error}",
            'Run "lab/landbridge-lab up" and try again.',
        ) from error


def fill(connection: pymysql.Connection[Cursor], workload: Workload, rows: int, seed: int) -> tuple[Mapping[str, int], dict[str, float]]:
    """Create the tables anew and fill them with ``rows`` rows in all. Returns rows by table, and seconds by step in their order.

    LOCAL turns errors into warnings and skips the row, so a table whose count or warnings are not as expected raises LabError;
    so does a row without its parent.
    """
    filling = workload.filling(rows, seed)
    statements = [statement for statement in workload.schema_sql.split(";\n") if statement.strip()]
    tables = [statement for statement in statements if "CREATE TABLE" in statement]
    with connection.cursor() as cursor:
        if workload.sql_mode is not None:
            cursor.execute("SET SESSION sql_mode = %s", (workload.sql_mode,))
        for table in reversed(workload.tables):
            cursor.execute(f"DROP TABLE IF EXISTS `{table}`")
        for statement in tables:
            cursor.execute(statement)
        # Indexes that are built by sorting at the end, and references that are checked all at once, halve the server's work.
        cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
        seconds = _load(connection, cursor, workload, filling)
        began = time.monotonic()
        for statement in statements[len(tables) :]:
            cursor.execute(statement)
        cursor.execute("SET SESSION unique_checks = 1, foreign_key_checks = 1")
        _check_references(cursor)
        seconds["keys, references"] = time.monotonic() - began
    return filling.rows, seconds


def _check_references(cursor: Cursor) -> None:
    """Every row that names a parent has it, for every foreign key that the schema declares (each is of one column)."""
    cursor.execute(
        "SELECT table_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage "
        "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"
    )
    for table, column, parent, key in cursor.fetchall():
        cursor.execute(
            f"SELECT COUNT(*) FROM `{table}` c WHERE c.`{column}` IS NOT NULL "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM `{parent}` p WHERE p.`{key}` = c.`{column}`)"
        )
        if orphans := cursor.fetchall()[0][0]:
            raise LabError(f"{orphans} rows of {table} have no {parent}", "Generate the data again.")


def _load(connection: pymysql.Connection[Cursor], cursor: Cursor, workload: Workload, filling: Filling) -> dict[str, float]:
    pipes = {table: os.pipe() for table in workload.tables}
    feeder = multiprocessing.get_context("fork").Process(target=_feed, args=(filling, pipes), daemon=True)
    feeder.start()
    for _, write_end in pipes.values():
        os.close(write_end)
    seconds = {}
    try:
        for table, (read_end, _) in pipes.items():
            began = time.monotonic()
            _load_table(cursor, _LOAD.format(table=table, fields=workload.fields(table)), table, read_end, filling.rows[table])
            connection.commit()
            seconds[table] = time.monotonic() - began
    finally:
        for read_end, _ in pipes.values():
            os.close(read_end)
        feeder.join(timeout=10)  # its next write fails now, if it has not ended already
        feeder.kill()
    return seconds


def _feed(filling: Filling, pipes: dict[str, tuple[int, int]]) -> None:
    """Runs in the process that makes the rows: each table into its pipe."""
    for read_end, _ in pipes.values():
        os.close(read_end)
    for table, (_, write_end) in pipes.items():
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            with os.fdopen(write_end, "wb", buffering=0) as pipe:
                for block in filling.blocks(table):
                    _write_all(pipe.fileno(), block)
        except BrokenPipeError:
            return  # the reader gave up, and says why


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def _load_table(cursor: Cursor, statement: str, table: str, read_end: int, expected: int) -> None:
    try:
        loaded = cursor.execute(statement, (f"/dev/fd/{read_end}",))
        cursor.execute("SHOW WARNINGS LIMIT 3")
        warnings: Sequence[tuple[object, ...]] = cursor.fetchall()
    except pymysql.MySQLError as error:
        raise LabError(f"Loading table {table} failed: {error}", "See the database's error log in the lab's folder.") from error
    if loaded != expected or warnings:
        said = "; ".join(str(warning[2]) for warning in warnings) or "no warnings"
        raise LabError(f"Table {table} took {loaded} of {expected} rows ({said})", "See the database's error log in the lab's folder.")
