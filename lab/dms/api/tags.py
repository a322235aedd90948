# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tags of resources."""

from __future__ import annotations

from typing import Any

from lab.dms.api.store import Store


def given(params: dict[str, Any]) -> dict[str, str]:
    """The tags of a create call."""
    return {tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", [])}


class Tags:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            self._store.get_any(params["ResourceArn"]).tags.update(given(params))
        return {}

    def remove(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            tags = self._store.get_any(params["ResourceArn"]).tags
            for key in params["TagKeys"]:
                tags.pop(key, None)
        return {}

    def list(self, params: dict[str, Any]) -> dict[str, Any]:
        arns = [params["ResourceArn"]] if "ResourceArn" in params else params.get("ResourceArnList", [])
        return {
            "TagList": [
                {"Key": k, "Value": v, "ResourceArn": arn} for arn in arns for k, v in sorted(self._store.get_any(arn).tags.items())
            ]
        }
