# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The binary log of MySQL and MariaDB, read over the wire: transactions in log order, rows as the texts that go into files."""

from lab.dms.binlog.changes import Idle, RowEvent, RowEvents, Statement, Transaction
from lab.dms.binlog.errors import LogPurged, UnsupportedEvent
from lab.dms.binlog.position import Position
from lab.dms.binlog.reader import BinlogReader
from lab.dms.binlog.rows import ABSENT, compile_rows
from lab.dms.binlog.server_log import current_position, position_at, settled_position
from lab.dms.binlog.table_map import TableMap

__all__ = [
    "ABSENT",
    "BinlogReader",
    "Idle",
    "LogPurged",
    "Position",
    "RowEvent",
    "RowEvents",
    "Statement",
    "TableMap",
    "Transaction",
    "UnsupportedEvent",
    "compile_rows",
    "current_position",
    "position_at",
    "settled_position",
]
