# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The other services of the account, as the replication service sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.faults import Fault, access_denied

VPC_ROLE = "dms-vpc-role"
VPC_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
# Full load threads each keep one upload under way.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=64, connect_timeout=5)
# What AWS writes down as the user agent of a call that a service makes by itself; by it the lab's emulator knows whose event it is.
SERVICE = "dms.amazonaws.com"
# What is told to others must not be late because nobody listens.
_TELLING = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=5, read_timeout=10, user_agent=SERVICE)


@dataclass(frozen=True)
class Aws:
    """Clients of one account in one Region; credentials come from where boto3 finds them."""

    endpoint_url: str
    region: str

    def _secrets_at(self, host: str) -> Any:
        if not host:
            return self.secrets_manager
        url = host if "://" in host else f"https://{host}"
        return Aws(url, self.region).secrets_manager

    def _client(self, service: str, config: Config = _CONFIG) -> Any:
        return boto3.Session(region_name=self.region).client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]

    @cached_property
    def ec2(self) -> Any:
        return self._client("ec2")

    @cached_property
    def iam(self) -> Any:
        return self._client("iam")

    @cached_property
    def s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def secrets_manager(self) -> Any:
        return self._client("secretsmanager")

    @cached_property
    def kms(self) -> Any:
        return self._client("kms")

    @cached_property
    def events(self) -> Any:
        return self._client("events", _TELLING)

    @cached_property
    def sns(self) -> Any:
        return self._client("sns", _TELLING)

    @cached_property
    def cloudwatch(self) -> Any:
        return self._client("cloudwatch", _TELLING)

    def check_topic(self, arn: str) -> None:
        """The SNS topic must exist and be open to this account. Raises Fault."""
        try:
            self.sns.get_topic_attributes(TopicArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AuthorizationError", "AuthorizationErrorException"):
                raise Fault("SNSNoAuthorizationFault", f"You are not authorized for the SNS topic {arn}.") from None
            raise Fault("SNSInvalidTopicFault", f"The SNS topic {arn} is invalid or does not exist.") from None

    def send_events(self, rule: str, pattern: dict[str, Any], topic: str) -> None:
        """Let EventBridge send the events of that pattern to a topic. Raises Fault."""
        try:
            self.events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
            self.events.put_targets(Rule=rule, Targets=[{"Id": "topic", "Arn": topic}])
        except ClientError as error:
            raise access_denied(f"The rule {rule} could not be made: {error}") from None

    def check_key(self, key: str) -> None:
        """The KMS key must exist and be enabled. Raises Fault."""
        try:
            usable = self.kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]
        except ClientError:
            usable = False
        if not usable:
            raise Fault("KMSKeyNotAccessibleFault", f"The KMS key {key} is not accessible.")

    def zones(self) -> list[str]:
        """The Region's availability zones."""
        return sorted(zone["ZoneName"] for zone in self.ec2.describe_availability_zones()["AvailabilityZones"])

    def subnets(self, ids: list[str]) -> list[dict[str, Any]]:
        """The subnets with these ids that exist."""
        found = []
        for subnet_id in ids:
            try:
                found += self.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("InvalidSubnetID.NotFound", "InvalidSubnetId.Malformed"):
                    raise
        return found

    def check_vpc_role(self, account: str) -> None:
        """The account must have the role by which DMS works in a VPC, under exactly its name. Raises Fault."""
        problem = f"The IAM Role arn:aws:iam::{account}:role/{VPC_ROLE} is not configured properly"
        try:
            role = self.iam.get_role(RoleName=VPC_ROLE)["Role"]
            attached = self.iam.list_attached_role_policies(RoleName=VPC_ROLE)["AttachedPolicies"]
        except self.iam.exceptions.NoSuchEntityException:
            raise access_denied(f"{problem}: it does not exist.") from None
        if "dms.amazonaws.com" not in _trusted(role):
            raise access_denied(f"{problem}: it does not trust dms.amazonaws.com.")
        if VPC_POLICY not in {p["PolicyArn"] for p in attached}:
            raise access_denied(f"{problem}: the policy {VPC_POLICY} is not attached to it.")

    def check_service_role(self, arn: str, principals: tuple[str, ...]) -> None:
        """The role must exist and trust one of these service principals. Raises Fault."""
        name = arn.rsplit("/", 1)[-1]
        try:
            role = self.iam.get_role(RoleName=name)["Role"]
        except self.iam.exceptions.NoSuchEntityException:
            raise access_denied(f"The IAM Role {arn} is not configured properly: it does not exist.") from None
        if not _trusted(role) & set(principals):
            raise access_denied(f"The IAM Role {arn} is not configured properly: it trusts none of {', '.join(principals)}.")

    def secret(self, secret_id: str, endpoint: str = "") -> dict[str, Any]:
        """The JSON object that the secret holds, asked at another host than usual where ``endpoint`` names one.

        Raises LookupError, whose text shows nothing of the secret's value.
        """
        try:
            text = self._secrets_at(endpoint).get_secret_value(SecretId=secret_id)["SecretString"]
            value = json.loads(text)
        except (ClientError, BotoCoreError) as error:
            raise LookupError(f"Unable to fetch the secret {secret_id}: {error}") from None
        except (KeyError, ValueError):
            raise LookupError(f"The secret {secret_id} holds no JSON text.") from None
        found = value if isinstance(value, dict) else {}
        missing = [key for key in ("username", "password", "host", "port") if key not in found]
        if missing:
            raise LookupError(f"The secret {secret_id} lacks the keys {', '.join(missing)}.")
        if not str(found["port"]).isdigit():
            raise LookupError(f"The port in the secret {secret_id} is not a number.")
        return found


def _trusted(role: dict[str, Any]) -> set[str]:
    """The service principals that may take the role."""
    services: set[str] = set()
    for statement in role["AssumeRolePolicyDocument"].get("Statement", []):
        named = statement.get("Principal", {})
        service = named.get("Service", []) if isinstance(named, dict) else []
        if statement.get("Effect") == "Allow":
            services.update([service] if isinstance(service, str) else service)
    return services
