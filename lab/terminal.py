# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How the lab tells what it does."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is the output
