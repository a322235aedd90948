# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import pytest

from bench.__main__ import judge
from bench.line import Line, table

PAIRS = [(1.0, 30.0), (2.0, 20.0), (1.0, 11.0)]


def test_the_ratio_is_the_median_over_pairs_not_the_ratio_of_medians() -> None:
    line = Line.of_pairs("load", "rows", "s", "peer", PAIRS)
    assert (line.ours, line.peer_value, line.ratio, line.pairs) == (1.0, 20.0, 11.0, 3)


def test_a_line_has_the_fields_of_the_result_file() -> None:
    line = Line.of_pairs("load", "rows", "s", "peer", PAIRS, must=10, aim=18)
    assert list(line.to_json()) == ["name", "work", "unit", "ours", "peer", "peer_value", "ratio", "must", "aim", "pairs", "most"]


@pytest.mark.parametrize(("must", "code"), [(10.0, 0), (11.0, 0), (11.5, 1), (None, 0)])
def test_the_bench_fails_where_a_line_misses_what_it_must_reach(must: float | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge([Line.of_pairs("load", "rows", "s", "peer", PAIRS, must=must)]) == code
    assert ("MISSED: load" in capsys.readouterr().out) == bool(code)


@pytest.mark.parametrize(("most", "code"), [(1.0, 0), (0.9, 1)])
def test_the_bench_fails_where_our_own_value_is_too_large(most: float, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge([Line.of_pairs("load", "rows", "s", "peer", PAIRS, must=10, most=most)]) == code
    assert ("must be 10 times better than peer and must be at most 0.9 s" in capsys.readouterr().out) == bool(code)


def test_the_table_has_a_line_of_equal_width_for_each() -> None:
    lines = table([Line.of_pairs("a", "rows", "s", "peer", PAIRS, must=10), Line.of_pairs("longer", "rows", "CPU-s", "p", PAIRS)]).split(
        "\n"
    )
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert "11.0x" in lines[1]
