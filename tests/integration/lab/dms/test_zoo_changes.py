# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The zoo's whole life from the binary log: its rows replayed are the rows that the source has in the end, text for text."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from lab.dms.binlog import Transaction
from lab.dms.dialects.dialect import DIALECTS, Dialect
from lab.workload.zoo.rows import NAMES

from .binlogs import Log, account

ROWS, SEED, CHANGES = 1_600, 3, 150
# MariaDB does not log what a cascade does to these.
CASCADED = ("folded_child", "taxon", "animal", "care")
KINDS = {"I": "insert", "U": "update", "D": "delete"}


@pytest.fixture(scope="module")
def lived(lab: Any, administrator: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, dict[str, Any], list[Transaction]]:
    """The log of a generated and then changed zoo, what the change script tells, and the transactions: the generator's and its own."""
    log = Log(administrator, account(lab), "zoo", tmp_path_factory.mktemp("spool"))
    assert lab.run("generate", "--workload", "zoo", "--rows", str(ROWS), "--seed", str(SEED)).returncode == 0
    done = lab.run("change", "--workload", "zoo", "--transactions", str(CHANGES), "--seed", str(SEED))
    assert done.returncode == 0, done.stderr
    return log, json.loads(done.stdout), log.transactions()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_the_log_replayed_is_the_table(lived: tuple[Log, dict[str, Any], list[Transaction]], dialect: Dialect) -> None:
    log, _, transactions = lived
    for name in NAMES:
        if name in CASCADED:
            continue
        table = log.table(name)
        rows: Counter[Any] = Counter()
        for _, before, after in log.rows(table, transactions, dialect):
            rows[before] -= 1
            rows[after] += 1
        del rows[None]
        assert Counter({row: number for row, number in rows.items() if number}) == Counter(log.texts(table, dialect, "1")), name


def test_the_log_holds_what_the_script_tells(lived: tuple[Log, dict[str, Any], list[Transaction]]) -> None:
    log, told, transactions = lived
    sizes = {name: log.run(f"SELECT COUNT(*) FROM zoo.`{name}`")[0][0] for name in NAMES}  # noqa: S608
    for name in NAMES:
        changed = told["rows"].get(name, {})
        if name in CASCADED or {"replace", "upsert"} & changed.keys():
            continue
        logged = Counter(KINDS[operation] for operation, _, _ in log.rows(log.table(name), transactions))
        wanted = Counter(changed) + Counter(told["triggers"].get(name, {}))
        loaded = sizes[name] - wanted["insert"] + wanted["delete"]
        assert logged == wanted + Counter({"insert": loaded}), name
