# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from landbridge.adapters import html_report
from landbridge.adapters.html_report import render_html
from landbridge.errors import InvalidInput
from landbridge.monitor.report import build_report

from tests.fixtures.reports import entity, site

TIMINGS = {"provision": 12.0, "full_load": 75.0, "validate": 3900.0}


class Reader(HTMLParser):
    """The text of a page, its tags, and whether they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag: str, style: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag and style in (attributes.get("class") or "").split()]


def report(**changes: Any) -> dict[str, Any]:
    entities = changes.pop("entities", [entity("ORDER", 1_234_567), entity("LINE", 5)])
    return build_report(entities, changes.pop("timings", TIMINGS), {}, site(changes.pop("migration", "shop")), version="1.2.3", **changes)


def test_the_page_is_well_formed_and_shows_the_figures_of_every_entity() -> None:
    page = Reader(render_html(report()))
    assert page.open == []
    for shown in ("Source and target are equal", "ORDER", "1,234,567", "LINE", "Migration shop, run r7", "1 min 15 s", "1 h 05 min"):
        assert shown in page.text
    assert page.text.count("1,234,572") >= 3  # source, staged and items in all


def test_an_unequal_entity_is_named_in_the_headline() -> None:
    page = Reader(render_html(report(entities=[entity("ORDER", 10), entity("LINE", 5, items=3, equal=False, target="f" * 32)])))
    assert "Source and target differ" in page.text
    assert "Not equal: LINE." in page.text
    assert "f" * 32 in page.text
    assert len(page.attributes("td", "bad")) == 2  # the entity's and the last line's
    assert len(page.attributes("rect", "differs")) == 1


def test_items_that_nobody_knows_are_named_in_the_headline() -> None:
    page = Reader(render_html(report(foreign={"Shop / STRANGER": 3})))
    assert "Source and target differ" in page.text
    assert "Shop / STRANGER: 3 items that the contract does not know" in page.text


def test_nothing_compared_is_no_success() -> None:
    page = Reader(render_html(report(entities=[], timings={})))
    assert "Nothing was compared" in page.text
    assert "Source and target are equal" not in page.text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "{{ 7 * 7 }}", "{% raw %}"])
def test_text_is_never_markup_nor_a_template(text: str) -> None:
    page = Reader(render_html(report(entities=[entity(text, 3, equal=False)], migration=text, foreign={text: 1}, timings={text: 1.0})))
    assert text in page.text
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})


def test_bars_are_to_scale_and_small_ones_stay_visible() -> None:
    page = Reader(render_html(report(entities=[entity("BIG", 1_000_000), entity("HALF", 500_000), entity("TINY", 1), entity("NONE", 0)])))
    widths = [float(bar["width"] or 0) for bar in page.attributes("rect", "source") if bar["height"] == "14"]
    assert widths == [560.0, 280.0, 2.0, 0.0]


def test_stages_follow_each_other() -> None:
    page = Reader(render_html(report(timings={"a": 1.0, "b": 2.0, "c": 1.0})))
    bars = [(float(bar["x"] or 0), float(bar["width"] or 0)) for bar in page.attributes("rect", "target") if bar["height"] == "18"]
    assert bars == [(230.0, 140.0), (370.0, 280.0), (650.0, 140.0)]


def test_the_page_needs_nothing_from_outside() -> None:
    page = render_html(report())
    assert not re.search(r"https?://|url\(|@import|<link|<script", page)


def test_without_jinja2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_report, "jinja2", None)
    with pytest.raises(InvalidInput) as caught:
        render_html(report())
    assert "jinja2" in caught.value.remedy
