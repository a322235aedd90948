# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The rules that AWS sets for names that people choose."""

from __future__ import annotations

import re
from typing import Any

from lab.dms.api.store import Store
from lab.dms.faults import already_exists, invalid_value

_RULE = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")


def checked(member: str, value: str) -> str:
    """The identifier in lower case, as the service keeps it. Raises Fault."""
    if not _RULE.fullmatch(value):
        raise invalid_value(
            f"The parameter {member} must begin with a letter, contain only ASCII letters, digits and hyphens, "
            f"not end with a hyphen and not contain two consecutive hyphens: {value}"
        )
    return value.lower()


def fresh(store: Store, kind: str, member: str, params: dict[str, Any], title: str) -> str:
    """The identifier of a resource to be created. Raises Fault where it is taken."""
    identifier = checked(member, params[member])
    if store.named(kind, identifier) is not None:
        raise already_exists(f"{title} {identifier} already exists.")
    return identifier


def arn_part(params: dict[str, Any]) -> str:
    """The last part of the ARN that the caller wishes, or nothing. Raises Fault."""
    wish = str(params.get("ResourceIdentifier", ""))
    if wish and (len(wish) > 31 or not _RULE.fullmatch(wish)):
        raise invalid_value(f"The parameter ResourceIdentifier is not valid: {wish}")
    return wish
