# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What both measurements of the twin have in common: its parts as a task puts them together, over one table of the bench's source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.bucket import LocalBucket
from lab.config import SCHEMA
from lab.dms.mappings import TableMappings, read_mappings
from lab.dms.targets.s3 import S3Target
from lab.dms.targets.settings import S3Settings

NULL_MARKER = "__DMS_NULL__"


def target(folder: Path) -> S3Target:
    """The profile that migrations use: the operation in every row, one stream of changes, a NULL that no text can be."""
    settings = {
        "BucketName": "bench",
        "CsvNullValue": NULL_MARKER,
        "IncludeOpForFullLoad": True,
        "PreserveTransactions": True,
        "CdcPath": "cdc",
    }
    return S3Target(LocalBucket(folder), S3Settings.read(settings))


def mappings(table: str) -> TableMappings:
    """The rules that migrations use: the change sequence and the key's before image behind the columns."""
    rules: list[dict[str, Any]] = [
        {"rule-type": "selection", "rule-action": "include"},
        {
            "rule-type": "transformation",
            "rule-action": "add-column",
            "rule-target": "column",
            "value": "_dms_seq",
            "expression": "$AR_H_CHANGE_SEQ",
            "data-type": {"type": "string", "length": 50},
        },
        {
            "rule-type": "transformation",
            "rule-action": "add-before-image-columns",
            "rule-target": "column",
            "before-image-def": {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"},
        },
    ]
    place = {"object-locator": {"schema-name": SCHEMA, "table-name": table}}
    return read_mappings(json.dumps({"rules": [{"rule-id": str(n), "rule-name": str(n), **place, **r} for n, r in enumerate(rules, 1)]}))
