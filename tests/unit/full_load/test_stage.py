# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from landbridge.checkpoint.documents import Documents
from landbridge.errors import BadData, Interrupted, Retryable
from landbridge.full_load.outcome import LoadOutcome, TableLoad
from landbridge.full_load.stage import run_full_load
from landbridge.model.progress import StageProgress
from landbridge.ports import OnRefused

from tests.support.memory import FastClock, MemoryStore
from tests.support.shop import CUSTOMER, NULL, ORDERS, RUN, contract, site, statistics


class MemoryWriter:
    """Keeps items when they are flushed, refuses some, fails or stops when it is told."""

    def __init__(self, bench: Bench, on_refused: OnRefused) -> None:
        self.bench = bench
        self.on_refused = on_refused
        self.pending: list[tuple[str, str, object]] = []
        self.closed = False
        self.retried = 0

    def put(self, key: str, item: str, origin: object = None) -> None:
        self.bench.puts += 1
        if self.bench.puts == self.bench.fail_at:
            raise Retryable("could not write items", place="dynamodb:Shop")
        self.pending.append((key, item, origin))

    def flush(self) -> None:
        for key, item, origin in self.pending:
            if self.bench.refuse(json.loads(item)):
                self.on_refused(key, item, "too large", origin)
            else:
                self.bench.items[key] = json.loads(item)
                self.bench.written[key] += 1
        self.pending.clear()

    def close(self) -> None:
        self.closed = True


class Bench:
    """A staged shop and all that the stage needs."""

    def __init__(self, clock: FastClock, unit_bytes: int = 300) -> None:
        self.clock = clock
        self.staging = MemoryStore()
        self.state = MemoryStore()
        self.documents = Documents(self.state, "shop/r1", clock)
        self.contract = contract()
        self.frozen = RUN
        self.items: dict[str, dict[str, Any]] = {}
        self.written = Counter[str]()
        self.writers: list[MemoryWriter] = []
        self.refuse: Callable[[dict[str, Any]], bool] = lambda item: False
        self.puts = 0
        self.fail_at = -1
        self.rows = {"customer": 0, "orders": 0}
        self.state_of_tables = "Table completed"
        self.asked = 0
        self.progress: list[StageProgress] = []
        self.unit_mb = unit_bytes / 1024 / 1024

    def stage(self, table: str, number: int, lines: list[str], *, rows: int | None = None, packed: bool = False) -> None:
        content = "".join(f"{line}\n" for line in lines).encode()
        key = f"shop/r1/shop/{table}/LOAD{number:08X}.csv"
        if packed:
            self.staging.objects[f"{key}.gz"] = gzip.compress(content)
        else:
            self.staging.objects[key] = content
        self.rows[table] += len(lines) if rows is None else rows

    def customers(self, numbers: range, file: int = 1) -> None:
        self.stage(
            "customer", file, [f'I,{number},"Zoë, ""{number}""\n2nd line"' if number % 3 else f"I,{number},{NULL}" for number in numbers]
        )

    def orders(self, numbers: range, file: int = 1, **more: Any) -> None:
        self.stage("orders", file, [f"I,{number},{number % 9},note {number}" for number in numbers], **more)

    def statistics(self) -> list[dict[str, Any]]:
        self.asked += 1
        return statistics(self.rows, self.state_of_tables)

    def writer_for(self, table: str, on_refused: OnRefused) -> MemoryWriter:
        assert table == "Shop"
        self.writers.append(MemoryWriter(self, on_refused))
        return self.writers[-1]

    def run(self, stop: Callable[[], bool] = lambda: False) -> LoadOutcome:
        return run_full_load(
            site(unit_mb=self.unit_mb),
            self.contract,
            self.frozen,
            self.staging,
            self.documents,
            self.writer_for,
            self.statistics,
            self.clock,
            self.progress.append,
            stop,
        )

    def units(self) -> list[dict[str, Any]]:
        return [json.loads(content) for key, content in self.state.objects.items() if key.startswith("shop/r1/units/full_load/")]

    def unit_states(self) -> Counter[str]:
        return Counter(unit["state"] for unit in self.units())

    def unit_results(self) -> list[dict[str, Any]]:
        return [unit["result"] for unit in self.units() if unit["state"] == "done"]

    def rejects(self) -> list[dict[str, Any]]:
        return [line for stored in self.documents.listing("rejects/full_load") for line in self.documents.read_lines(stored.key)]


@pytest.fixture
def bench(clock: FastClock) -> Bench:
    return Bench(clock)


