# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The emulator's process: ministack under our ASGI wrapper, on loopback only."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from lab.config import ACCOUNT, HOST, REGION

KEEP_ALIVE_SECONDS = 75


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lab.aws.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dms-url", required=True, help="where the replication service answers")
    parser.add_argument("--secret-file", type=Path, required=True, help="file with the secret access key of the lab's credential")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    options = arguments(argv)
    secret = options.secret_file.read_text(encoding="utf-8").rstrip("\n")
    # The emulator reads its settings when it is imported; the credential is what it checks presigned URLs by.
    os.environ.update(
        AWS_ACCESS_KEY_ID=ACCOUNT,
        AWS_SECRET_ACCESS_KEY=secret,
        GATEWAY_PORT=str(options.port),
        BIND_HOST=HOST,
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=REGION,
        LOG_LEVEL="WARNING",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
    )
    from lab.aws.application import build

    config = Config()
    config.bind = [f"{HOST}:{options.port}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.loglevel = "WARNING"
    app = build(dms_url=options.dms_url, secret=secret)
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
