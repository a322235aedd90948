# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Logical ids: the names of resources within a CloudFormation template."""

from __future__ import annotations


def logical_id(name: str) -> str:
    """CloudFormation's logical names are letters and digits only; the hex keeps two table names apart that differ in the rest."""
    if name.isalnum() and name.isascii():
        return name
    return "".join(c for c in name if c.isascii() and c.isalnum()) + "X" + name.encode().hex()
