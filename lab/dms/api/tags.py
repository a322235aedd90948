# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tags of resources."""

from __future__ import annotations

from typing import Any

from lab.dms.api.store import Resource, Store
from lab.dms.faults import invalid_combination, invalid_value, wrong_state

# ``Tag`` of the API reference.
LONGEST_KEY = 128
LONGEST_VALUE = 256
RESERVED = ("aws:", "dms:")
SIGNS = "_.:/=+-"


def given(params: dict[str, Any]) -> dict[str, str]:
    """The tags of a call. Raises Fault."""
    tags = {tag.get("Key", ""): tag.get("Value", "") for tag in params.get("Tags", [])}
    for key, value in tags.items():
        if not key or not _valid(key, LONGEST_KEY) or not _valid(value, LONGEST_VALUE):
            raise invalid_value(
                f"The tag {key} is not valid: a key has up to {LONGEST_KEY} characters and a value up to {LONGEST_VALUE}, letters, digits, "
                f"blanks and {SIGNS}, and neither begins with {' or '.join(RESERVED)}."
            )
    return tags


def _valid(text: str, longest: int) -> bool:
    known = all(sign.isalnum() or sign.isspace() or sign in SIGNS for sign in text)
    return known and len(text) <= longest and not text.lower().startswith(RESERVED)


class Tags:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            self._present(params["ResourceArn"]).tags.update(given(params))
        return {}

    def remove(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            tags = self._present(params["ResourceArn"]).tags
            for key in params["TagKeys"]:
                tags.pop(key, None)
        return {}

    def list(self, params: dict[str, Any]) -> dict[str, Any]:
        if ("ResourceArn" in params) == ("ResourceArnList" in params):
            raise invalid_combination("Give either ResourceArn or ResourceArnList.")
        arns = [params["ResourceArn"]] if "ResourceArn" in params else params.get("ResourceArnList", [])
        return {
            "TagList": [
                {"Key": k, "Value": v, "ResourceArn": arn} for arn in arns for k, v in sorted(self._store.get_any(arn).tags.items())
            ]
        }

    def _present(self, arn: str) -> Resource:
        """A resource that stays. Raises Fault."""
        resource = self._store.get_any(arn)
        if resource.status == "deleting":
            raise wrong_state(f"Resource {arn} is being deleted.")
        return resource
