# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Checks Signature Version 4 of requests against the one credential of the lab.

The emulator takes any signature under a key id of twelve digits. A client that signs wrongly would work on the lab and nowhere else.
Source: AWS IAM User Guide, "Create a signed AWS API request".
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from lab.aws.asgi import Request

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class SignatureRefused(Exception):
    """``code``: a short word for the reason, in the emulator's vocabulary, which knows what each service answers to it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its own signature. ``expires``: seconds, for a presigned URL only."""

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    time: str
    expires: int | None


def read_claim(request: Request) -> Claim:
    """The signature of a request, in its header or in its URL. Raises SignatureRefused if there is none, or a broken one."""
    header = request.headers.get("authorization")
    try:
        if header is not None:
            algorithm, _, rest = header.partition(" ")
            if algorithm != ALGORITHM:
                raise SignatureRefused("UnsupportedSignature", f"The lab verifies {ALGORITHM} only.")
            parts = dict(part.strip().split("=", 1) for part in rest.split(","))
            time, expires = request.headers["x-amz-date"], None
            return _claim(parts["Credential"], parts["SignedHeaders"], parts["Signature"], time, expires)
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if "X-Amz-Signature" not in query:
            raise SignatureRefused("MissingAuthenticationToken", "Request is missing Authentication Token")
        return _claim(
            query["X-Amz-Credential"],
            query["X-Amz-SignedHeaders"],
            query["X-Amz-Signature"],
            query["X-Amz-Date"],
            int(query["X-Amz-Expires"]),
        )
    except (KeyError, ValueError) as error:
        raise SignatureRefused("IncompleteSignature", "The signature lacks a part, or a part cannot be read.") from error


def _claim(credential: str, signed_headers: str, signature: str, time: str, expires: int | None) -> Claim:
    key_id, date, region, service, end = credential.split("/")
    if end != "aws4_request":
        raise ValueError(credential)
    return Claim(key_id, date, region, service, tuple(signed_headers.split(";")), signature, time, expires)


def verify(request: Request, claim: Claim, secret: str, now: datetime) -> None:
    """Raises SignatureRefused unless the request was signed with ``secret``, whole and lately."""
    _check_time(claim, now)
    payload = _payload_hash(request, claim)
    canonical = "\n".join(
        [
            request.method,
            _canonical_path(request.path, claim.service),
            _canonical_query(request.query),
            "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in claim.signed_headers),
            ";".join(claim.signed_headers),
            payload,
        ]
    )
    scope = f"{claim.date}/{claim.region}/{claim.service}/aws4_request"
    text = f"{ALGORITHM}\n{claim.time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    expected = hmac.new(signing_key(secret, claim.date, claim.region, claim.service), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, claim.signature):
        raise SignatureRefused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
        )


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs one day's requests to one service in one region."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _check_time(claim: Claim, now: datetime) -> None:
    try:
        signed = datetime.strptime(claim.time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise SignatureRefused("IncompleteSignature", "Date must be in ISO-8601 'basic format'.") from error
    if not claim.time.startswith(claim.date):
        raise SignatureRefused("CredentialDateMismatch", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.")
    if claim.expires is not None:
        if not signed - SKEW <= now <= signed + timedelta(seconds=claim.expires):
            raise SignatureRefused("RequestExpired", "Request has expired")
    elif abs(now - signed) > SKEW:
        raise SignatureRefused("RequestTimeTooSkewed", f"Signature expired: {claim.time} is not within 15 minutes of {now:%Y%m%dT%H%M%SZ}")


def _payload_hash(request: Request, claim: Claim) -> str:
    """The hash that was signed. S3 states it in a header, everybody else means the body's."""
    if claim.expires is not None:
        return "UNSIGNED-PAYLOAD"
    stated = request.headers.get("x-amz-content-sha256")
    if stated is not None and (stated == "UNSIGNED-PAYLOAD" or stated.startswith("STREAMING-")):
        return stated
    actual = hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_SHA256
    if claim.service == "s3" and stated is None:
        raise SignatureRefused("IncompleteSignature", "Missing required header for this request: x-amz-content-sha256")
    if stated is not None and stated != actual:
        raise SignatureRefused("SignatureDoesNotMatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
    return actual


def _canonical_path(path: str, service: str) -> str:
    """S3 signs the path as it is on the wire; the others encode it once more."""
    return path if service == "s3" else quote(path or "/", safe="/-_.~")


def _canonical_query(query: str) -> str:
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((_encoded(name), _encoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature")


def _encoded(text: str) -> str:
    return quote(unquote(text.replace("+", "%20")), safe="-_.~")
