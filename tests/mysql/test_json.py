# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""JSON, which MySQL logs in a binary form: the log gives the very text that the server prints in a full load."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lab.dms.dialects.dialect import DIALECTS
from tests.integration.lab.dms.binlogs import Log

SCALARS = [
    *("'null'", "'true'", "'false'", "'\"\"'", "'[]'", "'{}'"),
    # Each of the widths that a number may have.
    *(f"'{number}'" for bits in (8, 16, 32, 64) for number in (-(1 << bits - 1), (1 << bits - 1) - 1, 1 << bits - 1, (1 << bits) - 1)),
    *("'0'", "'-1'", "'-0'", "'-32769'", "'18446744073709551616'", "'-9223372036854775809'"),
    *("'0.0'", "'-0.0'", "'1.0'", "'0.1'", "'1e300'", "'-1e-300'", "'1e15'", "'1e16'", "'123456789012345678.0'", "'1e-7'", "'5e-324'"),
    *("'1.7976931348623157e308'", "'3.141592653589793'", "'1e-5'", "'0.00001234567890123456'", "'100000000000000000000'"),
]
TEXTS = [
    # As JSON and SQL each escape them.
    r"""'"a \\"quoted\\" word, \\\\ and \\/"'""",
    r"""'"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001f\\u007f\\u0080\\u2028"'""",
    "'\"Grüße, 世界 🚚\"'",
    r"""'"\\ud83d\\ude9a \\u00e9"'""",
    # Lengths of one, two, three and four bytes.
    *(f"JSON_QUOTE(REPEAT('x', {size}))" for size in (127, 128, 16_383, 16_384, 2_097_151, 2_097_152)),
]
# What JSON has no types for.
OPAQUE = [
    *(f"CAST(CAST('{number}' AS DECIMAL(65,30)) AS JSON)" for number in ("0", "-1.5", "9" * 35 + "." + "9" * 30, "1e-30")),
    *("CAST(CAST('1.50' AS DECIMAL(10,2)) AS JSON)", "CAST(CAST('-7' AS DECIMAL(3,0)) AS JSON)"),
    *("CAST(DATE'2024-02-29' AS JSON)", "CAST(DATE'0000-00-00' AS JSON)", "CAST(DATE'9999-12-31' AS JSON)"),
    *("CAST(TIME'12:34:56' AS JSON)", "CAST(TIME'-838:59:58.000001' AS JSON)", "CAST(CAST('838:59:59' AS TIME) AS JSON)"),
    *(
        "CAST(TIMESTAMP'2024-02-29 12:34:56.123456' AS JSON)",
        "CAST(TIMESTAMP'0000-00-00 00:00:00' AS JSON)",
        "JSON_ARRAY(NOW(6), UTC_TIME(3))",
    ),
    *("CAST(x'00FF' AS JSON)", "CAST(CAST(REPEAT('b', 60) AS BINARY) AS JSON)", "JSON_OBJECT('bit', b'101', 'none', CAST('' AS BINARY))"),
    *("CAST(CAST(2024 AS YEAR) AS JSON)", "CAST(1.5e0 AS JSON)", "CAST(18446744073709551615 AS JSON)", "JSON_ARRAY(1.50, true, NULL)"),
    *("CAST(ST_GeomFromText('POINT(1 2)') AS JSON)", "JSON_ARRAY(REPEAT(x'FF', 57), REPEAT(x'FF', 58), REPEAT(x'FF', 200))"),
]
DOCUMENTS = [
    """'{"b": 1, "aa": 2, "a": {"x": [1, 2, {"y": null}]}, "": "", "B": true}'""",
    """'{"same": 1, "same": 2}'""",
    "'" + "[" * 99 + "1" + "]" * 99 + "'",
    "'" + '{"k":' * 99 + "1" + "}" * 99 + "'",
    "JSON_OBJECT(REPEAT('k', 65535), 1, REPEAT('ü', 32767), 2)",
    # A small container holds 64 kB: the one behind it is large.
    "JSON_ARRAY(REPEAT('x', 65520))",
    "JSON_ARRAY(REPEAT('x', 65530), 1, -1, 65536, -65536, 4294967296, 1.5, true, NULL)",
    "JSON_OBJECT('big', REPEAT('x', 70000), 'n', 70000, 'inner', JSON_OBJECT('small', 1))",
    "(SELECT JSON_ARRAYAGG(n) FROM (WITH RECURSIVE s AS (SELECT 1 n UNION ALL SELECT n + 1 FROM s WHERE n < 900) SELECT n FROM s) q)",
    f"'{json.dumps([*range(70_000)])}'",
    f"'{json.dumps({f'key {number}': number for number in range(5_000)})}'",
]


