# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""QUERY events: statements that are logged as their text.

https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Query__event.html
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from lab.dms.binlog.charsets import collation_charset, decoder

# Thread, seconds of execution, length of the schema's name, error code, length of the status variables.
_POST_HEADER = struct.Struct("<IIBHH")
# Status variables up to the character set of the client, by their bytes; -1: a length and so many bytes.
_CHARSET_VARIABLE = 4
_VARIABLES = {0: 4, 1: 8, 2: -2, 3: 4, 6: -1}
_BLANK = r"(?:\s|/\*(?!M?!).*?\*/|/\*M?!\d*|--\s[^\n]*\n|\#[^\n]*\n)*"
_DATA_CHANGE = re.compile(_BLANK + r"(?:insert|update|delete|replace|load|call|do|with|select|import)\b", re.IGNORECASE | re.DOTALL)
_SAVEPOINT = re.compile(r"\s*savepoint\s+(.+?)\s*$", re.IGNORECASE | re.DOTALL)
_ROLLBACK_TO = re.compile(r"\s*rollback\s+(?:work\s+)?to\s+(?:savepoint\s+)?(.+?)\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """``schema``: the default schema of the session."""

    schema: str
    sql: str

    @classmethod
    def parse(cls, body: bytes) -> Query:
        _, _, schema_length, _, variables_length = _POST_HEADER.unpack_from(body)
        at = _POST_HEADER.size
        charset = _client_charset(body[at : at + variables_length])
        at += variables_length
        schema = body[at : at + schema_length].decode()
        return cls(schema, decoder(charset or "utf8mb4")(body[at + schema_length + 1 :]))

    @classmethod
    def parse_compressed(cls, body: bytes) -> Query:
        """MariaDB's QUERY_COMPRESSED: only the statement is compressed."""
        schema_length, _, variables_length = struct.unpack_from("<BHH", body, 8)
        at = _POST_HEADER.size + variables_length + schema_length + 1
        return cls.parse(body[:at] + decompressed(body[at:]))

    @property
    def changes_data(self) -> bool:
        """Is it DML, which a log of rows does not hold as text?"""
        return _DATA_CHANGE.match(self.sql) is not None

    @property
    def savepoint(self) -> str:
        """The name of the savepoint it sets, or nothing."""
        found = _SAVEPOINT.match(self.sql)
        return found.group(1) if found else ""

    @property
    def rollback_to(self) -> str:
        """The name of the savepoint it goes back to, or nothing."""
        found = _ROLLBACK_TO.match(self.sql)
        return found.group(1) if found else ""


def decompressed(data: bytes) -> bytes:
    """What MariaDB compressed for its log: a byte with the method (0, zlib) and the width of the length that follows, then the data.

    Raises ValueError for another method. https://mariadb.com/kb/en/query_compressed_event/
    """
    if data[0] & 0x70:
        raise ValueError(f"compression method {(data[0] & 0x70) >> 4}")
    return zlib.decompress(data[1 + (data[0] & 0x07) :])


def _client_charset(variables: bytes) -> str:
    at = 0
    while at < len(variables):
        code = variables[at]
        at += 1
        if code == _CHARSET_VARIABLE:
            return collation_charset(int.from_bytes(variables[at : at + 2], "little"))
        width = _VARIABLES.get(code)
        if width is None:
            break
        # The catalogue's name has its length in front, and in the old form a zero behind it.
        at += width if width > 0 else 1 + variables[at] + (width == -2)
    return ""
