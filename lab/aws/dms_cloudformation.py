# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The resource types ``AWS::DMS::*`` of the emulator's CloudFormation: made, changed and removed by calls of the replication service.

``register`` uses private names of ministack 1.5.33, the version that the lab pins.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners, stacks

STEADY_SECONDS = 600.0
POLL_SECONDS = 0.2
# Members whose name in CloudFormation differs from the API's.
_API_NAMES = {"MySqlSettings": "MySQLSettings"}


@dataclass(frozen=True, slots=True)
class _Type:
    """One CloudFormation type: its calls, and where the answers hold what CloudFormation needs.

    ``id_member`` names the physical id in answers, which is also what ``Ref`` gives, and ``id_parameter`` the same in calls, where that
    differs; ``status``: the member and value of a resource that is ready; ``replacing``: properties whose change makes a new resource;
    ``attributes``: what ``Fn::GetAtt`` knows; ``arn_word``: the word in the ARN of a type whose physical id is its name; ``modify_with``:
    what every change says besides.
    Sources: the return values and update behaviour that the CloudFormation template reference states for each type.
    """

    name: str
    create: str
    modify: str
    describe: str
    delete: str
    answer: str
    listing: str
    id_member: str
    identifier: str
    filter: str
    status: tuple[str, str] | None = None
    replacing: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    id_parameter: str = ""
    arn_word: str = ""
    modify_with: tuple[tuple[str, Any], ...] = ()

    def named(self, physical_id: str) -> dict[str, Any]:
        """The parameter of a call that says which resource is meant."""
        return {self.id_parameter or self.id_member: physical_id}


TYPES = (
    _Type(
        "AWS::DMS::Certificate",
        "ImportCertificate",
        "",
        "DescribeCertificates",
        "DeleteCertificate",
        "Certificate",
        "Certificates",
        "CertificateArn",
        "CertificateIdentifier",
        "certificate-arn",
        replacing=frozenset({"CertificateIdentifier", "CertificatePem", "CertificateWallet"}),
    ),
    _Type(
        "AWS::DMS::ReplicationSubnetGroup",
        "CreateReplicationSubnetGroup",
        "ModifyReplicationSubnetGroup",
        "DescribeReplicationSubnetGroups",
        "DeleteReplicationSubnetGroup",
        "ReplicationSubnetGroup",
        "ReplicationSubnetGroups",
        "ReplicationSubnetGroupIdentifier",
        "ReplicationSubnetGroupIdentifier",
        "replication-subnet-group-id",
        replacing=frozenset({"ReplicationSubnetGroupIdentifier"}),
        arn_word="subgrp",
    ),
    _Type(
        "AWS::DMS::ReplicationInstance",
        "CreateReplicationInstance",
        "ModifyReplicationInstance",
        "DescribeReplicationInstances",
        "DeleteReplicationInstance",
        "ReplicationInstance",
        "ReplicationInstances",
        "ReplicationInstanceArn",
        "ReplicationInstanceIdentifier",
        "replication-instance-arn",
        ("ReplicationInstanceStatus", "available"),
        frozenset(
            {
                "AvailabilityZone",
                "DnsNameServers",
                "KmsKeyId",
                "PubliclyAccessible",
                "ReplicationSubnetGroupIdentifier",
                "ResourceIdentifier",
            }
        ),
        ("ReplicationInstancePrivateIpAddresses", "ReplicationInstancePublicIpAddresses"),
        # A stack's update is not over before the change is made.
        modify_with=(("ApplyImmediately", True),),
    ),
    _Type(
        "AWS::DMS::Endpoint",
        "CreateEndpoint",
        "ModifyEndpoint",
        "DescribeEndpoints",
        "DeleteEndpoint",
        "Endpoint",
        "Endpoints",
        "EndpointArn",
        "EndpointIdentifier",
        "endpoint-arn",
        ("Status", "active"),
        frozenset({"KmsKeyId", "ResourceIdentifier"}),
        ("ExternalId",),
    ),
    _Type(
        "AWS::DMS::ReplicationTask",
        "CreateReplicationTask",
        "ModifyReplicationTask",
        "DescribeReplicationTasks",
        "DeleteReplicationTask",
        "ReplicationTask",
        "ReplicationTasks",
        "ReplicationTaskArn",
        "ReplicationTaskIdentifier",
        "replication-task-arn",
        ("Status", "ready"),
        frozenset({"MigrationType", "ReplicationInstanceArn", "SourceEndpointArn", "TargetEndpointArn", "ResourceIdentifier"}),
    ),
    _Type(
        "AWS::DMS::EventSubscription",
        "CreateEventSubscription",
        "ModifyEventSubscription",
        "DescribeEventSubscriptions",
        "DeleteEventSubscription",
        "EventSubscription",
        "EventSubscriptionsList",
        "CustSubscriptionId",
        "SubscriptionName",
        "event-subscription-id",
        ("Status", "active"),
        frozenset({"SourceIds", "SubscriptionName"}),
        id_parameter="SubscriptionName",
        arn_word="es",
    ),
)


