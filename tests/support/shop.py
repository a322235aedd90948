# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""A shop with two tables: the smallest migration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landbridge.adapters.yaml_document import read_document
from landbridge.checkpoint.run import RunRecord
from landbridge.contract.definition import Contract
from landbridge.contract.parser import parse_contract
from landbridge.model.schema import Column, Table
from landbridge.model.site import AwsSite, BucketSite, LoadSite, ReplicationSite, SecretReference, Site, SourceSite, TableSite

CONTRACT = """\
landbridge: 1
source: {engine: mysql, schemas: [shop]}
tables:
  Shop:
    key: {partition: PK, sort: SK}
entities:
  CUSTOMER:
    from: shop.customer
    into: Shop
    key: {PK: "CUSTOMER#{id:010d}", SK: "CUSTOMER"}
  ORDER:
    from: shop.orders
    into: Shop
    key: {PK: "CUSTOMER#{customer_id:010d}", SK: "ORDER#{id:010d}"}
"""
CUSTOMER = Table(
    "shop",
    "customer",
    (
        Column("id", "int", "int(10) unsigned", False, 1, precision=10, scale=0),
        Column("name", "varchar", "varchar(50)", True, 2, length=50),
    ),
    ("id",),
)
ORDERS = Table(
    "shop",
    "orders",
    (
        Column("id", "int", "int(10) unsigned", False, 1, precision=10, scale=0),
        Column("customer_id", "int", "int(10) unsigned", False, 2, precision=10, scale=0),
        Column("note", "varchar", "varchar(500)", True, 3, length=500),
    ),
    ("id",),
)
NULL = "__DMS_NULL__"

RUN = RunRecord(CONTRACT, "00", (CUSTOMER, ORDERS), "shop/r1", NULL)


def contract() -> Contract:
    return parse_contract(read_document(CONTRACT, "contract.yml"), CONTRACT)


def statistics(rows: Mapping[str, int], state: str = "Table completed") -> list[dict[str, Any]]:
    """Table statistics of the replication task. ``rows``: per table."""
    return [{"SchemaName": "shop", "TableName": name, "FullLoadRows": count, "TableState": state} for name, count in rows.items()]


def site(*, unit_mb: float, aws: AwsSite = AwsSite("eu-west-1", "000000000042", "shop")) -> Site:  # noqa: B008 - a constant
    """``unit_mb``: a part of a megabyte, so that a small file has many units."""
    return Site(
        file="site.yml",
        migration="shop",
        run="r1",
        contract_file="contract.yml",
        source=SourceSite("127.0.0.1", 3306, "reader", SecretReference("env", "X")),
        aws=aws,
        staging=BucketSite("staging"),
        state=BucketSite("state"),
        replication=ReplicationSite("dms.t3.medium", 50, (), (), False, "", "s"),
        table=TableSite(),
        load=LoadSite(unit_mb=unit_mb),  # type: ignore[arg-type]
    )
