# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What an S3 endpoint says, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lab.dms.faults import Fault
from lab.dms.targets.settings import S3Settings

MOMENT = datetime(2026, 1, 31, 20, 5, tzinfo=UTC)


def read(**given: Any) -> S3Settings:
    return S3Settings.read({"BucketName": "b", **given})


def test_the_defaults_of_the_guide() -> None:
    settings = read()
    assert (settings.delimiter, settings.row_delimiter, settings.null, settings.quoted) == (",", "\n", "NULL", True)
    assert (settings.max_file_size, settings.batch_seconds, settings.batch_bytes) == (1 << 30, 60, 32_000 * 1024)
    assert (settings.header, settings.operation, settings.gzip, settings.trailing_padding) == (False, False, False, False)
    assert (settings.timestamp_column, settings.cdc_path, settings.date_partition, settings.csv_no_sup_value) == ("", "", None, None)


def test_every_setting_of_changes() -> None:
    settings = read(
        BucketFolder="/run/",
        CdcPath="/changes/",
        PreserveTransactions=True,
        CdcMaxBatchInterval=5,
        CdcMinFileSize=2,
        CdcInsertsAndUpdates=True,
        TimestampColumnName="at",
        UseTaskStartTimeForFullLoadTimestamp=True,
        UseCsvNoSupValue=True,
        CsvNoSupValue="?",
        CannedAclForObjects="BUCKET_OWNER_READ",
    )
    assert settings.transaction_folder == "run/changes/"
    assert (settings.batch_seconds, settings.batch_bytes, settings.inserts_and_updates) == (5, 2048, True)
    assert (settings.timestamp_column, settings.use_task_start_time) == ("at", True)
    assert (settings.csv_no_sup_value, settings.acl) == ("?", "bucket-owner-read")


def test_no_value_for_absent_columns_without_its_switch() -> None:
    assert read(CsvNoSupValue="?").csv_no_sup_value is None


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, "2026/01/31/"),
        ({"DatePartitionSequence": "YYYYMMDDHH", "DatePartitionDelimiter": "DASH"}, "2026-01-31-20/"),
        ({"DatePartitionSequence": "YYYYMM", "DatePartitionDelimiter": "UNDERSCORE"}, "2026_01/"),
        ({"DatePartitionSequence": "MMYYYYDD", "DatePartitionDelimiter": "NONE"}, "01202631/"),
        ({"DatePartitionSequence": "DDMMYYYY"}, "31/01/2026/"),
        ({"DatePartitionTimezone": "Asia/Seoul"}, "2026/02/01/"),
    ],
)
def test_folders_by_date(given: dict[str, Any], folder: str) -> None:
    settings = read(BucketFolder="run", DatePartitionEnabled=True, **given)
    assert settings.change_folder("s", "t", MOMENT) == f"run/s/t/{folder}"


def test_no_folders_by_date_without_their_switch() -> None:
    assert read(DatePartitionSequence="YYYYMM").change_folder("s", "t", MOMENT) == "s/t/"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"PreserveTransactions": True}, "needs CdcPath"),
        ({"PreserveTransactions": True, "CdcPath": "/"}, "needs CdcPath"),
        ({"PreserveTransactions": True, "CdcPath": "c", "AddColumnName": True}, "AddColumnName cannot be used with PreserveTransactions"),
        ({"CdcPath": "c", "AddColumnName": True}, "AddColumnName cannot be used with CdcPath"),
        ({"CdcPath": "c", "DatePartitionEnabled": True}, "DatePartitionEnabled cannot be used with CdcPath"),
        ({"CdcInsertsOnly": True, "CdcInsertsAndUpdates": True}, "cannot both be true"),
        ({"EncryptionMode": "SSE_KMS"}, "needs ServerSideEncryptionKmsKeyId"),
        ({"DataFormat": "parquet"}, "does not support S3Settings.DataFormat parquet"),
        ({"GlueCatalogGeneration": True}, "does not support S3Settings.GlueCatalogGeneration"),
        ({"ExternalTableDefinition": "{}"}, "does not support S3Settings.ExternalTableDefinition"),
        ({"IgnoreHeaderRows": 1}, "does not support S3Settings.IgnoreHeaderRows"),
        ({"MaxFileSize": 0}, "between 1 and 1048576"),
        ({"CdcMinFileSize": 0}, "must be positive"),
        ({"CsvDelimiter": ""}, "CsvDelimiter is empty"),
        ({"DatePartitionEnabled": True, "DatePartitionTimezone": "Mars/Olympus"}, "Area/Location"),
        ({"DatePartitionEnabled": True, "DatePartitionSequence": "YYYY"}, "DatePartitionSequence YYYY"),
        ({"DatePartitionEnabled": True, "DatePartitionDelimiter": "DOT"}, "DatePartitionDelimiter DOT"),
    ],
)
def test_what_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(Fault, match=problem):
        read(**given)


def test_delimiters_may_be_written_with_a_backslash() -> None:
    settings = read(CsvRowDelimiter="\\r\\n", CsvDelimiter="\\t")
    assert (settings.row_delimiter, settings.delimiter) == ("\r\n", "\t")
