# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Transactions into the batch, with tables and row events that stand for real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lab.dms.binlog import ABSENT, Position, RowEvent, RowEvents, TableMap, Transaction
from lab.dms.cdc.batch import Batch
from lab.dms.cdc.checkpoint import Checkpoint
from lab.dms.cdc.errors import CaptureError
from lab.dms.cdc.lines import Rows, compile_lines
from lab.dms.cdc.lobs import LobCutter
from lab.dms.cdc.meter import Meter
from lab.dms.cdc.names import ChangeFileNames
from lab.dms.cdc.sequence import Sequence
from lab.dms.cdc.settings import ChangeSettings
from lab.dms.cdc.tables import Follower
from lab.dms.cdc.tally import TableCounts
from lab.dms.cdc.writer import ChangeWriter
from lab.dms.dialects.dialect import DIALECTS, GUIDE, Dialect
from lab.dms.mappings import read_mappings
from lab.dms.settings import merge_settings
from lab.dms.sources.mysql import SourceColumn, SourceTable, TableError
from lab.dms.targets.settings import S3Settings

from ..mappings_text import mappings_text

TABLE = SourceTable(
    "s", "t", 0, (SourceColumn("id", "int", "int", "", 0, 1), SourceColumn("v", "varchar", "varchar(9)", "utf8mb4", 0, 2)), ("id",)
)
MAP = TableMap(1, "s", "t", (3, 15), (0, 36))
OTHER = TableMap(2, "s", "not_followed", (3,), (0,))
STRING = {"type": "string", "length": 50}
# Some values have no sum.
RULES = (
    {"rule-action": "add-column", "value": "seq", "expression": "$AR_H_CHANGE_SEQ", "data-type": STRING},
    {
        "rule-action": "change-data-type",
        "object-locator": {"schema-name": "%", "table-name": "%", "column-name": "v"},
        "data-type": {"type": "int4"},
    },
)
WHOLE = {"I": b"\2\3", "U": b"\2\3\3", "D": b"\2\3"}


class Bucket:
    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self.text = ""

    def upload(self, key: str, content: Any) -> None:
        self.text += b"".join(content).decode()


@dataclass
class Stage:
    """A writer whose tables are one follower; an event's data are the index of its rows behind its column bitmaps."""

    tmp_path: Path
    settings: ChangeSettings = field(default_factory=ChangeSettings)
    dialect: Dialect = GUIDE
    given: dict[str, Any] = field(default_factory=dict)
    rows: list[Rows] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)
    fails: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        target = S3Settings.read({"BucketName": "b", "PreserveTransactions": True, "CdcPath": "cdc"} | self.given)
        lines = compile_lines(read_mappings(mappings_text(*RULES)).plan(TABLE, self.dialect), TABLE, target, self.dialect)
        self.counts = TableCounts()
        cutter = LobCutter([], 1024, GUIDE)
        self.follower_ = Follower(("s", "t"), ("s", "t"), self.decode, lines.make, cutter, "", self.counts, WHOLE)
        self.bucket = Bucket(target)
        self.batch = Batch(self.bucket, ChangeFileNames(target, GUIDE), self.tmp_path)  # type: ignore[arg-type]
        self.sequence = Sequence(Checkpoint(Position("l", 4)), restarts=False)
        self.writer = ChangeWriter(
            self,  # type: ignore[arg-type]
            self.batch,
            self.sequence,
            Meter(),
            settings=self.settings,
            target=target,
            dialect=self.dialect,
        )

    def decode(self, event: RowEvent) -> Any:
        self.fails()
        return self.rows[event.data[-1]]

    def follower(self, table_map: TableMap) -> Follower | None:
        return self.follower_ if table_map is MAP and not self.suspended else None

    def suspend(self, name: tuple[str, str], reason: str) -> None:
        self.suspended.append(reason)

    def write(self, *events: tuple[str, Rows], whole: bool = True, table: TableMap = MAP) -> list[str]:
        """One transaction; the lines that it added, without the time part of their numbers."""
        spooled = RowEvents(1 << 20, self.tmp_path)
        for operation, rows in events:
            self.rows.append(rows)
            begin = WHOLE[operation] if whole else b"\2\1"
            spooled.append(RowEvent(table, operation, 0, begin + bytes([len(self.rows) - 1])))
        self.writer.write(Transaction(Position("l", 4), Position("l", 99), 1_800_000_000.0, 1_800_000_000.0, "", spooled))
        self.bucket.text = ""
        self.batch.upload()
        return [line[: line.rindex(",") + 1] + str(int(line[-19:])) for line in self.bucket.text.splitlines()]


def inserts(*rows: tuple[str | None, ...]) -> tuple[str, Rows]:
    return "I", [(None, row) for row in rows]


