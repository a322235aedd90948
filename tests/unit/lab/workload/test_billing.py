# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.workload.billing import all_blocks
from lab.workload.population import MAX_UINT16, MAX_UINT32, MAX_UINT64, MIN_ROWS, TABLES, populate
from lab.workload.values import AWKWARD, NULL, decimal, escaped

ROWS, SEED = 20_000, 5
SCHEMA = (Path(__file__).resolve().parents[4] / "examples" / "billing" / "schema.sql").read_text(encoding="utf-8")

# What seed 5 gives for 1,000 rows. It changes only when the workload is changed on purpose.
KNOWN_DIGEST = "98333d569ad49b05772db0130aaaa8a09cb9b10a558b6f9631414efe55b451f8"

Row = list[str]


def digest(rows: int, seed: int) -> str:
    total = hashlib.sha256()
    for table, blocks in all_blocks(rows, seed):
        total.update(table.encode())
        for block in blocks:
            total.update(block)
    return total.hexdigest()


@cache
def tables() -> dict[str, list[Row]]:
    """The rows of every table, fields as they stand in the files."""
    return {table: [line.split("\t") for line in b"".join(blocks).decode().split("\n")[:-1]] for table, blocks in all_blocks(ROWS, SEED)}


@cache
def columns(table: str) -> dict[str, str]:
    """Column names and definitions from the schema."""
    body = re.search(rf"CREATE TABLE {table} \((.*?)\n\) ENGINE", SCHEMA, re.DOTALL)
    assert body
    return {line.split()[0]: " ".join(line.split()[1:]) for line in body[1].split(",\n") if "PRIMARY KEY" not in line}


def values(table: str, column: str) -> Sequence[str]:
    place = list(columns(table)).index(column)
    return [row[place] for row in tables()[table]]


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert digest(1_000, 5) == digest(1_000, 5) == KNOWN_DIGEST


def test_another_seed_or_scale_gives_other_rows() -> None:
    assert len({digest(1_000, 5), digest(1_000, 6), digest(1_001, 5)}) == 3


@pytest.mark.parametrize("rows", [MIN_ROWS, 1_001, 4_999, 12_345])
def test_rows_are_counted_over_all_tables(rows: int) -> None:
    counted = {table: b"".join(blocks).count(b"\n") for table, blocks in all_blocks(rows, SEED)}
    assert sum(counted.values()) == rows
    assert counted == populate(rows, SEED).rows
    assert tuple(counted) == TABLES
    assert all(counted.values())


def test_too_few_rows_are_refused_with_the_least_number() -> None:
    with pytest.raises(LabError, match=r"(?s)999 rows.*1000"):
        populate(999, SEED)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_the_columns_of_the_schema(table: str) -> None:
    assert {len(row) for row in tables()[table]} == {len(columns(table))}


@pytest.mark.parametrize("table", TABLES)
def test_null_stands_only_where_the_schema_allows_it_and_somewhere_wherever_it_does(table: str) -> None:
    for name, definition in columns(table).items():
        assert (NULL in values(table, name)) == ("NOT NULL" not in definition), name


@pytest.mark.parametrize("table", TABLES)
def test_texts_fit_their_columns_and_the_longest_fills_it(table: str) -> None:
    for name, definition in columns(table).items():
        if match := re.match(r"(?:VAR)?CHAR\((\d+)\)", definition):
            lengths = [len(unescaped(value)) for value in values(table, name) if value != NULL]
            assert max(lengths) <= int(match[1]), name


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("billing_account", ["ban"]),
        ("customer", ["ban"]),
        ("customer", ["customer_id"]),
        ("subscriber", ["subscriber_no"]),
        ("service_agreement", ["subscriber_no", "soc"]),
        ("bill", ["ban", "bill_seq_number"]),
        ("charge", ["charge_seq", "activity_num"]),
    ],
)
def test_keys_are_unique(table: str, key: list[str]) -> None:
    found = list(zip(*(values(table, column) for column in key), strict=True))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("child", "column", "parent"), re.findall(r"ALTER TABLE (\w+)(?:(?!;).)*?FOREIGN KEY \((\w+)\) REFERENCES (\w+)", SCHEMA, re.DOTALL)
)
def test_every_child_has_its_parent(child: str, column: str, parent: str) -> None:
    assert set(values(child, column)) <= set(values(parent, column))


def test_services_and_charges_belong_to_the_account_of_their_subscriber() -> None:
    owners = dict(zip(values("subscriber", "subscriber_no"), values("subscriber", "ban"), strict=True))
    for table in ("service_agreement", "charge"):
        assert all(owners[number] == ban for number, ban in zip(values(table, "subscriber_no"), values(table, "ban"), strict=True))


