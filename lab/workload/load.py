# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Fills the source database: one process makes the rows, another sends them with LOAD DATA LOCAL INFILE, at the same time."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from lab.errors import LabError
from lab.workload.billing import table_blocks
from lab.workload.population import TABLES, Population, populate

_PIPE_BYTES = 1 << 20
_LOAD = (
    r"LOAD DATA LOCAL INFILE %s INTO TABLE `{table}` CHARACTER SET utf8mb4 "
    r"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'"
)


def connect(*, host: str, port: int, user: str, password: str, ca: Path, schema: str) -> pymysql.Connection[Cursor]:
    """A connection over verified TLS that may send local data. Raises LabError where the server does not answer or refuses."""
    try:
        return pymysql.connect(
            host=host,
            port=port,
            user=user,
            password=password,
            database=schema,
            charset="utf8mb4",
            local_infile=True,
            ssl_ca=str(ca),
            ssl_verify_cert=True,
            ssl_verify_identity=True,
        )
    except pymysql.MySQLError as error:
        raise LabError(
            f"The source database at {host}:{port} did not let {user} in: {error}", 'Run "lab/landbridge-lab up" and try again.'
        ) from error


def fill(connection: pymysql.Connection[Cursor], schema_sql: str, rows: int, seed: int) -> tuple[dict[str, int], dict[str, float]]:
    """Create the tables anew and fill them with ``rows`` rows in all. Returns rows by table, and seconds by step in their order.

    LOCAL turns errors into warnings and skips the row, so a table whose count or warnings are not as expected raises LabError;
    so does a row without its parent.
    """
    population = populate(rows, seed)
    statements = [statement for statement in schema_sql.split(";\n") if statement.strip()]
    tables = [statement for statement in statements if "CREATE TABLE" in statement]
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            cursor.execute(f"DROP TABLE IF EXISTS `{table}`")
        for statement in tables:
            cursor.execute(statement)
        # Indexes that are built by sorting at the end, and references that are checked all at once, halve the server's work.
        cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
        seconds = _load(connection, cursor, population, seed)
        began = time.monotonic()
        for statement in statements[len(tables) :]:
            cursor.execute(statement)
        cursor.execute("SET SESSION unique_checks = 1, foreign_key_checks = 1")
        _check_references(cursor)
        seconds["keys, references"] = time.monotonic() - began
    return population.rows, seconds


def _check_references(cursor: Cursor) -> None:
    """Every row has its parent, for every foreign key that the schema declares (each is of one column)."""
    cursor.execute(
        "SELECT table_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage "
        "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"
    )
    for table, column, parent, key in cursor.fetchall():
        cursor.execute(f"SELECT COUNT(*) FROM `{table}` c WHERE NOT EXISTS (SELECT 1 FROM `{parent}` p WHERE p.`{key}` = c.`{column}`)")  # noqa: S608
        if orphans := cursor.fetchall()[0][0]:
            raise LabError(f"{orphans} rows of {table} have no {parent}", "Generate the data again.")


def _load(connection: pymysql.Connection[Cursor], cursor: Cursor, population: Population, seed: int) -> dict[str, float]:
    pipes = {table: os.pipe() for table in TABLES}
    feeder = multiprocessing.get_context("fork").Process(target=_feed, args=(population, seed, pipes), daemon=True)
    feeder.start()
    for _, write_end in pipes.values():
        os.close(write_end)
    seconds = {}
    try:
        for table, (read_end, _) in pipes.items():
            began = time.monotonic()
            _load_table(cursor, table, read_end, population.rows[table])
            connection.commit()
            seconds[table] = time.monotonic() - began
    finally:
        for read_end, _ in pipes.values():
            os.close(read_end)
        feeder.join(timeout=10)  # its next write fails now, if it has not ended already
        feeder.kill()
    return seconds


def _feed(population: Population, seed: int, pipes: dict[str, tuple[int, int]]) -> None:
    """Runs in the process that makes the rows: each table into its pipe."""
    for read_end, _ in pipes.values():
        os.close(read_end)
    for table, (_, write_end) in pipes.items():
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            with os.fdopen(write_end, "wb", buffering=0) as pipe:
                for block in table_blocks(table, population, seed):
                    _write_all(pipe.fileno(), block)
        except BrokenPipeError:
            return  # the reader gave up, and says why


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def _load_table(cursor: Cursor, table: str, read_end: int, expected: int) -> None:
    try:
        loaded = cursor.execute(_LOAD.format(table=table), (f"/dev/fd/{read_end}",))
        cursor.execute("SHOW WARNINGS LIMIT 3")
        warnings: Sequence[tuple[object, ...]] = cursor.fetchall()
    except pymysql.MySQLError as error:
        raise LabError(f"Loading table {table} failed: {error}", "See the database's error log in the lab's folder.") from error
    if loaded != expected or warnings:
        said = "; ".join(str(warning[2]) for warning in warnings) or "no warnings"
        raise LabError(f"Table {table} took {loaded} of {expected} rows ({said})", "See the database's error log in the lab's folder.")
