# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Tasks that follow changes: where they begin, where they stop, what they survive."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pymysql
import pytest

from .conftest import Bench, wait
from .following import Following, event_categories, follow
from .test_tasks import code


@pytest.fixture
def writer(lab: Any, schema: str) -> Iterator[Any]:
    """A second connection, for changes while the first one holds a lock."""
    socket = str(lab.dir / "mysql" / "mysqld.sock")
    with pymysql.connect(unix_socket=socket, user=getpass.getuser(), database=schema, autocommit=True) as connection:
        yield connection.cursor()


@pytest.fixture
def table(execute: Callable[..., Any]) -> None:
    execute("CREATE TABLE a (id INT PRIMARY KEY, word VARCHAR(20))")
    execute("INSERT INTO a VALUES (1, 'before')")


def position(execute: Callable[..., Any]) -> str:
    file, offset = execute("SHOW BINARY LOGS")[-1][:2]
    return f"{file}:{offset}"


def stopped(followed: Following) -> None:
    if followed.described()["Status"] == "running":
        assert followed.stop()["StopReason"] == "Stop Reason NORMAL"


def test_changes_during_the_load_come_after_it(
    bench: Bench, schema: str, table: None, execute: Callable[..., Any], administrator: Any, writer: Any
) -> None:
    execute("CREATE TABLE b (id INT PRIMARY KEY)")
    execute("INSERT INTO b VALUES (1)")
    followed = follow(bench, schema, settings={"FullLoadSettings": {"MaxFullLoadSubTasks": 1}})
    with administrator.cursor() as held:
        held.execute("LOCK TABLES b WRITE")
        followed.start()
        followed.loaded("a")
        writer.execute("INSERT INTO a VALUES (2, 'meanwhile')")
        writer.execute("UPDATE a SET word = 'changed' WHERE id = 1")
        assert followed.changes() == []
        held.execute("UNLOCK TABLES")
    assert followed.until(2) == [["I", "2", "meanwhile"], ["U", "1", "changed"]]
    assert bench.rows(followed.folder, schema, "a") == [["I", "1", "before"]]
    described = followed.described()
    assert described["RecoveryCheckpoint"].startswith("checkpoint:V1#")
    stats = described["ReplicationTaskStats"]
    assert (stats["FullLoadProgressPercent"], stats["TablesLoaded"]) == (100, 2)
    assert stats["StartDate"] <= stats["FullLoadStartDate"] <= stats["FullLoadFinishDate"]
    assert "StopDate" not in stats
    wait(lambda: bench.statistics(followed.task)["a"]["AppliedUpdates"] == 1, "the counts")
    assert {
        k: v for k, v in bench.statistics(followed.task)["a"].items() if k in ("Inserts", "Updates", "AppliedInserts", "FullLoadRows")
    } == {
        "Inserts": 1,
        "Updates": 1,
        "AppliedInserts": 1,
        "FullLoadRows": 1,
    }
    stopped(followed)
    execute("DELETE FROM a WHERE id = 2")
    followed.start("resume-processing")
    assert followed.until(3)[2:] == [["D", "2", "meanwhile"]]
    stopped(followed)
    assert len(bench.rows(followed.folder, schema, "a")) == 1, "a resume loads nothing again"
    assert event_categories(bench, followed.task) == ["creation", *["state change"] * 4]


