# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Transformation rules: names of schemas, tables and columns, and columns left out or of another type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .rules import Rule, add_column, mappings, select, transform
from .site import Rows, Site

# Action on a column: its members, and the column's name afterwards. The column is "pre_Mid_suf" of the table "c_<action>".
COLUMN_ACTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "rename": ({"value": "other"}, "other"),
    "convert-lowercase": ({}, "pre_mid_suf"),
    "convert-uppercase": ({}, "PRE_MID_SUF"),
    "add-prefix": ({"value": "new_"}, "new_pre_Mid_suf"),
    "remove-prefix": ({"value": "pre_"}, "Mid_suf"),
    "replace-prefix": ({"value": "new_", "old_value": "pre_"}, "new_Mid_suf"),
    "add-suffix": ({"value": "_end"}, "pre_Mid_suf_end"),
    "remove-suffix": ({"value": "_suf"}, "pre_Mid"),
    "replace-suffix": ({"value": "_end", "old_value": "_suf"}, "pre_Mid_end"),
}
# Action on a table: its name, the members and the name afterwards.
TABLE_ACTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "rename": ("t_one", {"value": "another"}, "another"),
    "convert-lowercase": ("T_Lower", {}, "t_lower"),
    "convert-uppercase": ("t_upper", {}, "T_UPPER"),
    "add-prefix": ("t_two", {"value": "DMS_"}, "DMS_t_two"),
    "remove-prefix": ("old_three", {"value": "old_"}, "three"),
    "replace-prefix": ("old_four", {"value": "new_", "old_value": "old_"}, "new_four"),
    "add-suffix": ("t_five", {"value": "_DMS"}, "t_five_DMS"),
    "remove-suffix": ("six_DMS", {"value": "_DMS"}, "six"),
    "replace-suffix": ("seven_old", {"value": "_new", "old_value": "_old"}, "seven_new"),
}


@dataclass(frozen=True)
class Transformed:
    """The folder of the files, and the schema."""

    folder: str
    schema: str

    def table(self, name: str) -> str:
        return f"{self.folder}/{self.schema}/{name}/"


@pytest.fixture(scope="module")
def names(site: Site) -> Transformed:
    schema = site.schema()
    rules: list[Rule] = [select(schema)]
    for action, (members, _) in COLUMN_ACTIONS.items():
        table = f"c_{action.replace('-', '_')}"
        site.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, pre_Mid_suf INT)")
        site.execute(f"INSERT INTO {table} VALUES (1, 2)")  # noqa: S608 - a name from above
        rules.append(transform("column", action, schema, table, "pre_Mid_suf", **members))
    for action, (table, members, _) in TABLE_ACTIONS.items():
        site.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY)")
        site.execute(f"INSERT INTO {table} VALUES (1)")  # noqa: S608 - a name from above
        rules.append(transform("table", action, schema, table, **members))
    _, folder = site.load(mappings(*rules), AddColumnName=True)
    return Transformed(folder, schema)


@pytest.mark.behaviour("transformations.column_names")
@pytest.mark.parametrize("action", COLUMN_ACTIONS)
def test_a_column_changes_its_name(site: Site, names: Transformed, action: str) -> None:
    assert site.rows(names.table(f"c_{action.replace('-', '_')}")) == [["Op", "id", COLUMN_ACTIONS[action][1]], ["I", "1", "2"]]


@pytest.mark.behaviour("transformations.table_names")
@pytest.mark.parametrize("action", TABLE_ACTIONS)
def test_a_table_changes_its_name(site: Site, names: Transformed, action: str) -> None:
    source, _, target = TABLE_ACTIONS[action]
    assert site.keys(names.table(target)) == [f"{names.table(target)}LOAD00000001.csv"]
    assert site.keys(names.table(source)) == []


@pytest.fixture(scope="module")
def shapes(site: Site) -> Transformed:
    """Rules on the schema and on the columns of one table each."""
    schema = site.schema()
    site.execute("CREATE TABLE removed (id INT PRIMARY KEY, secret CHAR(1), note CHAR(1))")
    site.execute("INSERT INTO removed VALUES (1, 's', 'n')")
    site.execute("CREATE TABLE retyped (id INT PRIMARY KEY, amount DECIMAL(6,2), day DATETIME)")
    site.execute("INSERT INTO retyped VALUES (1, 12.00, '2026-01-02 03:04:05')")
    site.execute("CREATE TABLE keyless (a INT, b INT)")
    site.execute("INSERT INTO keyless VALUES (1, 2)")
    key = {"name": "a-key", "columns": ["a"]}
    _, folder = site.load(
        mappings(
            select(schema),
            transform("schema", "rename", schema, value=f"{schema}_new"),
            transform("column", "remove-column", schema, "removed", "secret"),
            transform("column", "change-data-type", schema, "retyped", "amount", data_type={"type": "int8"}),
            transform("table", "define-primary-key", schema, "keyless", primary_key_def=key),
            add_column("where", "$AR_M_SOURCE_SCHEMA", schema, "keyless"),
        )
    )
    return Transformed(folder, f"{schema}_new")


@pytest.mark.behaviour("transformations.schema_rename")
def test_a_schema_changes_its_name(site: Site, shapes: Transformed) -> None:
    assert {key.split("/")[-3] for key in site.keys(f"{shapes.folder}/")} == {shapes.schema}


@pytest.mark.behaviour("transformations.remove_column")
def test_a_column_is_left_out(site: Site, shapes: Transformed) -> None:
    assert site.rows(shapes.table("removed")) == [["I", "1", "n"]]


@pytest.mark.behaviour("transformations.change_data_type")
def test_a_column_changes_its_type(site: Site, shapes: Transformed) -> None:
    rows: Rows = site.rows(shapes.table("retyped"))
    assert rows[0][:3] == ["I", "1", "12"]


@pytest.mark.behaviour("transformations.define_primary_key")
def test_a_key_may_be_defined(site: Site, shapes: Transformed) -> None:
    assert site.rows(shapes.table("keyless")) == [["I", "1", "2", shapes.schema.removesuffix("_new")]]


@pytest.mark.behaviour("transformations.one_action_per_object")
def test_an_object_takes_one_action(site: Site) -> None:
    schema = site.schema()
    site.execute("CREATE TABLE one (id INT PRIMARY KEY)")
    site.execute("INSERT INTO one VALUES (1)")
    twice = (transform("table", "add-prefix", schema, "one", value="a_"), transform("table", "add-suffix", schema, "one", value="_b"))
    target, folder = site.target()
    try:
        task = site.task(mappings(select(schema), *twice), target)
    except ClientError as refused:
        assert refused.response["Error"]["Code"].startswith("InvalidParameter")
        return
    site.run(task, "start-replication", "failed", "stopped")
    assert site.keys(f"{folder}/{schema}/a_one_b/") == []
