# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Transformations: names, columns, keys, types, before images, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lab.dms.dialects.dialect import DIALECTS
from lab.dms.faults import Fault
from lab.dms.sources.mysql import TableError
from tests.unit.lab.dms.mappings.mapping_rules import ORDERS, add_column, column, names, plan, read, selection, table, transformation

KEY = {"name": "k", "columns": ["name", "id"]}


def before_image(number: int, **definition: Any) -> dict[str, Any]:
    return transformation(number, "add-before-image-columns", **{"before-image-def": definition})


def on(name: str, table_name: str = "t") -> dict[str, Any]:
    return {"locator": {"column-name": name, "table-name": table_name}}


@pytest.mark.parametrize(
    ("action", "values", "new"),
    [
        ("rename", {"value": "Other"}, "Other"),
        ("convert-lowercase", {}, "orders_old"),
        ("convert-uppercase", {}, "ORDERS_OLD"),
        ("add-prefix", {"value": "x_"}, "x_Orders_old"),
        ("remove-prefix", {"value": "Orders_"}, "old"),
        ("remove-prefix", {"value": "orders_"}, "Orders_old"),
        ("replace-prefix", {"value": "New", "old-value": "Orders"}, "New_old"),
        ("replace-prefix", {"value": "New", "old-value": "old"}, "Orders_old"),
        ("add-suffix", {"value": "_x"}, "Orders_old_x"),
        ("remove-suffix", {"value": "_old"}, "Orders"),
        ("replace-suffix", {"value": "new", "old-value": "old"}, "Orders_new"),
        ("replace-suffix", {"value": "", "old-value": "_old"}, "Orders"),
    ],
)
@pytest.mark.parametrize("target", ["schema", "table", "column"])
def test_names(action: str, values: dict[str, str], new: str, target: str) -> None:
    locator = {"schema-name": "%"} | ({"column-name": "Ord%"} if target == "column" else {})
    mappings = read(selection(1, "%"), transformation(2, action, target, locator=locator, **values))
    source = replace(table(column("id", "int(11)"), column("Orders_old"), name="Orders_old"), schema="Orders_old")
    planned = mappings.plan(source, DIALECTS["guide"])
    found = {"schema": planned.schema, "table": planned.table, "column": planned.columns[1].name}
    assert found.pop(target) == new
    assert set(found.values()) == {"Orders_old"}
    assert planned.columns[1].source == source.columns[1]
    assert mappings.target("Orders_old", "Orders_old") == (planned.schema, planned.table)


def test_of_several_rules_for_one_object_the_lowest_number_applies() -> None:
    planned = plan(
        transformation(10, "rename", "table", value="later"),
        transformation(9, "rename", "table", value="first"),
        transformation(8, "rename", "table", locator={"table-name": "other"}, value="elsewhere"),
        transformation(12, "rename", **on("name"), value="late"),
        transformation(11, "convert-uppercase", **on("n_me")),
        transformation(13, "remove-column", **on("name")),
    )
    assert planned.table == "first"
    assert names(planned) == ["id", "NAME", "note", "amount", "made"]


def test_removed_columns() -> None:
    assert names(plan(transformation(2, "remove-column", **on("n%")))) == ["id", "amount", "made"]


def test_included_columns_are_the_only_ones() -> None:
    included = [transformation(2, "include-column", **on("id")), transformation(3, "include-column", **on("no%"))]
    assert names(plan(*included)) == ["id", "note"]
    assert names(plan(*included, transformation(4, "add-prefix", **on("id"), value="x_"))) == ["x_id", "note"]


def test_a_column_that_is_included_and_removed() -> None:
    included, removed = transformation(2, "include-column", **on("%")), transformation(3, "remove-column", **on("id"))
    assert "id" in names(plan(included, removed))
    assert "id" not in names(plan({**included, "rule-id": "4", "rule-name": "4"}, removed))


def test_no_column_is_left() -> None:
    with pytest.raises(TableError, match="no column"):
        plan(transformation(2, "remove-column", **on("%")))


