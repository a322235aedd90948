# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A migration of two small tables of its own on the lab, beside whatever else the lab holds."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from landbridge_runners.cli.main import main

CONTRACT = """
landbridge: 1
source: {engine: mysql, schemas: [billing]}
defaults: {created_at: made, updated_at: made}
tables:
  ZzShop:
    key: {partition: PK, sort: SK}
entities:
  OWNER:
    from: billing.zz_owner
    into: ZzShop
    key: {PK: "OWNER#{id:010d}", SK: "OWNER"}
  THING:
    from: billing.zz_thing
    into: ZzShop
    key: {PK: "OWNER#{owner:010d}", SK: "THING#{id:010d}"}
"""

_STATEMENTS = (
    "CREATE TABLE zz_owner (id INT UNSIGNED PRIMARY KEY, name VARCHAR(40) NULL, made DATETIME(6) NOT NULL) CHARACTER SET utf8mb4",
    "CREATE TABLE zz_thing (owner INT UNSIGNED, id INT UNSIGNED, price DECIMAL(10,2) NOT NULL, made DATETIME(6) NOT NULL,"
    " PRIMARY KEY (owner, id), FOREIGN KEY (owner) REFERENCES zz_owner (id)) CHARACTER SET utf8mb4",
    "INSERT INTO zz_owner VALUES (1, 'Zoë 😀', '2024-02-29 12:00:00.000001'), (2, NULL, '2024-01-01'), (3, '', '2024-01-01')",
    "INSERT INTO zz_thing VALUES (1, 1, 10.50, '2024-01-01'), (1, 2, -0.25, '2024-01-01')",
)


@contextmanager
def source_tables(lab: Any) -> Iterator[None]:
    """The tables with their five rows, for as long as the block runs."""
    with lab.connect("landbridge_app") as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS zz_thing, zz_owner")
        for statement in _STATEMENTS:
            cursor.execute(statement)
        connection.commit()
        yield
        cursor.execute("DROP TABLE zz_thing, zz_owner")


def write_site(lab: Any, folder: Path, *, contract: str = CONTRACT, run: str = "r1", **sections: dict[str, Any]) -> Path:
    """A site file like the lab's, with another contract and ``sections`` changed; its state bucket is its own."""
    (folder / "contract.yml").write_text(contract, encoding="utf-8")
    document = yaml.safe_load(lab.site.read_text(encoding="utf-8"))
    document["migration"] = {"name": "zz-shop", "run": run, "contract": "contract.yml"}
    document["source"]["password"] = {"file": str(lab.dir / "secrets" / "landbridge_reader")}
    document["source"]["tls"]["ca"] = str(lab.dir / "tls" / "ca.pem")
    document["replication"]["source"]["tls"]["ca"] = str(lab.dir / "tls" / "ca.pem")
    document["aws"]["prefix"] = "zz-shop"
    document["state"] = {"bucket": "zz-shop-state"}
    for name, changes in sections.items():
        document[name] |= changes
    file = folder / "site.yml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def landbridge(lab: Any, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line as an operator meets it, run within this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, lab.env | environ, clear=True), redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def program(name: str, *words: str) -> list[str]:
    """The command that runs ``cli`` or ``worker`` as a process of its own."""
    return [sys.executable, "-m", f"landbridge_runners.{name}.main", *words]