class _Handler:
    """Creates, changes and deletes resources of one type, and waits until the service has done so, as CloudFormation does."""

    def __init__(self, kind: _Type, dms_url: str) -> None:
        self._type = kind
        self._url = dms_url

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        client = self._client()
        params = self._parameters(client, self._type.create, properties)
        # As CloudFormation does it: a name that a replacement does not share with what it replaces.
        params.setdefault(self._type.identifier, f"{stack_name}-{logical_id}-{secrets.token_hex(6)}".lower())
        made = self._call(client, self._type.create, params)[self._type.answer]
        physical_id = str(made[self._type.id_member])
        return physical_id, self._attributes(self._settled(client, physical_id))

    def update(self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        client = self._client()
        self._retag(client, physical_id, old, new)
        changed = {name: value for name, value in new.items() if name != "Tags" and old.get(name) != value}
        if changed:
            # Subnets must be named in every change of their group.
            always = {"SubnetIds": new["SubnetIds"]} if "SubnetIds" in new else {}
            params = self._parameters(client, self._type.modify, always | changed)
            self._call(client, self._type.modify, params | dict(self._type.modify_with) | self._type.named(physical_id))
        return physical_id, self._attributes(self._settled(client, physical_id))

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        client = self._client()
        try:
            self._call(client, self._type.delete, self._type.named(physical_id))
            self._wait(lambda: self._found(client, physical_id) is None, physical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundFault":
                raise

    def _client(self) -> Any:
        config = Config(signature_version=UNSIGNED, retries={"mode": "standard", "max_attempts": 2})
        return boto3.Session(region_name=get_region()).client("dms", endpoint_url=self._url, config=config)

    def _call(self, client: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        names = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        return dict(getattr(client, names[operation])(**params))

    def _parameters(self, client: Any, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties under the API's names and in its types: templates may give numbers as texts."""
        shape = client.meta.service_model.operation_model(operation).input_shape
        named = {_API_NAMES.get(name, name): value for name, value in properties.items()}
        return {name: _typed(shape.members[name], value) if name in shape.members else value for name, value in named.items()}

    def _found(self, client: Any, physical_id: str) -> dict[str, Any] | None:
        try:
            answer = self._call(client, self._type.describe, {"Filters": [{"Name": self._type.filter, "Values": [physical_id]}]})
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundFault":
                return None
            raise
        return next(iter(answer[self._type.listing]), None)

    def _settled(self, client: Any, physical_id: str) -> dict[str, Any]:
        """The resource, once it is ready (or, after a change, back in the state that it was in)."""
        passing = {"creating", "modifying", "upgrading"}
        status = self._type.status
        found: dict[str, Any] = {}

        def ready() -> bool:
            found.update(self._found(client, physical_id) or {})
            return status is None or found.get(status[0], status[1]) not in passing

        self._wait(ready, physical_id)
        return found

    def _wait(self, done: Callable[[], bool], physical_id: str) -> None:
        deadline = time.monotonic() + STEADY_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._type.name} {physical_id} did not settle within {STEADY_SECONDS:.0f} seconds")
            time.sleep(POLL_SECONDS)

    def _attributes(self, found: Mapping[str, Any]) -> dict[str, Any]:
        return {name: found[name] for name in self._type.attributes if name in found}

    def _retag(self, client: Any, physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        before = {tag["Key"]: tag["Value"] for tag in old.get("Tags", [])}
        after = {tag["Key"]: tag["Value"] for tag in new.get("Tags", [])}
        if before == after:
            return
        arn = physical_id if physical_id.startswith("arn:") else self._arn(physical_id)
        gone = sorted(before.keys() - after.keys())
        if gone:
            client.remove_tags_from_resource(ResourceArn=arn, TagKeys=gone)
        if after:
            client.add_tags_to_resource(ResourceArn=arn, Tags=[{"Key": k, "Value": v} for k, v in after.items()])

    def _arn(self, identifier: str) -> str:
        """The API gives no ARN with a subnet group or a subscription; AWS forms it from the identifier."""
        return f"arn:aws:dms:{get_region()}:{get_account_id()}:{self._type.arn_word}:{identifier}"


def _typed(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: _typed(shape.members[name], v) if name in shape.members else v for name, v in value.items()}
    if isinstance(shape, ListShape):
        # The guide's own templates give one event category without a list around it.
        return [_typed(shape.member, v) for v in (value if isinstance(value, list) else [value])]
    if shape.type_name in ("integer", "long") and isinstance(value, str):
        return int(value)
    if shape.type_name == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    return value


def register(dms_url: str) -> None:
    for kind in TYPES:
        handler = _Handler(kind, dms_url)
        calls = {"create": handler.create, "delete": handler.delete}
        provisioners._RESOURCE_HANDLERS[kind.name] = calls | ({"update": handler.update} if kind.modify else {})
        provisioners._REPLACING_PROPERTIES[kind.name] = kind.replacing
    blocking = stacks._runs_on_worker_thread
    # The service calls the emulator back while it makes a resource, so the emulator must not wait for it on its event loop.
    stacks._runs_on_worker_thread = lambda name: name.startswith("AWS::DMS::") or blocking(name)