def test_numbers_go_on_from_one_transaction_to_the_next(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.write(inserts(("1", "7"), ("2", None)), ("D", [(("1", "7"), None)])) == ["I,t,s,1,7,1", "I,t,s,2,NULL,2", "D,t,s,1,7,3"]
    assert stage.write(("U", [(("2", None), ("3", "8"))])) == ["U,t,s,3,8,4"]
    assert stage.counts.read == {"I": 2, "U": 1, "D": 1, "ddl": 0}


def test_tables_that_are_not_followed_are_not_even_decoded(tmp_path: Path) -> None:
    stage = Stage(tmp_path, fails=lambda: pytest.fail("decoded"))
    assert stage.write(inserts(("1", "7")), table=OTHER) == []


@pytest.mark.parametrize(("given", "wanted"), [({"CdcInsertsOnly": True}, "I"), ({"CdcInsertsAndUpdates": True}, "IU"), ({}, "IUD")])
def test_only_the_operations_that_the_endpoint_wants(tmp_path: Path, given: dict[str, Any], wanted: str) -> None:
    stage = Stage(tmp_path, given=given | {"IncludeOpForFullLoad": True})
    lines = stage.write(inserts(("1", "7")), ("U", [(("1", "7"), ("1", "8"))]), ("D", [(("1", "8"), None)]))
    assert "".join(line[0] for line in lines) == wanted


def test_a_row_that_cannot_be_written_is_left_out_without_a_number(tmp_path: Path) -> None:
    rows = inserts(("1", "7"), ("2", "seven"), ("3", "9"))
    for policy in ("LOG_ERROR", "IGNORE_RECORD"):
        stage = Stage(tmp_path, ChangeSettings(data_policy=policy))
        assert stage.write(rows) == ["I,t,s,1,7,1", "I,t,s,3,9,2"]
    stage = Stage(tmp_path, ChangeSettings(data_policy="SUSPEND_TABLE"))
    assert stage.write(rows, inserts(("4", "1"))) == ["I,t,s,1,7,1"]
    assert stage.suspended == ["a row of operation I cannot be written: 'seven' is not a number"]
    with pytest.raises(CaptureError, match=r"Table s\.t: a row of operation I"):
        Stage(tmp_path, ChangeSettings(data_policy="STOP_TASK")).write(rows)


def test_errors_escalate_from_a_count_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path, ChangeSettings(data_escalation_count=2))
    assert stage.write(inserts(("1", "x"), ("2", "7"), ("3", "y"), ("4", "7"))) == ["I,t,s,2,7,1"]
    assert len(stage.suspended) == 1


def test_an_event_that_cannot_be_read(tmp_path: Path) -> None:
    def broken() -> None:
        raise ValueError("no such byte")

    def altered() -> None:
        raise TableError("the table was altered")

    stage = Stage(tmp_path, fails=broken)
    assert stage.write(inserts(("1", "7"))) == []
    assert stage.suspended == []
    stage = Stage(tmp_path, fails=altered)
    assert stage.write(inserts(("1", "7"))) == []
    assert stage.suspended == ["the table was altered"]


def test_columns_that_the_log_leaves_out_have_a_marker_of_their_own(tmp_path: Path) -> None:
    rows = ("D", [(("1", ABSENT), None)])
    assert Stage(tmp_path).write(rows, whole=False) == ["D,t,s,1,NULL,1"]
    given = {"UseCsvNoSupValue": True, "CsvNoSupValue": "-1"}
    assert Stage(tmp_path, given=given).write(rows, whole=False) == ["D,t,s,1,-1,1"]


def test_the_position_of_the_stream_has_the_dialect_s_form(tmp_path: Path) -> None:
    rules = [
        {"rule-action": "add-column", "value": "p", "expression": "$AR_H_STREAM_POSITION", "data-type": {"type": "string", "length": 200}}
    ]
    seen = []
    for dialect in (GUIDE, replace(DIALECTS["exponents"])):
        stage = Stage(tmp_path, dialect=dialect)
        lines = compile_lines(read_mappings(mappings_text(*rules)).plan(TABLE, dialect), TABLE, stage.bucket.settings, dialect)
        stage.follower_ = replace(stage.follower_, make=lines.make)
        stage.rows.append(inserts(("1", "7"))[1])
        spooled = RowEvents(1 << 20, tmp_path)
        spooled.append(RowEvent(MAP, "I", 0, WHOLE["I"] + b"\0"))
        stage.writer.write(Transaction(Position("l", 4), Position("l", 99), 0.0, 0.0, "", spooled))
        stage.batch.upload()
        seen.append(stage.bucket.text)
    assert seen == ["I,t,s,1,7,l:4\n", f"I,t,s,1,7,{Checkpoint(Position('l', 4))}\n"]


def test_settings_are_read_from_the_task_s() -> None:
    settings = ChangeSettings.read(merge_settings(None))
    assert settings == ChangeSettings()
    given = {
        "ChangeProcessingTuning": {"MemoryLimitTotal": 10},
        "ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"},
        "TargetMetadata": {"LobMaxSize": 3},
    }
    read = ChangeSettings.read(merge_settings(json.dumps(given)))
    assert (read.memory_bytes, read.table_policy, read.lob_bytes) == (10 << 20, "STOP_TASK", 3072)
