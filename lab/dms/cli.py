# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The command line of the replication service: the service itself, and the switches of one that runs."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.config import HOST
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
    from lab.dms.api.service import Service, ServiceConfig
    from lab.dms.server import Server

    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Clients log whole requests when asked for details; a request may hold a password.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    service = Service(
        ServiceConfig(
            options.aws_endpoint, options.region, options.account, options.state, options.delay, options.metrics_seconds, options.dialect
        )
    )
    service.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(HOST, options.port, service) as server:
        logging.getLogger(__name__).info("answering on http://%s:%s", HOST, options.port)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 130
    return 0


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
        required=True,
        metavar="URL",
        help="where S3, IAM, EC2, Secrets Manager, KMS, EventBridge, SNS and CloudWatch answer",
    )
    serve.add_argument("--region", required=True, help="the Region that the resources belong to")
    serve.add_argument("--account", required=True, help="the twelve digits of the account, as the emulator has them in its ARNs")
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
