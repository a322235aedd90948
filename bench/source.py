# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A MariaDB for the bench alone: in a folder and on a port of its own, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process import REPOSITORY
from lab import processes
from lab.config import DMS_USER, HOST, SCHEMA, LabConfig
from lab.dms.sources.mysql import Address
from lab.mysql import server
from lab.secret_files import read_secret
from lab.tls import create_tls
from lab.workload.cli import generate

# Beside the lab's and the tests' ports; only the server's own is taken.
PORT_BASE = 24_300
TABLE = "charge"
SEED = 7


@contextmanager
def source(*, rows: int) -> Iterator[LabConfig]:
    """A server with the billing workload of so many rows in all; somewhat more than half of them are charges."""
    with tempfile.TemporaryDirectory(prefix="landbridge-bench-") as folder:
        config = LabConfig(repository=REPOSITORY, dir=Path(folder), port_base=PORT_BASE)
        tls = create_tls(config.tls_dir, ("localhost",), (HOST,))
        server.create(config, tls, _silent)
        server.start(config, _silent)
        try:
            server.create_accounts(config)
            generate(config, SCHEMA, rows, SEED)
            yield config
        finally:
            processes.stop(config.run_dir, server.NAME)


def address(config: LabConfig) -> Address:
    """How the replication account reaches the server: as DMS would, over TLS with the name checked."""
    ca = (config.tls_dir / "ca.pem").read_text(encoding="ascii")
    password = read_secret(config.secrets_dir, DMS_USER)
    return Address(host=HOST, port=config.mysql_port, user=DMS_USER, password=password, ssl_mode="verify-full", ca_pem=ca)


def config_of(folder: str) -> LabConfig:
    """In a side's process: the server that runs in that folder."""
    return LabConfig(repository=REPOSITORY, dir=Path(folder), port_base=PORT_BASE)


def _silent(line: str) -> None:
    pass
