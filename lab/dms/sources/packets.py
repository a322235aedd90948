# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rows of an unbuffered query, taken from the connection's stream directly.

PyMySQL's cursors spend most of their time on one object per row and field.
Protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
from pymysql.constants import CR
from pymysql.err import raise_mysql_exception

BLOCK_BYTES = 256 * 1024
_HEADER = struct.Struct("<I")
_LONGEST_PACKET = 0xFFFFFF
_NULL = 251
# Behind a first byte of 252, 253 or 254 a length has so many bytes.
_LENGTH_BYTES = {252: 2, 253: 3, 254: 8}

Row = list[bytes | None]


def read_lines(read: Any, on_null: Callable[[], None]) -> Iterator[list[bytes]]:
    """Rows of one text column, as blocks of about 256 kB. A row that is NULL is not among them: ``on_null`` is called for it.

    ``read``: of the connection's stream. Raises PyMySQL's errors, OSError and struct.error.
    """
    unpack = _HEADER.unpack
    block: list[bytes] = []
    size = 0
    while True:
        # The commonest case is written out here: a call for each row would double the cost.
        length = unpack(read(4))[0] & _LONGEST_PACKET
        packet = read(length)
        if len(packet) < length:
            raise _lost()
        if length == _LONGEST_PACKET:
            packet += _continued(read)
        # A text begins with its own length: in the first byte, or in 2, 3 or 8 bytes behind it.
        first = packet[0]
        if first < _NULL:
            block.append(packet[1:])
        elif first == 252:
            block.append(packet[3:])
        elif first == 253:
            block.append(packet[4:])
        elif first == 254 and len(packet) >= 9:
            block.append(packet[9:])
        elif first == 254:
            break
        elif first == 255:
            raise_mysql_exception(packet)
        else:
            on_null()
        size += length
        if size >= BLOCK_BYTES:
            yield block
            block = []
            size = 0
    if block:
        yield block


def read_rows(read: Any, columns: int) -> Iterator[list[Row]]:
    """Rows of several text columns, as blocks of about 256 kB. Otherwise as ``read_lines``."""
    block: list[Row] = []
    size = 0
    while True:
        packet = _packet(read)
        if packet[0] == 255:
            raise_mysql_exception(packet)
        if packet[0] == 254 and len(packet) < 9:
            break
        block.append(_split(packet, columns))
        size += len(packet)
        if size >= BLOCK_BYTES:
            yield block
            block = []
            size = 0
    if block:
        yield block


def _packet(read: Any) -> bytes:
    length = _HEADER.unpack(read(4))[0] & _LONGEST_PACKET
    packet: bytes = read(length)
    if len(packet) < length:
        raise _lost()
    return packet + _continued(read) if length == _LONGEST_PACKET else packet


def _continued(read: Any) -> bytes:
    """The rest of a packet of the greatest length."""
    parts = []
    length = _LONGEST_PACKET
    while length == _LONGEST_PACKET:
        length = _HEADER.unpack(read(4))[0] & _LONGEST_PACKET
        parts.append(read(length))
        if len(parts[-1]) < length:
            raise _lost()
    return b"".join(parts)


def _split(packet: bytes, columns: int) -> Row:
    row: Row = []
    place = 0
    for _ in range(columns):
        length = packet[place]
        place += 1
        if length == _NULL:
            row.append(None)
            continue
        if length > _NULL:
            width = _LENGTH_BYTES[length]
            length = int.from_bytes(packet[place : place + width], "little")
            place += width
        row.append(packet[place : place + length])
        place += length
    return row


def _lost() -> Exception:
    return pymysql.err.OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