def test_stops_before_or_after_the_cached_changes(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    before = follow(bench, schema, settings={"FullLoadSettings": {"StopTaskCachedChangesNotApplied": True}})
    assert bench.run(before.task)["StopReason"] == "Stop Reason STOPPED_AFTER_FULL_LOAD"
    execute("INSERT INTO a VALUES (2, 'later')")
    assert before.changes() == []
    before.start("resume-processing")
    assert before.until(1) == [["I", "2", "later"]]
    stopped(before)
    after = follow(bench, schema, settings={"FullLoadSettings": {"StopTaskCachedChangesApplied": True}})
    assert bench.run(after.task)["StopReason"] == "Stop Reason STOPPED_AFTER_CACHED_EVENTS"
    execute("INSERT INTO a VALUES (3, 'later')")
    after.start("resume-processing")
    assert after.until(1) == [["I", "3", "later"]]
    stopped(after)


def test_changes_from_a_place_and_from_a_checkpoint(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    place = position(execute)
    execute("INSERT INTO a VALUES (2, 'two')")
    first = follow(bench, schema, "cdc", CdcStartPosition=place)
    first.start()
    assert first.until(1) == [["I", "2", "two"]]
    assert bench.statistics(first.task)["a"]["TableState"] == "Table completed"
    ended = first.stop()
    execute("INSERT INTO a VALUES (3, 'three')")
    second = follow(bench, schema, "cdc")
    second.start(CdcStartPosition=ended["RecoveryCheckpoint"])
    assert second.until(1) == [["I", "3", "three"]]
    stopped(second)
    first.start("start-replication")
    assert first.until(3)[1:] == [["I", "2", "two"], ["I", "3", "three"]], "from the place once more"
    stopped(first)
    both = {"CdcStartTime": datetime.now(UTC), "CdcStartPosition": place}
    start = bench.dms.start_replication_task
    wrong = code(start, ReplicationTaskArn=first.task, StartReplicationTaskType="start-replication", **both)
    assert wrong == "InvalidParameterCombinationException"
    reload = code(start, ReplicationTaskArn=first.task, StartReplicationTaskType="reload-target")
    assert reload == "InvalidResourceStateFault"


def test_changes_from_a_time_until_a_time(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    (((now,),)) = execute("SELECT UNIX_TIMESTAMP() + 1")
    wait(lambda: execute("SELECT UNIX_TIMESTAMP()")[0][0] >= now, "the next second")
    execute("INSERT INTO a VALUES (2, 'in time')")
    wait(lambda: execute("SELECT UNIX_TIMESTAMP()")[0][0] > now + 1, "the second after it")
    execute("INSERT INTO a VALUES (3, 'too late')")
    start = datetime.fromtimestamp(float(now), UTC)
    end = f"{datetime.fromtimestamp(float(now) + 1, UTC):%Y-%m-%dT%H:%M:%S}"
    for kind, reason in (("commit_time", "STOPPED_AT_COMMIT_TIME"), ("server_time", "STOPPED_AT_SERVER_TIME")):
        followed = follow(bench, schema, "cdc", CdcStartTime=start, CdcStopPosition=f"{kind}:{end}")
        assert bench.run(followed.task)["StopReason"] == f"Stop Reason {reason}"
        assert followed.changes() == [["I", "2", "in time"]]


def test_a_purged_log_is_the_end(bench: Bench, schema: str, table: None) -> None:
    followed = follow(bench, schema, "cdc", CdcStartPosition="no-such-log.000001:4")
    failed = bench.run(followed.task)
    assert (failed["Status"], failed["StopReason"]) == ("failed", "Stop Reason FATAL_ERROR")
    assert event_categories(bench, followed.task)[-1] == "failure"


def dump_thread(bench: Bench, execute: Callable[..., Any]) -> int:
    query = f"SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '{bench.user}' AND COMMAND = 'Binlog Dump'"  # noqa: S608
    return int(wait(lambda: execute(query), "the connection that reads the log")[0][0])


def test_a_lost_log_connection_is_made_again(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    followed = follow(bench, schema, "cdc", settings={"ErrorBehavior": {"RecoverableErrorInterval": 0}})
    followed.start()
    execute("INSERT INTO a VALUES (2, 'two')")
    followed.until(1)
    lost = dump_thread(bench, execute)
    execute(f"KILL CONNECTION {lost}")
    wait(lambda: dump_thread(bench, execute) != lost, "another connection")
    execute("INSERT INTO a VALUES (3, 'three')")
    assert followed.until(2)[-1] == ["I", "3", "three"]
    described = followed.described()
    assert (described["Status"], "LastFailureMessage" in described) == ("running", True)
    stopped(followed)


def test_a_reboot_interrupts_and_the_task_goes_on(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    followed = follow(bench, schema)
    followed.start()
    followed.loaded("a")
    execute("INSERT INTO a VALUES (2, 'two')")
    followed.until(1)
    lost = dump_thread(bench, execute)
    rebooted = bench.dms.reboot_replication_instance(ReplicationInstanceArn=bench.instance)["ReplicationInstance"]
    assert rebooted["ReplicationInstanceStatus"] == "rebooting"
    execute("INSERT INTO a VALUES (3, 'three')")
    wait(lambda: dump_thread(bench, execute) != lost, "another connection")
    execute("INSERT INTO a VALUES (4, 'four')")
    wait(lambda: followed.changes()[-1] == ["I", "4", "four"], "what came after the reboot")
    assert {row[1] for row in followed.changes()} == {"2", "3", "4"}, "nothing is lost; it may be there twice"
    described = followed.described()
    assert (described["Status"], "StopReason" in described) == ("running", False)
    assert bench.rows(followed.folder, schema, "a") == [["I", "1", "before"]], "the load is not done again"
    stopped(followed)


def test_tables_are_loaded_again_beside_their_changes(bench: Bench, schema: str, table: None, execute: Callable[..., Any]) -> None:
    followed = follow(bench, schema)
    followed.start()
    followed.loaded("a")
    execute("INSERT INTO a VALUES (2, 'two')")
    followed.until(1)
    assert bench.rows(followed.folder, schema, "a") == [["I", "1", "before"]]
    one = [{"SchemaName": schema, "TableName": "a"}]
    call = bench.dms.reload_tables
    assert code(call, ReplicationTaskArn=followed.task, TablesToReload=one * 2) == "InvalidParameterValueException"
    many = [{"SchemaName": schema, "TableName": f"t{n}"} for n in range(11)]
    assert code(call, ReplicationTaskArn=followed.task, TablesToReload=many) == "InvalidParameterValueException"
    absent = [{"SchemaName": schema, "TableName": "absent"}]
    assert code(call, ReplicationTaskArn=followed.task, TablesToReload=absent) == "ResourceNotFoundFault"
    only = {"ReloadOption": "validate-only"}
    assert code(call, ReplicationTaskArn=followed.task, TablesToReload=one, **only) == "InvalidResourceStateFault"
    assert call(ReplicationTaskArn=followed.task, TablesToReload=one)["ReplicationTaskArn"] == followed.task

    def both() -> bool:
        try:
            return len(bench.rows(followed.folder, schema, "a")) == 2
        except bench.s3.exceptions.NoSuchKey:
            # The reload removed the file after it was listed.
            return False

    wait(both, "both rows in the files of the load")
    reloaded = wait(lambda: (t := bench.statistics(followed.task)["a"])["TableState"] == "Table completed" and t, "the end of the reload")
    assert (reloaded["FullLoadReloaded"], reloaded["FullLoadRows"]) == (True, 2)
    execute("INSERT INTO a VALUES (3, 'three')")
    wait(lambda: followed.changes()[-1] == ["I", "3", "three"], "the next change")
    stopped(followed)
    assert code(call, ReplicationTaskArn=followed.task, TablesToReload=one) == "InvalidResourceStateFault"


def test_open_transactions_are_waited_for_as_long_as_the_settings_say(
    bench: Bench, schema: str, table: None, execute: Callable[..., Any], writer: Any
) -> None:
    execute(f"GRANT PROCESS ON *.* TO {bench.user}@'%'")
    try:
        writer.execute("BEGIN")
        writer.execute("INSERT INTO a VALUES (2, 'open')")
        strict = {"FullLoadSettings": {"TransactionConsistencyTimeout": 0}, "ErrorBehavior": {"FailOnTransactionConsistencyBreached": True}}
        failed = bench.run(follow(bench, schema, settings=strict).task)
        assert "TransactionConsistencyTimeout" in failed["LastFailureMessage"]
        followed = follow(bench, schema)
        followed.start()
        assert "FullLoadStartDate" not in followed.described()["ReplicationTaskStats"]
        writer.execute("COMMIT")
        assert followed.until(1) == [["I", "2", "open"]]
        assert [row[1] for row in bench.rows(followed.folder, schema, "a")] == ["1", "2"]
        stopped(followed)
    finally:
        execute(f"REVOKE PROCESS ON *.* FROM {bench.user}@'%'")
