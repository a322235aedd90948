# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Writes objects into a bucket, in parts, so that memory stays small however large they are."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.dms.targets.settings import S3Settings

PART_SIZE = 8 * 1024 * 1024
_READ_SIZE = 256 * 1024
GZIP_WINDOW = 31  # zlib's word for the largest window with a gzip header


def passes(error: ClientError | BotoCoreError) -> bool:
    """May another try do? Not where S3 refuses what was asked of it; a bucket that cannot be reached may be there later."""
    if isinstance(error, BotoCoreError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return bool(status >= 500 or status == 429)


class S3Target:
    """One bucket folder, written as its endpoint's settings say. Every method raises botocore's errors."""

    def __init__(self, client: Any, settings: S3Settings) -> None:
        self.client = client
        self.settings = settings

    def probe(self) -> None:
        """Put an object into the bucket folder and delete it again."""
        folder = f"{self.settings.folder}/" if self.settings.folder else ""
        key = f"{folder}dms-connection-test-{secrets.token_hex(8)}"
        self.client.put_object(Key=key, Body=b"connection test", **self._bucket(), **self._protection())
        self.client.delete_object(Key=key, **self._bucket())

    def delete_table(self, schema: str, table: str) -> None:
        """Delete every file of that table (its names at the target): full load, changes, all folders below. CDC_TXN files stay."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Prefix=self.settings.table_folder(schema, table), **self._bucket())
        for listed in pages:
            keys = [{"Key": item["Key"]} for item in listed.get("Contents", [])]
            if keys:
                self._delete(keys)

    def open(self, key: str) -> ObjectWriter:
        """A new object, compressed as the settings say; it is there when the writer is closed. ``key`` ends as settings.suffix does."""
        return ObjectWriter(self, key)

    def upload(self, key: str, content: Path | Iterable[bytes]) -> None:
        """A whole object from a file or from blocks, compressed as the settings say, with one part of it in memory at a time."""
        with self.open(key) as writer:
            for block in _blocks(content) if isinstance(content, Path) else content:
                writer.write(block)

    def files(self, start: str, header: bytes = b"") -> FileSeries:
        """Numbered full-load files. ``start``: of their keys, up to LOAD; ``header``: the line that begins each file, or nothing."""
        return FileSeries(self, start, header)

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Key=key, Body=body, **self._bucket(), **self._protection())

    def begin(self, key: str) -> str:
        upload = self.client.create_multipart_upload(Key=key, **self._bucket(), **self._protection())
        return str(upload["UploadId"])

    def part(self, key: str, upload: str, number: int, body: bytes) -> dict[str, Any]:
        answer = self.client.upload_part(Key=key, UploadId=upload, PartNumber=number, Body=body, **self._bucket())
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def complete(self, key: str, upload: str, parts: list[dict[str, Any]]) -> None:
        self.client.complete_multipart_upload(Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **self._bucket())

    def abort(self, key: str, upload: str) -> None:
        self.client.abort_multipart_upload(Key=key, UploadId=upload, **self._bucket())

    def _delete(self, keys: list[dict[str, str]]) -> None:
        """At most a thousand objects. S3 answers success even where it kept some of them: those are an error here."""
        answer = self.client.delete_objects(Delete={"Objects": keys, "Quiet": True}, **self._bucket())
        for kept in answer.get("Errors", []):
            raise ClientError({"Error": {"Code": kept.get("Code", ""), "Message": kept.get("Message", "")}}, "DeleteObjects")

    def _bucket(self) -> dict[str, str]:
        owner = {"ExpectedBucketOwner": self.settings.owner} if self.settings.owner else {}
        return {"Bucket": self.settings.bucket, **owner}

    def _protection(self) -> dict[str, str]:
        acl = {} if self.settings.acl == "none" else {"ACL": self.settings.acl}
        if self.settings.encryption == "sse-kms":
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.settings.kms_key, **acl}
        return {"ServerSideEncryption": "AES256", **acl}


class FileSeries:
    """Numbered files. A file ends before the record that would make it larger than the limit (uncompressed)."""

    def __init__(self, target: S3Target, start: str, header: bytes) -> None:
        self._target = target
        self._start = start
        self._header = header
        self._delimiter = target.settings.row_delimiter.encode()
        self._limit = target.settings.max_file_size
        self._number = 0
        self._size = 0
        self._file: ObjectWriter | None = None

    def write(self, records: Sequence[bytes], prefix: bytes = b"") -> None:
        """Append records, each without its row delimiter. ``prefix`` begins each of them."""
        if not records:
            return
        block = prefix + (self._delimiter + prefix).join(records) + self._delimiter
        if self._size + len(block) <= self._limit:
            self._append(block)
            return
        for record in records:
            self._append(prefix + record + self._delimiter)

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
            self._file = self._target.open(self._start + self._target.settings.file_name(self._number))
            self._size = len(self._header)
            self._file.write(self._header)
        self._size += len(block)
        self._file.write(block)


class ObjectWriter:
    """One object: put at once if small, in parts otherwise. As a context manager it is closed, or given up on an error."""

    def __init__(self, target: S3Target, key: str) -> None:
        self._target = target
        self._key = key
        self._compressor = zlib.compressobj(wbits=GZIP_WINDOW) if target.settings.gzip else None
        self._buffer = bytearray()
        self._upload = ""
        self._parts: list[dict[str, Any]] = []

    def __enter__(self) -> ObjectWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

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


def _blocks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while block := file.read(_READ_SIZE):
            yield block
