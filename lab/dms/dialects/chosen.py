# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Which dialect a task's files are written in: the service's own, or one that was chosen for the task."""

from __future__ import annotations

from typing import Any

from lab.dms.dialects.dialect import DIALECTS, Dialect


class ChosenDialects:
    """A choice holds for runs that begin after it, until the service ends."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._by_task: dict[str, str] = {}

    def choose(self, name: str, task: str = "") -> None:
        """``task``: its identifier or ARN; "" for all tasks without their own. Raises ValueError for a name that there is not."""
        if name not in DIALECTS:
            raise ValueError(f"there is no dialect {name!r}; there are {', '.join(DIALECTS)}")
        if task:
            self._by_task[task] = name
        else:
            self._default = name

    def of(self, *names: str) -> Dialect:
        """The dialect of the task with these names."""
        chosen = next((self._by_task[name] for name in names if name in self._by_task), self._default)
        return DIALECTS[chosen]

    def to_json(self) -> dict[str, Any]:
        return {
            "dialects": [{"name": dialect.name, "summary": dialect.summary} for dialect in DIALECTS.values()],
            "default": self._default,
            "tasks": dict(self._by_task),
        }
