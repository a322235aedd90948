# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Selection rules and their filters."""

from __future__ import annotations

from typing import Any

import pytest

from .rules import column_filter, mappings, select
from .site import Site

# Name of a table: its filters, and the ids that pass them. Rows: 1 to 8; "word" is NULL for 8; "born" is 2026-01-<id>.
FILTERS: dict[str, tuple[list[dict[str, Any]], list[int]]] = {
    "eq": ([column_filter("id", ("eq", "3"))], [3]),
    "noteq": ([column_filter("id", ("noteq", "3"))], [1, 2, 4, 5, 6, 7, 8]),
    "gte": ([column_filter("id", ("gte", "6"))], [6, 7, 8]),
    "lte": ([column_filter("id", ("lte", "2"))], [1, 2]),
    "ste": ([column_filter("id", ("ste", "2"))], [1, 2]),
    "between": ([column_filter("id", ("between", "2", "4"))], [2, 3, 4]),
    "notbetween": ([column_filter("id", ("notbetween", "2", "7"))], [1, 8]),
    "null": ([column_filter("word", ("null",))], [8]),
    "notnull": ([column_filter("word", ("notnull",))], [1, 2, 3, 4, 5, 6, 7]),
    "text": ([column_filter("word", ("eq", "it's"))], [5]),
    "date": ([column_filter("born", ("gte", "2026-01-07"))], [7, 8]),
    "conditions": ([column_filter("id", ("lte", "2"), ("between", "4", "5"), ("gte", "8"))], [1, 2, 4, 5, 8]),
    "filters": ([column_filter("id", ("gte", "4")), column_filter("born", ("lte", "2026-01-05 00:00:00"))], [4, 5]),
}


@pytest.fixture(scope="module")
def filtered(site: Site) -> dict[str, list[int]]:
    """The ids that a load with one filtered table for each case brought."""
    schema = site.schema()
    for name in FILTERS:
        site.execute(f"CREATE TABLE f_{name} (id INT PRIMARY KEY, word VARCHAR(20), born DATETIME)")
        rows = [(n, None if n == 8 else "it's" if n == 5 else "other", f"2026-01-{n:02d}") for n in range(1, 9)]
        site.execute(f"INSERT INTO f_{name} VALUES (%s, %s, %s)", *rows)  # noqa: S608 - a name from above
    rules = [select(schema, f"f_{name}", filters=filters) for name, (filters, _) in FILTERS.items()]
    _, folder = site.load(mappings(*rules))
    return {name: [int(row[1]) for row in site.rows(f"{folder}/{schema}/f_{name}/")] for name in FILTERS}


@pytest.mark.behaviour("filters.operators")
@pytest.mark.parametrize("name", ["eq", "noteq", "gte", "lte", "ste", "between", "notbetween", "null", "notnull"])
def test_an_operator(filtered: dict[str, list[int]], name: str) -> None:
    assert filtered[name] == FILTERS[name][1]


@pytest.mark.behaviour("filters.values")
@pytest.mark.parametrize("name", ["text", "date"])
def test_values_are_compared_as_the_type_of_the_column(filtered: dict[str, list[int]], name: str) -> None:
    assert filtered[name] == FILTERS[name][1]


@pytest.mark.behaviour("filters.conditions_are_alternatives")
def test_of_the_conditions_of_a_filter_one_suffices(filtered: dict[str, list[int]]) -> None:
    assert filtered["conditions"] == FILTERS["conditions"][1]


@pytest.mark.behaviour("filters.all_must_pass")
def test_all_filters_must_be_passed(filtered: dict[str, list[int]]) -> None:
    assert filtered["filters"] == FILTERS["filters"][1]


@pytest.fixture(scope="module")
def tables(site: Site) -> str:
    schema = site.schema()
    for name in ("orders", "orders_old", "order_a", "order_b", "tmp_one"):
        site.execute(f"CREATE TABLE {name} (id INT PRIMARY KEY)")
        site.execute(f"INSERT INTO {name} VALUES (1)")  # noqa: S608 - a name from above
    return schema


def selected(site: Site, schema: str, *rules: dict[str, Any]) -> set[str]:
    _, folder = site.load(mappings(*rules))
    return {key.split("/")[-2] for key in site.keys(f"{folder}/{schema}/")}


@pytest.mark.behaviour("selection.exclude")
def test_an_exclusion_takes_from_what_is_included(site: Site, tables: str) -> None:
    found = selected(site, tables, select(tables), select(tables, "tmp%", "exclude"), select(tables, "%old", "exclude"))
    assert found == {"orders", "order_a", "order_b"}


@pytest.mark.behaviour("selection.explicit")
def test_an_explicit_rule_selects_one_table(site: Site, tables: str) -> None:
    assert selected(site, tables, select(tables, "orders", "explicit")) == {"orders"}


@pytest.mark.behaviour("selection.wildcards")
@pytest.mark.parametrize(
    ("pattern", "found"),
    [("order_", {"orders"}), ("order[_]%", {"order_a", "order_b"}), ("order[_][b-z]", {"order_b"})],
)
def test_wildcards(site: Site, tables: str, pattern: str, found: set[str]) -> None:
    assert selected(site, tables, select(tables, pattern)) == found
