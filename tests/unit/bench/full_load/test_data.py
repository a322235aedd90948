# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from bench.full_load.data import CHARGE, NULL_MARKER, stage_charges, staged_record
from bench.process import REPOSITORY


@pytest.mark.parametrize(
    ("field", "staged"),
    [
        ("plain", "plain"),
        (r"\N", NULL_MARKER),
        (r"\\N", r"\N"),
        ("", ""),
        ("a,b", '"a,b"'),
        ('say "hi"', '"say ""hi"""'),
        (r"one\ntwo\r", '"one\ntwo\r"'),
        (r"tab\tstop", "tab\tstop"),
        (r"back\\slash\\n", r"back\slash\n"),
    ],
)
def test_a_field_is_staged_as_dms_stages_it(field: str, staged: str) -> None:
    assert staged_record(f"1\t{field}\t2") == f"I,1,{staged},2,,,\n"


def test_the_staged_file_has_the_wanted_rows_and_the_width_of_the_table(tmp_path: Path) -> None:
    stage_charges(tmp_path / "charges.csv", 1_500)
    with (tmp_path / "charges.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1_500
    assert {len(row) for row in rows} == {1 + len(CHARGE.columns) + 1 + len(CHARGE.primary_key)}
    assert {row[0] for row in rows} == {"I"}
    assert any(NULL_MARKER in row for row in rows)


def test_the_table_is_the_one_of_the_example() -> None:
    schema = (REPOSITORY / "examples" / "billing" / "schema.sql").read_text(encoding="utf-8")
    body = re.search(r"CREATE TABLE charge \((.*?)\n\) ENGINE", schema, re.DOTALL)
    assert body
    lines = [line.split() for line in body[1].split(",\n") if "PRIMARY KEY" not in line]
    assert [(line[0], " NOT NULL" not in " ".join(line)) for line in lines] == [(column.name, column.nullable) for column in CHARGE.columns]
    for line, column in zip(lines, CHARGE.columns, strict=True):
        assert line[1].lower().startswith(column.data_type), column.name
