# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab that the tests here work on."""

from __future__ import annotations

from tests.support.lab import lab

__all__ = ["lab"]
