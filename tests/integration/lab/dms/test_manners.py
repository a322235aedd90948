# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Bad manners on request, each by what it does to real files of a real task, and by what the engine says that it did."""

from __future__ import annotations

import csv
import io
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from .conftest import Bench, select_all, wait
from .following import SEQUENCE, Following, follow

PATH = "/_lab/manners"
# A failure that passes is tried again at once, and tables are loaded one after the other.
SETTINGS = {"ErrorBehavior": {"RecoverableErrorInterval": 0}, "FullLoadSettings": {"MaxFullLoadSubTasks": 1}}
# A time that S3 shows has no fractions of a second.
SECOND = 1.0


@dataclass
class Engine:
    """The lab's own switches of the replication service."""

    url: str
    seen: int = 0

    def call(self, method: str, path: str, document: Any = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)  # noqa: S310 - our URL
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def arm(self, name: str, task: str, *, seed: int = 0, skip: int = 0, times: int = 1, **options: Any) -> None:
        self.seen = len(self.call("GET", PATH)["done"])
        self.call("POST", PATH, {"name": name, "task": task, "seed": seed, "skip": skip, "times": times, "options": options})

    def done(self) -> list[dict[str, Any]]:
        """What was done since something was armed last."""
        return list(self.call("GET", PATH)["done"][self.seen :])

    def did(self) -> dict[str, Any]:
        """The first thing that is done."""
        return dict(wait(self.done, "bad manners")[0])


@pytest.fixture
def engine(lab: Any) -> Iterator[Engine]:
    made = Engine(f"http://127.0.0.1:{lab.ports['dms']}")
    yield made
    made.call("DELETE", PATH)


@pytest.fixture(scope="module")
def tables(administrator: Any, bench: Bench) -> Iterator[str]:
    """A schema with the tables a, of 200 rows, and b, of 5."""
    name = f"m_{secrets.token_hex(4)}"
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"GRANT SELECT ON {name}.* TO {bench.user}@'%'")
        for table, count in (("a", 200), ("b", 5)):
            cursor.execute(f"CREATE TABLE {name}.{table} (id INT PRIMARY KEY, t VARCHAR(40))")
            rows = [(number, f'text "{number}", of {table}') for number in range(count)]
            cursor.executemany(f"INSERT INTO {name}.{table} VALUES (%s, %s)", rows)  # noqa: S608 - made here
        yield name
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"REVOKE SELECT ON {name}.* FROM {bench.user}@'%'")  # noqa: S608 - both names are made here


@dataclass
class Load:
    """A task that loads both tables as often as it is asked to."""

    bench: Bench
    task: str
    folder: str
    schema: str
    good: dict[str, bytes] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        return self.bench.run(self.task, "reload-target" if self.good else "start-replication")

    def files(self) -> dict[str, bytes]:
        """The content by the end of the key, such as a/LOAD00000001.csv."""
        start = f"{self.folder}/{self.schema}/"
        return {key.removeprefix(start): self.bench.content(key) for key in self.bench.keys(self.folder)}

    def states(self) -> dict[str, tuple[str, int]]:
        return {name: (t["TableState"], t["FullLoadRows"]) for name, t in self.bench.statistics(self.task).items()}


@pytest.fixture(scope="module")
def load(bench: Bench, tables: str) -> Load:
    target, folder = bench.target()
    made = Load(bench, bench.task(bench.source(), target, select_all(tables), SETTINGS), folder, tables)
    assert made.run()["StopReason"] == "Stop Reason FULL_LOAD_ONLY_FINISHED"
    made.good = made.files()
    return made


A, B = "a/LOAD00000001.csv", "b/LOAD00000001.csv"


