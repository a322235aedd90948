# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""AWS DMS, as far as the engine reads it. Starting and stopping tasks is the business of the collection's modules."""

from __future__ import annotations

from typing import Any

from .aws import AwsConnection, translate

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # the connection says what is missing before this class is reached
    BotoCoreError = ClientError = Exception  # type: ignore[misc, assignment]


class ReplicationService:
    """``ports.ReplicationTasks`` over botocore's ``dms`` client."""

    def __init__(self, connection: AwsConnection) -> None:
        self._client: Any = connection.client("dms")

    def task(self, identifier: str) -> dict[str, Any] | None:
        """The task as DescribeReplicationTasks shows it, without its settings; None where there is none. Raises what ``translate`` says."""
        try:
            answer = self._client.describe_replication_tasks(
                Filters=[{"Name": "replication-task-id", "Values": [identifier]}], WithoutSettings=True
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ResourceNotFoundFault":
                return None
            raise translate(error, doing="look up the replication task", place=identifier) from error
        return next(iter(answer["ReplicationTasks"]), None)

    def table_statistics(self, arn: str) -> list[dict[str, Any]]:
        """One entry per table, as DescribeTableStatistics shows it."""
        try:
            pages = self._client.get_paginator("describe_table_statistics").paginate(ReplicationTaskArn=arn)
            return [entry for page in pages for entry in page["TableStatistics"]]
        except (ClientError, BotoCoreError) as error:
            raise translate(error, doing="read the table statistics", place=arn) from error
