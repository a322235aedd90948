# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What a contract test works with: source, bucket, endpoints, tasks, and the removal of all that was made."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError

from lab.tls import create_tls

from .files import NULL, Files, Rows
from .places import Place
from .source import Source

__all__ = ["NULL", "Rows", "Site", "by"]


def by(name: str, *values: str) -> list[dict[str, Any]]:
    """A filter of a describe call."""
    return [{"Name": name, "Values": list(values)}]


class Site(Source, Files):
    """``made``: ARNs by kind, for their removal."""

    def __init__(self, place: Place, prefix: str, later: ExitStack) -> None:
        super().__init__(place, prefix, later)
        self.dms = place.client("dms")
        self.made: dict[str, list[str]] = {"task": [], "endpoint": [], "instance": []}
        self._tested: set[str] = set()

    # Waiting

    def waiter(self, name: str, filters: Mapping[str, str]) -> None:
        """A waiter of boto3, with the pace of this place."""
        pace = {"Delay": self.place.poll, "MaxAttempts": int(self.place.patience / self.place.poll)}
        self.dms.get_waiter(name).wait(Filters=[wanted for name_value in filters.items() for wanted in by(*name_value)], WaiterConfig=pace)

    def gone(self, describe: Callable[..., Any], name: str, value: str) -> bool:
        try:
            describe(Filters=by(name, value))
        except self.dms.exceptions.ResourceNotFoundFault:
            return True
        return False

    def refusal(self, call: str, **params: Any) -> str:
        """The error code with which DMS refuses a call."""
        try:
            answer = getattr(self.dms, call)(**params)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        if call == "create_replication_task":
            self.made["task"].append(answer["ReplicationTask"]["ReplicationTaskArn"])
        if call == "create_endpoint":
            self.made["endpoint"].append(answer["Endpoint"]["EndpointArn"])
        raise AssertionError(f"{call} was not refused")

    # Instance and endpoints

    @cached_property
    def instance(self) -> str:
        """The replication instance of all tasks."""
        return self.place.instance or self.new_instance()

    def new_instance(self) -> str:
        params: dict[str, Any] = {
            "ReplicationInstanceIdentifier": self.name("instance"),
            "ReplicationInstanceClass": "dms.t3.medium",
            "ReplicationSubnetGroupIdentifier": self.place.subnet_group,
            "PubliclyAccessible": False,
        }
        if self.place.security_groups:
            params["VpcSecurityGroupIds"] = list(self.place.security_groups)
        arn = str(self.dms.create_replication_instance(**params)["ReplicationInstance"]["ReplicationInstanceArn"])
        self.made["instance"].append(arn)
        self.waiter("replication_instance_available", {"replication-instance-arn": arn})
        return arn

    @cached_property
    def certificate(self) -> str:
        arn = self.new_certificate(self.place.source.authority)
        self.later.callback(self.dms.delete_certificate, CertificateArn=arn)
        return arn

    def new_certificate(self, pem: str) -> str:
        answer = self.dms.import_certificate(CertificateIdentifier=self.name("certificate"), CertificatePem=pem)
        return str(answer["Certificate"]["CertificateArn"])

    def own_authority(self) -> str:
        """A certificate authority's PEM text, for a source that is reached without TLS."""
        with TemporaryDirectory() as folder:
            create_tls(Path(folder), ("localhost",), ("127.0.0.1",))
            return (Path(folder) / "ca.pem").read_text(encoding="utf-8")

    def login(self) -> dict[str, Any]:
        """Members of a source endpoint with the login in clear text."""
        source = self.place.source
        clear = {"ServerName": source.host, "Port": source.port, "Username": source.user, "Password": source.password}
        return clear | ({"SslMode": "verify-full", "CertificateArn": self.certificate} if source.authority else {"SslMode": "none"})

    def source(self, **changes: Any) -> str:
        """A source endpoint of its own; None takes a member away."""
        own = {"EndpointIdentifier": self.name("source"), "EndpointType": "source", "EngineName": self.place.engine}
        return self._endpoint({name: value for name, value in (own | self.login() | changes).items() if value is not None})

    @cached_property
    def shared_source(self) -> str:
        return self.source()

    def target(self, *, folder: str = "", **settings: Any) -> tuple[str, str]:
        """A target endpoint and the folder of its files. Without settings it writes what a consumer can read back without loss."""
        folder = folder or f"{self.prefix}/{secrets.token_hex(4)}"
        strict = {
            "ServiceAccessRoleArn": self.place.bucket_role,
            "BucketName": self.bucket,
            "BucketFolder": folder,
            "CsvNullValue": NULL,
            "IncludeOpForFullLoad": True,
            "CdcMaxBatchInterval": 1,
        }
        wanted = {name: value for name, value in (strict | settings).items() if value is not None}
        params = {"EndpointIdentifier": self.name("target"), "EndpointType": "target", "EngineName": "s3", "S3Settings": wanted}
        return self._endpoint(params), folder

    def _endpoint(self, params: dict[str, Any]) -> str:
        arn = str(self.dms.create_endpoint(**params)["Endpoint"]["EndpointArn"])
        self.made["endpoint"].append(arn)
        return arn

    def tested(self, endpoint: str) -> dict[str, Any]:
        """The outcome of a connection test."""
        self.dms.test_connection(ReplicationInstanceArn=self.instance, EndpointArn=endpoint)
        filters = by("endpoint-arn", endpoint) + by("replication-instance-arn", self.instance)

        def ended() -> Any:
            connection = self.dms.describe_connections(Filters=filters)["Connections"][0]
            return connection if connection["Status"] != "testing" else None

        return dict(self.wait(ended, "connection test"))

    def connected(self, endpoint: str) -> None:
        """Tests an endpoint once; the test must succeed."""
        if endpoint not in self._tested:
            connection = self.tested(endpoint)
            assert connection["Status"] == "successful", connection
            self._tested.add(endpoint)

    # Tasks

    def task(
        self,
        mappings: str,
        target: str,
        settings: Mapping[str, Any] | None = None,
        *,
        kind: str = "full-load",
        source: str = "",
        **more: Any,
    ) -> str:
        """A task that is ready to start."""
        source = source or self.shared_source
        self.connected(source)
        self.connected(target)
        arn = str(
            self.dms.create_replication_task(
                ReplicationTaskIdentifier=self.name("task"),
                SourceEndpointArn=source,
                TargetEndpointArn=target,
                ReplicationInstanceArn=self.instance,
                MigrationType=kind,
                TableMappings=mappings,
                ReplicationTaskSettings=json.dumps(settings or {}),
                **more,
            )["ReplicationTask"]["ReplicationTaskArn"]
        )
        self.made["task"].append(arn)
        self.waiter("replication_task_ready", {"replication-task-arn": arn})
        return arn

    def describe(self, task: str) -> dict[str, Any]:
        return dict(self.dms.describe_replication_tasks(Filters=by("replication-task-arn", task))["ReplicationTasks"][0])

    def until(self, task: str, *states: str) -> dict[str, Any]:
        def arrived() -> Any:
            found = self.describe(task)
            return found if found["Status"] in states else None

        return dict(self.wait(arrived, f"task in {states}"))

    def start(self, task: str, kind: str = "start-replication", **position: Any) -> dict[str, Any]:
        answer = self.dms.start_replication_task(ReplicationTaskArn=task, StartReplicationTaskType=kind, **position)
        return dict(answer["ReplicationTask"])

    def running(self, task: str) -> dict[str, Any]:
        return self._in(self.until(task, "running", "failed", "stopped"), "running")

    def _in(self, task: dict[str, Any], *states: str) -> dict[str, Any]:
        assert task["Status"] in states, {name: task.get(name) for name in ("Status", "StopReason", "LastFailureMessage")}
        return task

    def stop(self, task: str) -> dict[str, Any]:
        self.dms.stop_replication_task(ReplicationTaskArn=task)
        return self.until(task, "stopped", "failed")

    def ended(self, task: str, *states: str) -> dict[str, Any]:
        """The task when it has ended by itself, in one of these states (stopped, if none is named)."""
        return self._in(self.until(task, "stopped", "failed"), *(states or ("stopped",)))

    def run(self, task: str, kind: str = "start-replication", *states: str) -> dict[str, Any]:
        self.start(task, kind)
        return self.ended(task, *states)

    def load(self, rules: str, settings: Mapping[str, Any] | None = None, **s3: Any) -> tuple[dict[str, Any], str]:
        """A whole full load: the task when it has stopped, and the folder of its files."""
        target, folder = self.target(**s3)
        return self.run(self.task(rules, target, settings)), folder

    def statistics(self, task: str, table: str = "") -> Any:
        """What DMS counted by table; with a name, that table's."""
        answer = self.dms.describe_table_statistics(ReplicationTaskArn=task)["TableStatistics"]
        found = {item["TableName"]: item for item in answer}
        return found[table] if table else found

    def loaded(self, task: str, *tables: str) -> None:
        """Waits until the full load of these tables, or of all, is completed."""

        def done() -> bool:
            found = self.statistics(task)
            return (
                bool(found)
                and all(table in found for table in tables)
                and {found[table]["TableState"] for table in tables or found} == {"Table completed"}
            )

        self.wait(done, "the full load")

    # The end

    def remove_all(self) -> None:
        """Removes tasks, then endpoints, then instances; of each kind all at once, as each takes its time."""
        tasks = [task for task in self.made["task"] if not self.gone(self.dms.describe_replication_tasks, "replication-task-arn", task)]
        running = [task for task in tasks if self.describe(task)["Status"] in ("starting", "running")]
        for task in running:
            if self.until(task, "running", "stopped", "failed")["Status"] == "running":
                self.dms.stop_replication_task(ReplicationTaskArn=task)
        for task in tasks:
            if self.until(task, "ready", "stopped", "failed", "deleting")["Status"] != "deleting":
                self.dms.delete_replication_task(ReplicationTaskArn=task)
        for task in tasks:
            self.waiter("replication_task_deleted", {"replication-task-arn": task})
        self._remove("endpoint", self.dms.describe_endpoints, self.dms.delete_endpoint, "EndpointArn")
        self._remove("instance", self.dms.describe_replication_instances, self.dms.delete_replication_instance, "ReplicationInstanceArn")

    def _remove(self, kind: str, describe: Callable[..., Any], delete: Callable[..., Any], member: str) -> None:
        name = "endpoint-arn" if kind == "endpoint" else "replication-instance-arn"
        left = [arn for arn in self.made[kind] if not self.gone(describe, name, arn)]
        for arn in left:
            delete(**{member: arn})
        for arn in left:
            self.wait(partial(self.gone, describe, name, arn), f"deletion of {arn}")
