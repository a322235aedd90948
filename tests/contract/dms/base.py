# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the source, the bucket and DMS have in common in a contract test: a place, names, and waiting."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from .places import Place


class Base:
    """Names begin with ``prefix``; all files lie below it in the bucket. ``later``: what undoes what was made, newest first."""

    def __init__(self, place: Place, prefix: str, later: ExitStack) -> None:
        self.place = place
        self.prefix = prefix
        self.later = later

    def client(self, service: str) -> Any:
        return self.place.client(service)

    def name(self, word: str) -> str:
        return f"{self.prefix}-{word}-{secrets.token_hex(3)}"

    def either(self, field: str, answers: Mapping[object, Any]) -> list[Any]:
        """What a test may find where the documentation is silent: on the lab what its dialect says in ``field``, elsewhere any answer."""
        if self.place.dialect is None:
            return list(answers.values())
        return [answers[getattr(self.place.dialect, field)]]

    def wait(self, answer: Callable[[], Any], what: str) -> Any:
        """The first true answer."""
        deadline = time.monotonic() + self.place.patience
        while time.monotonic() < deadline:
            if got := answer():
                return got
            time.sleep(self.place.poll)
        raise AssertionError(f"{what}: not within {self.place.patience} seconds")
