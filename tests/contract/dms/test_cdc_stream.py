# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Changes in transaction order: the files CDC_TXN-*.csv, from the end of a full load over a stop and a resume."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from .rules import add_column, before_images, mappings, select
from .site import NULL, Rows, Site

COLUMNS = {"orders": ["id", "note", "amount"], "items": ["id", "order_id"], "beat": ["id"]}
HEADERS = {
    "seq": "$AR_H_CHANGE_SEQ",
    "position": "$AR_H_STREAM_POSITION",
    "operation": "$AR_H_OPERATION",
    "changed": "$AR_H_TIMESTAMP",
    "committed": "$AR_H_COMMIT_TIMESTAMP",
    "flag": "operation_indicator('D', 'U', 'I')",
}
QUOTES = 'a "quote", a comma\nand a line'
Change = dict[str, str]


@dataclass
class Stream:
    """Changes in the order of the stream, each by the names of its columns with "op", "table" and "schema".

    ``first``: up to the stop of the task; ``second``: from there to the end.
    """

    schema: str
    folder: str
    task: str
    first: list[Change] = field(default_factory=list)
    second: list[Change] = field(default_factory=list)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)
    stop_reason: str = ""
    checkpoint: str = ""

    def of(self, table: str, key: int) -> list[Change]:
        return [change for change in self.first + self.second if change["table"] == table and change["id"] == str(key)]


def by_name(site: Site, row: list[str]) -> Change:
    orders = site.either("added_order", {"rules": ["BI_id", *HEADERS], "before-images-last": [*HEADERS, "BI_id"]})
    for added in orders:
        names = ["op", "table", "schema", *COLUMNS[row[1]], *added]
        change = dict(zip(names, row, strict=True))
        if re.fullmatch(r"\d{35}", change["seq"]):
            return change
    raise AssertionError(f"no change sequence where one belongs: {row}")


def beat(site: Site, stream: str, number: int) -> Rows:
    """The records of the stream, once a row that is written now is among them."""
    site.execute("INSERT INTO beat VALUES (%s)", (number,))
    return site.until_rows(stream, lambda rows: any(row[1] == "beat" and row[3] == str(number) for row in rows), f"beat {number}")


def change_all(site: Site, schema: str) -> None:
    site.transaction(
        "INSERT INTO orders VALUES (10, 'ten', 15)", "INSERT INTO items VALUES (100, 10)", "UPDATE orders SET note = 'one!' WHERE id = 1"
    )
    site.execute("UPDATE orders SET id = 20 WHERE id = 2")
    site.execute("DELETE FROM orders WHERE id = 3")
    site.transaction("INSERT INTO orders VALUES (99, 'never', 0)", end="ROLLBACK")
    with site.session() as early:
        early.execute(f"USE {schema}")
        early.execute("START TRANSACTION")
        early.execute("INSERT INTO items VALUES (200, 10)")
        site.execute("INSERT INTO items VALUES (201, 10)")
        early.execute("COMMIT")
    site.execute(
        "INSERT INTO orders VALUES (%s, %s, %s)", (11, None, "2.00"), (12, 'a "quote", a comma\nand a line', "3.00"), (13, "", "4.00")
    )


@pytest.fixture(scope="module")
def stream(site: Site) -> Stream:
    schema = site.schema()
    site.execute("CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(50) NULL, amount INT)")
    site.execute("CREATE TABLE items (id INT PRIMARY KEY, order_id INT)")
    site.execute("CREATE TABLE beat (id INT PRIMARY KEY)")
    site.execute("INSERT INTO orders VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3)")
    target, folder = site.target(PreserveTransactions=True, CdcPath="changes")
    rules = [add_column(name, expression) for name, expression in HEADERS.items()]
    task = site.task(mappings(select(schema), before_images(), *rules), target, kind="full-load-and-cdc")
    made = Stream(schema, folder, task)
    path = f"{folder}/changes/"
    site.start(task)
    site.running(task)
    site.loaded(task)
    change_all(site, schema)
    made.first = [by_name(site, row) for row in beat(site, path, 1)]
    names = ("Inserts", "Updates", "Deletes")
    site.wait(lambda: sum(site.statistics(task, "items")[name] for name in names) >= 3, "the counting of the changes")
    made.counted = {table: {name: found[name] for name in names} for table, found in site.statistics(task).items()}
    stopped = site.stop(task)
    made.stop_reason, made.checkpoint = stopped["StopReason"], stopped["RecoveryCheckpoint"]
    site.execute("INSERT INTO orders VALUES (30, 'while stopped', 5)")
    site.start(task, "resume-processing")
    made.second = [by_name(site, row) for row in beat(site, path, 2)][len(made.first) :]
    site.running(task)
    site.stop(task)
    return made


