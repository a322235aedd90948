# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where the server's log stands, now or at some time."""

from __future__ import annotations

from datetime import UTC, datetime

from lab.dms.binlog.errors import LogPurged
from lab.dms.binlog.position import FIRST_OFFSET, Position
from lab.dms.binlog.stream import FORMAT_DESCRIPTION, ROTATE, Event, EventStream
from lab.dms.sources.mysql import Address, MySQLSource, SourceError

_QUERY = 2
# What begins a group of events: GTID events of MySQL (plain, anonymous, tagged) and of MariaDB.
_GTIDS = frozenset({33, 34, 42, 162})
# MySQL 8.4 no longer knows the old statement, MySQL 8.0 and MariaDB do not know the new one.
_NEW_STATEMENT = (8, 2)


def current_position(source: MySQLSource) -> Position:
    """Where the next event will be written. Raises SourceError where the server writes no log."""
    version = str(source.answer("SELECT VERSION()")[0][0])
    number = tuple(int(part) for part in version.split("-")[0].split(".")[:2])
    old = "MariaDB" in version or number < _NEW_STATEMENT
    found = source.answer("SHOW MASTER STATUS" if old else "SHOW BINARY LOG STATUS")
    if not found:
        raise SourceError("The source writes no binary log: set log_bin, and binlog_format to ROW", recoverable=False)
    return Position(str(found[0][0]), int(found[0][1]))


def settled_position(source: MySQLSource) -> Position:
    """Where changes are to be read from so that they and what is read of the tables from now on have no gap between them.

    A transaction is in the log before others see what it did, and a server that waits for its disk or for a replica there can make that
    long. MariaDB tells the place up to which a snapshot has everything: https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/
    MySQL tells it only to accounts that may take backups; from it the place is where the log ends. The connection has a snapshot open
    afterwards. Raises SourceError as ``current_position`` does.
    """
    end = current_position(source)
    source.begin_snapshot()
    told = {str(name).lower(): value for name, value in source.answer("SHOW STATUS LIKE 'binlog_snapshot_%'")}
    file, offset = str(told.get("binlog_snapshot_file", "")), int(told.get("binlog_snapshot_position", 0))
    return Position(file, offset) if file else end


def position_at(address: Address, when: datetime) -> Position:
    """Where the first transaction begins that began in that second or later; the log's end if there is none yet.

    A time without a zone is UTC. Raises LogPurged where the log of that time is gone from the server's list, SourceError otherwise.
    """
    moment = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    with MySQLSource(address) as source:
        current_position(source)
        files = [str(row[0]) for row in source.answer("SHOW BINARY LOGS")]
    file = next((name for name in reversed(files) if _made(address, name) < moment), "")
    if not file:
        file = files[0]
        if int(file.rpartition(".")[2]) != 1:
            raise LogPurged(f"The server's oldest binary log, {file}, begins after {when:%Y-%m-%d %H:%M:%S}")
    return _first_group(address, Position(file, FIRST_OFFSET), moment)


def _made(address: Address, file: str) -> int:
    """When the log was begun, in seconds since 1970."""
    with EventStream(address, Position(file, FIRST_OFFSET), stopped=lambda: False, to_end=True) as stream:
        return next(event.time for event in stream if event is not None and event.kind == FORMAT_DESCRIPTION)


def _first_group(address: Address, start: Position, moment: int) -> Position:
    file, end = start.file, start.offset
    numbered = False
    with EventStream(address, start, stopped=lambda: False, to_end=True) as stream:
        for event in stream:
            if event is None:
                continue
            if event.kind == ROTATE:
                file, end = event.body[8:].decode(), int.from_bytes(event.body[:8], "little")
                continue
            numbered = numbered or event.kind in _GTIDS
            if event.time >= moment and _begins(event, numbered):
                return Position(file, event.end - event.size)
            end = max(end, event.end)
    return Position(file, end)


def _begins(event: Event, numbered: bool) -> bool:
    """Does a group begin with this event? Before MySQL 5.6 there are no GTID events."""
    return event.kind in _GTIDS or (not numbered and event.kind == _QUERY and event.body.endswith(b"\0BEGIN"))
