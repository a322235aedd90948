# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the lab can tell the engine and AWS could not: its bad manners, and the dialects of its tasks.

Only the engine's own port on the loopback interface answers this; the emulator hands on API calls alone.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from lab import manners_api
from lab.dms.dialects.chosen import ChosenDialects
from lab.manners import Manners

DIALECTS_PATH = "/_lab/dialects"
PREFIX = "/_lab/"


class Admin:
    def __init__(self, manners: Manners, dialects: ChosenDialects) -> None:
        self._manners = manners
        self._dialects = dialects

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and document. ``target``: path and query of the request."""
        parts = urlsplit(target)
        if parts.path == manners_api.PATH:
            return manners_api.answer(self._manners, method, parts.query, body)
        if parts.path == DIALECTS_PATH:
            return self._choose(method, body)
        return 404, {"message": f"there is nothing at {parts.path}; there are {manners_api.PATH} and {DIALECTS_PATH}"}

    def _choose(self, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """GET shows, POST ``{"name", "task"}`` chooses, for all tasks where none is named."""
        if method == "POST":
            try:
                document = json.loads(body)
                if not isinstance(document, dict) or document.keys() - {"name", "task"}:
                    raise ValueError("expected name and task")
                self._dialects.choose(str(document.get("name")), str(document.get("task") or ""))
            except ValueError as error:  # bad JSON too
                return 400, {"message": str(error)}
        elif method != "GET":
            return 405, {"message": f"{method} is not one of GET and POST"}
        return 200, self._dialects.to_json()
