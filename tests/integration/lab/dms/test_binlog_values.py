# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Values from the binary log have the very text that the full load's SQL gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lab.dms.binlog import ABSENT, compile_rows
from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.sources.mysql import TableError

from .binlogs import Log

# Types and values as SQL writes them; every column has NULL, too.
NUMBERS = {
    "TINYINT": ["-128", "127", "0"],
    "TINYINT UNSIGNED": ["0", "255"],
    "TINYINT(1)": ["0", "1"],
    "SMALLINT": ["-32768", "32767"],
    "SMALLINT UNSIGNED": ["0", "65535"],
    "MEDIUMINT": ["-8388608", "8388607", "-1", "65536"],
    "MEDIUMINT UNSIGNED": ["0", "16777215", "8388608"],
    "INT": ["-2147483648", "2147483647"],
    "INT UNSIGNED": ["0", "4294967295"],
    "INT(8) ZEROFILL": ["42"],
    "BIGINT": ["-9223372036854775808", "9223372036854775807"],
    "BIGINT UNSIGNED": ["0", "18446744073709551615"],
    "BIT(1)": ["0", "1"],
    "BIT(9)": ["0", "257", "511"],
    "BIT(64)": ["0", "18446744073709551615", "1"],
    "DECIMAL(10,2)": ["0", "-0.01", "99999999.99", "-99999999.99", "1.50"],
    "DECIMAL(10,0)": ["0", "100", "-7"],
    "DECIMAL(5,5)": ["0.00001", "-0.5", "0"],
    "DECIMAL(9,9)": ["0.123456789", "-0.000000001"],
    "DECIMAL(18,9)": ["123456789.987654321", "-1"],
    "DECIMAL(20,1)": ["-1234567890123456789.5", "10000000000"],
    "DECIMAL(65,0)": ["9" * 65, "-" + "9" * 65],
    "DECIMAL(65,30)": ["9" * 35 + "." + "9" * 30, "-" + "9" * 35 + "." + "9" * 30, "0.000000000000000000000000000001"],
    "DECIMAL(12,4) ZEROFILL": ["1.5"],
    "FLOAT": ["0", "1.1", "-3.4028234e38", "1.17549435e-38", "16777216", "1e-7", "123456.7", "-0e0"],
    "FLOAT(7,3)": ["1.5", "-1234.567"],
    "DOUBLE": [
        "0",
        "0.1",
        "-1.7976931348623157e308",
        "2.2250738585072014e-308",
        "1e15",
        "1e14",
        "123456789012345678e0",
        "1000000000000000.5e0",
        "1000000000000005e0",
        "1e-15",
        "1e-16",
        "-0e0",
    ],
    "DOUBLE(9,2)": ["1.5", "-1234567.89"],
    "YEAR": ["0", "1901", "2155", "2024"],
}
TIMES = {
    "DATE": ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'", "'2024-00-00'"],
    "TIME": ["'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'", "'12:34:56'"],
    **{f"TIME({n})": ["'-838:59:58.999999'", "'-00:00:00.100009'", "'23:59:59.120000'", "'0'"] for n in range(1, 7)},
    "DATETIME": ["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'", "'2024-02-29 12:34:56'"],
    **{f"DATETIME({n})": ["'0000-00-00'", "'9999-12-31 23:59:58.999999'", "'2024-02-29 12:34:56.100009'"] for n in range(1, 7)},
    "TIMESTAMP NULL": ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2024-02-29 12:34:56'"],
    **{f"TIMESTAMP({n}) NULL": ["'0000-00-00'", "'2038-01-19 03:14:06.999999'", "'2024-02-29 12:34:56.100009'"] for n in range(1, 7)},
}
_WORDS = ["''", "'plain'", "'tail  '", "'a,\"b\"\\n\\r\\\\'"]
_WIDE = [*_WORDS, "'Grüße, 世界 🚚'", "REPEAT('é', 30)"]
TEXTS = {
    "CHAR(40)": _WIDE,
    "CHAR(100) CHARACTER SET utf8mb4": _WIDE,
    "VARCHAR(40)": _WIDE,
    "VARCHAR(500)": [*_WIDE, "REPEAT('x', 500)"],
    "VARCHAR(40) CHARACTER SET utf8mb3": [*_WORDS, "'Grüße, 世界'"],
    "VARCHAR(40) CHARACTER SET latin1": [*_WORDS, "'Grüße €'", "CONVERT(UNHEX('818D8F909DFF') USING latin1)"],
    "VARCHAR(40) CHARACTER SET ascii": _WORDS,
    "VARCHAR(40) CHARACTER SET ucs2": [*_WORDS, "'Grüße 世界'"],
    "CHAR(40) CHARACTER SET utf16": _WIDE,
    "VARCHAR(40) CHARACTER SET utf16le": _WIDE,
    "VARCHAR(40) CHARACTER SET utf32": _WIDE,
    "VARCHAR(40) CHARACTER SET sjis": ["'ソ表'", "CONVERT(UNHEX('815F') USING sjis)"],
    "VARCHAR(40) CHARACTER SET cp932": ["'ソ表①'"],
    "VARCHAR(40) CHARACTER SET ujis": ["'日本'", "CONVERT(UNHEX('A1C0') USING ujis)"],
    "VARCHAR(40) CHARACTER SET gbk": ["'世界'"],
    "VARCHAR(40) CHARACTER SET gb2312": ["'世界'"],
    "VARCHAR(40) CHARACTER SET big5": ["'世界'"],
    "VARCHAR(40) CHARACTER SET euckr": ["'세계'", "CONVERT(UNHEX('8141') USING euckr)"],
    "VARCHAR(40) CHARACTER SET cp1251": ["'мир'"],
    "VARCHAR(40) CHARACTER SET koi8r": ["'мир'"],
    "VARCHAR(40) CHARACTER SET greek": ["'κόσμε'", "CONVERT(UNHEX('A1A2') USING greek)"],
    "VARCHAR(40) CHARACTER SET hebrew": ["'עולם'"],
    "VARCHAR(40) CHARACTER SET tis620": ["'โลก'"],
    "VARCHAR(40) CHARACTER SET swe7": ["'smörgås'"],
    "VARCHAR(40) CHARACTER SET armscii8": ["'աշխարհ'"],
    "TINYTEXT": _WIDE,
    "TEXT": [*_WIDE, "REPEAT('x', 65535)"],
    "MEDIUMTEXT": [*_WIDE, "REPEAT('€', 40000)"],
    "LONGTEXT CHARACTER SET latin1": [*_WORDS, "REPEAT('ü', 70000)"],
    "ENUM('a','b,c','d''e','f\\\\g','世')": ["'a'", "'b,c'", "'d''e'", "'f\\\\g'", "'世'", "''"],
    "ENUM('ä','b') CHARACTER SET latin1": ["'ä'", "'b'"],
    "SET('x','y''z','ü')": ["''", "'x'", "'y''z,ü'", "'x,y''z,ü'"],
    "SET(" + ",".join(f"'m{n}'" for n in range(64)) + ")": ["18446744073709551615", "9223372036854775808", "1"],
    "JSON": ['\'{"b": 1, "a": [1.50, null, "ü"]}\'', "'[]'"],
}
BYTES = {
    "BINARY(5)": ["''", "x'0100'", "x'00'", "x'0102030405'"],
    "BINARY(255)": ["x'FF'"],
    "VARBINARY(10)": ["''", "x'0100'", "x'00FF'"],
    "VARBINARY(300)": ["REPEAT(x'00', 300)"],
    "TINYBLOB": ["''", "x'00FF'"],
    "BLOB": ["REPEAT(x'AB', 65535)", "x'00'"],
    "MEDIUMBLOB": ["REPEAT(x'CD', 70000)"],
    "LONGBLOB": ["''", "x'0D0A'"],
    "POINT": ["POINT(1.5, -2)"],
    "GEOMETRY": ["ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))', 4326)"],
    "GEOMETRYCOLLECTION": ["ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,2 2))')"],
}
# Types of MariaDB alone.
ADDRESSES = {
    "UUID": ["'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-4fff-bfff-ffffffffff00'"],
    "INET6": [
        "'::'",
        "'2001:db8::ff00:42:8329'",
        "'::ffff:192.0.2.128'",
        "'1::'",
        "'::1'",
        "'::1:0:0'",
        "'::192.0.2.1'",
        "'1:0:2:3:4:5:6:7'",
        "'1:0:0:2:0:0:0:3'",
    ],
    "INET4": ["'0.0.0.0'", "'192.0.2.0'", "'255.255.255.255'"],
}


