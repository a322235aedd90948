# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How the lab tells what it does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

Say = Callable[[str], None]


class OutputClosed(Exception):
    """Whoever read our output, such as ``head``, has enough of it."""


def say(line: str) -> None:
    """Raises OutputClosed."""
    try:
        print(line, flush=True)  # noqa: T201 - this is the output
    except BrokenPipeError:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputClosed from None
