# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One S3 bucket as an object store. Encryption at rest is the bucket's default, set when the bucket was made."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from ..errors import BadData, LandbridgeError, NotFound
from ..model.work import StoredObject
from ..ports import PreconditionFailed
from .aws import AwsConnection, translate

try:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
except ImportError:  # said by aws.connect(), without which there is no connection to give to S3Store
    BotoCoreError = ClientError = HTTPClientError = IncompleteReadError = Exception  # type: ignore[assignment, misc, unused-ignore]

_READ_AHEAD = 1024 * 1024
_DELETE_AT_ONCE = 1000  # limit of DeleteObjects
_ATTEMPTS = 4
_TOUCHED = "Somebody changed the staging folder of this run: begin a new run (another name in the site file)."


class S3Store:
    """Fulfils ``ports.ObjectStore`` for one bucket."""

    def __init__(self, connection: AwsConnection, bucket: str) -> None:
        self._client: Any = connection.client("s3")
        self._bucket = bucket

    def list(self, prefix: str) -> Iterator[StoredObject]:
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield StoredObject(entry["Key"], entry["Size"], entry["ETag"].strip('"'))
        except (ClientError, BotoCoreError) as error:
            raise translate(error, "list the bucket", self._place(prefix)) from error

    def get(self, key: str) -> tuple[bytes, str] | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            return answer["Body"].read(), answer["ETag"].strip('"')
        except (ClientError, BotoCoreError) as error:
            if _code(error) == "NoSuchKey":
                return None
            raise translate(error, "read the object", self._place(key)) from error

    def open(self, key: str, *, etag: str, start: int = 0, end: int | None = None) -> BinaryIO:
        raw = _ObjectStream(self._client, self._bucket, key, etag, start, end)
        return cast(BinaryIO, io.BufferedReader(raw, _READ_AHEAD))

    def put(self, key: str, content: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        condition = {"IfNoneMatch": "*"} if if_absent else {"IfMatch": f'"{if_match}"'} if if_match is not None else {}
        for attempts_left in itertools.count(_ATTEMPTS - 1, -1):
            try:
                answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=content, **condition)
                break
            except (ClientError, BotoCoreError) as error:
                # 409 says that another conditional write of this key was under way, not how it ended: ask again.
                if _code(error) == "ConditionalRequestConflict" and attempts_left:
                    continue
                missing = if_match is not None and _code(error) == "NoSuchKey"
                if missing or _code(error) in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
                    raise PreconditionFailed(self._place(key)) from error
                raise translate(error, "write the object", self._place(key)) from error
        return str(answer["ETag"]).strip('"')

    def delete(self, keys: Iterable[str]) -> None:
        wanted = list(keys)
        for first in range(0, len(wanted), _DELETE_AT_ONCE):
            objects = [{"Key": key} for key in wanted[first : first + _DELETE_AT_ONCE]]
            try:
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            except (ClientError, BotoCoreError) as error:
                raise translate(error, "delete objects", self._place(wanted[first])) from error
            for failed in answer.get("Errors", ()):
                raise LandbridgeError(
                    f"could not delete the object: {failed.get('Message')} [{failed.get('Code')}]", place=self._place(failed["Key"])
                )

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


class _ObjectStream(io.RawIOBase):
    """Bytes [start, end) of one version of an object. A body that breaks off is resumed where it broke, a few times in a row."""

    def __init__(self, client: Any, bucket: str, key: str, etag: str, start: int, end: int | None) -> None:
        super().__init__()
        self._client = client
        self._bucket = bucket
        self._key = key
        self._etag = etag
        self._at = start
        self._end = end
        self._breaks = 0
        self._body: Any = None
        self._request()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._end is None or self._at < self._end:
            try:
                count = int(self._body.readinto(buffer))
            except (HTTPClientError, IncompleteReadError, OSError) as error:
                self._resume(error)
                continue
            except BotoCoreError as error:  # a checksum that does not fit
                raise BadData(f"the object did not arrive as it was stored: {error}", place=self._place(), remedy="Run again.") from error
            if count:
                self._at += count
                self._breaks = 0
                return count
            self._resume(None)
        return 0

    def close(self) -> None:
        if self._body is not None:
            self._body.close()
        super().close()

    def _request(self) -> None:
        whole = self._at == 0 and self._end is None
        span = {} if whole else {"Range": f"bytes={self._at}-{'' if self._end is None else self._end - 1}"}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key, IfMatch=f'"{self._etag}"', **span)
        except (ClientError, BotoCoreError) as error:
            if _code(error) in ("PreconditionFailed", "412"):
                raise self._changed() from error
            failure = translate(error, "read the object", self._place())
            raise (self._gone() if isinstance(failure, NotFound) else failure) from error
        if answer["ETag"].strip('"') != self._etag:
            raise self._changed()
        self._body = answer["Body"]
        if self._end is None:
            self._end = self._at + int(answer["ContentLength"])

    def _resume(self, error: Exception | None) -> None:
        self._breaks += 1
        self._body.close()
        if self._breaks >= _ATTEMPTS:
            raise BadData(
                f"the object ends early: byte {self._at} of {self._end} was the last to arrive in {_ATTEMPTS} attempts",
                place=self._place(),
                remedy="Run again; if it stays so, begin a new run, so that DMS stages the file anew.",
            ) from error
        self._request()

    def _changed(self) -> BadData:
        return BadData("the object is not the one that was listed", place=self._place(), remedy=_TOUCHED)

    def _gone(self) -> BadData:
        return BadData("the object has gone since it was listed", place=self._place(), remedy=_TOUCHED)

    def _place(self) -> str:
        return f"s3://{self._bucket}/{self._key}"


def _code(error: Any) -> str:
    """The service's word for the error; empty where no answer came."""
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
