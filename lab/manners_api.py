# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The HTTP face of a service's manners: ``GET``, ``POST`` and ``DELETE`` of one path, JSON both ways."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

from lab.manners import BadManner, Manners

PATH = "/_lab/manners"


def answer(manners: Manners, method: str, query: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and document. GET shows the catalogue, what is armed and what was done; POST arms; DELETE disarms ``?name=...`` or all."""
    try:
        if method == "GET":
            return 200, manners.to_json()
        if method == "POST":
            return 200, {"armed": asdict(manners.arm(_document(body)))}
        if method == "DELETE":
            name = parse_qs(query).get("name", [""])[-1]
            return 200, {"disarmed": [asdict(armed) for armed in manners.disarm(name)]}
    except BadManner as error:
        return 400, {"message": str(error)}
    return 405, {"message": f"{method} is not one of GET, POST and DELETE"}


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise BadManner("the request is not JSON") from None
