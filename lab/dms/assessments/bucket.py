# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The bucket that reports go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from lab.dms.faults import Fault


def check_bucket(s3: Any, bucket: str) -> None:
    """The bucket must exist and be open to this account. Raises Fault."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            raise Fault("S3ResourceNotFoundFault", f"The bucket {bucket} does not exist.") from None
        raise Fault("S3AccessDeniedFault", f"The bucket {bucket} cannot be accessed.") from None


def make_bucket(s3: Any, bucket: str, region: str) -> None:
    """The bucket is there afterwards. Raises botocore's ClientError."""
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=bucket, **place)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise


def put_report(s3: Any, where: Mapping[str, Any], key: str, body: bytes) -> None:
    """``where``: bucket and encryption by the members of an assessment run. Raises botocore's ClientError."""
    encryption = where.get("ResultEncryptionMode", "").upper().replace("-", "_")
    protection = {
        "SSE_S3": {"ServerSideEncryption": "AES256"},
        "SSE_KMS": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": where.get("ResultKmsKeyArn", "")},
    }.get(encryption, {})
    s3.put_object(Bucket=where["ResultLocationBucket"], Key=key, Body=body, ContentType="application/json", **protection)
