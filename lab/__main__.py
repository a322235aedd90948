# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab's command line: ``lab/landbridge-lab COMMAND``."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Sequence

from lab import lifecycle
from lab.config import LabConfig
from lab.errors import LabError
from lab.terminal import OutputClosed, say

# Commands with options of their own, each in the folder of its part.
PARTS = {
    "mysql": ("lab.mysql.cli", "a client session on the source database"),
    "aws": ("lab.aws.cli", "switches of the AWS emulator"),
    "dms": ("lab.dms.cli", "the replication service"),
    "generate": ("lab.workload.cli", "fill the source with a workload's data"),
    "change": ("lab.workload.change_cli", "run a workload's change script"),
    "demo": ("lab.demo.cli", "a whole migration, with its report"),
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="landbridge-lab", description="A source database, an AWS emulator and a replication service on loopback."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="start the lab; leaves a running one alone")
    commands.add_parser("down", help="end exactly what up started, and remove its folder")
    state = commands.add_parser("status", help="what runs, and where; exit code 1 unless all of it runs")
    state.add_argument("--json", action="store_true", help="for machines")
    commands.add_parser("env", help='environment for AWS clients, for: eval "$(landbridge-lab env)"')
    for name, (_, text) in PARTS.items():
        commands.add_parser(name, help=text, add_help=False)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words and words[0] in PARTS:
            return int(importlib.import_module(PARTS[words[0]][0]).main(words[1:]) or 0)
        options = parser().parse_args(words)
        config = LabConfig.from_environment(os.environ)
        return run(options, config)
    except LabError as error:
        print(f"landbridge-lab: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except OutputClosed:
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 130


def run(options: argparse.Namespace, config: LabConfig) -> int:
    if options.command == "up":
        return command_up(config)
    if options.command == "down":
        say(f"The lab in {config.dir} is gone" if lifecycle.down(config) else f"No lab in {config.dir}")
        return 0
    if options.command == "env":
        return command_env(config)
    return command_status(config, as_json=options.json)


def command_up(config: LabConfig) -> int:
    begin = time.monotonic()
    if lifecycle.up(config, lambda line: say(f"[{time.monotonic() - begin:5.1f} s] {line}")):
        say(f"The lab runs in {config.dir}")
    else:
        say(f"The lab runs already in {config.dir}")
    return 0


def command_status(config: LabConfig, *, as_json: bool) -> int:
    state = lifecycle.status(config)
    if as_json:
        say(json.dumps(state, indent=2))
    else:
        say(f"{state['dir']}: {'runs' if state['running'] else 'does not run'}")
        for name, service in state["services"].items():
            words = f"runs, process {service['pid']}" if service["running"] else "does not run"
            say(f"  {name:<6} port {service['port']}  {words}")
    return 0 if state["running"] else 1


def command_env(config: LabConfig) -> int:
    from lab.aws.service import environment

    lifecycle.require_running(config)
    for name, value in {**environment(config), "LANDBRIDGE_SITE": str(config.site_file)}.items():
        say(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
