# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""AWS Signature Version 4 for many alike POST requests (AWS General Reference, "Signature Version 4 signing process").

What does not change between two requests of the same second is computed once: the signing key, the canonical headers, the scope.
A request then costs two SHA-256 and one HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from .aws import Credentials


class Signer:
    """Signs POST requests to ``/`` that have these headers, at this moment, with these credentials.

    ``headers``: all headers to be signed but the date and the session token; ``moment``: UTC. ``headers`` as an attribute holds
    the complete set to be sent, in the order in which they are signed, without ``Authorization``.
    """

    def __init__(self, credentials: Credentials, region: str, service: str, headers: Mapping[str, str], moment: datetime) -> None:
        stamp = moment.strftime("%Y%m%dT%H%M%SZ")
        day = stamp[:8]
        whole = {name.lower(): " ".join(value.split()) for name, value in headers.items()} | {"x-amz-date": stamp}
        if credentials.token:
            whole["x-amz-security-token"] = credentials.token
        self.headers = dict(sorted(whole.items()))
        names = ";".join(self.headers)
        scope = f"{day}/{region}/{service}/aws4_request"
        lines = "".join(f"{name}:{value}\n" for name, value in self.headers.items())
        self._canonical = hashlib.sha256(f"POST\n/\n\n{lines}\n{names}\n".encode())
        self._to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n"
        self._authorization = f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature="
        key = f"AWS4{credentials.secret_key}".encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = key

    def authorization(self, body: bytes) -> str:
        """Value of the ``Authorization`` header for this body."""
        request = self._canonical.copy()
        request.update(hashlib.sha256(body).hexdigest().encode())
        return self._authorization + hmac.digest(self._key, (self._to_sign + request.hexdigest()).encode(), "sha256").hex()
