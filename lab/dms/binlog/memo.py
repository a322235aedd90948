# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Texts by what they were made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key", bytes, int)
Text = TypeVar("Text")


class Memo(dict[Key, Text]):
    """Answers the text of some bytes or of a number, and keeps it: days, prices and states come again and again. Bounded."""

    def __init__(self, make: Callable[[Key], Text], entries: int = 16384) -> None:
        super().__init__()
        self._make: Callable[[Key], Text] = make
        self._entries = entries

    def __missing__(self, key: Key) -> Text:
        if len(self) >= self._entries:
            self.clear()
        text: Text = self._make(key)
        self[key] = text
        return text
