# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, FlexibleChecksumError, ReadTimeoutError
from botocore.response import StreamingBody
from landbridge.adapters.s3 import S3Store
from landbridge.errors import BadData, Denied, LandbridgeError, NotFound
from landbridge.model.work import StoredObject
from landbridge.ports import PreconditionFailed

CONTENT = bytes(range(256)) * 5000


def error(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")  # type: ignore[typeddict-item]


class FakeClient:
    """S3's client as far as the store uses it. ``faults`` are raised one per call; ``bodies`` replace the content of a stream."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {"a": CONTENT}
        self.faults: list[Exception | None] = []
        self.breaks: list[Any] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[dict[str, str]] = []

    def _called(self, operation: str, arguments: dict[str, Any]) -> None:
        self.calls.append((operation, arguments))
        if self.faults:
            fault = self.faults.pop(0)
            if fault:
                raise fault

    def get_object(self, **arguments: Any) -> dict[str, Any]:
        self._called("get", arguments)
        content = self.objects.get(arguments["Key"])
        if content is None:
            raise error("NoSuchKey", 404)
        if arguments.get("IfMatch", '"etag"') != '"etag"':
            raise error("PreconditionFailed", 412)
        start, _, end = arguments.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = content[int(start) : int(end) + 1 if end else None]
        broken = self.breaks.pop(0) if self.breaks else None
        raw = Breaking(part, broken) if broken is not None else io.BytesIO(part)
        return {"Body": StreamingBody(raw, str(len(part))), "ETag": '"etag"', "ContentLength": len(part)}  # type: ignore[arg-type]

    def put_object(self, **arguments: Any) -> dict[str, Any]:
        self._called("put", arguments)
        return {"ETag": '"new"'}

    def delete_objects(self, **arguments: Any) -> dict[str, Any]:
        self._called("delete", arguments)
        return {"Errors": self.refused}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **arguments: Any) -> Any:
        self._called("list", arguments)
        yield {"Contents": [{"Key": "p/a", "Size": 3, "ETag": '"e1"'}]}
        yield {}
        yield {"Contents": [{"Key": "p/b", "Size": 0, "ETag": '"e2"'}]}


class Breaking(io.BytesIO):
    """A body that gives ``good`` bytes, then ends early (None) or raises."""

    def __init__(self, content: bytes, broken: tuple[int, Exception | None]) -> None:
        super().__init__(content[: broken[0]])
        self.error = broken[1]

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        if not count and self.error:
            raise self.error
        return count


class Connection:
    def __init__(self, client: FakeClient) -> None:
        self._client = client

    def client(self, service: str) -> FakeClient:
        assert service == "s3"
        return self._client


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def store(client: FakeClient) -> S3Store:
    return S3Store(Connection(client), "bucket")  # type: ignore[arg-type]


def test_lists_all_pages(store: S3Store, client: FakeClient) -> None:
    assert list(store.list("p/")) == [StoredObject("p/a", 3, "e1"), StoredObject("p/b", 0, "e2")]
    client.faults = [error("NoSuchBucket", 404)]
    with pytest.raises(NotFound, match="s3://bucket/p/"):
        list(store.list("p/"))


def test_gets_what_is_there(store: S3Store, client: FakeClient) -> None:
    assert store.get("a") == (CONTENT, "etag")
    assert store.get("b") is None
    client.faults = [error("AccessDenied", 403)]
    with pytest.raises(Denied):
        store.get("a")


@pytest.mark.parametrize(("start", "end"), [(0, None), (7, None), (7, 7000), (0, 1), (len(CONTENT) - 1, len(CONTENT))])
def test_streams_a_range(store: S3Store, start: int, end: int | None) -> None:
    with store.open("a", etag="etag", start=start, end=end) as stream:
        assert stream.read() == CONTENT[start:end]


@pytest.mark.parametrize("failure", [None, ReadTimeoutError(endpoint_url="http://x"), ConnectionResetError()])
def test_a_body_that_breaks_off_is_resumed_where_it_broke(store: S3Store, client: FakeClient, failure: Exception | None) -> None:
    client.breaks = [(100_000, failure), (1, failure), (400_000, failure)]
    with store.open("a", etag="etag", start=10) as stream:
        assert stream.read() == CONTENT[10:]
    spans = [arguments["Range"] for _, arguments in client.calls]
    last = len(CONTENT) - 1
    assert spans == ["bytes=10-", f"bytes=100010-{last}", f"bytes=100011-{last}", f"bytes=500011-{last}"]
    assert {arguments["IfMatch"] for _, arguments in client.calls} == {'"etag"'}


def test_a_body_that_stays_short_is_bad(store: S3Store, client: FakeClient) -> None:
    client.breaks = [(500, None)] + [(0, None)] * 9
    with store.open("a", etag="etag") as stream, pytest.raises(BadData, match="ends early: byte 500 of 1280000"):
        stream.read()


def test_a_body_that_arrives_damaged(store: S3Store, client: FakeClient) -> None:
    client.breaks = [(500, FlexibleChecksumError(error_msg="crc32"))]
    with store.open("a", etag="etag") as stream, pytest.raises(BadData, match="did not arrive as it was stored"):
        stream.read()


def test_another_object_under_the_name_or_none(store: S3Store, client: FakeClient) -> None:
    with pytest.raises(BadData, match="not the one that was listed"):
        store.open("a", etag="old")
    with pytest.raises(BadData, match="has gone") as raised:
        store.open("b", etag="etag")
    assert "begin a new run" in raised.value.remedy
    client.breaks = [(10, None)]
    with store.open("a", etag="etag") as stream:
        del client.objects["a"]
        with pytest.raises(BadData, match="has gone"):
            stream.read()


def test_puts_with_and_without_conditions(store: S3Store, client: FakeClient) -> None:
    assert store.put("k", b"x") == "new"
    store.put("k", b"x", if_match="e1")
    store.put("k", b"x", if_absent=True)
    plain = {"Bucket": "bucket", "Key": "k", "Body": b"x"}
    assert [arguments for _, arguments in client.calls] == [plain, plain | {"IfMatch": '"e1"'}, plain | {"IfNoneMatch": "*"}]


def test_a_condition_that_does_not_hold(store: S3Store, client: FakeClient) -> None:
    client.faults = [error("PreconditionFailed", 412)]
    with pytest.raises(PreconditionFailed):
        store.put("k", b"x", if_absent=True)
    client.faults = [error("NoSuchKey", 404)]
    with pytest.raises(PreconditionFailed):
        store.put("k", b"x", if_match="e1")
    client.faults = [error("NoSuchBucket", 404)]
    with pytest.raises(NotFound):
        store.put("k", b"x", if_match="e1")


def test_a_conflict_is_asked_again_before_it_counts(store: S3Store, client: FakeClient) -> None:
    client.faults = [error("ConditionalRequestConflict", 409), None]
    assert store.put("k", b"x", if_absent=True) == "new"
    client.calls.clear()
    client.faults = [error("ConditionalRequestConflict", 409)] * 9
    with pytest.raises(PreconditionFailed):
        store.put("k", b"x", if_absent=True)
    assert len(client.calls) == 4


def test_deletes_a_thousand_at_a_time(store: S3Store, client: FakeClient) -> None:
    store.delete(f"k{number}" for number in range(2001))
    assert [len(arguments["Delete"]["Objects"]) for _, arguments in client.calls] == [1000, 1000, 1]
    client.refused = [{"Key": "k", "Code": "AccessDenied", "Message": "no"}]
    with pytest.raises(LandbridgeError, match=r"s3://bucket/k: could not delete the object: no \[AccessDenied\]"):
        store.delete(["k"])
