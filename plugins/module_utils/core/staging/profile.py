# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The one form in which we have DMS stage: what its S3 endpoint is told, and so what the reader may rely on.

Source: AWS DMS User Guide, "Using Amazon S3 as a target"; botocore, shape ``S3Settings``.
"""

from __future__ import annotations

from typing import Any

from ..model.schema import Table
from ..model.site import Site

CHANGE_SEQUENCE_COLUMN = "_dms_seq"
BEFORE_IMAGE_PREFIX = "BI_"


def added_columns(table: Table) -> tuple[str, ...]:
    """The columns that the task's rules add behind the table's own: empty in full-load files."""
    return (CHANGE_SEQUENCE_COLUMN, *(f"{BEFORE_IMAGE_PREFIX}{name}" for name in table.primary_key))


def record_layouts(table: Table) -> dict[int, tuple[int, ...]]:
    """Where operation and staged columns stand in a record, by the number of its fields.

    A record may lack the added columns. And it may hold generated columns, which we do not migrate: that DMS leaves them out of a full
    load is not documented. Where two forms have equally many fields the one with the added columns is meant, since every task adds them.
    """
    written = [column for column in table.columns if not column.invisible]
    plain = tuple(range(1 + len(table.staged_columns)))
    with_generated = (0, *(1 + at for at, column in enumerate(written) if not column.generated))
    added = len(added_columns(table))
    forms = {len(plain) + added: plain, 1 + len(written) + added: with_generated}
    return {1 + len(written): with_generated, len(plain): plain} | forms


def endpoint_settings(site: Site, *, role_arn: str) -> dict[str, Any]:
    """The S3 endpoint's S3Settings, in CloudFormation's spelling: csv without a header, RFC 4180, a NULL that no text can be.

    NULL, the empty string and the text ``NULL`` stay three different things; rows carry their operation also in the full load.
    """
    settings: dict[str, Any] = {
        "ServiceAccessRoleArn": role_arn,
        "BucketName": site.staging.name,
        "BucketFolder": site.staging_prefix,
        "DataFormat": "csv",
        "CsvDelimiter": ",",
        "Rfc4180": True,
        "CsvNullValue": site.replication.null_marker,
        "IncludeOpForFullLoad": True,
        "CompressionType": "none",
        "MaxFileSize": site.replication.max_file_size_kb,
        "EncryptionMode": "sse-kms" if site.staging.kms_key else "sse-s3",
        "ExpectedBucketOwner": site.aws.account,
        "AddTrailingPaddingCharacter": False,
        "CdcInsertsOnly": False,
        "CdcInsertsAndUpdates": False,
    }
    if site.staging.kms_key:
        settings["ServerSideEncryptionKmsKeyId"] = site.staging.kms_key
    return settings