@pytest.fixture
def documents(log: Log) -> Log:
    log.run("SET SESSION sql_mode = ''")
    log.run("CREATE TABLE documents (id INT AUTO_INCREMENT PRIMARY KEY, j JSON)")
    return log


def same(log: Log, have: list[tuple[str | None, ...]], dialect: str) -> None:
    want = log.texts(log.table("documents"), DIALECTS[dialect])
    for one, other in zip(have, want, strict=True):
        assert one == other


@pytest.mark.parametrize("values", [SCALARS, TEXTS, OPAQUE, DOCUMENTS], ids=["scalars", "texts", "opaque", "documents"])
def test_a_document_has_the_text_of_the_full_load(documents: Log, values: list[str]) -> None:
    for value in values:
        documents.run(f"INSERT INTO documents (j) VALUES ({value})")  # noqa: S608 - written above
    documents.run("INSERT INTO documents (j) VALUES (NULL)")
    transactions = documents.transactions()
    for dialect in DIALECTS:
        same(documents, [after for _, _, after in documents.rows(documents.table("documents"), transactions, DIALECTS[dialect])], dialect)


# In place in the stored document: with holes, with texts that became shorter, with members gone.
CHANGES = [
    "JSON_SET(j, '$.name', 'x')",
    "JSON_SET(j, '$.name', 'a longer name')",
    "JSON_REPLACE(j, '$.list[1]', 7)",
    "JSON_REMOVE(j, '$.list[0]')",
    "JSON_SET(j, '$.new', JSON_OBJECT('deep', CAST('1.50' AS DECIMAL(5,2))))",
    "JSON_REMOVE(j, '$.name', '$.big')",
    "JSON_ARRAY_APPEND(j, '$.list', REPEAT('y', 70000))",
    "JSON_MERGE_PATCH(j, '{\"list\": null}')",
]


def test_documents_that_were_changed_in_part(documents: Log) -> None:
    documents.run(
        """INSERT INTO documents (j) VALUES (JSON_OBJECT('name', 'landbridge', 'list', JSON_ARRAY(1, 2, 'c'), 'big', REPEAT('x', 9000)))"""
    )
    table = documents.table("documents")
    before = documents.texts(table, DIALECTS["guide"])[0]
    for change in CHANGES:
        start = documents.position()
        documents.run(f"UPDATE documents SET j = {change}")  # noqa: S608 - written above
        after = documents.texts(table, DIALECTS["guide"])[0]
        assert documents.rows(table, documents.transactions(start)) == [("U", before, after)], change
        before = after


def test_documents_that_are_no_json_column(documents: Log) -> None:
    """A generated column, and one that was a text."""
    documents.run(
        "CREATE TABLE made (id INT PRIMARY KEY, t LONGTEXT, j JSON AS (JSON_OBJECT('t', t)) STORED, v JSON AS (JSON_ARRAY(id)) VIRTUAL)"
    )
    documents.run("INSERT INTO made (id, t) VALUES (1, 'ä')")
    documents.run("UPDATE made SET t = 'b'")
    first, second = ("1", "ä", '{"t": "ä"}', "[1]"), ("1", "b", '{"t": "b"}', "[1]")
    assert documents.rows(documents.table("made")) == [("I", None, first), ("U", first, second)]


LEAVES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5), max_leaves=30
)


# Without shrinking: each example costs several statements.
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, min_size=10, max_size=30))
def test_any_document(documents: Log, trees: list[Any]) -> None:
    documents.run("TRUNCATE documents")
    start = documents.position()
    with documents.administrator.cursor() as cursor:
        cursor.executemany("INSERT INTO documents (j) VALUES (%s)", [json.dumps(tree) for tree in trees])
    transactions = documents.transactions(start)
    for dialect in DIALECTS:
        same(documents, [after for _, _, after in documents.rows(documents.table("documents"), transactions, DIALECTS[dialect])], dialect)