def test_the_source_vanishes_and_the_task_ends_successfully(engine: Engine, load: Load) -> None:
    found = []
    for _ in range(2):
        engine.arm("source-vanishes", load.task, seed=11, table=f"{load.schema}.a")
        task = load.run()
        assert (task["Status"], task["StopReason"]) == ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED")
        assert "LastFailureMessage" not in task
        deeds = {deed["table"].rpartition(".")[2]: deed["row"] for deed in engine.done()}
        rows = deeds["a"]
        assert 0 < rows < 200
        assert load.states() == {"a": ("Table completed", rows), "b": ("Table completed", 0)}
        assert deeds == {"a": rows, "b": 0}
        files = load.files()
        assert list(files) == [A]
        assert load.good[A].startswith(files[A])
        assert files[A].count(b"\n") == rows
        found.append(files)
    assert found[0] == found[1], "the same seed does the same"
    load.run()
    assert load.files() == load.good


def test_a_truncated_file(engine: Engine, load: Load) -> None:
    found = []
    for seed in (1, 1, 2):
        engine.arm("file-truncated", load.task, seed=seed)
        assert load.run()["Status"] == "stopped"
        files = load.files()
        assert files[B] == load.good[B]
        assert load.good[A].startswith(files[A])
        assert len(files[A]) < len(load.good[A])
        deed = engine.did()
        assert deed["key"] == f"{load.folder}/{load.schema}/{A}"
        assert deed["detail"] == f"{len(files[A])} of {len(load.good[A])} bytes"
        assert load.states()["a"] == ("Table completed", 200)
        found.append(files[A])
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("kind", ["width", "quote", "number"])
def test_a_malformed_row(engine: Engine, load: Load, kind: str) -> None:
    found = []
    for _ in range(2):
        engine.arm("row-malformed", load.task, seed=5, kind=kind, key="*/b/*")
        load.run()
        files, deed = load.files(), engine.did()
        assert files[A] == load.good[A]
        before, after = (text.decode().split("\n") for text in (load.good[B], files[B]))
        assert [number for number, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b] == [deed["row"]]
        [row] = list(csv.reader([after[deed["row"] - 1]]))
        if kind == "width":
            assert len(row) in (2, 4)
        elif kind == "number":
            assert row.count("not a number") == 1
        else:
            assert files[B].count(b'"') % 2 == 1
        found.append(files)
    assert found[0] == found[1]


def test_a_late_file_of_a_load(engine: Engine, load: Load) -> None:
    engine.arm("file-late", load.task, key=f"*{A}", seconds=1.5)
    assert load.run()["Status"] == "stopped"
    wait(lambda: len(load.files()) == 2, "the late file")
    assert load.files() == load.good
    _came_late(load.bench, engine.did(), 1.5)


def _came_late(bench: Bench, deed: dict[str, Any], seconds: float) -> None:
    head = bench.s3.head_object(Bucket=bench.bucket, Key=deed["key"])
    assert head["LastModified"].timestamp() >= deed["time"] + seconds - SECOND


def test_a_file_of_a_load_under_two_keys(engine: Engine, load: Load) -> None:
    engine.arm("file-twice", load.task, under="later-key", skip=1)
    load.run()
    assert load.files() == load.good | {"b/LOAD00001001.csv": load.good[B]}
    assert engine.did()["key"].endswith("/b/LOAD00001001.csv")


def test_a_file_of_a_load_twice_under_its_key(engine: Engine, load: Load) -> None:
    engine.arm("file-twice", load.task, seconds=2)
    load.run()
    deed = engine.did()
    load.bench.s3.delete_object(Bucket=load.bench.bucket, Key=deed["key"])
    wait(lambda: load.files() == load.good, "the file once more")
    _came_late(load.bench, deed, 2)


def test_a_load_that_fails_for_good(engine: Engine, load: Load) -> None:
    engine.arm("task-fails", load.task, table="*.b")
    task = load.run()
    assert (task["Status"], task["StopReason"]) == ("failed", "Stop Reason FATAL_ERROR")
    assert f"while table {load.schema}.b was read" in task["LastFailureMessage"]
    assert load.states()["a"] == ("Table completed", 200)
    assert load.states()["b"][0] == "Table error"
    assert engine.did()["table"] == f"{load.schema}.b"
    assert load.run()["Status"] == "stopped"


