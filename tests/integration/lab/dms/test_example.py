# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""The example that the twin's page shows does what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.config import DMS_USER

from .waiting import wait

ROOT = Path(__file__).resolve().parents[4]
SCRIPT = ROOT / "examples" / "dms-twin" / "first_task.py"
PAGE = ROOT / "docs" / "dms-twin.md"
ACCOUNT = f"{DMS_USER}@'127.0.0.1'"
LOADED = '--- data/{schema}/item/LOAD00000001.csv\nI,1,screw,0.15\nI,2,"nut, hexagonal",__NULL__\n'
CHANGED = 'U,item,{schema},1,screw,0.17\nD,item,{schema},2,"nut, hexagonal",__NULL__\n'

Example = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def example(lab: Any) -> Iterator[Example]:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), *words]
        return subprocess.run(command, env=lab.env | environment, capture_output=True, text=True, check=False, timeout=120)

    yield run
    run("down")


@pytest.fixture
def items(administrator: Any, execute: Any, schema: str) -> Iterator[str]:
    """The schema, with the table of the page, which the lab's own account for DMS may read."""
    with administrator.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON {schema}.* TO {ACCOUNT}")
        execute("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(40), price DECIMAL(8,2))")
        execute("INSERT INTO item VALUES (1, 'screw', 0.15), (2, 'nut, hexagonal', NULL)")
        yield schema
        cursor.execute(f"REVOKE SELECT ON {schema}.* FROM {ACCOUNT}")  # noqa: S608 - the name is made here


def test_rows_and_changes_arrive_and_all_of_it_is_removed(example: Example, execute: Any, items: str, lab: Any) -> None:
    made = example("up", "--schema", items)
    assert made.returncode == 0, made.stderr
    assert f"{items}.item: 2 rows, Table completed" in made.stdout
    execute("UPDATE item SET price = 0.17 WHERE id = 1")
    execute("DELETE FROM item WHERE id = 2")
    changed = CHANGED.format(schema=items).splitlines()

    def arrived() -> str:
        files = example("files").stdout
        return files if all(line in files for line in changed) else ""

    files = wait(arrived, "both changes")
    assert LOADED.format(schema=items) in files
    assert re.search(r"^--- data/changes/CDC_TXN-\d{17}\.csv$", files, re.MULTILINE)

    again = example("up", "--schema", items)
    assert (again.returncode, again.stdout) == (0, made.stdout), again.stderr
    for _ in range(2):
        removed = example("down")
        assert removed.returncode == 0, removed.stderr
    dms = lab.client("dms")
    with pytest.raises(dms.exceptions.ResourceNotFoundFault):
        dms.describe_replication_tasks(Filters=[{"Name": "replication-task-id", "Values": ["first-task"]}])
    assert "first-task-000000000042" not in [bucket["Name"] for bucket in lab.client("s3").list_buckets()["Buckets"]]


def test_a_source_that_cannot_be_reached_is_told_in_its_own_words(example: Example, items: str, lab: Any) -> None:
    refused = example("up", "--schema", items, "--secret", "no-such-secret")
    assert refused.returncode == 1
    assert "Unable to fetch the secret no-such-secret" in refused.stderr


def test_without_the_labs_environment_it_touches_no_account(example: Example) -> None:
    refused = example("up", LANDBRIDGE_SITE="")
    assert refused.returncode == 2
    assert "--ca is missing" in refused.stderr


def test_the_page_shows_the_example_as_it_is() -> None:
    """Every Python block of the page that begins with a line of the script is a part of it."""
    script = [line.strip() for line in SCRIPT.read_text(encoding="utf-8").splitlines()]
    blocks = re.findall(r"<!-- first_task.py -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        lines = [line.strip() for line in block.splitlines()]
        assert any(script[at : at + len(lines)] == lines for at in range(len(script))), block
