# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Columns as only MySQL has them: what the log holds of each, beside what a full load writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.dms.binlog import compile_rows
from lab.dms.dialects.dialect import DIALECTS, GUIDE
from lab.dms.sources.mysql import TableError
from tests.integration.lab.dms.binlogs import Log


def inserted(log: Log, table: str, dialect: str = "guide") -> list[tuple[str | None, ...]]:
    return [after for operation, _, after in log.rows(log.table(table), dialect=DIALECTS[dialect]) if operation == "I"]


def same_as_loaded(log: Log, table: str, order: str = "id") -> None:
    for name, dialect in DIALECTS.items():
        assert inserted(log, table, name) == log.texts(log.table(table), dialect, order), name


@pytest.fixture
def keys_are_made(log: Log) -> Iterator[Log]:
    log.run("SET SESSION sql_generate_invisible_primary_key = ON")
    yield log
    log.run("SET SESSION sql_generate_invisible_primary_key = OFF")


def test_a_primary_key_that_the_server_made_is_logged_and_not_read(keys_are_made: Log) -> None:
    log = keys_are_made
    log.run("CREATE TABLE keyless (word VARCHAR(10), n INT)")
    log.run("INSERT INTO keyless VALUES ('a', 1), ('a', 1)")
    log.run("UPDATE keyless SET n = 2 LIMIT 1")
    log.run("DELETE FROM keyless WHERE n = 1")
    table = log.table("keyless")
    assert table.primary_key == ("my_row_id",)
    assert [column.name for column in table.columns] == ["word", "n"]
    assert log.rows(table) == [("I", None, ("a", "1")), ("I", None, ("a", "1")), ("U", ("a", "1"), ("a", "2")), ("D", ("a", "1"), None)]
    assert [after for _, _, after in log.rows(table, wanted=[0])][:2] == [("1",), ("2",)]


def test_generated_and_invisible_columns(log: Log) -> None:
    log.run(
        "CREATE TABLE made (v INT AS (id * 2) VIRTUAL, id INT PRIMARY KEY, s VARCHAR(20) AS (CONCAT('k', id)) STORED,"
        " hidden INT INVISIBLE DEFAULT 7,"
        " hidden_v INT AS (id + 1) VIRTUAL INVISIBLE, d DATETIME(6) DEFAULT (TIMESTAMP'2024-02-29 01:02:03.040506'), last CHAR(3))"
    )
    log.run("INSERT INTO made (id, last) VALUES (1, 'z'), (2, NULL)")
    log.run("UPDATE made SET id = 3 WHERE id = 2")
    rows = log.rows(log.table("made"))
    assert rows[0] == ("I", None, ("2", "1", "k1", "2024-02-29 01:02:03.040506", "z"))
    assert rows[2] == ("U", ("4", "2", "k2", "2024-02-29 01:02:03.040506", None), ("6", "3", "k3", "2024-02-29 01:02:03.040506", None))
    assert log.rows(log.table("made"), wanted=[3, 4])[0] == ("I", None, ("7", "2"))
    log.run("CREATE TABLE plain AS SELECT * FROM made WHERE id = 1")
    assert log.texts(log.table("plain"), GUIDE) == [rows[0][2]]


def test_functional_indexes(log: Log) -> None:
    """The server keeps a hidden column for each, which neither the catalogue nor the log shows."""
    log.run(
        "CREATE TABLE indexed (id INT PRIMARY KEY, name VARCHAR(20), j JSON, KEY ((UPPER(name))), KEY ((id + 1), name),"
        " KEY tags ((CAST(j->'$.tags' AS UNSIGNED ARRAY))), UNIQUE KEY ((id * 3)))"
    )
    log.run("""INSERT INTO indexed VALUES (1, 'a', '{"tags": [1, 2]}'), (2, NULL, NULL)""")
    log.run("UPDATE indexed SET name = 'b' WHERE id = 2")
    log.run("CREATE INDEX another ON indexed ((id + 5))")
    log.run("DELETE FROM indexed WHERE id = 2")
    assert log.rows(log.table("indexed")) == [
        ("I", None, ("1", "a", '{"tags": [1, 2]}')),
        ("I", None, ("2", None, None)),
        ("U", ("2", None, None), ("2", "b", None)),
        ("D", ("2", "b", None), None),
    ]


