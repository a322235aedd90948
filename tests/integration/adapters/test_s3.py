# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from landbridge.adapters.aws import AwsConnection
from landbridge.adapters.s3 import S3Store
from landbridge.errors import BadData, NotFound
from landbridge.ports import PreconditionFailed

BUCKET = "adapter-test"


@pytest.fixture
def store(lab: Any, connection: AwsConnection) -> Iterator[S3Store]:
    client = lab.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    mine = S3Store(connection, BUCKET)
    yield mine
    mine.delete([stored.key for stored in mine.list("")])
    client.delete_bucket(Bucket=BUCKET)


def test_conditions_hold(store: S3Store) -> None:
    first = store.put("doc", b"1", if_absent=True)
    with pytest.raises(PreconditionFailed):
        store.put("doc", b"2", if_absent=True)
    second = store.put("doc", b"2", if_match=first)
    with pytest.raises(PreconditionFailed):
        store.put("doc", b"3", if_match=first)
    assert store.get("doc") == (b"2", second)
    store.delete(["doc"])
    with pytest.raises(PreconditionFailed):
        store.put("doc", b"4", if_match=second)
    assert store.get("doc") is None


def test_a_listing_in_order_of_keys_of_any_characters(store: S3Store) -> None:
    names = sorted(f"many/{number * 7 % 30:05d} é+%" for number in range(30))
    for name in names:
        store.put(name, b"x")
    store.put("other", b"x")
    assert [stored.key for stored in store.list("many/")] == names


def test_streams_of_one_version(store: S3Store) -> None:
    content = bytes(range(256)) * 20_000
    etag = store.put("large", content)
    (stored,) = store.list("large")
    assert (stored.size, stored.etag) == (len(content), etag)
    with store.open("large", etag=etag) as stream:
        assert stream.read() == content
    with store.open("large", etag=etag, start=1_000_001, end=3_000_000) as stream:
        assert stream.read() == content[1_000_001:3_000_000]
    store.put("large", content[1:])
    with pytest.raises(BadData, match="not the one that was listed"):
        store.open("large", etag=etag)


def test_a_bucket_that_is_not_there(connection: AwsConnection) -> None:
    with pytest.raises(NotFound, match="s3://no-such-bucket-here"):
        S3Store(connection, "no-such-bucket-here").get("x")