def test_lobs_and_invisible_and_generated_columns() -> None:
    source = table(column("id", "int(11)"), column("l", "json"), column("g", generated=True), column("i", invisible=True))
    assert names(plan(of=source)) == ["id", "l", "g"]
    assert names(plan(of=source, lobs=False)) == ["id", "g"]
    assert names(plan(of=source, dialect=DIALECTS["sparse"])) == ["id", "l"]


def test_a_lob_can_only_be_removed() -> None:
    assert "note" not in names(plan(transformation(2, "remove-column", **on("note"))))
    with pytest.raises(TableError, match=r"rule-id 2 .*note, a LOB"):
        plan(transformation(2, "convert-uppercase", **on("%")))
    assert names(plan(transformation(2, "convert-uppercase", **on("%")), lobs=False)) == ["ID", "NAME", "AMOUNT", "MADE"]


@pytest.mark.parametrize("name", ["a#b", "a\\b", "a/b", "a-b", "שם", "اسم"])
def test_names_that_dms_does_not_transform(name: str) -> None:
    with pytest.raises(Fault, match=r"ruleId = 2 failed validation\. DMS does not transform"):
        plan(transformation(2, "rename", **on(name), value="x"))
    with pytest.raises(TableError, match="rule-id 2 changes the column"):
        plan(transformation(2, "add-prefix", **on("%"), value="x"), of=table(column(name)))


def test_two_columns_with_one_name() -> None:
    with pytest.raises(TableError, match="id and ID"):
        plan(transformation(2, "rename", **on("name"), value="ID"))
    with pytest.raises(TableError, match="name and NAME"):
        plan(add_column(2, "NAME", "'x'"))


def test_added_columns_stand_in_the_order_of_the_rules_or_of_the_dialect() -> None:
    rules = (before_image(2, **{"column-suffix": "_before", "column-prefix": ""}), add_column(3, "seq", "$AR_H_CHANGE_SEQ"))
    own = [c.name for c in ORDERS.columns]
    assert names(plan(*rules)) == [*own, "id_before", "seq"]
    assert names(plan(*rules, dialect=DIALECTS["exponents"])) == [*own, "seq", "id_before"]


@pytest.mark.parametrize(
    ("definition", "imaged"),
    [
        ({}, ["BI_id"]),
        ({"column-filter": "pk-only"}, ["BI_id"]),
        ({"column-filter": "non-lob", "column-suffix": "_x"}, ["BI_id_x", "BI_name_x", "BI_amount_x", "BI_made_x"]),
        ({"column-filter": "all", "column-prefix": "b_"}, ["b_id", "b_name", "b_note", "b_amount", "b_made"]),
    ],
)
def test_before_images(definition: dict[str, str], imaged: list[str]) -> None:
    added = plan(before_image(2, **definition)).columns[5:]
    assert [c.name for c in added] == imaged
    for found in added:
        if found.name == "b_note":
            assert found.expression is not None
            assert found.expression.text == "NULL"
        else:
            assert found.before in ORDERS.columns


def test_before_images_of_removed_columns() -> None:
    rules = (transformation(2, "remove-column", **on("name")), transformation(3, "remove-column", **on("id")))
    assert names(plan(*rules, before_image(4)))[-1] == "BI_id"
    assert "BI_name" not in names(plan(*rules, before_image(4, **{"column-filter": "non-lob"})))


def test_a_defined_key() -> None:
    rule = transformation(2, "define-primary-key", "table", locator={"table-name": "t"}, **{"primary-key-def": KEY})
    planned = plan(rule, before_image(3))
    assert planned.key == ("name", "id")
    assert names(planned)[-2:] == ["BI_name", "BI_id"]
    assert plan().key == ("id",)
    with pytest.raises(TableError, match=r"rule-id 2 .*the column name"):
        plan(rule, of=table(column("id", "int(11)")))


def test_a_changed_type() -> None:
    planned = plan(
        transformation(2, "change-data-type", **on("amount"), **{"data-type": {"type": "string", "length": "4092", "scale": ""}})
    )
    assert [c.data_type for c in planned.columns] == ["", "", "", "string(4092)", ""]


