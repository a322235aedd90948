# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from landbridge.errors import BadData
from landbridge.staging import records
from landbridge.staging.records import RecordReader

HOSTILE = st.text(alphabet=st.one_of(st.sampled_from('",\n\r\x00\u2028é😀 a'), st.characters(exclude_categories=["Cs"])), max_size=12)
ROWS = st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=30)


def staged(value: str) -> str:
    """A value as DMS writes it: quoted where it holds a quote, a comma or a newline."""
    doubled = value.replace('"', '""')
    return f'"{doubled}"' if any(sign in value for sign in '",\n') else value


def read(content: bytes, block_bytes: int) -> list[list[str]]:
    before = records.BLOCK_BYTES
    records.BLOCK_BYTES = block_bytes
    try:
        return [record for block in RecordReader(io.BytesIO(content), "key", (4,)) for record in block.records]
    finally:
        records.BLOCK_BYTES = before


@given(ROWS, st.integers(1, 200))
def test_what_was_staged_is_read(rows: list[tuple[str, str, str]], block_bytes: int) -> None:
    content = "".join(",".join(["I", *map(staged, row)]) + "\n" for row in rows).encode()
    assert read(content, block_bytes) == [["I", *row] for row in rows]


@given(ROWS, st.integers(1, 200))
def test_what_python_writes_is_read(rows: list[tuple[str, str, str]], block_bytes: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(("I", *row) for row in rows)
    assert read(out.getvalue().encode(), block_bytes) == [["I", *row] for row in rows]


@given(st.lists(st.tuples(*[st.text('",\na', max_size=4)] * 3), min_size=1, max_size=8).map(lambda rows: [list(row) for row in rows]))
def test_python_reads_the_same(rows: list[list[str]]) -> None:
    content = "".join(",".join(["I", *map(staged, row)]) + "\n" for row in rows)
    theirs = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert read(content.encode(), 64) == theirs


@settings(max_examples=300)
@given(st.binary(max_size=60), st.integers(1, 64))
def test_any_bytes_give_records_or_a_named_place(content: bytes, block_bytes: int) -> None:
    try:
        found = read(content, block_bytes)
    except BadData as error:
        assert error.place == "key"
        assert "record " in error.message
    else:
        assert content == b"" or content.endswith(b"\n")
        assert "".join(",".join(map(staged, record)) + "\n" for record in found) == _unquoted_where_needless(content.decode())


def _unquoted_where_needless(text: str) -> str:
    """The same records in DMS's spelling: fields that were quoted without need lose their quotes."""
    rows = csv.reader(io.StringIO(text.replace("\r", "\ue000"), newline=""), strict=True)
    return "".join(",".join(staged(value) for value in row) + "\n" for row in rows).replace("\ue000", "\r")


@given(ROWS.filter(bool), st.data())
def test_a_cut_file_never_passes_unless_it_ends_with_a_whole_record(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    lines = [(",".join(["I", *map(staged, row)]) + "\n").encode() for row in rows]
    content = b"".join(lines)
    cut = data.draw(st.integers(0, len(content) - 1))
    borders = {sum(map(len, lines[:count])): count for count in range(len(lines) + 1)}
    try:
        found = read(content[:cut], 32)
    except BadData:
        assert cut not in borders
    else:
        assert cut in borders
        assert len(found) == borders[cut]
