# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What is loaded: charges of the billing workload, staged as DMS stages them, and how they become items."""

from __future__ import annotations

import re
from pathlib import Path

from landbridge.adapters.yaml_document import read_document
from landbridge.contract.definition import Contract
from landbridge.contract.parser import parse_contract
from landbridge.model.schema import Column, Table

from bench.process import REPOSITORY
from lab.workload.billing import table_blocks
from lab.workload.population import populate

NULL_MARKER = "__DMS_NULL__"
TABLE = "BillingSystem"
SEED = 7

_SPECIAL = re.compile(r'[",\r\n]')
_ESCAPED = re.compile(r"\\(.)")
_MEANINGS = {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}

# billing.charge as information_schema describes it: name, type, whole type, nullable, and what counts for the type.
CHARGE = Table(
    "billing",
    "charge",
    (
        Column("charge_seq", "bigint", "bigint(20) unsigned", False, 1, precision=20, scale=0),
        Column("activity_num", "int", "int(10) unsigned", False, 2, precision=10, scale=0),
        Column("ban", "int", "int(10) unsigned", False, 3, precision=10, scale=0),
        Column("subscriber_no", "bigint", "bigint(20) unsigned", False, 4, precision=20, scale=0),
        Column("feature_code", "char", "char(6)", False, 5, length=6, collation="utf8mb4_bin"),
        Column("actv_amt", "decimal", "decimal(14,4)", False, 6, precision=14, scale=4),
        Column("tax_amt", "decimal", "decimal(14,4)", True, 7, precision=14, scale=4),
        Column("charge_creation_date", "datetime", "datetime", False, 8, fraction=0),
        Column("description", "varchar", "varchar(200)", True, 9, length=200, collation="utf8mb4_general_ci"),
        Column("sys_creation_date", "datetime", "datetime(6)", False, 10, fraction=6),
        Column("sys_update_date", "datetime", "datetime(6)", True, 11, fraction=6),
    ),
    ("charge_seq", "activity_num"),
)


def contract() -> Contract:
    """The contract of the example."""
    path = REPOSITORY / "examples" / "billing" / "contract.yml"
    text = path.read_text(encoding="utf-8")
    return parse_contract(read_document(text, str(path)), text)


def stage_charges(path: Path, rows: int) -> None:
    """Write ``rows`` charges as one full-load file in the strict profile: operation, columns, the empty added columns."""
    # A bit more than half of a workload's rows are charges.
    population = populate(max(2 * rows, 1_000), SEED)
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for block in table_blocks("charge", population, SEED):
            for line in block.decode().split("\n")[:-1]:
                if written == rows:
                    return
                file.write(staged_record(line))
                written += 1


def staged_record(line: str) -> str:
    """One line of a LOAD DATA file as DMS would stage the row."""
    fields = (NULL_MARKER if field == r"\N" else _quoted(_ESCAPED.sub(_meaning, field)) for field in line.split("\t"))
    return f"I,{','.join(fields)},,,\n"


def _meaning(match: re.Match[str]) -> str:
    return _MEANINGS.get(match[1], match[1])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text
