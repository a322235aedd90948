# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab aws``: switches of the AWS emulator."""

from __future__ import annotations

import argparse
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence

from lab import lifecycle
from lab.aws.throttle import THROTTLE_PATH
from lab.config import LabConfig
from lab.errors import LabError

TIMEOUT_SECONDS = 10


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="landbridge-lab aws", description="Switches of the AWS emulator.")
    commands = parser.add_subparsers(dest="command", required=True)
    throttle = commands.add_parser("throttle", help="make a table throttle some of its next writes, to see retries at work")
    throttle.add_argument("--table", required=True)
    throttle.add_argument("--fraction", type=float, required=True, help="share of the requests that are throttled, 0 to 1")
    throttle.add_argument("--requests", type=int, required=True, help="how many of the next write requests are concerned; 0 switches off")
    throttle.add_argument("--seed", type=int, default=0, help="the same seed throttles the same requests (default: %(default)s)")
    options = parser.parse_args(argv)
    config = LabConfig.from_environment(os.environ)
    lifecycle.require_running(config)
    document = {"table": options.table, "fraction": options.fraction, "requests": options.requests, "seed": options.seed}
    request = urllib.request.Request(config.aws_url + THROTTLE_PATH, data=json.dumps(document).encode(), method="POST")  # noqa: S310 - our URL
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            print(response.read().decode())  # noqa: T201 - this is the output
    except urllib.error.HTTPError as error:
        raise LabError(f"The emulator refuses the switch: {json.loads(error.read())['message']}") from error
    return 0
