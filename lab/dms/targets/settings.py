# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What an S3 endpoint says about the files: where they go and how they look.

Meaning and defaults: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html#CHAP_Target.S3.Configuring
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.dms.faults import invalid_combination, invalid_value, not_built
from lab.dms.targets.dates import DatePartition

KIB = 1024
LARGEST_FILE_KB = 1_048_576
BATCH_SECONDS = 60
BATCH_KB = 32_000
# Settings of an S3 source, and those that would change what is written and that this engine does not follow. What belongs to Parquet
# alone (EncodingType, ParquetVersion, ...) is documented to do nothing for csv, and does nothing here.
_UNSUPPORTED = ("ExternalTableDefinition", "IgnoreHeaderRows", "GlueCatalogGeneration")


@dataclass(frozen=True, slots=True)
class S3Settings:
    """The members of the API's ``S3Settings`` that csv files follow; sizes in bytes.

    ``null`` stands for NULL and ``csv_no_sup_value`` for a column that the log does not hold (None: ``null`` does).
    ``cdc_path`` counts only with ``preserve_transactions``; ``timestamp_column`` is "" where there is none.
    ``trailing_padding``: values of CHAR(n) are filled up to n characters with blanks.
    """

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
    timestamp_column: str = ""
    use_task_start_time: bool = False
    cdc_path: str = ""
    preserve_transactions: bool = False
    batch_seconds: int = BATCH_SECONDS
    batch_bytes: int = BATCH_KB * KIB
    inserts_only: bool = False
    inserts_and_updates: bool = False
    date_partition: DatePartition | None = None
    csv_no_sup_value: str | None = None
    trailing_padding: bool = False

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> S3Settings:
        """Raises Fault for what contradicts itself and for what this engine does not write."""
        _check(given)
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
            max_file_size=given.get("MaxFileSize", LARGEST_FILE_KB) * KIB,
            owner=given.get("ExpectedBucketOwner", ""),
            encryption=_encryption(given),
            kms_key=given.get("ServerSideEncryptionKmsKeyId", ""),
            acl=given.get("CannedAclForObjects", "none").lower().replace("_", "-"),
            timestamp_column=given.get("TimestampColumnName", "").strip(),
            use_task_start_time=given.get("UseTaskStartTimeForFullLoadTimestamp", False),
            cdc_path=given.get("CdcPath", "").strip("/"),
            preserve_transactions=given.get("PreserveTransactions", False),
            batch_seconds=given.get("CdcMaxBatchInterval", BATCH_SECONDS),
            batch_bytes=given.get("CdcMinFileSize", BATCH_KB) * KIB,
            inserts_only=given.get("CdcInsertsOnly", False),
            inserts_and_updates=given.get("CdcInsertsAndUpdates", False),
            date_partition=DatePartition.read(given),
            csv_no_sup_value=given.get("CsvNoSupValue") if given.get("UseCsvNoSupValue") else None,
            trailing_padding=given.get("AddTrailingPaddingCharacter", False),
        )

    @property
    def suffix(self) -> str:
        """How the name of every file ends."""
        return ".csv.gz" if self.gzip else ".csv"

    @property
    def transaction_folder(self) -> str:
        """The prefix of the keys of the files that hold the changes of all tables in the order of their transactions."""
        return f"{self.folder}/{self.cdc_path}/".lstrip("/")

    def table_folder(self, schema: str, table: str) -> str:
        """The prefix of the keys of that table's files, with its closing slash."""
        return f"{self.folder}/{schema}/{table}/".lstrip("/")

    def change_folder(self, schema: str, table: str, committed: datetime) -> str:
        """The prefix of the keys of that table's changes that were committed at that time (which knows its zone)."""
        dated = self.date_partition.folder(committed) if self.date_partition else ""
        return self.table_folder(schema, table) + dated

    def file_name(self, number: int) -> str:
        """The name of a full-load file, counted from 1 in hexadecimal."""
        return f"LOAD{number:08X}{self.suffix}"


def _check(given: Mapping[str, Any]) -> None:
    for member in _UNSUPPORTED:
        if given.get(member):
            raise not_built(f"S3Settings.{member}")
    if given.get("DataFormat", "csv").lower() != "csv":
        raise not_built(f"S3Settings.DataFormat {given['DataFormat']}")
    for member in ("DatePartitionEnabled", "AddColumnName"):
        for ordered in ("PreserveTransactions", "CdcPath"):
            if given.get(member) and given.get(ordered):
                raise invalid_combination(f"{member} cannot be used with {ordered}.")
    if given.get("PreserveTransactions") and not given.get("CdcPath", "").strip("/"):
        raise invalid_combination("PreserveTransactions needs CdcPath.")
    if given.get("CdcInsertsOnly") and given.get("CdcInsertsAndUpdates"):
        raise invalid_combination("CdcInsertsOnly and CdcInsertsAndUpdates cannot both be true.")
    if _encryption(given) == "sse-kms" and not given.get("ServerSideEncryptionKmsKeyId"):
        raise invalid_combination("EncryptionMode sse-kms needs ServerSideEncryptionKmsKeyId.")
    size = given.get("MaxFileSize", LARGEST_FILE_KB)
    if not 1 <= size <= LARGEST_FILE_KB:
        raise invalid_value(f"MaxFileSize is {size}; it must be between 1 and {LARGEST_FILE_KB} KB.")
    for member in ("CdcMaxBatchInterval", "CdcMinFileSize"):
        if given.get(member, 1) < 1:
            raise invalid_value(f"{member} is {given[member]}; it must be positive.")
    for member in ("CsvDelimiter", "CsvRowDelimiter"):
        if given.get(member) == "":
            raise invalid_value(f"{member} is empty.")


def _encryption(given: Mapping[str, Any]) -> str:
    return str(given.get("EncryptionMode", "sse-s3")).lower().replace("_", "-")


def _unescaped(text: str) -> str:
    """Delimiters are often given as a backslash and a letter."""
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