def made(log: Log, types: dict[str, list[str]]) -> None:
    """The table ``zoo`` with a column for each type and so many rows that every value occurs; one row more is all NULL."""
    columns = [f"c{number} {kind}" for number, kind in enumerate(types)]
    log.run(f"CREATE TABLE zoo (id INT PRIMARY KEY, {', '.join(columns)}) ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4")
    log.run("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'")
    for row in range(max(map(len, types.values()))):
        values = [value[row % len(value)] for value in types.values()]
        log.run(f"INSERT INTO zoo VALUES ({row}, {', '.join(values)})")  # noqa: S608 - written above
    log.run("INSERT INTO zoo (id) VALUES (1000)")


@pytest.mark.parametrize(
    "types",
    [NUMBERS, TIMES, TEXTS, BYTES, pytest.param(ADDRESSES, marks=pytest.mark.mariadb)],
    ids=["numbers", "times", "texts", "bytes", "addresses"],
)
def test_every_value_has_the_text_of_the_full_load(log: Log, types: dict[str, list[str]]) -> None:
    made(log, types)
    table = log.table("zoo")
    transactions = log.transactions()
    for dialect in DIALECTS.values():
        expected = log.texts(table, dialect)
        got = [after for operation, _, after in log.rows(table, transactions, dialect) if operation == "I"]
        for want, have in zip(expected, got, strict=True):
            assert dict(zip(types, have[1:], strict=True)) == dict(zip(types, want[1:], strict=True)), dialect.name


