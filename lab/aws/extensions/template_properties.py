# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Refuses resource properties that CloudFormation does not know; the emulator ignores them, and a slip of the pen would pass.

Names: CloudFormation template reference, the types that our templates use (``AWS::DMS::*`` are checked by the replication service).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

KNOWN: dict[str, frozenset[str]] = {
    "AWS::S3::Bucket": frozenset(
        [
            "AbacStatus",
            "AccelerateConfiguration",
            "AccessControl",
            "AnalyticsConfigurations",
            "BucketEncryption",
            "BucketName",
            "CorsConfiguration",
            "IntelligentTieringConfigurations",
            "InventoryConfigurations",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "MetadataConfiguration",
            "MetadataTableConfiguration",
            "MetricsConfigurations",
            "NotificationConfiguration",
            "ObjectLockConfiguration",
            "ObjectLockEnabled",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "ReplicationConfiguration",
            "Tags",
            "VersioningConfiguration",
            "WebsiteConfiguration",
        ]
    ),
    "AWS::S3::BucketPolicy": frozenset({"Bucket", "PolicyDocument"}),
    "AWS::IAM::Role": frozenset(
        [
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ]
    ),
    "AWS::DynamoDB::Table": frozenset(
        [
            "AttributeDefinitions",
            "BillingMode",
            "ContributorInsightsSpecification",
            "DeletionProtectionEnabled",
            "GlobalSecondaryIndexes",
            "ImportSourceSpecification",
            "KeySchema",
            "KinesisStreamSpecification",
            "LocalSecondaryIndexes",
            "OnDemandThroughput",
            "PointInTimeRecoverySpecification",
            "ProvisionedThroughput",
            "ResourcePolicy",
            "SSESpecification",
            "StreamSpecification",
            "TableClass",
            "TableName",
            "Tags",
            "TimeToLiveSpecification",
            "WarmThroughput",
        ]
    ),
}


def install() -> None:
    for resource_type, known in KNOWN.items():
        handler = provisioners._RESOURCE_HANDLERS[resource_type]
        handler["create"] = _checked(handler["create"], resource_type, known, position=1)
        if "update" in handler:
            handler["update"] = _checked(handler["update"], resource_type, known, position=2)


def _checked(act: Callable[..., Any], resource_type: str, known: frozenset[str], *, position: int) -> Callable[..., Any]:
    """``act`` with a look at its argument number ``position``, the properties, before it."""

    def checked(*arguments: Any) -> Any:
        unknown = sorted(arguments[position].keys() - known)
        if unknown:
            raise ValueError(f"Properties validation failed for {resource_type}: extraneous key [{unknown[0]}] is not permitted")
        return act(*arguments)

    return checked
