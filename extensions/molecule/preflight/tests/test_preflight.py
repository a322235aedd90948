# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks only read."""

from __future__ import annotations

from typing import Any


def test_preflight_begins_nothing(account: Any) -> None:
    s3 = account.client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    if account.bucket("state") in buckets:
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=account.bucket("state")).get("Contents", [])]
        assert not [key for key in keys if "preflight" in key]
    assert not list(account.folder.glob("work/*/*/preflight*"))
