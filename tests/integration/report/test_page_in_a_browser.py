# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The report page in a real browser: what it shows, and that no text of a report becomes a part of the page."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from landbridge.adapters.html_report import render_html
from landbridge.monitor.report import build_report

from tests.fixtures.reports import entity, site

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ATTACK = "<script>document.title = 'taken'; document.body.append('taken')</script>"


def dump(page: str, folder: Path) -> str:
    """The page's elements as the browser holds them after it ran what there is to run."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.fail("there is no Chromium on this machine: apt-get install chromium", pytrace=False)
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    command = [browser, *QUIET, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_browser_shows_the_figures_and_runs_nothing(tmp_path: Path) -> None:
    entities = [entity("ORDER", 1_234_567), entity(ATTACK, 89, items=88, rejects=1, equal=False)]
    dom = dump(render_html(build_report(entities, {"full_load": 61.0}, {"generate": 51_234.0}, site(ATTACK), version="1.2.3")), tmp_path)
    body = dom.partition("<body>")[2]
    text = html.unescape(re.sub(r"<[^>]+>", "\n", body))
    for shown in ("1,234,567", "1,234,656", "1 min 01 s", "51,234", "Source and target differ", ATTACK):
        assert shown in text, shown
    assert "<script" not in dom
    assert "<title>taken" not in dom
