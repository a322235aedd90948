# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Both sides for real: rows in the source, items in the emulator's table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from landbridge.adapters.connections import Connections, load_contract, load_site
from landbridge.checkpoint.run import RunRecord
from landbridge.contract.definition import Contract
from landbridge.contract.rows import compile_rows
from landbridge.validate.parity import Comparison, LoadedTable, compare

from tests.support.lab_migration import source_tables, write_site

LOADED = {"billing.zz_owner": LoadedTable(3, 0), "billing.zz_thing": LoadedTable(2, 0)}


class Migration:
    def __init__(self, connections: Connections, contract: Contract) -> None:
        self.contract = contract
        self.connections = connections
        live = {(table.schema, table.name): table for table in connections.source().tables(contract.schemas)}
        tables = tuple(live[name] for name in contract.source_tables)
        self.run = RunRecord(contract.text, contract.sha256, tables, "zz-shop/r1", "__DMS_NULL__")

    def load(self) -> None:
        """Every row of the source into the table, as a load writes it."""
        writer = self.connections.writer("ZzShop", lambda key, item, reason, origin: pytest.fail(reason))
        source = self.connections.source()
        for table in self.run.tables:
            transform = compile_rows(self.contract, table, null=None, offset=0, version=self.run.version)
            for row in source.rows(table, [column.name for column in table.staged_columns]):
                for _, key, item in transform(row):
                    writer.put(key, item)
        writer.flush()

    def compare(self) -> Comparison:
        connections = self.connections
        return compare(self.contract, self.run, connections.source(), connections.reader, LOADED, lambda progress: None)


@pytest.fixture
def migration(lab: Any, tmp_path: Path, aws_environment: None) -> Iterator[Migration]:
    client = lab.client("dynamodb")
    client.create_table(
        TableName="ZzShop",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName="ZzShop", WaiterConfig={"Delay": 1})
    site = load_site(write_site(lab, tmp_path))
    with source_tables(lab), Connections(site, lab.env) as connections:
        yield Migration(connections, load_contract(site))
    client.delete_table(TableName="ZzShop")


def test_what_was_loaded_is_equal_until_somebody_touches_it(lab: Any, migration: Migration) -> None:
    migration.load()
    found = migration.compare()
    assert found.equal
    assert [(entity.entity, entity.source_rows, entity.items) for entity in found.entities] == [("OWNER", 3, 3), ("THING", 2, 2)]

    lab.client("dynamodb").update_item(
        TableName="ZzShop",
        Key={"PK": {"S": "OWNER#0000000001"}, "SK": {"S": "THING#0000000002"}},
        UpdateExpression="SET price = :p",
        ExpressionAttributeValues={":p": {"N": "0.25"}},
    )
    assert [entity.equal for entity in migration.compare().entities] == [True, False]


def test_a_row_that_came_later_and_an_item_of_somebody_else_are_seen(lab: Any, migration: Migration) -> None:
    migration.load()
    with lab.connect("landbridge_app", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO zz_owner VALUES (4, 'late', NOW(6))")
    lab.client("dynamodb").put_item(TableName="ZzShop", Item={"PK": {"S": "X"}, "SK": {"S": "Y"}, "EntityType": {"S": "GHOST"}})
    found = migration.compare()
    assert [(entity.source_rows, entity.items, entity.equal) for entity in found.entities] == [(4, 3, False), (2, 2, True)]
    assert found.foreign == {"ZzShop / GHOST": 1}
