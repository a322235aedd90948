# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Table mappings for unit tests."""

from __future__ import annotations

import json
from typing import Any


def mappings_text(*transformations: dict[str, Any], filters: list[dict[str, Any]] | None = None) -> str:
    """All tables are selected, with filters shop.orders alone. Of each transformation what all have in common is filled in."""
    everywhere = {"object-locator": {"schema-name": "%", "table-name": "%"}}
    selection: dict[str, Any] = {"rule-type": "selection", "rule-action": "include", **everywhere}
    if filters:
        selection |= {"filters": filters, "object-locator": {"schema-name": "shop", "table-name": "orders"}}
    column = {"rule-type": "transformation", "rule-target": "column", **everywhere}
    rules = [selection, *({**column, **rule} for rule in transformations)]
    return json.dumps({"rules": [{"rule-id": str(n), "rule-name": str(n), **rule} for n, rule in enumerate(rules, 1)]})
