# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The ids of the lab's network, as the site file states them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
