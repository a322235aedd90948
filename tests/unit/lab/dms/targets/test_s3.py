# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Files in a bucket: names, splits, parts, compression."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.dms.targets import s3
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings


class Bucket:
    """As much of boto3's S3 client as the target uses."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, list[bytes]] = {}
        self.asked: list[dict[str, Any]] = []
        self.kept: list[str] = []

    def put_object(self, *, Key: str, Body: bytes, **more: Any) -> None:  # noqa: N803
        self.asked.append(more)
        self.objects[Key] = Body

    def create_multipart_upload(self, *, Key: str, **more: Any) -> dict[str, str]:  # noqa: N803
        self.asked.append(more)
        self.uploads[Key] = []
        return {"UploadId": Key}

    def upload_part(self, *, UploadId: str, Body: bytes, PartNumber: int, **_: Any) -> dict[str, str]:  # noqa: N803
        self.uploads[UploadId].append(Body)
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, *, Key: str, MultipartUpload: dict[str, Any], **_: Any) -> None:  # noqa: N803
        assert [p["PartNumber"] for p in MultipartUpload["Parts"]] == list(range(1, len(self.uploads[Key]) + 1))
        self.objects[Key] = b"".join(self.uploads.pop(Key))

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Prefix: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}
        yield {}

    def delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for entry in Delete["Objects"]:
            if entry["Key"] not in self.kept:
                del self.objects[entry["Key"]]
        return {"Errors": [{"Key": key, "Code": "AccessDenied", "Message": "no"} for key in self.kept]}

    def abort_multipart_upload(self, *, UploadId: str, **_: Any) -> None:  # noqa: N803
        del self.uploads[UploadId]


def test_names_count_in_hexadecimal_and_no_file_is_larger_than_the_limit() -> None:
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "", max_file_size=10)).files("run/1/s/t/")
    files.write([b"%04d" % n for n in range(34)])  # five bytes with the row delimiter: two records fit
    files.close()
    assert list(bucket.objects)[9:11] == ["run/1/s/t/LOAD0000000A.csv", "run/1/s/t/LOAD0000000B.csv"]
    assert len(bucket.objects) == 17
    assert b"".join(bucket.objects.values()) == b"".join(b"%04d\n" % n for n in range(34))


def test_a_record_larger_than_the_limit_has_a_file_of_its_own() -> None:
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "", max_file_size=4)).files("s/t/")
    files.write([b"a", b"long record", b"b"])
    files.close()
    assert list(bucket.objects.values()) == [b"a\n", b"long record\n", b"b\n"]
    assert "s/t/LOAD00000001.csv" in bucket.objects


def test_nothing_written_is_no_file() -> None:
    bucket = Bucket()
    S3Target(bucket, S3Settings("b", "")).files("s/t/", b"header\n").close()
    assert bucket.objects == {}


def test_each_file_has_the_header() -> None:
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "", max_file_size=8)).files("s/t/", b"h\n")
    files.write([b"aaaa", b"bbbb"])
    files.close()
    assert list(bucket.objects.values()) == [b"h\naaaa\n", b"h\nbbbb\n"]


@pytest.mark.parametrize("compressed", [False, True])
def test_parts_and_compression(monkeypatch: pytest.MonkeyPatch, compressed: bool) -> None:
    monkeypatch.setattr(s3, "PART_SIZE", 100)
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "", gzip=compressed)).files("s/t/")
    records = [bytes([65 + n % 26]) * (n % 50) for n in range(1000)]
    for n in range(0, 1000, 10):
        files.write(records[n : n + 10])
    files.close()
    (name,) = bucket.objects
    assert name.endswith(".csv.gz" if compressed else ".csv")
    body = gzip.decompress(bucket.objects[name]) if compressed else bucket.objects[name]
    assert body == b"".join(record + b"\n" for record in records)


def test_what_is_given_up_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PART_SIZE", 4)
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "")).files("s/t/")
    files.write([b"some bytes"])
    files.abort()
    assert (bucket.objects, bucket.uploads) == ({}, {})


def test_encryption_and_owner_are_asked_for() -> None:
    bucket = Bucket()
    settings = S3Settings("b", "", encryption="sse-kms", kms_key="key", owner="1", acl="private")
    S3Target(bucket, settings).put("k", b"")
    wanted = {"Bucket": "b", "ExpectedBucketOwner": "1", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key", "ACL": "private"}
    assert bucket.asked == [wanted]


def test_a_prefix_begins_each_record_and_counts() -> None:
    bucket = Bucket()
    files = S3Target(bucket, S3Settings("b", "", max_file_size=10)).files("s/t/SEGMENT2_")
    files.write([b"a", b"b"], b"I,")
    files.write([], b"I,")
    files.write([b"c", b"d"], b"I,")
    files.close()
    assert bucket.objects == {"s/t/SEGMENT2_LOAD00000001.csv": b"I,a\nI,b\n", "s/t/SEGMENT2_LOAD00000002.csv": b"I,c\nI,d\n"}


@pytest.mark.parametrize("compressed", [False, True])
def test_an_upload_from_a_file_or_from_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compressed: bool) -> None:
    monkeypatch.setattr(s3, "PART_SIZE", 100)
    content = bytes(range(256)) * 10
    (tmp_path / "spool").write_bytes(content)
    bucket = Bucket()
    target = S3Target(bucket, S3Settings("b", "", gzip=compressed))
    target.upload("file", tmp_path / "spool")
    target.upload("blocks", iter([content[:999], content[999:]]))
    assert [gzip.decompress(body) if compressed else body for body in bucket.objects.values()] == [content, content]


def test_an_upload_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PART_SIZE", 4)
    bucket = Bucket()

    def blocks() -> Iterator[bytes]:
        yield b"some bytes"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        S3Target(bucket, S3Settings("b", "")).upload("k", blocks())
    assert (bucket.objects, bucket.uploads) == ({}, {})


def test_all_files_of_a_table_are_deleted_and_no_others() -> None:
    bucket = Bucket()
    target = S3Target(bucket, S3Settings("b", "run"))
    for key in ("run/s/t/LOAD00000001.csv", "run/s/t/p1/LOAD00000001.csv", "run/s/t2/LOAD00000001.csv"):
        target.put(key, b"")
    target.delete_table("s", "t")
    assert list(bucket.objects) == ["run/s/t2/LOAD00000001.csv"]


def test_an_object_that_s3_keeps_is_an_error() -> None:
    bucket = Bucket()
    bucket.kept = ["s/t/LOAD00000001.csv"]
    target = S3Target(bucket, S3Settings("b", ""))
    target.put("s/t/LOAD00000001.csv", b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        target.delete_table("s", "t")