def test_columns_that_were_added_and_dropped_at_once(log: Log) -> None:
    """ALGORITHM=INSTANT leaves the stored rows as they are: the log has them as the table is."""
    log.run("CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(5))")
    log.run("INSERT INTO t VALUES (1, 2, 'x')")
    log.run("ALTER TABLE t ADD COLUMN first_one VARCHAR(9) DEFAULT 'new' FIRST, DROP COLUMN a, ALGORITHM=INSTANT")
    start = log.position()
    log.run("UPDATE t SET b = 'y'")
    assert log.rows(log.table("t"), log.transactions(start)) == [("U", ("new", "1", "x"), ("new", "1", "y"))]


# Texts as the server has them from bytes of the character set.
BYTES = {
    "latin1": ["818D8F909D", "80A49C", "E9FF", "5C27220A00"],
    "utf16": ["0041D83DDE9A", "20AC5C0A"],
    "utf16le": ["41003DD89ADE", "AC20"],
    "utf32": ["000000410001F69A", "000020AC"],
    "ucs2": ["004120AC", "4E16754C"],
    "utf8mb3": ["C3A9E4B896"],
    "utf8mb4": ["F09F9A9AC3A9", "EFBBBF41", "C280C29F"],
    "sjis": ["815F8160817C", "5C7E83BF", "B1B2DF"],
    "cp932": ["815F8160817C8740", "FA40FBFC", "5C7E"],
    "ujis": ["A1C0A1C1A1DD", "8EB18FB0A1", "5C7E"],
    "eucjpms": ["A1C0A1C1A1DD", "ADA1F9A1", "8FB0A1"],
    "gb18030": ["8130813081308130", "A2E3A1AA", "9439DA33FE59", "D2BB95328236"],
    "gbk": ["A1A4A1AA", "FE50A2A1"],
    "gb2312": ["A1A4A1AAB0A1"],
    "big5": ["A145A14EA1C3A1E3", "A2CCC6A1F9D6", "F9FE5C"],
    "euckr": ["8141A1ADC0FA", "A2E6A2E7"],
    "cp1250": ["8A8D8E9A", "A5"],
    "cp1251": ["98A4EC", "88"],
    "cp1256": ["8A8DC0", "98FF"],
    "cp1257": ["8D8E8F", "A5"],
    "cp850": ["D5EEF0", "80FF"],
    "cp852": ["D5FF80"],
    "cp866": ["F0FCFF"],
    "greek": ["A1A2A4", "FEAF"],
    "hebrew": ["E0FAAF"],
    "koi8r": ["95A3C0"],
    "koi8u": ["95A4B4"],
    "latin2": ["A1B1FF"],
    "latin5": ["D0DDFE"],
    "latin7": ["A1A8FF"],
    "macce": ["808ACF"],
    "macroman": ["80DBF0"],
    "tis620": ["A1FBDB"],
    "dec8": ["A8D7FD"],
    "hp8": ["A1B0FE"],
    "keybcs2": ["8085A4"],
    "armscii8": ["A2B1FE"],
    "geostd8": ["C0E5FD"],
    "swe7": ["405B5C7D"],
    "ascii": ["417F00"],
}


def test_character_sets_byte_by_byte(log: Log) -> None:
    """Every set that the server lists but the binary one; MySQL fills what latin1 leaves open of Windows-1252."""
    known = {name for (name,) in log.run("SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS")}
    assert known == {*BYTES, "binary"}
    columns = ", ".join(f"`{name}` VARCHAR(40) CHARACTER SET {name}" for name in BYTES)
    log.run(f"CREATE TABLE sets (id INT PRIMARY KEY, {columns})")
    for row in range(max(map(len, BYTES.values()))):
        # A string in the client's set would be read as that; these are the bytes.
        values = ", ".join(f"CONVERT(_{name} x'{texts[row % len(texts)]}' USING {name})" for name, texts in BYTES.items())
        log.run(f"INSERT INTO sets VALUES ({row}, {values})")  # noqa: S608 - written above
    names = ["id", *BYTES]
    want = log.texts(log.table("sets"), GUIDE)
    have = inserted(log, "sets")
    assert [dict(zip(names, row, strict=True)) for row in have] == [dict(zip(names, row, strict=True)) for row in want]


