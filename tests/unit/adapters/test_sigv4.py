# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import random
import string
from datetime import UTC, datetime, timedelta
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from landbridge.adapters.aws import Credentials
from landbridge.adapters.sigv4 import Signer

WORD = string.ascii_letters + string.digits + "/+=-_."


def botocore_says(
    credentials: Credentials, region: str, service: str, headers: dict[str, str], moment: datetime, body: bytes
) -> dict[str, str]:
    request = botocore.awsrequest.AWSRequest("POST", f"https://{headers['Host']}/", headers=dict(headers), data=body)
    held = botocore.credentials.Credentials(credentials.access_key, credentials.secret_key, credentials.token or None)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        botocore.auth.SigV4Auth(held, service, region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize("seed", range(40))
def test_signs_like_botocore(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def word(longest: int) -> str:
        return "".join(chance.choices(WORD, k=chance.randint(1, longest)))

    credentials = Credentials(word(20), word(40), word(900) if chance.random() < 0.5 else "")
    region, service = chance.choice(["eu-west-1", "us-gov-east-1"]), chance.choice(["dynamodb", "streams"])
    headers = {"Host": f"host{chance.randint(0, 99)}.example:8000", "X-Amz-Target": f"DynamoDB_20120810.{word(12)}"}
    for _ in range(chance.randint(0, 4)):
        headers[f"X-{word(8).translate(str.maketrans('', '', '/+=.'))}a"] = f" {word(5)}   {word(30)} "
    body = chance.randbytes(chance.choice([0, 1, 19_000]))
    moment = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC) + timedelta(seconds=chance.randint(0, 10**8))
    signer = Signer(credentials, region, service, headers, moment)
    theirs = botocore_says(credentials, region, service, headers, moment, body)
    assert signer.authorization(body) == theirs["authorization"]
    assert signer.headers["x-amz-date"] == theirs["x-amz-date"]
    assert signer.headers.get("x-amz-security-token") == theirs.get("x-amz-security-token")


def test_one_signer_serves_many_bodies() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    credentials = Credentials("AKID", "secret", "")
    signer = Signer(credentials, "eu-west-1", "dynamodb", {"Host": "h"}, moment)
    first, second = signer.authorization(b"1"), signer.authorization(b"2")
    assert first != second
    assert first == signer.authorization(b"1")
