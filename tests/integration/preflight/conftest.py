# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def aws_environment(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process finds the emulator's credentials where a program of the lab would."""
    for name, value in lab.env.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
