# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Documents of which only the newest state counts."""

from __future__ import annotations

from typing import Any

from .documents import Document, Documents


def save_latest(documents: Documents, name: str, kind: str, body: dict[str, Any]) -> Document:
    """Write the document in place of any former one. Raises Conflict if somebody else writes it at the same moment."""
    previous = documents.read(name, kind)
    return documents.create(name, kind, body) if previous is None else documents.replace(previous, body)
