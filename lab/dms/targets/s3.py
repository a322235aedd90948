# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Writes files of records into a bucket, in parts, so that memory stays small however large the table is."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Sequence
from typing import Any

from lab.dms.targets.settings import S3Settings

PART_SIZE = 8 * 1024 * 1024
_GZIP_WINDOW = 31  # zlib's word for the largest window with a gzip header


class S3Target:
    """One bucket folder, written as its endpoint's settings say."""

    def __init__(self, client: Any, settings: S3Settings) -> None:
        self._client = client
        self.settings = settings

    def probe(self) -> None:
        """Put an object into the bucket folder and delete it again. Raises botocore's ClientError."""
        folder = f"{self.settings.folder}/" if self.settings.folder else ""
        key = f"{folder}dms-connection-test-{secrets.token_hex(8)}"
        self._client.put_object(Key=key, Body=b"connection test", **self._bucket(), **self._protection())
        self._client.delete_object(Key=key, **self._bucket())

    def purge(self, schema: str, table: str) -> None:
        """Delete every file of that table."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Prefix=self.settings.table_folder(schema, table), **self._bucket())
        for listed in pages:
            keys = [{"Key": item["Key"]} for item in listed.get("Contents", [])]
            if keys:
                self._client.delete_objects(Delete={"Objects": keys, "Quiet": True}, **self._bucket())

    def files(self, schema: str, table: str, header: bytes) -> FileSeries:
        """The files of one table, to be written from the first one on. ``header``: the line that begins each file, or nothing."""
        return FileSeries(self, self.settings.table_folder(schema, table), header)

    def put(self, key: str, body: bytes) -> None:
        self._client.put_object(Key=key, Body=body, **self._bucket(), **self._protection())

    def begin(self, key: str) -> str:
        upload = self._client.create_multipart_upload(Key=key, **self._bucket(), **self._protection())
        return str(upload["UploadId"])

    def part(self, key: str, upload: str, number: int, body: bytes) -> dict[str, Any]:
        answer = self._client.upload_part(Key=key, UploadId=upload, PartNumber=number, Body=body, **self._bucket())
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def complete(self, key: str, upload: str, parts: list[dict[str, Any]]) -> None:
        self._client.complete_multipart_upload(Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **self._bucket())

    def abort(self, key: str, upload: str) -> None:
        self._client.abort_multipart_upload(Key=key, UploadId=upload, **self._bucket())

    def _bucket(self) -> dict[str, str]:
        owner = {"ExpectedBucketOwner": self.settings.owner} if self.settings.owner else {}
        return {"Bucket": self.settings.bucket, **owner}

    def _protection(self) -> dict[str, str]:
        acl = {} if self.settings.acl == "none" else {"ACL": self.settings.acl}
        if self.settings.encryption == "sse-kms":
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.settings.kms_key, **acl}
        return {"ServerSideEncryption": "AES256", **acl}


class FileSeries:
    """The numbered files of one table. A file ends before the record that would make it larger than the limit (uncompressed)."""

    def __init__(self, target: S3Target, folder: str, header: bytes) -> None:
        self._target = target
        self._folder = folder
        self._header = header
        self._delimiter = target.settings.row_delimiter.encode()
        self._limit = target.settings.max_file_size
        self._number = 0
        self._size = 0
        self._file: _File | None = None

    def write(self, records: Sequence[bytes]) -> None:
        """Append records, each without its row delimiter."""
        block = self._delimiter.join(records) + self._delimiter
        if self._size + len(block) <= self._limit:
            self._append(block)
            return
        for record in records:
            self._append(record + self._delimiter)

    def close(self) -> None:
        """Complete the last file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def abort(self) -> None:
        """Give up the file under way; files already complete stay."""
        if self._file is not None:
            self._file.abort()
            self._file = None

    def _append(self, block: bytes) -> None:
        if self._file is None or self._size + len(block) > self._limit:
            self.close()
            self._number += 1
            self._file = _File(self._target, self._folder + self._target.settings.file_name(self._number))
            self._size = len(self._header)
            self._file.write(self._header)
        self._size += len(block)
        self._file.write(block)


class _File:
    """One object: put at once if small, in parts otherwise."""

    def __init__(self, target: S3Target, key: str) -> None:
        self._target = target
        self._key = key
        self._compressor = zlib.compressobj(wbits=_GZIP_WINDOW) if target.settings.gzip else None
        self._buffer = bytearray()
        self._upload = ""
        self._parts: list[dict[str, Any]] = []

    def write(self, block: bytes) -> None:
        self._buffer += self._compressor.compress(block) if self._compressor else block
        if len(self._buffer) >= PART_SIZE:
            self._send()

    def close(self) -> None:
        if self._compressor:
            self._buffer += self._compressor.flush()
        if not self._upload:
            self._target.put(self._key, bytes(self._buffer))
            return
        if self._buffer:
            self._send()
        self._target.complete(self._key, self._upload, self._parts)

    def abort(self) -> None:
        if self._upload:
            self._target.abort(self._key, self._upload)

    def _send(self) -> None:
        if not self._upload:
            self._upload = self._target.begin(self._key)
        self._parts.append(self._target.part(self._key, self._upload, len(self._parts) + 1, bytes(self._buffer)))
        self._buffer.clear()
