# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worker as a module meets it: a process of its own that outlives Ansible, known by the lock in its folder."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ..core.errors import Conflict, InvalidInput, LandbridgeError, Unreachable
from ..core.model.site import Site

_NAME = "landbridge-worker"
_START_SECONDS = 30
_TAIL_LINES = 20


def folder_of(site: Site, given: str | None) -> Path:
    """Where the worker of this run keeps log and lock: as given, else ``work/<migration>/<run>`` beside the site file."""
    return Path(given) if given else Path(site.file).resolve().parent / "work" / site.migration / site.run


def log_of(folder: Path) -> Path:
    return folder / "worker.log"


def is_running(folder: Path) -> bool:
    """Whether a worker holds the lock of the folder."""
    try:
        with (folder / "worker.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def require_same_stage(folder: Path, stage: str) -> None:
    """For a worker that is at work. Raises Conflict where it runs another stage."""
    holder = (folder / "worker.lock").read_text(encoding="utf-8").strip()
    if not holder.startswith(f"stage {stage},"):
        raise Conflict(
            f"stage {stage} cannot begin: a worker of this run is at work: {holder}",
            place=str(log_of(folder)),
            remedy="Wait until it has finished, then run again.",
        )


def find_command(given: str | None) -> str:
    """The worker's program: as given, else beside this interpreter, else in PATH. Raises InvalidInput where there is none."""
    if given:
        return given
    beside = Path(sys.executable).parent / _NAME
    found = str(beside) if beside.exists() else shutil.which(_NAME)
    if found is None:
        raise InvalidInput(
            f"there is no {_NAME} beside {sys.executable} and none in PATH",
            remedy="Install the wheel landbridge on the runner, or say where the program is with worker_command.",
        )
    return found


def start(command: str, site_file: str, stage: str, folder: Path) -> int:
    """Start a worker that outlives this process; return its process id once it is at work or has left a result.

    Raises LandbridgeError with the end of its log where it ends badly without one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # So that a worker that ends before it could say a word is not taken for the one before it.
    (folder / "result.json").unlink(missing_ok=True)
    words = [command, "--site", site_file, "--stage", stage, "--folder", str(folder)]
    try:
        with log_of(folder).open("ab") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    except OSError as error:
        raise InvalidInput(
            f"the worker cannot be started: {error.strerror}", place=command, remedy="Check worker_command and its permissions."
        ) from error
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if is_running(folder):
            return process.pid
        time.sleep(0.05)
    if process.returncode and not result_of(folder):
        raise LandbridgeError(
            f"the worker ended at once with exit code {process.returncode}; its log says:\n{_log_tail(folder)}",
            place=str(log_of(folder)),
            remedy="Mend what the log says, then run again: what is done stays done.",
        )
    return process.pid


def result_of(folder: Path) -> dict[str, Any]:
    """How the last worker of the folder ended: ``{"stage", "state", "exit_code", "outcome", "error"}``.

    Empty while one is at work, and where one was killed.
    """
    try:
        result: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return result


def require_ended_well(stage: str, result: dict[str, Any], log: str) -> None:
    """For a worker that is no longer at work. Raises LandbridgeError with its error, Unreachable where it ended without a word."""
    if result.get("stage") != stage:
        raise Unreachable(
            f"the worker of stage {stage} has ended without a word",
            place=log,
            remedy="See its log, then run the stage again: it continues with what is not done.",
        )
    error = result["error"]
    if error:
        said = f"stage {stage} {result['state']}: {error['message']}"
        raise LandbridgeError(said, place=error["place"] or log, remedy=error["remedy"])


def _log_tail(folder: Path) -> str:
    return "\n".join(log_of(folder).read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:])