def test_all_rows_become_items_in_many_units(bench: Bench) -> None:
    bench.customers(range(100))
    bench.orders(range(250), 1)
    bench.orders(range(250, 300), 2)
    outcome = bench.run()
    assert outcome.tables == (
        TableLoad("shop.customer", 100, 100, 100, 0, 0),
        TableLoad("shop.orders", 300, 300, 300, 0, 0),
    )
    assert outcome.items == {"CUSTOMER": 100, "ORDER": 300}
    assert (outcome.changed, outcome.rejected, outcome.warnings) == (True, 0, ())
    assert len(bench.items) == 400
    assert set(bench.written.values()) == {1}
    names = {item["PK"]["S"]: item for item in bench.items.values() if item["SK"]["S"] == "CUSTOMER"}
    assert names["CUSTOMER#0000000007"]["name"] == {"S": 'Zoë, "7"\n2nd line'}
    assert {item["_v"]["S"] for item in bench.items.values()} == {"000001" + "0" * 33}
    assert bench.unit_states() == {"done": sum(1 for _ in bench.documents.listing("units/full_load"))}
    assert bench.unit_states()["done"] > 20
    assert all(writer.closed for writer in bench.writers)


def test_the_same_items_whatever_the_size_of_a_unit(clock: FastClock) -> None:
    seen = []
    for unit_bytes in (1, 7, 100, 10_000_000):
        bench = Bench(clock, unit_bytes)
        bench.customers(range(40))
        outcome = bench.run()
        assert outcome.tables[0].complete
        assert set(bench.written.values()) == {1}
        seen.append(bench.items)
    assert all(items == seen[0] for items in seen)


def test_running_again_changes_nothing_and_asks_nobody(bench: Bench) -> None:
    bench.customers(range(50))
    first = bench.run()
    bench.state.puts.clear()
    bench.writers.clear()
    second = bench.run()
    assert (first.changed, second.changed) == (True, False)
    assert (second.tables, second.items) == (first.tables, first.items)
    assert bench.state.puts == []
    assert (bench.writers, bench.asked) == ([], 1)


def test_an_empty_table_and_an_empty_load(bench: Bench) -> None:
    outcome = bench.run()
    assert outcome.items == {"CUSTOMER": 0, "ORDER": 0}
    assert not outcome.changed


@pytest.mark.parametrize("fail_at", [1, 2, 60, 130, 299])
def test_after_a_failure_only_the_rest_is_done(bench: Bench, fail_at: int) -> None:
    bench.customers(range(100))
    bench.orders(range(200))
    bench.fail_at = fail_at
    with pytest.raises(Retryable):
        bench.run()
    done = bench.unit_results()
    bench.fail_at, bench.puts = -1, 0
    outcome = bench.run()
    assert outcome.changed
    assert all(table.complete for table in outcome.tables)
    assert len(bench.items) == 300
    assert bench.puts == 300 - sum(result["written"] for result in done)
    assert len(bench.unit_results()) > len(done)


def test_stopped_as_asked_and_continued(bench: Bench) -> None:
    bench.customers(range(100))
    bench.orders(range(200))
    for _ in range(40):
        turns = iter([False, False, True])
        try:
            outcome = bench.run(lambda turns=turns: next(turns))  # type: ignore[misc]
            break
        except Interrupted:
            continue
    else:
        pytest.fail("the load never ended")
    assert len(bench.items) == 300
    assert all(table.complete for table in outcome.tables)


def test_rejected_rows_are_stored_with_reason_and_place(bench: Bench) -> None:
    lines = ["I,1,1,fine", "I,x2,1,a number that is none", "I,3,1,fine", f'I,4,{NULL},"no\ncustomer"', "I,5,1,é"]
    bench.stage("orders", 1, lines)
    outcome = bench.run()
    assert outcome.tables[1] == TableLoad("shop.orders", 5, 5, 3, 0, 2)
    assert outcome.rejected == 2
    content = bench.staging.objects["shop/r1/shop/orders/LOAD00000001.csv"]
    first, second = bench.rejects()
    assert {"entity": "ORDER", "table": "shop.orders", "key": {"id": "x2"}, "record": 2, "raw": lines[1]}.items() <= first.items()
    assert {"key": {"id": "4"}, "record": 4, "raw": lines[3]}.items() <= second.items()
    assert all(content[reject["offset"] :].startswith(reject["raw"].encode()) for reject in (first, second))
    assert all(reject["code"] and reject["reason"] for reject in (first, second))


def test_items_that_dynamodb_refuses_are_rejects(bench: Bench) -> None:
    bench.refuse = lambda item: item.get("note") == {"S": "note 120"}
    bench.orders(range(200))
    outcome = bench.run()
    assert outcome.tables[1] == TableLoad("shop.orders", 200, 200, 199, 0, 1)
    assert outcome.items["ORDER"] == 199
    (reject,) = bench.rejects()
    assert {
        "entity": "ORDER",
        "code": "refused-by-dynamodb",
        "reason": "too large",
        "record": 121,
        "key": {"id": "120"},
    }.items() <= reject.items()


