# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The accounts of the source: who they are for, and the least that each needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.config import APP_USER, DMS_USER, HOST, READER_USER, SCHEMAS


@dataclass(frozen=True, slots=True)
class Account:
    """``on_server``: privileges ON *.*; ``on_schema``: privileges on the workloads' schemas."""

    user: str
    on_server: str
    on_schema: str


ACCOUNTS = (
    # What DMS asks of a MySQL-compatible source: read the tables, read the binlog, ask where it stands.
    Account(DMS_USER, "REPLICATION SLAVE, REPLICATION CLIENT", "SELECT"),
    Account(READER_USER, "", "SELECT"),
    # The application that owns the schema; the workload generator works under its name.
    Account(
        APP_USER,
        "",
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, TRIGGER, LOCK TABLES",
    ),
)


def accounts_sql(password_for: Callable[[str], str]) -> str:
    """Statements that create the schemas and the accounts. ``password_for`` is asked once for each; it must return plain ASCII."""
    statements = [f"CREATE DATABASE IF NOT EXISTS `{schema}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci" for schema in SCHEMAS]
    for account in ACCOUNTS:
        name = f"'{account.user}'@'{HOST}'"
        password = password_for(account.user)
        if not password.isascii() or "'" in password or "\\" in password:
            raise ValueError("a password with a quote, a backslash or a character beyond ASCII")
        statements.append(f"DROP USER IF EXISTS {name}")
        statements.append(f"CREATE USER {name} IDENTIFIED BY '{password}' REQUIRE SSL")
        if account.on_server:
            statements.append(f"GRANT {account.on_server} ON *.* TO {name}")
        statements += [f"GRANT {account.on_schema} ON `{schema}`.* TO {name}" for schema in SCHEMAS]
    return ";\n".join(statements) + ";\n"
