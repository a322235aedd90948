# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Folders named after the date of a transaction's commit.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html#CHAP_Target.S3.DatePartitioning
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lab.dms.faults import invalid_value

_PARTS = {
    "YYYYMMDD": ("%Y", "%m", "%d"),
    "YYYYMMDDHH": ("%Y", "%m", "%d", "%H"),
    "YYYYMM": ("%Y", "%m"),
    "MMYYYYDD": ("%m", "%Y", "%d"),
    "DDMMYYYY": ("%d", "%m", "%Y"),
}
_DELIMITERS = {"SLASH": "/", "DASH": "-", "UNDERSCORE": "_", "NONE": ""}


@dataclass(frozen=True, slots=True)
class DatePartition:
    """``sequence`` and ``delimiter`` in the words of the API; ``zone`` as Area/Location."""

    sequence: str = "YYYYMMDD"
    delimiter: str = "SLASH"
    zone: str = "UTC"

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> DatePartition | None:
        """Of the API's ``S3Settings``; None where they do not ask for it. Raises Fault."""
        if not given.get("DatePartitionEnabled"):
            return None
        sequence = str(given.get("DatePartitionSequence") or "YYYYMMDD").upper()
        delimiter = str(given.get("DatePartitionDelimiter") or "SLASH").upper()
        zone = given.get("DatePartitionTimezone") or "UTC"
        if sequence not in _PARTS:
            raise invalid_value(f"DatePartitionSequence {sequence} is not one of {', '.join(_PARTS)}.")
        if delimiter not in _DELIMITERS:
            raise invalid_value(f"DatePartitionDelimiter {delimiter} is not one of {', '.join(_DELIMITERS)}.")
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise invalid_value(f"DatePartitionTimezone {zone} is not a time zone of the form Area/Location.") from None
        return cls(sequence, delimiter, zone)

    def local(self, moment: datetime) -> datetime:
        """The same moment in the partition's time zone: folders and names of change files follow that. ``moment`` knows its own zone."""
        return moment.astimezone(ZoneInfo(self.zone))

    def folder(self, moment: datetime) -> str:
        """The part of the key for that moment, with its closing slash."""
        return self.local(moment).strftime(_DELIMITERS[self.delimiter].join(_PARTS[self.sequence])) + "/"
