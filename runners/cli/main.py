# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The command ``landbridge``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ..failure import guarded
from ..stages import STAGES
from . import commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run. The exit codes are those of ``landbridge.errors``; 2 for wrong options, 70 for a defect."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: options.action(options), as_json=options.json, color=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="landbridge", description="Move a relational system from MySQL or MariaDB to Amazon DynamoDB.", allow_abbrev=False
    )
    words = parser.add_subparsers(metavar="COMMAND", required=True)

    contract = words.add_parser("contract", help="work on a migration contract", allow_abbrev=False)
    contract_words = contract.add_subparsers(metavar="COMMAND", required=True)
    check = _command(contract_words, "check", commands.contract_check, "check a contract, with the live source if a site is named")
    check.add_argument("contract", nargs="?", metavar="CONTRACT", help="contract file; without it, the contract of the site")
    check.add_argument("--site", metavar="FILE", help="site file: check against the live source too")

    run = _command(words, "run", commands.run, "run one stage here and now; a finished stage is not done twice")
    run.add_argument("stage", metavar="STAGE", help=f"one of {', '.join(STAGES)}")
    _site(run)

    status = _command(words, "status", commands.status, "show what goes on and how the stages ended")
    _site(status)
    status.add_argument("--watch", action="store_true", help="show it again every second until interrupted")

    report = _command(words, "report", commands.report, "write report.json and report.html of a validated run")
    _site(report)
    report.add_argument("--out", metavar="DIR", required=True, help="folder for the report")
    report.add_argument("--extra", metavar="FILE", help="JSON with further timings and rates to show")

    _command(words, "version", commands.version, "show the version")
    return parser


def _command(words: argparse._SubParsersAction[argparse.ArgumentParser], name: str, action: object, text: str) -> argparse.ArgumentParser:
    parser = words.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="answer and errors as JSON, for machines")
    parser.set_defaults(action=action)
    return parser


def _site(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--site", metavar="FILE", default=os.environ.get("LANDBRIDGE_SITE"), help="site file (default: the variable LANDBRIDGE_SITE)"
    )


if __name__ == "__main__":
    sys.exit(main())