@pytest.mark.behaviour("cdc.after_full_load")
def test_rows_of_the_load_are_no_changes(site: Site, stream: Stream) -> None:
    assert [row[:2] for row in site.rows(f"{stream.folder}/{stream.schema}/orders/LOAD")] == [["I", "1"], ["I", "2"], ["I", "3"]]
    assert [change["op"] for key in (1, 2, 3) for change in stream.of("orders", key)] == ["U", "D"]


@pytest.mark.behaviour("cdc.stream_names")
def test_all_changes_lie_in_one_folder_under_the_time_of_the_file(site: Site, stream: Stream) -> None:
    keys = site.keys(f"{stream.folder}/changes")
    assert [key for key in keys if not re.fullmatch(re.escape(f"{stream.folder}/changes/CDC_TXN-") + r"\d{17}\.csv", key)] == []
    times = [datetime.strptime(key[-21:-4], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC) for key in keys]
    assert all(abs(time - datetime.now(UTC)) < timedelta(hours=1) for time in times)
    assert [key for key in site.keys(f"{stream.folder}/{stream.schema}/") if "/LOAD" not in key] == []


@pytest.mark.behaviour("cdc.stream_layout")
def test_operation_table_and_schema_stand_first(stream: Stream) -> None:
    first = stream.first[0]
    assert list(first)[:3] == ["op", "table", "schema"]
    assert (first["op"], first["table"], first["schema"], first["id"], first["note"]) == ("I", "orders", stream.schema, "10", "ten")


@pytest.mark.behaviour("cdc.order_in_transaction")
def test_rows_of_a_transaction_stand_in_their_order(stream: Stream) -> None:
    rows = [(change["op"], change["table"], change["id"]) for change in stream.first[:3]]
    assert rows == [("I", "orders", "10"), ("I", "items", "100"), ("U", "orders", "1")]


@pytest.mark.behaviour("cdc.commit_order")
def test_transactions_stand_in_the_order_of_their_commits(stream: Stream) -> None:
    assert [change["id"] for change in stream.first if change["table"] == "items"] == ["100", "201", "200"]


@pytest.mark.behaviour("cdc.rollback")
def test_what_was_rolled_back_is_absent(stream: Stream) -> None:
    assert stream.of("orders", 99) == []


@pytest.mark.behaviour("cdc.insert")
def test_an_insert_is_the_row(stream: Stream) -> None:
    (change,) = stream.of("orders", 10)
    assert [change[name] for name in ("op", "id", "note", "amount")] == ["I", "10", "ten", "15"]


@pytest.mark.behaviour("cdc.update")
def test_an_update_is_the_whole_row_afterwards(stream: Stream) -> None:
    (change,) = stream.of("orders", 1)
    assert [change[name] for name in ("op", "note", "amount")] == ["U", "one!", "1"]


@pytest.mark.behaviour("cdc.delete")
def test_a_delete_is_the_row_before(site: Site, stream: Stream) -> None:
    (change,) = stream.of("orders", 3)
    found = [change[name] for name in ("op", "note", "amount")]
    assert found in site.either("deletes", {"full": ["D", "three", "3"], "key": ["D", NULL, NULL]})


@pytest.mark.behaviour("cdc.key_update")
def test_an_update_of_the_key_is_one_update_with_the_new_key(stream: Stream) -> None:
    assert stream.of("orders", 2) == []
    (change,) = stream.of("orders", 20)
    assert [change[name] for name in ("op", "note", "amount")] == ["U", "two", "2"]


@pytest.mark.behaviour("cdc.before_image_of_key")
def test_the_before_image_shows_the_old_key(stream: Stream) -> None:
    assert stream.of("orders", 20)[0]["BI_id"] == "2"


