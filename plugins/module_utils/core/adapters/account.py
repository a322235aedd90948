# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The AWS account as the checks before a run see it."""

from __future__ import annotations

from collections.abc import Sequence

from .aws import AwsConnection


class AwsAccount:
    """Fulfils ``ports.CloudAccount``."""

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection

    def identity(self) -> tuple[str, str]:
        client = self._connection.client("sts")
        answer = self._connection.call(client.get_caller_identity, "ask AWS who we are")
        return answer["Account"], answer["Arn"]

    def subnet_zones(self, subnet_ids: Sequence[str]) -> dict[str, str]:
        client = self._connection.client("ec2")
        # A filter, not SubnetIds: an unknown id is then simply absent from the answer.
        wanted = [{"Name": "subnet-id", "Values": list(subnet_ids)}]
        answer = self._connection.call(lambda: client.describe_subnets(Filters=wanted), "look up the subnets", ", ".join(subnet_ids))
        return {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in answer["Subnets"]}
