# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Type codes of columns in the binary log.

https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
"""

TINY = 1
SHORT = 2
LONG = 3
FLOAT = 4
DOUBLE = 5
TIMESTAMP = 7
LONGLONG = 8
INT24 = 9
DATE = 10
TIME = 11
DATETIME = 12
YEAR = 13
NEWDATE = 14
VARCHAR = 15
BIT = 16
TIMESTAMP2 = 17
DATETIME2 = 18
TIME2 = 19
# MariaDB's columns declared COMPRESSED.
BLOB_COMPRESSED = 140
VARCHAR_COMPRESSED = 141
VECTOR = 242
JSON = 245
NEWDECIMAL = 246
ENUM = 247
SET = 248
TINY_BLOB = 249
MEDIUM_BLOB = 250
LONG_BLOB = 251
BLOB = 252
VAR_STRING = 253
STRING = 254
GEOMETRY = 255

# How many bytes of metadata a type has in the TABLE_MAP event.
META_BYTES = {
    FLOAT: 1,
    DOUBLE: 1,
    VARCHAR: 2,
    VARCHAR_COMPRESSED: 2,
    BLOB_COMPRESSED: 1,
    BIT: 2,
    TIMESTAMP2: 1,
    DATETIME2: 1,
    TIME2: 1,
    VECTOR: 1,
    JSON: 1,
    NEWDECIMAL: 2,
    ENUM: 2,
    SET: 2,
    TINY_BLOB: 1,
    MEDIUM_BLOB: 1,
    LONG_BLOB: 1,
    BLOB: 1,
    VAR_STRING: 2,
    STRING: 2,
    GEOMETRY: 1,
}
# Which columns have a bit in the SIGNEDNESS field, and which a collation in the CHARSET fields of the optional metadata.
NUMERIC = frozenset({TINY, SHORT, INT24, LONG, LONGLONG, NEWDECIMAL, FLOAT, DOUBLE})
CHARACTER = frozenset({STRING, VAR_STRING, VARCHAR, VARCHAR_COMPRESSED, BLOB, BLOB_COMPRESSED, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB})
