# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Between a load and its changes there is no gap, however long a transaction is in the log before others see what it did."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from lab.dms.binlog import Position, settled_position
from lab.dms.sources.mysql import MySQLSource

from .binlogs import Log
from .waiting import WAIT_SECONDS, wait


@pytest.fixture
def commits_wait(log: Log) -> Iterator[None]:
    """A transaction that is in the log waits for a replica that never comes before others see it; until the setting is turned off."""
    log.run("CREATE TABLE items (id INT PRIMARY KEY)")
    names = ("wait_point", "timeout", "wait_no_slave", "enabled")
    before = {name: log.run(f"SELECT @@GLOBAL.rpl_semi_sync_master_{name}")[0][0] for name in names}
    log.run("SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC, GLOBAL rpl_semi_sync_master_timeout = 600000")
    log.run("SET GLOBAL rpl_semi_sync_master_wait_no_slave = ON, GLOBAL rpl_semi_sync_master_enabled = ON")
    yield
    for name in reversed(names):
        log.run(f"SET GLOBAL rpl_semi_sync_master_{name} = %s", before[name])


def settled(log: Log) -> Position:
    with MySQLSource(log.address) as source:
        return settled_position(source)


@pytest.mark.mariadb
def test_what_is_logged_and_not_visible_yet_is_read_as_a_change(lab: Any, log: Log, commits_wait: None) -> None:
    def commit() -> None:
        socket = str(lab.dir / "mysql" / "mysqld.sock")
        with pymysql.connect(unix_socket=socket, user=getpass.getuser(), database=log.schema, autocommit=True) as connection:
            connection.cursor().execute("INSERT INTO items VALUES (1)")

    before = log.position()
    thread = threading.Thread(target=commit, daemon=True)
    thread.start()
    wait(lambda: log.position() > before, "the transaction in the log")
    assert log.run("SELECT * FROM items") == ()
    assert settled(log) == before
    log.run("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    thread.join(WAIT_SECONDS)
    assert log.run("SELECT * FROM items") == ((1,),)
    assert settled(log) == log.position() > before


def test_a_log_that_was_just_begun(log: Log) -> None:
    log.run("FLUSH BINARY LOGS")
    assert settled(log) == log.position()