@pytest.mark.behaviour("cdc.before_image_unchanged")
def test_the_before_image_of_a_key_that_stays(site: Site, stream: Stream) -> None:
    absent = site.either("absent_added", {"empty": "", "marker": NULL})
    assert stream.of("orders", 1)[0]["BI_id"] in site.either("before_image", {"always": "1", "changed": absent[0]}) + absent[1:]


@pytest.mark.behaviour("cdc.before_image_of_insert")
def test_an_insert_has_no_before_image(site: Site, stream: Stream) -> None:
    assert stream.of("orders", 10)[0]["BI_id"] in site.either("absent_added", {"empty": "", "marker": NULL})


@pytest.mark.behaviour("cdc.text")
def test_values_have_the_punctuation_of_the_load(stream: Stream) -> None:
    assert [stream.of("orders", key)[0]["note"] for key in (11, 12, 13)] == [NULL, QUOTES, ""]


@pytest.mark.behaviour("cdc.change_sequence")
def test_the_change_sequence_is_unique_and_increases(stream: Stream) -> None:
    numbers = [change["seq"] for change in stream.first]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"20\d{33}", number) for number in numbers)


@pytest.mark.behaviour("cdc.sequence_after_resume")
def test_the_change_sequence_after_a_resume(site: Site, stream: Stream) -> None:
    greater = min(change["seq"] for change in stream.second) > max(change["seq"] for change in stream.first)
    assert greater in site.either("sequence_after_resume", {"continues": True, "restarts": False})


@pytest.mark.behaviour("cdc.stream_position")
def test_the_position_of_a_change(site: Site, stream: Stream) -> None:
    forms = site.either("stream_position", {"file:position": r"[^:]+\.\d+:\d+.*", "checkpoint": r"checkpoint:V1#.*"})
    assert all(any(re.fullmatch(form, change["position"]) for form in forms) for change in stream.first)


@pytest.mark.behaviour("cdc.operation")
def test_the_operation_of_a_change(stream: Stream) -> None:
    words = {"I": "INSERT", "U": "UPDATE", "D": "DELETE"}
    assert [change["operation"] for change in stream.first] == [words[change["op"]] for change in stream.first]
    assert [change["flag"] for change in stream.first] == [change["op"] for change in stream.first]


@pytest.mark.behaviour("cdc.commit_timestamp")
@pytest.mark.parametrize("name", ["changed", "committed"])
def test_the_times_of_a_change(stream: Stream, name: str) -> None:
    moments = [datetime.fromisoformat(change[name]).replace(tzinfo=UTC) for change in stream.first]
    assert all(abs(moment - datetime.now(UTC)) < timedelta(hours=1) for moment in moments)
    assert moments == sorted(moments)


@pytest.mark.behaviour("cdc.statistics")
def test_changes_are_counted_by_table(stream: Stream) -> None:
    assert stream.counted["orders"] == {"Inserts": 4, "Updates": 2, "Deletes": 1}
    assert stream.counted["items"] == {"Inserts": 3, "Updates": 0, "Deletes": 0}


@pytest.mark.behaviour("cdc.stop")
def test_a_stopped_task_says_why(stream: Stream) -> None:
    assert stream.stop_reason == "Stop Reason NORMAL"


@pytest.mark.behaviour("cdc.resume")
def test_a_resumed_task_brings_what_was_committed_meanwhile(stream: Stream) -> None:
    assert "30" in {change["id"] for change in stream.second}


@pytest.mark.behaviour("cdc.recovery_checkpoint")
def test_a_checkpoint_starts_another_task(site: Site, stream: Stream) -> None:
    assert stream.checkpoint.startswith("checkpoint:V1#")
    target, folder = site.target(PreserveTransactions=True, CdcPath="changes")
    rules = mappings(select(stream.schema))
    task = site.task(rules, target, kind="cdc", CdcStartPosition=stream.checkpoint)
    site.start(task)
    found = site.until_rows(f"{folder}/changes/", lambda rows: [row for row in rows if row[1] == "beat" and row[3] == "2"], "beat 2")
    assert ["I", "orders", stream.schema, "30", "while stopped", "5"] in found
    assert [row for row in found if row[3] in ("10", "20")] == [], "what came before the checkpoint"
    site.stop(task)
