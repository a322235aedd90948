# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The zoo, staged in every dialect and read by the product: its items are those that the source itself gives."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from landbridge.adapters.mysql import MySQLSource
from landbridge.adapters.yaml_document import read_document
from landbridge.contract.definition import Contract
from landbridge.contract.numbers import normal
from landbridge.contract.parser import parse_contract
from landbridge.contract.rows import RowTransform, compile_rows
from landbridge.errors import Rejected
from landbridge.model.schema import Table
from landbridge.model.site import SecretReference, SourceSite
from landbridge.provision.mappings import table_mappings
from landbridge.staging.profile import record_layouts
from landbridge.staging.records import RecordReader

from lab.dms.dialects.dialect import DIALECTS
from tests.support.lab import REPOSITORY

from .conftest import Bench
from .direct import NULL, Loader

ROWS, SEED = 1_600, 7
FLOATS = ("weight", "weight_u", "rounded")

Items = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def contract() -> Contract:
    text = (REPOSITORY / "examples" / "zoo" / "contract.yml").read_text(encoding="utf-8")
    return parse_contract(read_document(text, "contract.yml"), text)


@pytest.fixture(scope="module")
def tables(lab: Any, administrator: Any, bench: Bench, contract: Contract) -> Iterator[list[Table]]:
    """The zoo's tables, filled, which the twin's source account may read."""
    done = lab.run("generate", "--workload", "zoo", "--rows", str(ROWS), "--seed", str(SEED))
    assert done.returncode == 0, done.stderr
    with administrator.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON zoo.* TO {bench.user}@'%'")
        source = product_source(lab)
        yield [table for table in source.tables(["zoo"]) if (table.schema, table.name) in contract.source_tables]
        source.close()
        cursor.execute(f"REVOKE SELECT ON zoo.* FROM {bench.user}@'%'")  # noqa: S608 - the name is made here


@pytest.fixture(scope="module")
def expected(lab: Any, tables: list[Table], contract: Contract) -> dict[str, Items]:
    """The items of each table as the source's own rows give them."""
    source = product_source(lab)
    items = {}
    for table in tables:
        transform = compile_rows(contract, table, null=None, offset=0, version="v")
        names = [column.name for column in table.staged_columns]
        items[table.name] = made(transform, source.rows(table, names))
    source.close()
    return items


def product_source(lab: Any) -> MySQLSource:
    site = SourceSite(
        "127.0.0.1", lab.ports["mysql"], "landbridge_reader", SecretReference("file", ""), "verify-full", str(lab.dir / "tls" / "ca.pem")
    )
    return MySQLSource(site, lab.secret("landbridge_reader"))


def made(transform: RowTransform, rows: Any) -> Items:
    """Items by entity and key; rows that are rejected give none."""
    items = {}
    for row in rows:
        try:
            for entity, key, item in transform(row):
                items[entity, key] = json.loads(item)
        except Rejected:
            continue
    return items


def staged(files: dict[str, bytes], table: Table) -> Iterator[list[str]]:
    """The records of a table's files, each with the staged columns alone."""
    layouts = record_layouts(table)
    for key, content in files.items():
        if key.startswith(f"{table.schema}/{table.name}/"):
            for block in RecordReader(io.BytesIO(content), key, layouts):
                yield from ([record[at] for at in layouts[len(record)]] for record in block.records)


def coarse(items: Items) -> Items:
    """FLOATs with the six digits that the server prints of them: where a dialect writes that text, the others are lost."""
    for item in items.values():
        for name in FLOATS:
            if name in item:
                item[name] = {"N": normal(f"{float(item[name]['N']):.6g}")}
    return items


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_staged_rows_give_the_items_of_the_source(
    bench: Bench, tables: list[Table], expected: dict[str, Items], contract: Contract, dialect: Any
) -> None:
    settings = {"TargetMetadata": {"LobMaxSize": 128}}
    loaded = Loader(bench)(json.dumps(table_mappings(contract)), dialect=dialect.name, settings=settings, IncludeOpForFullLoad=True)
    assert loaded.outcome.status == "stopped", loaded.outcome
    assert {name: rows for name, (_, rows) in loaded.states().items()}.keys() == {table.name for table in tables}
    compared: Callable[[Items], Items] = coarse if dialect.float_width == "single" else lambda items: items
    for table in tables:
        transform = compile_rows(contract, table, null=NULL, offset=1, version="v")
        items = compared(made(transform, staged(loaded.files, table)))
        wanted = compared(json_copy(expected[table.name]))
        if dialect.zero_date == "null" and table.name == "zero_date":
            # Such a dialect loses what a zero date in a nullable column is: the row has an item, without the attribute.
            assert wanted.items() <= items.items()
            assert items.keys() - wanted.keys()
            continue
        assert items.keys() == wanted.keys(), table.name
        for key, item in wanted.items():
            assert items[key] == item, (table.name, key)


def json_copy(items: Items) -> Items:
    return {key: dict(item) for key, item in items.items()}


def test_there_is_something_to_compare(tables: list[Table], expected: dict[str, Items]) -> None:
    """A row that every dialect rejects would prove nothing."""
    assert [name for name, items in expected.items() if not items] == ["vacant"]