def test_a_load_that_fails_for_a_moment(engine: Engine, load: Load) -> None:
    engine.arm("task-fails", load.task, kind="recoverable")
    task = load.run()
    assert (task["Status"], task["StopReason"]) == ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED")
    assert load.files() == load.good
    assert engine.did()["detail"] == "recoverable, while the table was read"


def test_the_instance_is_lost_while_tables_are_loaded(engine: Engine, load: Load) -> None:
    engine.arm("instance-fails-over", load.task, table="*.b")
    task = load.run()
    assert (task["Status"], task["StopReason"]) == ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED")
    assert load.files() == load.good
    assert engine.did()["table"] == f"{load.schema}.b"


@dataclass
class Stream:
    """A task that follows the table c. What its files held before ``mark`` is left out."""

    followed: Following
    administrator: Any
    known: set[str] = field(default_factory=set)
    last: int = 0

    @property
    def task(self) -> str:
        return self.followed.task

    def mark(self) -> None:
        self.known |= set(self.keys())

    def keys(self) -> list[str]:
        return [key for key in self.followed.bench.keys(f"{self.followed.folder}/cdc") if key not in self.known]

    def insert(self, count: int = 1) -> list[str]:
        """One transaction; the keys of its rows."""
        first, self.last = self.last + 1, self.last + count
        rows = [(number,) for number in range(first, self.last + 1)]
        with self.administrator.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.followed.schema}.c VALUES (%s)", rows)  # noqa: S608 - made here
        return [str(number) for (number,) in rows]

    def files(self) -> dict[str, list[tuple[str, str]]]:
        """By key: of each row its key and its number in the change sequence."""
        found = {}
        for key in self.keys():
            text = self.followed.bench.content(key).decode()
            found[key] = [(row[3], row[4]) for row in csv.reader(io.StringIO(text, newline=""))]
        return found

    def until(self, count: int) -> dict[str, list[tuple[str, str]]]:
        """The files, when they hold so many rows."""
        return dict(wait(lambda: sum(map(len, (found := self.files()).values())) >= count and found, f"{count} rows"))

    def written(self, count: int = 1) -> list[tuple[str, str]]:
        """The rows of one transaction, when they are there."""
        self.mark()
        self.insert(count)
        return [row for rows in self.until(count).values() for row in rows]


@pytest.fixture(scope="module")
def running(bench: Bench, administrator: Any) -> Iterator[Stream]:
    name = f"m_{secrets.token_hex(4)}"
    with administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"GRANT SELECT ON {name}.* TO {bench.user}@'%'")
        cursor.execute(f"CREATE TABLE {name}.c (id INT PRIMARY KEY)")
    followed = follow(bench, name, settings=SETTINGS, extra=[SEQUENCE])
    followed.start()
    stream = Stream(followed, administrator)
    stream.written()
    yield stream
    followed.stop()
    with administrator.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"REVOKE SELECT ON {name}.* FROM {bench.user}@'%'")  # noqa: S608 - both names are made here


@pytest.fixture
def stream(running: Stream) -> Stream:
    """The task runs, and everything before is in the bucket."""
    status = running.followed.described()["Status"]
    assert status == "running"
    running.mark()
    return running


def test_a_transaction_over_two_files(engine: Engine, stream: Stream) -> None:
    heads = []
    for seed in (3, 3, 4):
        stream.mark()
        engine.arm("transaction-split", stream.task, seed=seed)
        keys = stream.insert(20)
        (first, head), (_, tail) = stream.until(20).items()
        assert [key for key, _ in head + tail] == keys
        deed = engine.did()
        assert (deed["key"], deed["row"]) == (first, len(head))
        heads.append(len(head))
    assert heads[0] == heads[1] != heads[2]


def test_the_sequence_restarts(engine: Engine, stream: Stream) -> None:
    [(_, before)] = stream.written()
    assert int(before[16:]) > 1
    engine.arm("sequence-restarts", stream.task)
    [(_, restarted)] = stream.written()
    [(_, after)] = stream.written()
    assert [int(number[16:]) for number in (restarted, after)] == [1, 2]
    assert before[:16] <= restarted[:16] <= after[:16]
    assert engine.did()["detail"] == f"change {int(before[16:]) + 1} has the number 1 again"


