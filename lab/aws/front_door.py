# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What stands in front of the emulator: the signature check, the throttle, and the lab's own switches."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from ministack.core.iam_actions import access_denied_response
from ministack.core.iam_evaluator import ResolvedCredential, is_root_access_key, resolve_credential
from ministack.core.router import detect_service

from lab import manners_api
from lab.aws.asgi import Application, Disconnected, Receive, Request, Scope, Send, read_request, replay, respond, respond_json
from lab.aws.sigv4 import SignatureRefused, read_claim, verify
from lab.aws.throttle import MESSAGE, THROTTLE_PATH, BadThrottle, Throttle, Throttles, Verdict
from lab.config import ACCOUNT
from lab.manners import Manners

# The emulator's own pages (health, reset) are no AWS requests, and nobody signs them.
UNSIGNED = ("/_ministack/",)
# Amazon DynamoDB Developer Guide, "Quotas": a BatchWriteItem request has at most 16 MB.
MAX_DYNAMODB_BYTES = 16 * 1024 * 1024
THROTTLED = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"

SecretOf = Callable[[str], str | None]


class FrontDoor:
    """An ASGI application around another. ``secret``: the secret access key of the lab's one credential; ``manners``: the emulator's."""

    def __init__(self, emulator: Application, secret: str, manners: Manners) -> None:
        self._emulator = emulator
        self._secret = secret
        self._manners = manners
        self._throttles = Throttles()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNSIGNED):
            await self._emulator(scope, receive, send)
            return
        try:
            request = await read_request(scope, receive)
        except Disconnected:
            return
        if request.path == THROTTLE_PATH:
            await self._set_throttle(request, send)
            return
        if request.path == manners_api.PATH:
            status, document = manners_api.answer(self._manners, request.method, request.query, request.body)
            await respond_json(send, status, document)
            return
        try:
            self._check_signature(request)
        except SignatureRefused as refusal:
            await _refuse(request, refusal, send)
            return
        if len(request.body) > MAX_DYNAMODB_BYTES and request.headers.get("x-amz-target", "").startswith("DynamoDB_"):
            await respond_json(send, 413, {"message": "Request exceeds 16 MB"}, error="RequestEntityTooLarge")
            return
        verdict = self._throttles.judge(request)
        if verdict is None:
            await self._emulator(scope, replay(request, receive), send)
        else:
            await self._throttle(verdict, request, scope, receive, send)

    def _check_signature(self, request: Request) -> None:
        claim = read_claim(request)
        secret = self._secret_of(claim.key_id)
        if secret is None:
            raise SignatureRefused("UnrecognizedClientException", "The security token included in the request is invalid.")
        verify(request, claim, secret, datetime.now(UTC))

    def _secret_of(self, key_id: str) -> str | None:
        """The lab's own secret, or that of a key which the emulator itself gave out (IAM users, assumed roles)."""
        if key_id == ACCOUNT:
            return self._secret
        if is_root_access_key(key_id):
            return None
        credential = resolve_credential(key_id, ACCOUNT)
        return credential.secret_access_key if isinstance(credential, ResolvedCredential) else None

    async def _set_throttle(self, request: Request, send: Send) -> None:
        """POST sets, GET shows."""
        if request.method == "POST":
            try:
                self._throttles.set(Throttle.from_json(json.loads(request.body)))
            except ValueError as error:  # bad JSON and BadThrottle alike
                await respond_json(send, 400, {"message": str(error)}, error=BadThrottle.__name__)
                return
        await respond_json(send, 200, self._throttles.to_json())

    async def _throttle(self, verdict: Verdict, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        if verdict.refused:
            await respond_json(send, 400, {"message": MESSAGE}, error=THROTTLED)
            return
        partial = Request(request.method, request.path, request.query, request.headers, verdict.body)
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"content-length"]
        scope = {**scope, "headers": [*headers, (b"content-length", str(len(verdict.body)).encode())]}
        answer = bytearray()
        status = 500

        async def collect(message: dict[str, object]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(str(message["status"]))
            else:
                answer.extend(bytes(message.get("body", b"")))  # type: ignore[call-overload]

        await self._emulator(scope, replay(partial, receive), collect)
        document = json.loads(answer)
        if status == 200:
            document["UnprocessedItems"] = verdict.unprocessed
        await respond_json(send, status, document)


async def _refuse(request: Request, refusal: SignatureRefused, send: Send) -> None:
    """The refusal in the words and the format of the service that was asked."""
    query = parse_qs(request.query, keep_blank_values=True)
    service = detect_service(request.method, request.path, request.headers, query)
    status, headers, body = access_denied_response(
        service, "", "", str(uuid.uuid4()), error_code=refusal.code, message=refusal.message, headers=request.headers
    )
    await respond(send, status, headers, b"" if request.method == "HEAD" else body)
