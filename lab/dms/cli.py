# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The command line of the replication service: the service itself, and the switches of one that runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from lab.dms.admin import cli as admin_cli
from lab.dms.dialects.dialect import DIALECTS, GUIDE

EPILOG = """
"serve" answers the AWS DMS API (JSON 1.1), so any AWS SDK can be its client. It copies tables of
MySQL or MariaDB to S3 (CSV) and follows their changes; what it does not do it refuses by name.
The other commands speak to a service that runs: the lab's, or with --port any other.

examples:
  landbridge-lab up                               the lab, with a service of its own
  landbridge-lab dms serve --help                 a service beside an emulator of yours
  landbridge-lab dms dialect words --task nightly
  landbridge-lab dms misbehave file-twice --option under=later-key
  landbridge-lab dms manners --done

Each command has a --help of its own. The guide is docs/dms-twin.md.
"""
SERVE_EPILOG = """
examples:
  landbridge-lab dms serve --port 5001 --aws-endpoint http://127.0.0.1:5000 \\
      --region eu-west-1 --account 123456789012 --state build/dms
  aws dms describe-replication-instances --endpoint-url http://127.0.0.1:5001

Subnets, roles, secrets, keys and buckets are looked up at --aws-endpoint with the credentials that
the AWS SDK finds in the environment; events go to EventBridge and SNS there, metrics to CloudWatch.
The folder of --state holds all resources, passwords of endpoints included, readable by you alone.
A service that is started again with it finds them; a task that ran goes on with the start type
resume-processing. The service ends on SIGTERM or an interrupt by the keyboard.
"""


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    return _serve(options) if options.command == "serve" else admin_cli.run(options)


def _serve(options: argparse.Namespace) -> int:
    # Imported here: the switches of a running service have no need of the libraries behind these.
    from lab.dms.api.service import ServiceConfig
    from lab.dms.serve import serve

    config = ServiceConfig(
        options.aws_endpoint, options.region, options.account, options.state, options.delay, options.metrics_seconds, options.dialect
    )
    return serve(config, options.port, verbose=options.verbose)


def _account(text: str) -> str:
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not the twelve digits of an account")
    return text


def _url(text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL such as http://127.0.0.1:4566")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="landbridge-lab dms",
        description="A stand-in for the AWS Database Migration Service that really moves rows.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="answer the DMS API on a port of the loopback interface",
        description="Answer the DMS API on a port of 127.0.0.1, beside an AWS emulator that answers the rest.",
        epilog=SERVE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--port", type=int, required=True, help="port of 127.0.0.1 to listen on")
    serve.add_argument(
        "--aws-endpoint",
        type=_url,
        required=True,
        metavar="URL",
        help="where S3, IAM, EC2, Secrets Manager, KMS, EventBridge, SNS and CloudWatch answer",
    )
    serve.add_argument("--region", required=True, help="the Region that the resources belong to")
    serve.add_argument(
        "--account", type=_account, required=True, help="the twelve digits of the account, as the emulator has them in its ARNs"
    )
    serve.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder in which resources outlive the process")
    serve.add_argument(
        "--delay", type=float, default=0.3, metavar="SECONDS", help="how long creating, modifying and deleting take (default: %(default)s)"
    )
    serve.add_argument(
        "--metrics-seconds",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="time between two reports of metrics to CloudWatch (default: %(default)s)",
    )
    serve.add_argument(
        "--dialect",
        choices=sorted(DIALECTS),
        default=GUIDE.name,
        help='how files look where AWS does not document it; "landbridge-lab dms dialects" says more (default: %(default)s)',
    )
    serve.add_argument("--verbose", action="store_true", help="log every request")
    admin_cli.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
