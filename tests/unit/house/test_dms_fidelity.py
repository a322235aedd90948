# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""The table of docs/dms-fidelity.md and the contract tests name the same behaviours, and the table and the dialects the same questions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

from lab.dms.dialects.dialect import DIALECTS, Dialect

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "dms-fidelity.md"
TESTS = ROOT / "tests" / "contract" / "dms"
QUESTIONS = {field.name for field in fields(Dialect)} - {"name", "summary"}


@cache
def table() -> tuple[tuple[str, ...], ...]:
    """The rows of all areas: behaviour, what, where documented, where tested, open."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return tuple(tuple(row) for row in rows if len(row) == 5 and re.fullmatch(r"`[a-z_]+\.[a-z_0-9]+`", row[0]))


def contract_tests() -> Iterator[tuple[str, str, list[str]]]:
    """File, name and behaviours of each contract test."""
    for file in sorted(TESTS.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                calls = [mark for mark in node.decorator_list if isinstance(mark, ast.Call)]
                marks = [mark for mark in calls if ast.unparse(mark.func) == "pytest.mark.behaviour"]
                yield file.name, node.name, [ast.literal_eval(mark.args[0]) for mark in marks]


def test_each_contract_test_is_about_one_behaviour() -> None:
    assert [(file, name) for file, name, behaviours in contract_tests() if len(behaviours) != 1] == []


def test_each_behaviour_is_in_the_table_and_tested_where_it_says() -> None:
    told = [(row[0].strip("`"), row[3]) for row in table()]
    found = {(behaviour, f"[{file}](../tests/contract/dms/{file})") for file, _, behaviours in contract_tests() for behaviour in behaviours}
    assert len(told) == len(set(told))
    assert sorted(told) == sorted(found)


def test_each_behaviour_is_documented_somewhere() -> None:
    links = set(re.findall(r"^\[([^]]+)\]: https://docs\.aws\.amazon\.com/dms/", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    sources = [row[2] for row in table()]
    assert [source for source in sources if not source] == []
    assert {name for source in sources for name in re.findall(r"\[([^]]+)\]", source)} == links


def open_questions() -> dict[str, str]:
    """Each field of a dialect that the table names, and what it says of the field's values."""
    parts = [part.split(":", 1) for row in table() for part in row[4].split("; ") if part]
    return {field.strip("` "): values for field, values in parts}


def test_each_open_question_is_a_field_of_the_dialect() -> None:
    assert set(open_questions()) == QUESTIONS


def test_the_table_names_every_answer() -> None:
    told = open_questions()
    answers = {(field, str(getattr(dialect, field))) for dialect in DIALECTS.values() for field in QUESTIONS}
    named = {(field, answer) for field, answer in answers if answer not in ("", "True", "False")}
    assert [(field, answer) for field, answer in sorted(named) if f"`{answer}`" not in told[field]] == []
