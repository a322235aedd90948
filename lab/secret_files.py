# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Passwords and keys of the lab: random, one file each, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Create or replace a file that only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def new_secret(folder: Path, name: str) -> str:
    """A fresh random secret, kept as one line in ``folder/name``."""
    secret = secrets.token_urlsafe(30)
    write_private(folder / name, secret + "\n")
    return secret


def read_secret(folder: Path, name: str) -> str:
    """The secret that ``new_secret`` kept."""
    return (folder / name).read_text(encoding="utf-8").rstrip("\n")
