# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""GTID events, which begin each group of events that belong together.

MySQL: https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Gtid__event.html
MariaDB: https://mariadb.com/kb/en/gtid_event/
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from lab.dms.binlog.position import Position
from lab.dms.binlog.stream import Event

# MariaDB: sequence, domain, flags.
_MARIADB = struct.Struct("<QIB")
# A single statement without a commit.
_STANDALONE = 0x01
# MySQL: flags, server's UUID, number; kind of the logical timestamps, which are two numbers; time of the commit.
_MYSQL = struct.Struct("<B16sq")
_COMMIT_TIME = 1 + 16 + 8 + 1 + 16
_HAS_ORIGINAL_TIME = 1 << 55
_ANONYMOUS = 34
# Fields of a tagged GTID event; all but the UUID and the tag are integers.
_UUID_FIELD = 1
_NUMBER_FIELD = 2
_TAG_FIELD = 3
_COMMIT_TIME_FIELD = 6


@dataclass(slots=True)
class Group:
    """``begin``: where it begins; ``commit_time``: 0 where the GTID event does not have it; ``implicit_begin``: it is a transaction, and no
    BEGIN follows."""

    begin: Position
    gtid: str = ""
    commit_time: float = 0.0
    implicit_begin: bool = False


def mariadb_group(event: Event, begin: Position) -> Group:
    number, domain, flags = _MARIADB.unpack_from(event.body)
    return Group(begin, f"{domain}-{event.server_id}-{number}", implicit_begin=not flags & _STANDALONE)


def mysql_group(event: Event, begin: Position) -> Group:
    body = event.body
    _, uuid, number = _MYSQL.unpack_from(body)
    gtid = "" if event.kind == _ANONYMOUS else f"{_uuid(uuid)}:{number}"
    # Before 8.0.1 the event ends here; before 5.7 earlier.
    commit_time = 0.0
    if len(body) >= _COMMIT_TIME + 7:
        microseconds = int.from_bytes(body[_COMMIT_TIME : _COMMIT_TIME + 7], "little") & ~_HAS_ORIGINAL_TIME
        commit_time = microseconds / 1_000_000
    return Group(begin, gtid, commit_time)


def tagged_group(event: Event, begin: Position) -> Group:
    """MySQL 8.4's GTIDs with tags, in the server's own serialization: version, size and last field that must be understood, then each
    field behind its number.

    https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html
    """
    body = event.body
    at = 0
    for _ in range(3):
        _, at = _variable(body, at)
    uuid = bytearray()
    number = microseconds = 0
    tag = ""
    while at < len(body):
        field, at = _variable(body, at)
        if field == _UUID_FIELD:
            for _ in range(16):
                byte, at = _variable(body, at)
                uuid.append(byte)
        elif field == _TAG_FIELD:
            length, at = _variable(body, at)
            tag = body[at : at + length].decode()
            at += length
        else:
            value, at = _variable(body, at)
            if field == _NUMBER_FIELD:
                # Signed: the lowest bit is the sign.
                number = value >> 1
            elif field == _COMMIT_TIME_FIELD:
                microseconds = value
                break
    name = f"{_uuid(bytes(uuid))}:{tag}:{number}" if tag else f"{_uuid(bytes(uuid))}:{number}"
    return Group(begin, name, microseconds / 1_000_000)


def _variable(data: bytes, at: int) -> tuple[int, int]:
    """An integer of one to nine bytes, lowest first: as many ones at its low end as bytes follow the first."""
    first = data[at]
    more = (~first & (first + 1)).bit_length() - 1
    whole = int.from_bytes(data[at : at + 1 + more], "little")
    return whole >> min(more + 1, 8), at + 1 + more


def _uuid(data: bytes) -> str:
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
