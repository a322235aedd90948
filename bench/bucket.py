# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A bucket in one local folder: what the twin asks of S3 while it writes, without a network and without a second process."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class LocalBucket:
    """Stands for boto3's S3 client; the last part of a key names the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put_object(self, *, Key: str, Body: bytes, **rest: Any) -> None:  # noqa: N803 - boto3's names
        self._path(Key).write_bytes(Body)

    def create_multipart_upload(self, *, Key: str, **rest: Any) -> dict[str, str]:  # noqa: N803
        self._path(Key).write_bytes(b"")
        return {"UploadId": "1"}

    def upload_part(self, *, Key: str, Body: bytes, **rest: Any) -> dict[str, str]:  # noqa: N803
        with self._path(Key).open("ab") as file:
            file.write(Body)
        return {"ETag": ""}

    def complete_multipart_upload(self, **rest: Any) -> None:
        """The parts are together already."""

    def _path(self, key: str) -> Path:
        return self._folder / key.rpartition("/")[2]
