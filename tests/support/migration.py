# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A small migration in memory: two related tables, their contract, and the ports that a stage sees of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from landbridge.adapters.yaml_document import read_document
from landbridge.checkpoint.documents import Documents
from landbridge.checkpoint.run import RunRecord
from landbridge.checkpoint.units import Units
from landbridge.contract.definition import Contract
from landbridge.contract.parser import parse_contract
from landbridge.contract.rows import compile_rows
from landbridge.errors import Denied, LandbridgeError
from landbridge.model.schema import ForeignKey, Table
from landbridge.model.site import AwsSite, BucketSite, LoadSite, ReplicationSite, SecretReference, Site, SourceSite, TableSite
from landbridge.model.work import StagedFile, UnitResult
from landbridge.ports import Clock
from landbridge.staging.manifest import KIND, Manifest

from tests.fixtures.billing_tables import table

CONTRACT = """
landbridge: 1
source: {engine: mysql, schemas: [shop]}
defaults: {created_at: made, updated_at: made}
tables:
  Shop:
    key: {partition: PK, sort: SK}
entities:
  OWNER:
    from: shop.owner
    into: Shop
    key: {PK: "OWNER#{id:010d}", SK: "OWNER"}
  THING:
    from: shop.thing
    into: Shop
    key: {PK: "OWNER#{owner:010d}", SK: "THING#{id:010d}"}
"""

OWNER = table("owner", "id", "id int unsigned", "name varchar(40) null", "made datetime(6)", schema="shop")
THING = table(
    "thing",
    "owner id",
    "owner int unsigned",
    "id int unsigned",
    "price decimal(10,2)",
    "made datetime(6)",
    schema="shop",
    keys=(ForeignKey(("owner",), "shop", "owner", ("id",)),),
)

MADE = "2024-02-29 12:00:00.000001"
ROWS: dict[str, list[tuple[str | None, ...]]] = {
    "shop.owner": [("1", "Zoë", MADE), ("2", None, MADE), ("3", "", MADE)],
    "shop.thing": [("1", "1", "10.50", MADE), ("1", "2", "-0.25", MADE)],
}


def contract() -> Contract:
    return parse_contract(read_document(CONTRACT, "contract.yml"), CONTRACT)


def site() -> Site:
    return Site(
        file="site.yml",
        migration="shop",
        run="r1",
        contract_file="contract.yml",
        source=SourceSite("db.example", 3306, "reader", SecretReference("env", "PASSWORD")),
        aws=AwsSite("eu-west-1", "000000000042", "shop"),
        staging=BucketSite("staging"),
        state=BucketSite("state"),
        replication=ReplicationSite("dms.t3.medium", 50, ("subnet-a", "subnet-b"), ("sg-a",), False, "", "secret"),
        table=TableSite(),
        load=LoadSite(),
    )


def run_record() -> RunRecord:
    made = contract()
    return RunRecord(made.text, made.sha256, (OWNER, THING), "shop/r1", "__DMS_NULL__")


def loaded_items(rows: dict[str, list[tuple[str | None, ...]]] = ROWS) -> list[dict[str, Any]]:
    """What a load of these rows leaves in the table."""
    run = run_record()
    items = []
    for each in run.tables:
        transform = compile_rows(contract(), each, null=None, offset=0, version=run.version)
        items += [json.loads(item) for row in rows[each.qualified] for _, _, item in transform(row)]
    return items


def keep_load_state(documents: Documents, clock: Clock, *, finish: bool = True) -> None:
    """State as a load of the two tables leaves it, at its end or in the middle."""
    files = {"shop.owner": 3, "shop.thing": 2}
    staged = tuple(StagedFile("shop", name.removeprefix("shop."), f"shop/r1/{name}/LOAD00000001.csv", 10, "x") for name in files)
    manifest = Manifest(staged, dict(files), 1024)
    documents.create("manifest/full_load.json", KIND, manifest.to_json())
    units = Units(documents, "full_load", clock)
    for file, rows in zip(staged, files.values(), strict=True):
        (unit,) = manifest.units_of(file)
        units.start(unit)
        if finish:
            units.finish(unit, UnitResult(rows=rows, written=rows, filtered=0, rejected=0, items={}))


class MemoryDatabase:
    """``ports.InspectedDatabase``, set up as DMS wants it; a test spoils what it is about."""

    def __init__(self, *tables: Table) -> None:
        self.content = {name: list(rows) for name, rows in ROWS.items()}
        self.known = tables or (OWNER, THING)
        self.says = "10.6.22-MariaDB-log"
        self.settings = {
            "log_bin": "ON",
            "binlog_format": "ROW",
            "binlog_row_image": "FULL",
            "server_id": "7",
            "expire_logs_days": "2",
        }
        self.granted: tuple[str, ...] = ("GRANT USAGE ON *.* TO `reader`@`%`", "GRANT SELECT, SHOW VIEW ON `shop`.* TO `reader`@`%`")
        self.engine = "InnoDB"
        self.marked: tuple[str, ...] = ()
        self.sizes: dict[str, int] = {}
        self.denied: set[str] = set()
        self.failure: LandbridgeError | None = None

    def version(self) -> str:
        if self.failure:
            raise self.failure
        return self.says

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        return {name: value for name, value in self.settings.items() if name in names}

    def grants(self) -> tuple[str, ...]:
        return self.granted

    def tables(self, schemas: Sequence[str]) -> tuple[Table, ...]:
        return tuple(each for each in self.known if each.schema in schemas)

    def count(self, table: Table) -> int:
        return len(self.content[table.qualified])

    def rows(self, table: Table, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        yield from self.content[table.qualified]

    def require_readable(self, schema: str, name: str) -> None:
        if name in self.denied:
            raise Denied(f"reader may not read {schema}.{name}", remedy=f"GRANT SELECT ON {schema}.{name}")

    def engines(self, schemas: Sequence[str]) -> dict[str, str]:
        return {each.qualified: self.engine for each in self.known}

    def holding(self, table: Table, columns: Sequence[str], text: str) -> tuple[str, ...]:
        return tuple(name for name in columns if name in self.marked)

    def longest(self, table: Table, columns: Sequence[str]) -> dict[str, int]:
        return {name: self.sizes.get(name, 0) for name in columns}

    def close(self) -> None: ...


class MemoryItems:
    """``ports.ItemReader`` over one table."""

    def __init__(self, items: list[dict[str, Any]], table: str = "Shop") -> None:
        self.items = items
        self.table = table

    def scan(self, table: str, *, segment: int = 0, segments: int = 1) -> Iterator[list[dict[str, Any]]]:
        for start in range(0, len(self.items), 2):
            yield self.items[start : start + 2]

    def describe(self, table: str) -> dict[str, Any] | None:
        return {"TableName": table} if table == self.table else None
