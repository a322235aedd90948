# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""From where changes are read, and what numbers they get."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.dms.binlog.position import Position
from lab.dms.binlog.server_log import position_at
from lab.dms.sources.mysql import Address

_PREFIX = "checkpoint:V1#"
_PLACE = r"(?P<{0}_file>[^#:]+):(?P<{0}_offset>\d+)"
_FORM = re.compile(
    r"checkpoint:V1#\d+#"
    + _PLACE.format("event")
    + r":-?\d+:\d+:(?P<time>\d+):"
    + _PLACE.format("begin")
    + r"#\d+#\d+#\*#\d+#(?P<counter>\d+)"
)
_TIME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``position``: the next transaction to read begins there or later. ``time``, ``counter``: the time part (16 digits, or "") and the
    counter of the last change sequence number that was given out before it.

    As a text it has the form of AWS's own example,
    ``checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876#0#0#*#0#93``, of which only
    the places in the log are documented. Here the fifth number is ``time`` (0 if there is none) and the last one ``counter``.
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html#CHAP_Task.CDC.StartPoint.Checkpoint
    """

    position: Position
    time: str = ""
    counter: int = 0

    def __str__(self) -> str:
        place, offset = self.position, self.position.offset
        return f"{_PREFIX}1#{place}:-1:{offset}:{self.time or 0}:{place}#0#0#*#0#{self.counter}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Reads ``file:offset`` or the checkpoint form. Raises ValueError.

        A checkpoint that AWS wrote counts from the beginning of the transaction that it lies in.
        """
        if not text.startswith(_PREFIX):
            return cls(Position.parse(text))
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"'{text}' is not a checkpoint")
        position = Position(found["begin_file"], int(found["begin_offset"]))
        if len(found["time"]) != _TIME_DIGITS:
            return cls(position)
        return cls(position, found["time"], int(found["counter"]))


def starting_point(text: str, address: Address) -> Checkpoint:
    """The ``CdcStartPosition`` of the API: a time of UTC, a place in the log, or a checkpoint. Raises ValueError, SourceError."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return Checkpoint.parse(text)
    return Checkpoint(position_at(address, when if when.tzinfo else when.replace(tzinfo=UTC)))
