# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs the service in this process: one process for a state folder, one for a port."""

from __future__ import annotations

import fcntl
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.config import HOST
from lab.dms.api.service import Service, ServiceConfig
from lab.dms.server import Server
from lab.errors import LabError


def serve(config: ServiceConfig, port: int, *, verbose: bool) -> int:
    """Until SIGTERM or an interrupt by the keyboard; the exit code. Raises LabError where it cannot begin."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Clients log whole requests when asked for details; a request may hold a password.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The folder first: a service that begins takes the tasks that it finds running there for abandoned.
    with _own(config.state):
        service = _service(config)
        with _listening(port, service) as server:
            service.start()
            logging.getLogger(__name__).info("answering on http://%s:%s", HOST, port)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 130
    return 0


@contextmanager
def _own(state: Path) -> Iterator[None]:
    """The state folder, for this process alone. Raises LabError."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (state / "lock").open("w")
    except OSError as error:
        raise LabError(f"The state folder {state} cannot be used: {error.strerror}", "Name another with --state.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError(f"Another process uses the state folder {state}", "End it, or name another folder with --state.") from None
        yield


def _service(config: ServiceConfig) -> Service:
    """Raises LabError."""
    try:
        return Service(config)
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(
            f"What the state folder {config.state} holds is not what this service wrote: {error!r}",
            "Remove the folder to begin without resources, or name another with --state.",
        ) from None


def _listening(port: int, service: Service) -> Server:
    """Raises LabError."""
    try:
        return Server(HOST, port, service)
    except (OSError, OverflowError) as error:
        raise LabError(f"Port {port} of {HOST} cannot be listened on: {error}", "Name a free one with --port.") from None
