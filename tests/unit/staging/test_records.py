# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import gzip
import io
import re

import pytest
from landbridge.errors import BadData
from landbridge.staging import records
from landbridge.staging.records import Block, RecordReader, uncompressed

KEY = "shop/r1/shop/orders/LOAD00000001.csv"


def blocks(content: bytes, *widths: int) -> list[Block]:
    return list(RecordReader(io.BytesIO(content), KEY, widths or (3,)))


def fields(content: bytes, *widths: int) -> list[list[str]]:
    return [record for block in blocks(content, *widths) for record in block.records]


def test_the_users_guide_example() -> None:
    content = b"""I,1,Ann,__DMS_NULL__,10.50,2026-11-01 08:00:00.000000,,
I,2,"O""Neil, Bob",,7.00,2026-11-01 08:00:01.250000,,
I,3,Zoe,"line1
line2",0.10,2026-11-02 23:59:59.999999,,
"""
    assert fields(content, 6, 8) == [
        ["I", "1", "Ann", "__DMS_NULL__", "10.50", "2026-11-01 08:00:00.000000", "", ""],
        ["I", "2", 'O"Neil, Bob', "", "7.00", "2026-11-01 08:00:01.250000", "", ""],
        ["I", "3", "Zoe", "line1\nline2", "0.10", "2026-11-02 23:59:59.999999", "", ""],
    ]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("I,1,", ""),
        ('I,1,""', ""),
        ('I,1,""""', '"'),
        ('I,1,"a,b"', "a,b"),
        ("I,1,a\rb", "a\rb"),
        ("I,1,a\r", "a\r"),
        ('I,1,"\r\n"', "\r\n"),
        ('I,1,"\n\n"', "\n\n"),
        ("I,1,\x00\x1a\u2028\u0085\x0b\x0c", "\x00\x1a\u2028\u0085\x0b\x0c"),
        ("I,1,\U0001f600é", "\U0001f600é"),
        ("I,1,\ufeff", "\ufeff"),
    ],
)
def test_values(line: str, value: str) -> None:
    for content in (f"{line}\n", f"I,0,x\n{line}\nI,2,y\n", f'I,0,"x"\n{line}\nI,2,"y"\n'):
        assert ["I", "1", value] in fields(content.encode())


def test_both_widths_and_no_other() -> None:
    assert len(fields(b"I,1,a\nI,1,a,,\n", 3, 5)) == 2
    for content in (b"I,1,a,\n", b"I,1\n", b'I,1,"a",\n', b"\n"):
        with pytest.raises(BadData, match=re.escape(f"{KEY}: record 2, byte 6: the record has")):
            fields(b"I,0,x\n" + content, 3, 5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"I,0,x\nI,1,a", "record 2, byte 6: the last record has no newline"),
        (b'I,0,x\nI,1,"a\n', "record 2, byte 6: a quoted field is not closed"),
        (b'I,0,x\nI,1,"a', "record 2, byte 6: a quoted field is not closed"),
        (b'I,0,x\nI,1,"a"b\n', "record 2, byte 10: field 3 has a quote"),
        (b'I,0,x\nI,1,a"b"\n', "record 2, byte 10: field 3 has a quote"),
        (b'I,0,"\xc3\xa9\n"\nI,1,"a" \n', "record 2, byte 14: field 3 has a quote"),
        (b'I,0,"a\nb"\nI,1,\xff\n', "record 2, byte 14: a byte is not UTF-8"),
        (b"I,0,x\nI,1,\xed\xa0\x80\n", "record 2, byte 10: a byte is not UTF-8"),
        (b"I,0,x\nU,1,a\n", "record 2, byte 6: the operation is not I"),
    ],
)
def test_damage_is_named_with_record_and_byte(content: bytes, message: str) -> None:
    with pytest.raises(BadData, match=re.escape(f"{KEY}: {message}")):
        fields(content)


def test_an_empty_file() -> None:
    assert blocks(b"") == []


def test_places_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", 32)
    lines = [f'I,{number},"é{number}\n"\n' if number % 3 else f"I,{number},x\n" for number in range(200)]
    content = "".join(lines).encode()
    found = blocks(content)
    assert len(found) > 20
    assert [record[1] for block in found for record in block.records] == [str(number) for number in range(200)]
    assert [block.first + index for block in found for index in range(len(block.records))] == list(range(1, 201))
    for block in found:
        for index, line in enumerate(block.lines):
            assert content[block.offset_of(index) :].startswith(line.encode() + b"\n")
    assert sum(block.size for block in found) == len(content)
    middle = found[7]
    again = RecordReader(io.BytesIO(content[middle.offset :]), KEY, (3,), offset=middle.offset, first=middle.first)
    assert [record for block in again for record in block.records] == [record for block in found[7:] for record in block.records]
    begin = next(iter(RecordReader(io.BytesIO(content[middle.offset :]), KEY, (3,), offset=middle.offset, first=middle.first)))
    assert (begin.first, begin.offset) == (middle.first, middle.offset)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "RECORD_BYTES", 1_000_000)
    with pytest.raises(BadData, match="record 2, byte 6: a record does not end within"):
        fields(b'I,0,x\nI,1,"' + b"a\n" * 2_000_000)


def test_split_at_a_byte() -> None:
    (block,) = blocks(b"I,0,x\nI,1,\xc3\xa9\nI,2,y\n")
    for end, count in ((1, 1), (6, 1), (7, 2), (13, 2), (14, 3)):
        head, tail = block.split(end)
        assert (len(head.records), head.offset, head.first) == (count, 0, 1)
        if count == 3:
            assert tail is None
        else:
            assert tail is not None
            assert (tail.first, tail.offset, head.size + tail.size) == (count + 1, head.size, block.size)
            assert head.records + tail.records == block.records


def test_compressed_files() -> None:
    content = gzip.compress(b"I,1,a\n") + gzip.compress(b"I,2,b\n")
    key = f"{KEY}.gz"

    def read(data: bytes) -> list[list[str]]:
        return [record for block in RecordReader(uncompressed(io.BytesIO(data), key), key, (3,)) for record in block.records]

    assert read(content) == [["I", "1", "a"], ["I", "2", "b"]]
    damaged = bytearray(content)
    damaged[-6] ^= 1
    for data in (content[:-3], content[:-12], b"I,1,a\n", bytes(damaged)):
        with pytest.raises(BadData, match="compressed file is damaged"):
            read(data)
