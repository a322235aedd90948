# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where the staged columns of a record stand, in each form that DMS may write."""

from __future__ import annotations

from dataclasses import replace

from landbridge.staging.profile import added_columns, record_layouts

from tests.fixtures.billing_tables import column, table

PLAIN = table("thing", "a", "a int", "b int", "c int")
GENERATED = replace(column("g int", 2), generated=True)
WITH_GENERATED = replace(PLAIN, columns=(PLAIN.columns[0], GENERATED, *PLAIN.columns[1:]))


def test_added_columns_are_the_change_sequence_and_the_old_key() -> None:
    assert added_columns(table("thing", "a b", "a int", "b int")) == ("_dms_seq", "BI_a", "BI_b")


def test_a_record_is_its_columns_with_or_without_the_added_ones() -> None:
    assert record_layouts(PLAIN) == {4: (0, 1, 2, 3), 6: (0, 1, 2, 3)}


def test_a_generated_column_may_be_there_or_not() -> None:
    assert record_layouts(WITH_GENERATED) == {4: (0, 1, 2, 3), 6: (0, 1, 2, 3), 5: (0, 1, 3, 4), 7: (0, 1, 3, 4)}


def test_of_two_forms_with_equally_many_fields_the_one_with_added_columns_is_meant() -> None:
    two = replace(WITH_GENERATED, columns=(*WITH_GENERATED.columns, replace(GENERATED, name="h")))
    assert record_layouts(two)[6] == (0, 1, 2, 3)
    assert record_layouts(two)[8] == (0, 1, 3, 4)


def test_an_invisible_column_is_never_written() -> None:
    hidden = replace(PLAIN, columns=(replace(column("z int"), invisible=True), *PLAIN.columns))
    assert record_layouts(hidden) == record_layouts(PLAIN)