def test_before_and_after_images(log: Log) -> None:
    types = {kind: values for group in (NUMBERS, TIMES) for kind, values in group.items()}
    made(log, types)
    table = log.table("zoo")
    old = log.texts(table, GUIDE)
    start = log.position()
    names = [column.name for column in table.columns[1::3]]
    log.run(f"UPDATE zoo SET {', '.join(f'{name} = NULL' for name in names)} WHERE id < 3")  # noqa: S608 - names made here
    new = log.texts(table, GUIDE)
    log.run("DELETE FROM zoo")
    rows = log.rows(table, log.transactions(start))
    assert [row for row in rows if row[0] == "U"] == [("U", before, after) for before, after in zip(old[:3], new[:3], strict=True)]
    assert [row for row in rows if row[0] == "D"] == [("D", image, None) for image in new]


def test_only_the_wanted_columns(log: Log) -> None:
    made(log, TEXTS | NUMBERS)
    table = log.table("zoo")
    wanted = [5, 0, len(table.columns) - 1, 20]
    whole = log.rows(table)
    assert log.rows(table, wanted=wanted) == [("I", None, tuple(after[place] for place in wanted)) for _, _, after in whole]


@pytest.mark.parametrize("metadata", ["MINIMAL", pytest.param("NO_LOG", marks=pytest.mark.mariadb)])
def test_without_optional_metadata_the_catalogue_tells(log: Log, metadata: str) -> None:
    log.run(f"SET GLOBAL binlog_row_metadata = {metadata}")
    try:
        made(log, TEXTS | NUMBERS)
    finally:
        log.run("SET GLOBAL binlog_row_metadata = FULL")
    table = log.table("zoo")
    assert [after for _, _, after in log.rows(table)] == log.texts(table, GUIDE)


