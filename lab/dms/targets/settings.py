# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What an S3 endpoint says about the files: where they go and how they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.dms.faults import invalid_combination, invalid_value, not_built

KIB = 1024
LARGEST_FILE_KB = 1_048_576
# Settings that would change what a full load writes and that this engine does not follow.
_UNSUPPORTED_IF_SET = ("TimestampColumnName", "ExternalTableDefinition", "DatePartitionTimezone")
_UNSUPPORTED_IF_TRUE = (
    "AddTrailingPaddingCharacter",
    "CdcInsertsAndUpdates",
    "CdcInsertsOnly",
    "DatePartitionEnabled",
    "GlueCatalogGeneration",
    "UseCsvNoSupValue",
)


@dataclass(frozen=True, slots=True)
class S3Settings:
    """The members of the API's ``S3Settings`` that a full load follows; sizes in bytes."""

    bucket: str
    folder: str
    delimiter: str = ","
    row_delimiter: str = "\n"
    null: str = "NULL"
    quoted: bool = True
    header: bool = False
    operation: bool = False
    gzip: bool = False
    max_file_size: int = LARGEST_FILE_KB * KIB
    owner: str = ""
    encryption: str = "sse-s3"
    kms_key: str = ""
    acl: str = "none"

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> S3Settings:
        """Raises Fault for what contradicts itself and for what this engine does not write."""
        for member in _UNSUPPORTED_IF_SET:
            if given.get(member):
                raise not_built(f"S3Settings.{member}")
        for member in _UNSUPPORTED_IF_TRUE:
            if given.get(member):
                raise not_built(f"S3Settings.{member}")
        if given.get("DataFormat", "csv").lower() != "csv":
            raise not_built(f"S3Settings.DataFormat {given['DataFormat']}")
        if given.get("PreserveTransactions") and given.get("AddColumnName"):
            raise invalid_combination("AddColumnName cannot be used with PreserveTransactions.")
        if given.get("PreserveTransactions") and not given.get("CdcPath"):
            raise invalid_combination("PreserveTransactions needs CdcPath.")
        size = given.get("MaxFileSize", LARGEST_FILE_KB)
        if not 1 <= size <= LARGEST_FILE_KB:
            raise invalid_value(f"MaxFileSize is {size}; it must be between 1 and {LARGEST_FILE_KB} KB.")
        encryption = given.get("EncryptionMode", "sse-s3").lower().replace("_", "-")
        if encryption == "sse-kms" and not given.get("ServerSideEncryptionKmsKeyId"):
            raise invalid_combination("EncryptionMode sse-kms needs ServerSideEncryptionKmsKeyId.")
        return cls(
            bucket=given["BucketName"],
            folder=given.get("BucketFolder", "").strip("/"),
            delimiter=_unescaped(given.get("CsvDelimiter", ",")),
            row_delimiter=_unescaped(given.get("CsvRowDelimiter", "\n")),
            null=given.get("CsvNullValue", "NULL"),
            quoted=given.get("Rfc4180", True),
            header=given.get("AddColumnName", False),
            operation=given.get("IncludeOpForFullLoad", False),
            gzip=given.get("CompressionType", "none").lower() == "gzip",
            max_file_size=size * KIB,
            owner=given.get("ExpectedBucketOwner", ""),
            encryption=encryption,
            kms_key=given.get("ServerSideEncryptionKmsKeyId", ""),
            acl=given.get("CannedAclForObjects", "none"),
        )

    def table_folder(self, schema: str, table: str) -> str:
        """The prefix of the keys of that table's files, with its closing slash."""
        return f"{self.folder}/{schema}/{table}/".lstrip("/")

    def file_name(self, number: int) -> str:
        """The name of a full-load file, counted from 1 in hexadecimal."""
        return f"LOAD{number:08X}.csv" + (".gz" if self.gzip else "")


def _unescaped(text: str) -> str:
    """Delimiters are often given as a backslash and a letter."""
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
