# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab mysql``: a client session on the source, as one of its accounts, over TLS."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from lab import lifecycle
from lab.config import HOST, SCHEMA, LabConfig
from lab.mysql.accounts import ACCOUNTS
from lab.mysql.products import product_of
from lab.secret_files import read_secret
from lab.tls import tls_files


def main(argv: Sequence[str]) -> int:
    text = "A session of the server's own client; options that are not listed here go to it."
    parser = argparse.ArgumentParser(prog="landbridge-lab mysql", description=text)
    users = [account.user for account in ACCOUNTS]
    parser.add_argument("--user", choices=users, default=users[-1], help="the account (default: %(default)s)")
    options, words = parser.parse_known_args(argv)
    config = LabConfig.from_environment(os.environ)
    lifecycle.require_running(config)
    product = product_of(config)
    command = [
        *product.client(config),
        f"--host={HOST}",
        f"--port={config.mysql_port}",
        f"--user={options.user}",
        f"--ssl-ca={tls_files(config.tls_dir).ca}",
        product.verified(),
        f"--database={SCHEMA}",
        *words,
    ]
    # In the environment, where only this user can read it; on the command line everybody could.
    environ = {**os.environ, "MYSQL_PWD": read_secret(config.secrets_dir, options.user)}
    os.execve(command[0], command, environ)  # noqa: S606 - a list of words, no shell
