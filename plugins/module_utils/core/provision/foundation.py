# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The foundation stack: staging and state buckets, the tables of the contract, and who may touch them.

Tables and the state bucket outlive the stack (DeletionPolicy Retain): deleting a stack must never delete a database or its history.
"""

from __future__ import annotations

from typing import Any

from ..contract.definition import Contract, TargetTable
from ..model.site import BucketSite, Site
from ..site.names import Names
from .logical import logical_id

_STAGING_DAYS = 30


def foundation_template(site: Site, contract: Contract) -> dict[str, Any]:
    """The CloudFormation template as a dict; equal input gives an equal template."""
    names = Names(site)
    resources: dict[str, Any] = {
        "StagingBucket": _staging_bucket(site.staging),
        "StagingBucketPolicy": _tls_only(names, "StagingBucket", site.staging.name),
        "StateBucket": _state_bucket(site.state),
        "StateBucketPolicy": _tls_only(names, "StateBucket", site.state.name),
        "StagingRole": _staging_role(site, names),
        "SecretRole": _secret_role(site, names),
        "WorkerPolicy": _worker_policy(site, names, contract),
    }
    for table in contract.tables:
        resources[f"Table{logical_id(table.name)}"] = _table(site, table)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Landbridge, migration {site.migration}: staging, state, target tables and access",
        "Resources": resources,
        "Outputs": {
            "StagingRoleArn": {"Value": {"Fn::GetAtt": ["StagingRole", "Arn"]}},
            "SecretRoleArn": {"Value": {"Fn::GetAtt": ["SecretRole", "Arn"]}},
            "WorkerPolicyArn": {"Value": {"Ref": "WorkerPolicy"}},
        },
    }


def _encryption(bucket: BucketSite) -> dict[str, Any]:
    by_default: dict[str, Any] = (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": bucket.kms_key} if bucket.kms_key else {"SSEAlgorithm": "AES256"}
    )
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": bool(bucket.kms_key)}]}


def _bucket(bucket: BucketSite, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": bucket.name,
            "BucketEncryption": _encryption(bucket),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            **properties,
        },
    }


def _staging_bucket(bucket: BucketSite) -> dict[str, Any]:
    # No versioning: DMS's connection test lists versions and times out on a bucket full of them.
    expiry = {"Id": "expire-staged-rows", "Status": "Enabled", "ExpirationInDays": _STAGING_DAYS, "Prefix": ""}
    unfinished = {
        "Id": "abort-unfinished-uploads",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        "Prefix": "",
    }
    return {
        **_bucket(bucket, LifecycleConfiguration={"Rules": [expiry, unfinished]}),
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }


def _state_bucket(bucket: BucketSite) -> dict[str, Any]:
    return {
        **_bucket(bucket, VersioningConfiguration={"Status": "Enabled"}),
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }


def _tls_only(names: Names, resource: str, bucket: str) -> dict[str, Any]:
    arn = names.arn("s3", bucket, region=False, account=False)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": resource},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Sid": "TlsOnly", **deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
                    {"Sid": "Tls12OrNewer", **deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
                ],
            },
        },
    }


def _role(site: Site, name: str, principal: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": site.aws.account}},
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        },
    }


def _staging_role(site: Site, names: Names) -> dict[str, Any]:
    """What DMS may do with the staging bucket: write below this migration's folder, and list that folder."""
    bucket = names.arn("s3", site.staging.name, region=False, account=False)
    folder = site.migration
    statements: list[dict[str, Any]] = [
        {
            "Sid": "WriteBelowTheMigration",
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging"],
            "Resource": f"{bucket}/{folder}/*",
        },
        {
            "Sid": "ListTheMigration",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": [folder, f"{folder}/*"]}},
        },
    ]
    if site.staging.kms_key:
        statements.append(
            {"Sid": "Encrypt", "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": site.staging.kms_key}
        )
    return _role(site, names.staging_role, "dms.amazonaws.com", statements)


def _secret_role(site: Site, names: Names) -> dict[str, Any]:
    """What DMS may do with secrets: read the source's. DMS assumes this role through its regional principal."""
    statement = _read_secret(names, site.replication.source_secret)
    return _role(site, names.secret_role, f"dms.{site.aws.region}.amazonaws.com", [statement])


def _read_secret(names: Names, secret: str) -> dict[str, Any]:
    # Secrets Manager appends a hyphen and six random characters to the name in an ARN.
    resource = secret if secret.startswith("arn:") else names.arn("secretsmanager", f"secret:{secret}-??????")
    return {
        "Sid": "ReadTheSourceSecret",
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": resource,
    }


def _worker_policy(site: Site, names: Names, contract: Contract) -> dict[str, Any]:
    """What the worker needs, to be attached to the identity that runs it: read staging, keep state, write items, never change a table."""
    staging = names.arn("s3", site.staging.name, region=False, account=False)
    state = names.arn("s3", site.state.name, region=False, account=False)
    tables = [names.arn("dynamodb", f"table/{table.name}") for table in contract.tables]
    keys = sorted({bucket.kms_key for bucket in (site.staging, site.state) if bucket.kms_key})
    statements: list[dict[str, Any]] = [
        {"Sid": "ReadStaging", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{staging}/{site.migration}/*"},
        {
            "Sid": "KeepState",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"{state}/{site.migration}/*",
        },
        {
            "Sid": "ListStaging",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": staging,
            "Condition": {"StringLike": {"s3:prefix": [site.migration, f"{site.migration}/*"]}},
        },
        # Without a condition on the prefix: a document that is not there yet is otherwise answered with 403 instead of 404.
        {"Sid": "ListState", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": state},
        {
            "Sid": "WriteAndReadItems",
            "Effect": "Allow",
            "Action": ["dynamodb:BatchWriteItem", "dynamodb:DescribeTable", "dynamodb:Scan"],
            "Resource": tables,
        },
        {
            "Sid": "NeverChangeTables",
            "Effect": "Deny",
            "Action": ["dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:UpdateTable"],
            "Resource": tables,
        },
        # None of these takes a resource that could be known before the task exists; they only read.
        {
            "Sid": "LookAround",
            "Effect": "Allow",
            "Action": ["dms:DescribeReplicationTasks", "dms:DescribeTableStatistics", "ec2:DescribeSubnets"],
            "Resource": "*",
        },
    ]
    if site.source.password.kind == "secretsmanager":
        statements.append(_read_secret(names, site.source.password.name))
    if keys:
        statements.append({"Sid": "UseKeys", "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": keys})
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": names.worker_policy,
            "Description": f"Landbridge worker of migration {site.migration}",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _key_schema(partition: str, sort: str | None) -> list[dict[str, str]]:
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*schema, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else schema


def _table(site: Site, table: TargetTable) -> dict[str, Any]:
    provisioned: dict[str, Any] = {}
    if site.table.billing_mode == "PROVISIONED":
        provisioned = {"ProvisionedThroughput": {"ReadCapacityUnits": site.table.read_units, "WriteCapacityUnits": site.table.write_units}}
    pairs = ((table.partition, table.sort), *((index.partition, index.sort) for index in table.indexes))
    keys = dict.fromkeys(name for pair in pairs for name in pair if name)
    properties: dict[str, Any] = {
        "TableName": table.name,
        "BillingMode": site.table.billing_mode,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in keys],
        "KeySchema": _key_schema(table.partition, table.sort),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": site.table.point_in_time_recovery},
        "DeletionProtectionEnabled": site.table.deletion_protection,
        **provisioned,
    }
    if table.indexes:
        properties["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _key_schema(index.partition, index.sort),
                "Projection": {"ProjectionType": "ALL"},
                **provisioned,
            }
            for index in table.indexes
        ]
    return {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}