def test_shortened_images(log: Log) -> None:
    log.run("CREATE TABLE short (id INT PRIMARY KEY, a INT, b VARCHAR(10), c DATE)")
    log.run("SET SESSION binlog_row_image = MINIMAL")
    try:
        log.run("INSERT INTO short (id, b) VALUES (1, 'x')")
        log.run("UPDATE short SET a = 5 WHERE id = 1")
        log.run("DELETE FROM short")
    finally:
        log.run("SET SESSION binlog_row_image = FULL")
    inserted, updated, deleted = log.rows(log.table("short"))
    assert inserted[2][0::2] == ("1", "x")
    assert updated[1][0] == "1"
    assert all(value is ABSENT for value in updated[1][1:])
    assert updated[2][:2] == ("1", "5")
    assert all(value is ABSENT for value in updated[2][2:])
    assert deleted[1][0] == "1"
    assert all(value is ABSENT for value in deleted[1][1:])


def test_generated_and_invisible_columns(log: Log) -> None:
    log.run(
        "CREATE TABLE more (id INT PRIMARY KEY, a INT, hidden INT INVISIBLE DEFAULT 7, "
        "kept INT AS (a + 1) STORED, made INT AS (a + 2) VIRTUAL, last CHAR(3))"
    )
    log.run("INSERT INTO more (id, a, last) VALUES (1, 10, 'z')")
    table = log.table("more")
    assert log.rows(table) == [("I", None, ("1", "10", "11", "12", "z"))]
    assert log.rows(table, wanted=[2]) == [("I", None, ("7",))]


@pytest.mark.mariadb
def test_unique_key_over_a_text(log: Log) -> None:
    """MariaDB has a column for it that the catalogue does not list."""
    log.run("CREATE TABLE uniq (id INT PRIMARY KEY, t TEXT UNIQUE, n INT)")
    log.run("INSERT INTO uniq VALUES (1, 'a', 2)")
    log.run("UPDATE uniq SET n = 3")
    table = log.table("uniq")
    assert log.rows(table) == [("I", None, ("1", "a", "2")), ("U", ("1", "a", "2"), ("1", "a", "3"))]


def test_a_table_altered_since(log: Log) -> None:
    log.run("CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    log.run("INSERT INTO t VALUES (1, 2)")
    log.run("ALTER TABLE t ADD b INT")
    (transaction,) = log.transactions()
    (event,) = transaction.rows
    with pytest.raises(TableError, match="was altered"):
        compile_rows(event.table, log.table("t"), GUIDE)
    log.run("ALTER TABLE t DROP b, MODIFY a VARCHAR(10)")
    with pytest.raises(TableError, match="was altered"):
        compile_rows(event.table, log.table("t"), GUIDE)
    log.run("ALTER TABLE t CHANGE a z INT")
    with pytest.raises(TableError, match="was altered"):
        compile_rows(event.table, log.table("t"), GUIDE)


@pytest.fixture
def reals(log: Log) -> Iterator[Log]:
    log.run("CREATE TABLE reals (id INT AUTO_INCREMENT PRIMARY KEY, d DOUBLE, f FLOAT, n DECIMAL(65,30), m DECIMAL(13,4))")
    yield log


# Without shrinking: each example costs a dozen statements.
@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.floats(allow_nan=False, allow_infinity=False, width=32),
            st.decimals(min_value=-(10**35) + 1, max_value=10**35 - 1, places=30),
            st.decimals(min_value=-999999999, max_value=999999999, places=4),
        ),
        min_size=20,
        max_size=60,
    )
)
def test_numbers_as_the_server_prints_them(reals: Log, rows: list[tuple[Any, ...]]) -> None:
    reals.run("TRUNCATE reals")
    start = reals.position()
    values = ", ".join(f"(NULL, {d!r}, {f!r}, {n:f}, {m:f})" for d, f, n, m in rows)
    reals.run("SET SESSION sql_mode = ''")
    reals.run(f"INSERT INTO reals VALUES {values}")  # noqa: S608 - numbers
    table = reals.table("reals")
    transactions = reals.transactions(start)
    for dialect in DIALECTS.values():
        assert [after for _, _, after in reals.rows(table, transactions, dialect)] == reals.texts(table, dialect)