def test_a_few_accounts_own_several_per_cent_of_everything() -> None:
    for table in ("subscriber", "charge"):
        sizes = Counter(values(table, "ban")).most_common()
        rows = len(tables()[table])
        assert sizes[0][1] > 0.04 * rows
        assert sizes[2][1] > 0.015 * rows
        assert sizes[len(sizes) // 2][1] < 0.002 * rows


def test_charges_per_subscriber_have_a_long_tail() -> None:
    sizes = sorted(Counter(values("charge", "subscriber_no")).values())
    assert sizes[-1] > 20 * sizes[len(sizes) // 2]


def test_feature_codes_are_skewed_and_some_differ_only_in_case() -> None:
    counts = Counter(values("charge", "feature_code"))
    assert counts.most_common(1)[0][1] > 0.2 * sum(counts.values())
    assert {"VOICE1", "voice1"} <= counts.keys()


def test_credits_are_a_small_part_of_the_charges() -> None:
    amounts = [Decimal(value) for value in values("charge", "actv_amt")]
    assert 0.02 < sum(amount < 0 for amount in amounts) / len(amounts) < 0.12


def test_charges_spread_over_three_years_in_the_order_of_their_numbers() -> None:
    days = [datetime.fromisoformat(value).date() for value in values("charge", "charge_creation_date")[:-2]]
    assert (days[0].year, days[-1].year) == (2023, 2025)
    assert all(first <= second for first, second in pairwise(days))


def test_bills_close_once_a_month_and_are_due_a_month_later() -> None:
    by_account: dict[str, list[str]] = {}
    for ban, closed, due in zip(values("bill", "ban"), values("bill", "cycle_close_date"), values("bill", "due_date"), strict=True):
        assert closed < due
        by_account.setdefault(ban, []).append(closed)
    assert all(len(set(dates)) == len(dates) for dates in by_account.values())


@pytest.mark.parametrize(
    ("table", "column", "extremes"),
    [
        ("billing_account", "ban", [0, MAX_UINT32]),
        ("billing_account", "balance", ["-9999999999.99", "9999999999.99"]),
        ("customer", "customer_id", [0, MAX_UINT32]),
        ("subscriber", "subscriber_no", [1, MAX_UINT64]),
        ("subscriber", "roaming", [-128, 127]),
        ("service_agreement", "soc_seq_no", [MAX_UINT32]),
        ("service_agreement", "rate", ["-999999.9999", "999999.9999"]),
        ("bill", "bill_seq_number", [MAX_UINT32]),
        ("bill", "cycle_code", [MAX_UINT16]),
        ("bill", "total_due", ["-9999999999.99", "9999999999.99"]),
        ("charge", "charge_seq", [0, MAX_UINT64]),
        ("charge", "activity_num", [0, MAX_UINT32]),
        ("charge", "actv_amt", ["-9999999999.9999", "9999999999.9999", "0.0001", "-0.0001"]),
    ],
)
def test_the_edges_of_number_types_occur(table: str, column: str, extremes: list[int | str]) -> None:
    assert {str(extreme) for extreme in extremes} <= set(values(table, column))


@pytest.mark.parametrize(("table", "column"), [("billing_account", "notes"), ("subscriber", "nickname"), ("charge", "description")])
def test_awkward_texts_occur_beside_null(table: str, column: str) -> None:
    found = {unescaped(value) for value in values(table, column) if value != NULL}
    assert set(AWKWARD) <= found


def test_names_are_written_in_many_scripts() -> None:
    letters = {ord(letter) for name in values("customer", "last_name_business") for letter in name}
    for first, last in (
        (0x370, 0x3FF),
        (0x400, 0x4FF),
        (0x590, 0x5FF),
        (0x600, 0x6FF),
        (0x900, 0x97F),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7AF),
        (0x1F300, 0x1FAFF),
    ):
        assert any(first <= letter <= last for letter in letters), hex(first)


@pytest.mark.parametrize("text", [*AWKWARD, "a\tb\\\n\r\0c"])
def test_escaping_can_be_undone_and_hides_tabs_and_line_ends(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not set("\t\n\r\0") & set(escaped(text))


def test_the_text_backslash_n_is_not_null() -> None:
    assert escaped(r"\N") != NULL


@pytest.mark.parametrize(
    ("number", "text"), [(-0.00001, "0.0000"), (0.0, "0.0000"), (-1.5, "-1.5000"), (-0.0001, "-0.0001"), (10.0, "10.0000")]
)
def test_a_decimal_has_no_negative_zero(number: float, text: str) -> None:
    assert decimal(number, 4) == text


def unescaped(field: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}.get(match[1], match[1]), field)
