# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The zoo's whole life on MySQL: replayed from the log it is the zoo of the end, with everything that foreign keys did."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from lab.dms.dialects.dialect import GUIDE
from lab.workload.zoo.rows import NAMES
from tests.integration.lab.dms.binlogs import Log, account

ROWS, SEED, CHANGES = 1_600, 17, 400


@pytest.fixture(scope="module")
def lived(lab: Any, administrator: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, dict[str, Any], list[Any]]:
    """The log of a generated and then changed zoo, what the change script tells, and the transactions."""
    log = Log(administrator, account(lab), "zoo", tmp_path_factory.mktemp("spool"))
    generated = lab.run("generate", "--workload", "zoo", "--rows", str(ROWS), "--seed", str(SEED))
    assert generated.returncode == 0, generated.stderr
    changed = lab.run("change", "--workload", "zoo", "--transactions", str(CHANGES), "--seed", str(SEED))
    assert changed.returncode == 0, changed.stderr
    return log, json.loads(changed.stdout), log.transactions()


@pytest.mark.parametrize("name", NAMES)
def test_the_log_replayed_is_the_table(lived: tuple[Log, dict[str, Any], list[Any]], name: str) -> None:
    log, _, transactions = lived
    table = log.table(name)
    rows: Counter[Any] = Counter()
    for _, before, after in log.rows(table, transactions):
        rows[before] -= 1
        rows[after] += 1
    del rows[None]
    assert Counter({row: number for row, number in rows.items() if number}) == Counter(log.texts(table, GUIDE, "1"))


@pytest.mark.parametrize("name", ["folded_child", "taxon", "animal", "care"])
def test_cascades_are_among_the_changes(lived: tuple[Log, dict[str, Any], list[Any]], name: str) -> None:
    """The script tells the rows of its own statements and those that foreign keys changed: the log has both."""
    log, told, transactions = lived
    done = Counter(operation for operation, _, _ in log.rows(log.table(name), transactions))
    for operation, word in (("U", "update"), ("D", "delete")):
        own, followed = (told[kind].get(name, {}).get(word, 0) for kind in ("rows", "cascades"))
        assert done[operation] == own + followed, (own, followed)