def test_rejects_of_an_attempt_that_failed_do_not_stay(bench: Bench) -> None:
    bench.orders(range(200))
    bench.state.objects["shop/r1/rejects/full_load/shop.orders.LOAD00000001.00000.jsonl"] = b'{"old": 1}\n'
    bench.fail_at = 1
    with pytest.raises(Retryable):
        bench.run()
    bench.fail_at = -1
    bench.run()
    assert bench.rejects() == []


@pytest.mark.parametrize("packed", [False, True])
def test_compressed_files_beside_plain_ones(bench: Bench, packed: bool) -> None:
    bench.orders(range(100), 1, packed=True)
    bench.orders(range(100, 200), 2, packed=packed)
    outcome = bench.run()
    assert outcome.items["ORDER"] == 200
    assert all(table.complete for table in outcome.tables)


def test_missing_rows_are_not_passed_over(bench: Bench) -> None:
    bench.customers(range(10))
    bench.orders(range(100), rows=101)
    with pytest.raises(BadData, match=r"shop\.orders: DMS loaded 101, \d+ units hold 100 = 100 written") as raised:
        bench.run()
    assert "shop.customer" not in raised.value.message
    with pytest.raises(BadData):
        bench.run()


def test_a_file_cut_short_is_found_before_a_row_is_written(bench: Bench) -> None:
    bench.orders(range(100))
    key = "shop/r1/shop/orders/LOAD00000001.csv"
    bench.staging.objects[key] = bench.staging.objects[key][:-3]
    with pytest.raises(BadData, match="no newline"):
        bench.run()
    assert bench.puts == 0


def test_damage_fails_its_unit_and_names_the_place(bench: Bench) -> None:
    bench.stage("orders", 1, [f"I,{number},1,x" for number in range(100)] + ["I,100,1"] + ["I,101,1,x"])
    with pytest.raises(BadData, match=r"LOAD00000001\.csv: record 101, byte \d+: the record has 3 fields"):
        bench.run()
    assert bench.unit_states()["failed"] == 1


def test_a_file_that_changed_since_the_manifest(bench: Bench) -> None:
    bench.orders(range(100))
    bench.fail_at = 30
    with pytest.raises(Retryable):
        bench.run()
    bench.staging.objects["shop/r1/shop/orders/LOAD00000001.csv"] += b"I,100,1,x\n"
    with pytest.raises(BadData, match="not the one that was listed"):
        bench.run()


def test_foreign_files_are_warned_of_each_time(bench: Bench) -> None:
    bench.orders(range(3))
    bench.staging.objects["shop/r1/shop/other/LOAD00000001.csv"] = b"I,1\n"
    for _ in range(2):
        (warning,) = bench.run().warnings
        assert "shop/r1/shop/other/LOAD00000001.csv" in warning


def test_progress_closes_with_the_whole_account(bench: Bench) -> None:
    bench.customers(range(30))
    bench.orders(range(60))
    bench.run()
    last = bench.progress[-1]
    assert (last.stage, last.items_written) == ("full_load", 90)
    assert [(table.table, table.rows_expected, table.rows_done, table.units == table.units_done) for table in last.tables] == [
        ("shop.customer", 30, 30, True),
        ("shop.orders", 60, 60, True),
    ]


def test_tables_take_turns(bench: Bench) -> None:
    order: list[str] = []
    bench.refuse = lambda item: bool(order.append(item["EntityType"]["S"]))
    bench.customers(range(200))
    bench.orders(range(200))
    bench.run()
    switches = sum(1 for before, after in pairwise(order) if before != after)
    assert switches > 8


def test_dms_is_not_ready(bench: Bench) -> None:
    bench.orders(range(3))
    bench.state_of_tables = "Full load"
    with pytest.raises(Retryable, match="not loaded"):
        bench.run()
    assert bench.state.objects == {}


@pytest.mark.parametrize("tail", ["", ",,"])
def test_a_generated_column_is_passed_over_where_dms_writes_it(bench: Bench, tail: str) -> None:
    generated = replace(ORDERS.columns[2], name="initial", generated=True)
    orders = replace(ORDERS, columns=(*ORDERS.columns[:2], generated, ORDERS.columns[2]))
    bench.frozen = replace(RUN, tables=(CUSTOMER, orders))
    bench.refuse = lambda item: item["id"] == {"N": "8"}
    bench.stage("orders", 1, [f"I,7,3,n,note 7{tail}", f"I,8,3,n,note 8{tail}"])
    bench.run()
    assert [item["note"] for item in bench.items.values()] == [{"S": "note 7"}]
    (reject,) = bench.documents.read_lines("rejects/full_load/shop.orders.LOAD00000001.00000.jsonl")
    assert reject["key"] == {"id": "8"}
