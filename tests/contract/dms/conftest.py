# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The site of the contract tests: the lab, or AWS if the environment says so."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.lab import lab

from .places import SWITCH, aws, the_lab
from .site import Site

__all__ = ["lab"]


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    prefix = f"c{secrets.token_hex(3)}"
    choice = os.environ.get(SWITCH, "lab")
    if choice not in ("aws", "lab"):
        pytest.fail(f"{SWITCH} is {choice!r}; it may be aws or lab", pytrace=False)
    with ExitStack() as later:
        place = aws() if choice == "aws" else the_lab(request.getfixturevalue("lab"), prefix, later)
        made = Site(place, prefix, later)
        later.callback(made.remove_files)
        try:
            yield made
        finally:
            made.remove_all()
