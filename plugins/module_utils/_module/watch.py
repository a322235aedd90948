# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one look after another at a running stage means: a line to show, a good end, a failure. Time comes in from outside."""

from __future__ import annotations

from typing import Any

from ..core.errors import Unreachable
from ..core.monitor.lines import progress_line
from .worker import require_ended_well


class Watch:
    """Judges what ``migration_run_info`` returns. Times are seconds of the watcher's own clock, which only goes forward."""

    def __init__(self, stage: str, *, interval: float, heartbeat_timeout: float) -> None:
        self._stage = stage
        self._interval = interval
        self._heartbeat_timeout = heartbeat_timeout
        self._beat: object = None
        self._beat_at: float | None = None
        self._shown = ""
        self._shown_at = float("-inf")

    def line(self, info: dict[str, Any], now: float) -> str | None:
        """The line to show now; None where nothing has moved, or the last line is too fresh while the stage goes on."""
        document = info["progress"]
        text = progress_line(document) if document.get("stage") == self._stage else ""
        too_fresh = info["worker"]["running"] and now - self._shown_at < self._interval
        if not text or text == self._shown or too_fresh:
            return None
        self._shown, self._shown_at = text, now
        return text

    def ended(self, info: dict[str, Any], now: float) -> bool:
        """Whether the stage has ended well. Raises LandbridgeError where it failed, Unreachable where its worker is dead or hangs."""
        document, worker = info["progress"], info["worker"]
        if not worker["running"]:
            require_ended_well(self._stage, worker["result"], worker["log"])
            return True
        beat = (document.get("started_at"), document.get("beat"))
        if beat != self._beat or self._beat_at is None:
            self._beat, self._beat_at = beat, now
        if now - self._beat_at > self._heartbeat_timeout:
            raise Unreachable(
                f"the worker of stage {self._stage} has shown no sign of life for {now - self._beat_at:.0f} s",
                place=worker["log"],
                remedy="See its log and whether its process hangs; end it, then run the stage again: it continues with what is not done.",
            )
        return False