def test_every_character_of_every_set(log: Log) -> None:
    """Where a set has no such character the server makes it a question mark."""
    log.run("SET SESSION sql_mode = ''")
    log.run(f"CREATE TABLE every (id INT PRIMARY KEY, {', '.join(f'`{name}` TEXT CHARACTER SET {name}' for name in BYTES)})")
    planes = [*range(0, 0xD800, 0x100), *range(0xE000, 0x10000, 0x100), 0x1F600, 0x20000, 0x2F800, 0x10FF00]
    with log.administrator.cursor() as cursor:
        for first in planes:
            text = "".join(map(chr, range(first, first + 0x100)))
            cursor.execute(f"INSERT INTO every VALUES (%s{', %s' * len(BYTES)})", (first, *[text] * len(BYTES)))  # noqa: S608 - holes
    want, have = log.texts(log.table("every"), GUIDE), inserted(log, "every")
    assert len(want) == len(planes)
    for one, other in zip(want, have, strict=True):
        wrong = {
            name: [(w, h) for w, h in zip(a or "", b or "", strict=False) if w != h]
            for name, a, b in zip(BYTES, one[1:], other[1:], strict=True)
            if a != b
        }
        assert not wrong, one[0]


def test_collations_of_bytes_and_of_code_points(log: Log) -> None:
    log.run(
        "CREATE TABLE collated (id INT PRIMARY KEY, a CHAR(5) COLLATE utf8mb4_bin, b CHAR(5) COLLATE utf8mb4_0900_bin,"
        " c CHAR(5) CHARACTER SET latin1 COLLATE latin1_bin, d VARCHAR(5) COLLATE utf8mb4_0900_ai_ci,"
        " e VARCHAR(5) COLLATE utf8mb4_ja_0900_as_cs_ks, f CHAR(5) CHARACTER SET binary, g VARCHAR(5) CHARACTER SET binary,"
        " h TEXT CHARACTER SET binary, i ENUM('x', 'É') COLLATE utf8mb4_bin,"
        " k SET('ä', 'b') CHARACTER SET latin1 COLLATE latin1_german2_ci)"
    )
    log.run("INSERT INTO collated VALUES (1, 'é ', 'ü ', 'ß', 'a ', 'あ', 'f', 'g ', 'h', 'É', 'ä,b')")
    same_as_loaded(log, "collated")
    assert inserted(log, "collated")[0][6:9] == ("6600000000", "6720", "68")


def test_geometry_keeps_its_well_known_binary_whatever_its_srid(log: Log) -> None:
    log.run(
        "CREATE TABLE places (id INT PRIMARY KEY, flat POINT NOT NULL SRID 0, globe POINT SRID 4326, any_one GEOMETRY, many MULTIPOLYGON)"
    )
    log.run(
        "INSERT INTO places VALUES (1, ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POINT(52.5 13.4)', 4326),"
        " ST_GeomFromText('LINESTRING(0 0, 1 1)', 3857), ST_GeomFromText('MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))'))"
    )
    log.run("INSERT INTO places VALUES (2, ST_GeomFromText('POINT(-1 -2)'), NULL, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY'), NULL)")
    same_as_loaded(log, "places")
    assert inserted(log, "places")[0][2] == "0101000000CDCCCCCCCCCC2A400000000000404A40", "longitude first, as it is stored"


def test_a_vector_is_refused_by_both(log: Log) -> None:
    """DMS has no such type. A table that does not want the column could still be read."""
    log.run("CREATE TABLE learned (id INT PRIMARY KEY, v VECTOR(3))")
    log.run("INSERT INTO learned VALUES (1, TO_VECTOR('[1, 2, 3]'))")
    table = log.table("learned")
    with pytest.raises(TableError, match="data type vector"):
        log.texts(table, GUIDE)
    ((event,),) = [list(transaction.rows) for transaction in log.transactions()]
    with pytest.raises(TableError, match="vector"):
        compile_rows(event.table, table, GUIDE)


def test_without_names_in_the_log_the_catalogue_tells(log: Log) -> None:
    """MINIMAL is MySQL's own default."""
    log.run("SET GLOBAL binlog_row_metadata = MINIMAL")
    try:
        log.run(
            "CREATE TABLE brief (id BIGINT UNSIGNED PRIMARY KEY, j JSON, e ENUM('a','ü') CHARACTER SET latin1, s SET('x','y'),"
            " g POINT SRID 4326, v BIGINT UNSIGNED AS (id + 1) VIRTUAL, n DECIMAL(9,3), t TIME(3), b BIT(12), y YEAR,"
            " c CHAR(9) CHARACTER SET utf16, KEY ((id + 2)))"
        )
        log.run(
            "INSERT INTO brief (id, j, e, s, g, n, t, b, y, c)"
            " VALUES (9000000000, '[1]', 'ü', 'x,y', ST_GeomFromText('POINT(1 2)', 4326), -1.5, '-00:00:01.5', b'101', 2024, 'é')"
        )
    finally:
        log.run("SET GLOBAL binlog_row_metadata = FULL")
    assert not next(iter(log.transactions()[0].rows)).table.names
    same_as_loaded(log, "brief")