def test_types_changed_by_type() -> None:
    locator = {"column-name": "%", "data-type": "datetime"}
    planned = plan(transformation(2, "change-data-type", locator=locator, **{"data-type": {"type": "date"}}))
    assert [c.data_type for c in planned.columns] == ["", "", "", "", "date"]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (
            transformation(2, "change-data-type", locator={"column-name": "%", "data-type": "DATETIME"}, **{"data-type": {"type": "date"}}),
            "'DATETIME' of the object-locator",
        ),
        (transformation(2, "rename", "table-tablespace", value="x"), "the rule-target table-tablespace, which is for Oracle"),
        (transformation(2, "rename", "index-tablespace", value="x"), "the rule-target index-tablespace, which is for Oracle"),
        (transformation(2, "rename", "database", value="x"), "'database' is not one of"),
        (transformation(2, "rotate", "table"), "'rotate' is not one of"),
        (transformation(2, "Rename", "table", value="x"), "'Rename' is not one of"),
        (transformation(2, "data-masking-hash-mask", **on("name")), "data-masking-hash-mask"),
        (transformation(2, "rename", "table"), "rename needs a value"),
        (transformation(2, "replace-prefix", "table", value="x"), "replace-prefix needs an old-value"),
        (transformation(2, "rename", "table", value="x", expression="$AR_M_SOURCE_SCHEMA"), "an expression in a rule that renames"),
        (transformation(2, "rename", value="x"), "column-name is missing"),
        (transformation(2, "remove-column"), "column-name is missing"),
        (transformation(2, "remove-column", "table"), "remove-column needs the rule-target column"),
        (
            transformation(2, "change-data-type", "table", **{"data-type": {"type": "int8"}}),
            "change-data-type needs the rule-target column",
        ),
        (transformation(2, "rename", "schema", locator={"table-name": "t"}, value="x"), "names a schema only"),
        (transformation(2, "rename", "table", **on("c"), value="x"), "names no column"),
        (transformation(2, "define-primary-key", "column", **{"primary-key-def": KEY}), "needs the rule-target table"),
        (transformation(2, "define-primary-key", "table", **{"primary-key-def": KEY}), "without wildcards"),
        (transformation(2, "define-primary-key", "table", locator={"table-name": "t"}), "needs a primary-key-def"),
        (
            transformation(2, "define-primary-key", "table", locator={"table-name": "t"}, **{"primary-key-def": {**KEY, "origin": "x"}}),
            "the origin 'x'",
        ),
        (
            transformation(2, "define-primary-key", "table", locator={"table-name": "t"}, **{"primary-key-def": {"name": "k"}}),
            "columns is missing",
        ),
        (transformation(2, "add-before-image-columns"), "needs a before-image-def"),
        (before_image(2, **{"column-prefix": ""}), "column-prefix or a column-suffix"),
        (before_image(2, **{"column-filter": "some"}), "'some' is not one of pk-only, non-lob, all"),
        (before_image(2, **{"column-case": "lower"}), "column-case in a before-image-def"),
        (transformation(2, "add-column", expression="1", **{"data-type": {"type": "string"}}), "value is missing"),
        (transformation(2, "add-column", value="x", expression="1"), "needs a data-type"),
        (transformation(2, "remove-column", **on("x"), expression="1"), "expression in rules of the action remove-column"),
        (add_column(2, "x", "1", {"type": "string", "lenght": 50}), "lenght in a data-type"),
        (add_column(2, "x", "1", {"type": "string", "length": "many"}), "length of the data-type is not a number"),
        (add_column(2, "x", "1", {"type": "varchar"}), "'varchar' is not one of"),
        (add_column(2, "x", "1", {"type": "clob"}), "the data-type clob"),
        (add_column(2, "x", "1", {"type": "numeric", "scale": 2}), "needs a precision"),
        (add_column(2, "x", "1", {"type": "numeric", "precision": 2, "scale": 3}), "not below the scale"),
        (add_column(2, "x", "1", {"type": "datetime", "precision": 7}), "0 to 6"),
    ],
)
def test_refusals_name_the_rule(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(Fault) as refused:
        read(selection(1), rule)
    assert "ruleId = 2" in refused.value.message
    assert named in refused.value.message
