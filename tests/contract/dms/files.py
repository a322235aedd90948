# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The bucket: what files there are, and what is in them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from .base import Base

NULL = "__DMS_NULL__"
Rows = list[list[str]]


class Files(Base):
    @property
    def bucket(self) -> str:
        return self.place.bucket

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    def keys(self, prefix: str) -> list[str]:
        """Keys that begin so, in the order in which the bucket lists them."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def content(self, key: str) -> str:
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return bytes(gzip.decompress(body) if key.endswith(".gz") else body).decode("utf-8")

    def rows(self, prefix: str, **form: Any) -> Rows:
        """The records of all files below a prefix, in the order of their names. ``form``: of Python's csv module."""
        return [row for key in self.keys(prefix) for row in csv.reader(io.StringIO(self.content(key), newline=""), **form)]

    def until_rows(self, prefix: str, enough: Callable[[Rows], object], what: str) -> Rows:
        """The records below a prefix as soon as they are enough."""

        def look() -> Any:
            try:
                found = self.rows(prefix)
            except self.s3.exceptions.NoSuchKey:
                # Gone since it was listed: the task deletes files when a table is truncated.
                return None
            return found if enough(found) else None

        return list(self.wait(look, what))

    def remove_files(self) -> None:
        keys: Sequence[str] = self.keys(f"{self.prefix}/")
        for first in range(0, len(keys), 1000):
            batch = [{"Key": key} for key in keys[first : first + 1000]]
            self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch})
