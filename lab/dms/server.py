# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""HTTP of the DMS API: JSON 1.1, the operation named in ``X-Amz-Target``; beside it, the lab's own switches."""

from __future__ import annotations

import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab.dms.admin.api import PREFIX
from lab.dms.api.service import Service
from lab.dms.api.service_model import TARGET_PREFIX
from lab.dms.faults import Fault

CONTENT_TYPE = "application/x-amz-json-1.1"
LARGEST_REQUEST = 16 * 1024 * 1024

_log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """One service on one loopback port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, service: Service) -> None:
        self.service = service
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Health, for whoever starts the service."""
        if not self._administered():
            self._answer(200, {"service": "dms", "operations": self.server.service.operations})

    def do_DELETE(self) -> None:
        if not self._administered():
            self._answer(405, {"__type": "MethodNotAllowed", "message": "The API is called by POST."})

    def do_POST(self) -> None:
        if self._administered():
            return
        try:
            self._answer(200, self.server.service.call(self._operation(), self._parameters()))
        except Fault as fault:
            self._answer(400, {"__type": fault.code, "message": fault.message})
        except Exception:
            _log.exception("request failed")
            self._answer(500, {"__type": "InternalFailure", "message": "The replication service failed; see its log."})

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)

    def _administered(self) -> bool:
        """Answer a request for one of the lab's switches; was it one?"""
        if not self.path.startswith(PREFIX):
            return False
        try:
            status, document = self.server.service.admin.answer(self.command, self.path, self._body())
        except Fault as fault:
            status, document = 400, {"message": fault.message}
        self._answer(status, document)
        return True

    def _operation(self) -> str:
        service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        if service != TARGET_PREFIX:
            raise Fault("UnknownOperationException", f"X-Amz-Target must begin with {TARGET_PREFIX}.")
        return operation

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length", 0))
        if length > LARGEST_REQUEST:
            self.close_connection = True
            raise Fault("RequestEntityTooLarge", f"The request is larger than {LARGEST_REQUEST} bytes.")
        return self.rfile.read(length)

    def _parameters(self) -> dict[str, Any]:
        try:
            parameters = json.loads(self._body() or b"{}")
        except ValueError:
            raise Fault("SerializationException", "The request is not JSON.") from None
        if not isinstance(parameters, dict):
            raise Fault("SerializationException", "The request is not a JSON object.")
        return parameters

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
