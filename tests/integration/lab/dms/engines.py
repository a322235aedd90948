# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Engines that a test can kill, beside the lab's own."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from .conftest import Bench
from .waiting import wait


class Engine:
    """An engine of the test's own, which can be killed and begun again on its port and its state. ``aws``: where it finds AWS."""

    def __init__(self, lab: Any, folder: Path, aws: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = folder / "log"
        self._command = [
            *(sys.executable, "-m", "lab.dms.cli", "serve", "--delay=0.1", f"--port={self.port}", f"--state={folder / 'state'}"),
            *(f"--aws-endpoint={aws or lab.env['AWS_ENDPOINT_URL']}", "--region=eu-west-1", "--account=000000000042"),
        ]
        self._environ = lab.env | {"PYTHONPATH": str(Path(__file__).resolve().parents[4])}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environ, stdout=log, stderr=log)
        wait(self._answers, f"the engine; see {self._log}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


def bench_on(engine: Engine, bench: Bench) -> Bench:
    """A bench on that engine: an instance and a certificate of its own, and everything else of the lab's."""
    lab = bench.lab
    session = boto3.Session("000000000042", lab.secret("aws_secret_access_key"), region_name="eu-west-1")
    dms = session.client("dms", endpoint_url=engine.url)
    group = bench.dms.describe_replication_subnet_groups(Filters=[{"Name": "replication-subnet-group-id", "Values": [bench.prefix]}])
    subnets = [s["SubnetIdentifier"] for s in group["ReplicationSubnetGroups"][0]["Subnets"]]
    dms.create_replication_subnet_group(ReplicationSubnetGroupIdentifier="own", ReplicationSubnetGroupDescription="own", SubnetIds=subnets)
    instance = dms.create_replication_instance(
        ReplicationInstanceIdentifier="own", ReplicationInstanceClass="dms.t3.medium", ReplicationSubnetGroupIdentifier="own"
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    filters = [{"Name": "replication-instance-arn", "Values": [instance]}]
    dms.get_waiter("replication_instance_available").wait(Filters=filters, WaiterConfig={"Delay": 1})
    pem = (lab.dir / "tls" / "ca.pem").read_text(encoding="utf-8")
    certificate = dms.import_certificate(CertificateIdentifier="own", CertificatePem=pem)["Certificate"]["CertificateArn"]
    return Bench(
        lab, bench.prefix, dms, bench.s3, bench.bucket, bench.s3_role, bench.secret_role, instance, certificate, bench.user, bench.password
    )
