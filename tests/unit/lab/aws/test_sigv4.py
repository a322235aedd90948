# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Signatures against botocore's own signers."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lab.aws.asgi import Request
from lab.aws.sigv4 import SignatureRefused, read_claim, verify

SECRET = "a secret of the test"
URL = "http://127.0.0.1:24566"


def signed(signer, service, method, path, body=b"", **options):
    """A request as it goes over the wire, signed by botocore."""
    request = AWSRequest(method, URL + path, data=body, headers={"X-Amz-Target": "Some.Operation"})
    signer(Credentials("000000000042", SECRET), service, "eu-west-1", **options).add_auth(request)
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()} | {"host": parts.netloc}
    return Request(method, parts.path or "/", parts.query, headers, body)


def check(request, secret=SECRET, later=timedelta()):
    verify(request, read_claim(request), secret, datetime.now(UTC) + later)


REQUESTS = {
    "json": lambda: signed(SigV4Auth, "dynamodb", "POST", "/", b'{"TableName": "x"}'),
    "empty body": lambda: signed(SigV4Auth, "sts", "GET", "/"),
    "path to encode again": lambda: signed(SigV4Auth, "lambda", "GET", "/2015-03-31/functions/a%3Ab/x%20y"),
    "query": lambda: signed(SigV4Auth, "iam", "GET", "/?b=2&a=1&c=a%2Fb%20c&d"),
    "object": lambda: signed(S3SigV4Auth, "s3", "PUT", "/bucket/a%20dir/%C3%BC%2Bx%3D1~%2A.csv", b"content"),
    "listing": lambda: signed(S3SigV4Auth, "s3", "GET", "/bucket?list-type=2&prefix=a%20dir%2F&delimiter="),
    "presigned": lambda: signed(S3SigV4QueryAuth, "s3", "GET", "/bucket/a%20dir/%C3%BC.csv", expires=60),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_what_botocore_signs_is_taken(kind):
    check(REQUESTS[kind]())


@pytest.mark.parametrize("kind", REQUESTS)
def test_another_secret_is_refused(kind):
    with pytest.raises(SignatureRefused) as refusal:
        check(REQUESTS[kind](), secret="another")
    assert refusal.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "change",
    [{"body": b"{}"}, {"method": "PUT"}, {"path": "/x"}, {"query": "a=1"}, {"headers": {"x-amz-target": "Other.Operation"}}],
    ids=str,
)
def test_a_request_changed_on_the_way_is_refused(change):
    request = REQUESTS["json"]()
    if "headers" in change:
        change = {"headers": request.headers | change["headers"]}
    with pytest.raises(SignatureRefused) as refusal:
        check(dataclasses.replace(request, **change))
    assert refusal.value.code == "SignatureDoesNotMatch"


def test_the_content_of_an_object_is_held_against_its_stated_hash():
    with pytest.raises(SignatureRefused, match="x-amz-content-sha256"):
        check(dataclasses.replace(REQUESTS["object"](), body=b"other"))


@pytest.mark.parametrize("later", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_an_old_signature_and_one_from_the_future_are_refused(later):
    with pytest.raises(SignatureRefused) as refusal:
        check(REQUESTS["json"](), later=later)
    assert refusal.value.code == "RequestTimeTooSkewed"


def test_a_presigned_url_ends():
    with pytest.raises(SignatureRefused) as refusal:
        check(REQUESTS["presigned"](), later=timedelta(seconds=61))
    assert refusal.value.code == "RequestExpired"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationToken"),
        ({"authorization": "Basic abc"}, "UnsupportedSignature"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=a"}, "IncompleteSignature"),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=x", "x-amz-date": "x"},
            "IncompleteSignature",
        ),
        ({"authorization": "AWS4-HMAC-SHA256 nonsense"}, "IncompleteSignature"),
    ],
)
def test_what_is_no_signature_is_refused(headers, code):
    with pytest.raises(SignatureRefused) as refusal:
        check(Request("POST", "/", "", headers, b""))
    assert refusal.value.code == code