def test_the_sequence_steps_back(engine: Engine, stream: Stream) -> None:
    [(_, before)] = stream.written()
    engine.arm("sequence-steps-back", stream.task, seconds=7200)
    [(_, early), (_, second)] = stream.written(2)
    [(_, after)] = stream.written()
    assert early < second < before < after
    assert [int(n[16:]) - int(before[16:]) for n in (early, second, after)] == [1, 2, 3]
    hour = datetime.strptime(early[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert time.time() - hour.timestamp() >= 7200
    assert engine.did()["manner"] == "sequence-steps-back"


def test_files_out_of_order(engine: Engine, stream: Stream) -> None:
    stream.insert()
    [first] = stream.until(1)
    engine.arm("file-out-of-order", stream.task)
    stream.insert()
    [earlier, same] = stream.until(2)
    assert earlier < first == same
    assert [key for rows in stream.files().values() for key, _ in rows] == [str(stream.last), str(stream.last - 1)]
    assert engine.did()["key"] == earlier


def test_a_file_of_changes_under_two_keys(engine: Engine, stream: Stream) -> None:
    engine.arm("file-twice", stream.task, under="later-key")
    stream.insert(2)
    (first, rows), (second, again) = stream.until(4).items()
    assert rows == again
    assert engine.did()["key"] == second > first
    [(key, _)] = stream.written()
    assert key == str(stream.last)


def test_a_late_file_of_changes(engine: Engine, stream: Stream) -> None:
    engine.arm("file-late", stream.task, seconds=2)
    stream.insert()
    deed = engine.did()
    assert stream.until(1).keys() == {deed["key"]}
    _came_late(stream.followed.bench, deed, 2)


def test_a_truncated_file_of_changes(engine: Engine, stream: Stream) -> None:
    engine.arm("file-truncated", stream.task, bytes=30)
    stream.insert(3)
    deed = engine.did()
    text = stream.followed.bench.content(wait(stream.keys, "the file")[0]).decode()
    assert (text.count("\n"), deed["detail"]) == (2, f"{len(text)} of {len(text) + 30} bytes")


def test_reading_pauses(engine: Engine, stream: Stream) -> None:
    engine.arm("reading-pauses", stream.task, seconds=2)
    bench = stream.followed.bench
    identifier = stream.followed.described()["ReplicationTaskIdentifier"]

    def told(word: str) -> Any:
        events = bench.dms.describe_events(SourceType="replication-task", SourceIdentifier=identifier)["Events"]
        return [event["Date"] for event in events if event["Message"].startswith(f"Reading {word}")]

    wait(lambda: told("paused"), "the pause")
    stream.insert()
    [key] = stream.until(1)
    [paused], [resumed] = told("paused"), told("resumed")
    assert (resumed - paused).total_seconds() >= 2
    assert bench.s3.head_object(Bucket=bench.bucket, Key=key)["LastModified"].timestamp() >= resumed.timestamp() - SECOND
    assert engine.did()["detail"] == "2 s"


def test_a_failure_between_upload_and_checkpoint_sends_changes_again(engine: Engine, stream: Stream) -> None:
    engine.arm("task-fails", stream.task, kind="recoverable", part="changes")
    stream.insert(2)
    first, second = stream.until(4).values()
    assert first == second
    task = stream.followed.described()
    assert task["Status"] == "running"
    assert "RECOVERABLE" in task["LastFailureMessage"]
    assert engine.did()["detail"] == "recoverable, after-upload"


def test_a_failure_for_good_before_the_upload(engine: Engine, stream: Stream) -> None:
    engine.arm("task-fails", stream.task, at="before-upload")
    stream.insert()
    task = stream.followed.bench.until(stream.task, "failed")
    assert task["StopReason"] == "Stop Reason FATAL_ERROR"
    assert stream.keys() == []
    stream.followed.start("resume-processing")
    [[(key, _)]] = stream.until(1).values()
    assert key == str(stream.last)


def test_a_resumed_task_sends_changes_again(engine: Engine, stream: Stream) -> None:
    [[sent]] = [stream.written()]
    stream.followed.stop()
    engine.arm("resume-overlaps", stream.task)
    stream.mark()
    stream.followed.start("resume-processing")
    [rows] = stream.until(1).values()
    assert rows == [sent]
    assert engine.did()["row"] == int(sent[1][16:])


def test_a_failover_sends_changes_again(engine: Engine, stream: Stream) -> None:
    bench = stream.followed.bench
    _multi_az(bench, True)
    engine.arm("instance-fails-over", stream.task)
    stream.insert(2)
    first, second = stream.until(4).values()
    assert first == second
    assert engine.did()["detail"] == "after-upload"

    def failovers() -> Any:
        answer = bench.dms.describe_events(SourceType="replication-instance", SourceIdentifier=bench.prefix, EventCategories=["failover"])
        return len(answer["Events"]) == 2 and [event["Message"] for event in answer["Events"]]

    started, ended = wait(failovers, "the events of the failover")
    assert "started" in started
    assert "complete" in ended
    _multi_az(bench, False)
    stream.followed.bench.until(stream.task, "running")


def _multi_az(bench: Bench, multi: bool) -> None:
    bench.dms.modify_replication_instance(ReplicationInstanceArn=bench.instance, MultiAZ=multi, ApplyImmediately=True)
    filters = [{"Name": "replication-instance-arn", "Values": [bench.instance]}]

    def arrived() -> bool:
        [instance] = bench.dms.describe_replication_instances(Filters=filters)["ReplicationInstances"]
        return (instance["ReplicationInstanceStatus"], instance["MultiAZ"]) == ("available", multi)

    wait(arrived, "the change of the instance")


def test_the_log_is_purged(engine: Engine, stream: Stream) -> None:
    stream.followed.stop()
    engine.arm("log-purged", stream.task)
    stream.followed.start("resume-processing")
    task = stream.followed.bench.until(stream.task, "failed")
    assert task["StopReason"] == "Stop Reason FATAL_ERROR"
    assert "Could not find first log file name in binary log index file" in task["LastFailureMessage"]
    assert engine.did()["manner"] == "log-purged"
    stream.followed.start("resume-processing")
    stream.written()


def test_a_task_s_files_are_written_in_its_dialect(engine: Engine, bench: Bench, schema: str, execute: Any) -> None:
    execute("CREATE TABLE t (id INT PRIMARY KEY, d BLOB)")
    execute("INSERT INTO t VALUES (1, x'ab')")
    target, folder = bench.target()
    task = bench.task(bench.source(), target, select_all(schema))
    bench.run(task)
    assert bench.rows(folder, schema, "t") == [["I", "1", "AB"]]
    chosen = engine.call("POST", "/_lab/dialects", {"name": "words", "task": task})
    assert (chosen["default"], chosen["tasks"][task]) == ("guide", "words")
    bench.run(task, "reload-target")
    assert bench.rows(folder, schema, "t") == [["I", "1", "0xab"]]


def test_the_command_line(engine: Engine, lab: Any, load: Load) -> None:
    identifier = load.bench.describe(load.task)["ReplicationTaskIdentifier"]
    armed = lab.run("dms", "misbehave", "file-truncated", "--task", identifier, "--seed", "9", "--option", "bytes=1", "--json")
    assert json.loads(armed.stdout)["armed"]["options"] == {"key": "*", "bytes": 1}
    engine.seen = len(engine.call("GET", PATH)["done"])
    load.run()
    assert load.files()[A] == load.good[A][:-1]
    assert engine.did()["task"] == identifier
    shown = lab.run("dms", "manners")
    assert "file-truncated (full load, changes)" in shown.stdout
    assert "event-missing (notifications)" in shown.stdout
    assert f"file-truncated {identifier}" in lab.run("dms", "manners", "--done").stdout
    lab.run("dms", "misbehave", "event-twice", "--option", "prefix=nothing-has-this")
    lab.run("dms", "misbehave", "log-purged", "--skip", "9", "--task", identifier)
    left = json.loads(lab.run("dms", "behave", "--json").stdout)["disarmed"]
    assert {armed["manner"] for armed in left} == {"event-twice", "log-purged"}
    for words in (["misbehave", "nonsense"], ["misbehave", "file-late", "--option", "x=1"], ["behave", "x"], ["dialect", "x"]):
        refused = lab.run("dms", *words)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("landbridge-lab: ")
    assert "words" in lab.run("dms", "dialects").stdout
    assert lab.run("dms", "dialect", "guide").returncode == 0


def test_the_emulator_does_not_hand_on_the_switches(lab: Any, engine: Engine) -> None:
    aws = Engine(lab.env["AWS_ENDPOINT_URL"])
    for path in ("/_lab/dialects", "/_lab/nothing"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            aws.call("GET", path)
        assert refused.value.code in (400, 403)
    with pytest.raises(urllib.error.HTTPError) as unknown:
        engine.call("GET", "/_lab/nothing")
    assert unknown.value.code == 404
    names = {manner["name"] for manner in aws.call("GET", PATH)["catalogue"]}
    assert names == {"event-missing", "event-twice"}


@dataclass
class Mailbox:
    """A bucket whose events go to one queue directly and to another through EventBridge."""

    s3: Any
    sqs: Any
    bucket: str
    direct: str
    bridged: str

    def put(self, *keys: str) -> None:
        for key in keys:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x")

    def told(self, queue: str, until: str) -> list[tuple[str, str]]:
        """Key and sequencer of every event, up to the first of the key ``until``."""
        found: list[tuple[str, str]] = []

        def arrived() -> bool:
            for message in self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                body = json.loads(message["Body"])
                found.extend(
                    (o["key"], o["sequencer"])
                    for o in [r["s3"]["object"] for r in body.get("Records", [])] + [body[d]["object"] for d in ("detail",) if d in body]
                )
            return any(key == until for key, _ in found)

        wait(arrived, f"the event of {until}")
        return sorted(found)


@pytest.fixture
def mailbox(lab: Any) -> Iterator[Mailbox]:
    s3, sqs, events = lab.client("s3"), lab.client("sqs"), lab.client("events")
    name = f"mail-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    urls, arns = [], []
    for word in ("direct", "bridged"):
        url = sqs.create_queue(QueueName=f"{name}-{word}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})})
        urls.append(url)
        arns.append(arn)
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arns[0], "Events": ["s3:ObjectCreated:*"]}],
            "EventBridgeConfiguration": {},
        },
    )
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arns[1]}])
    yield Mailbox(s3, sqs, name, *urls)
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def test_events_of_objects_get_lost_or_come_twice(lab: Any, mailbox: Mailbox) -> None:
    aws = Engine(lab.env["AWS_ENDPOINT_URL"])
    # Notifications belong to no task; each is armed for this bucket alone.
    aws.arm("event-missing", "", bucket=mailbox.bucket, prefix="run/", suffix=".csv", skip=1)
    aws.arm("event-twice", "", bucket=mailbox.bucket, prefix="twice/")
    mailbox.put("run/1.csv", "run/1.txt", "run/2.csv", "run/3.csv", "twice/1", "twice/2")
    for queue in (mailbox.direct, mailbox.bridged):
        mailbox.put("end")
        found = [event for event in mailbox.told(queue, "end") if event[0] != "end"]
        assert [key for key, _ in found] == ["run/1.csv", "run/1.txt", "run/3.csv", "twice/1", "twice/1", "twice/2"]
        assert found[3] == found[4], "with the same sequencer"
    keys = [(deed["manner"], deed["key"]) for deed in aws.done()]
    assert keys == [("event-missing", f"{mailbox.bucket}/run/2.csv"), ("event-twice", f"{mailbox.bucket}/twice/1")]
