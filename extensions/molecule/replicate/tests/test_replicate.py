# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was frozen and what was staged."""

from __future__ import annotations

import csv
import io
from typing import Any


def test_contract_and_schema_are_frozen(account: Any) -> None:
    run = account.state("run.json", "replicate")
    assert len(run["tables"]) == 6
    assert "entities:" in run["contract_text"]


def test_every_row_is_staged_once(account: Any) -> None:
    s3, rows = account.client("s3"), 0
    for key in account.staged("replicate"):
        body = s3.get_object(Bucket=account.bucket("staging"), Key=f"billing/replicate/{key}")["Body"].read().decode()
        staged = list(csv.reader(io.StringIO(body, newline="")))
        assert all(row[0] == "I" for row in staged)
        rows += len(staged)
    assert rows == account.rows


def test_the_task_has_finished(account: Any) -> None:
    task = account.replication_task("replicate")
    assert (task["Status"], task["StopReason"]) == ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED")
