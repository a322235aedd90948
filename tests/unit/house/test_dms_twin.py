# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""docs/dms-twin.md names what there is: bad manners, dialects, refused members."""

from __future__ import annotations

import re
from pathlib import Path

from lab.dms.api import instances
from lab.dms.dialects.dialect import DIALECTS
from lab.dms.manners.catalogue import CATALOGUE
from lab.dms.settings import _NOT_BUILT
from lab.dms.targets import settings as s3_settings

ROOT = Path(__file__).resolve().parents[3]
# Of the emulator, whose libraries are not here.
OF_EVENTS = re.findall(r'= "(event-[a-z]+)", "(event-[a-z]+)"', (ROOT / "lab/aws/extensions/event_manners.py").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "dms-twin.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> list[str]:
    """The names in backquotes in the first column of the section's table."""
    return [name for cell in re.findall(r"^\| (`[^|]+) \|", section(title), re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)]


def test_it_names_every_manner() -> None:
    assert first_cells("Bad manners") == [manner.name for manner in CATALOGUE] + list(OF_EVENTS[0])


def test_it_names_every_dialect() -> None:
    assert first_cells("Dialects") == list(DIALECTS)


def test_it_names_what_is_refused() -> None:
    members = [name.rpartition(".")[2] for name in (*s3_settings._UNSUPPORTED, *instances._UNSUPPORTED, *_NOT_BUILT)]
    assert [member for member in members if f"`{member}`" not in section("Limits")] == []
