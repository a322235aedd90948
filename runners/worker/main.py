# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The command ``landbridge-worker``: runs one stage unattended, for whoever started it to look in on."""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from landbridge.adapters.clock import SystemClock
from landbridge.adapters.connections import Connections, load_contract, load_site
from landbridge.errors import Conflict, Interrupted, InvalidInput, LandbridgeError

from ..failure import DEFECT, guarded
from ..stages import STAGES, Ending, run_stage, stage_named
from ..terminal import Ticker

_PATIENCE_SECONDS = 0.5
_log = logging.getLogger("landbridge.worker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stage. The folder then holds ``worker.log``, ``worker.pid`` while it runs, and ``result.json`` when it ended."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: _work(options), as_json=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="landbridge-worker",
        description="Run one stage of a migration unattended. SIGTERM stops it at a checkpoint.",
        allow_abbrev=False,
    )
    parser.add_argument("--site", metavar="FILE", required=True, help="site file")
    parser.add_argument("--stage", metavar="STAGE", required=True, help=f"one of {', '.join(STAGES)}")
    parser.add_argument("--folder", metavar="DIR", required=True, help="folder for lock, log and result, made if it is missing")
    return parser


def _work(options: argparse.Namespace) -> int:
    stage_named(options.stage)
    folder = Path(options.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"the folder cannot be made: {error.strerror}", place=str(folder), remedy="name another with --folder"
        ) from error
    with _only_worker(folder, options.stage):
        _log_to(folder / "worker.log")
        (folder / "result.json").unlink(missing_ok=True)
        _log.info("stage %s begins, process %d", options.stage, os.getpid())
        result = _result(options)
        _write_whole(folder / "result.json", json.dumps({"stage": options.stage, **result}, ensure_ascii=False) + "\n")
        return int(result["exit_code"])


def _result(options: argparse.Namespace) -> dict[str, Any]:
    """``{"state", "exit_code", "outcome", "error"}``; what went wrong is also in the log."""
    try:
        ending = _run(options)
    except LandbridgeError as error:
        _log.error("%s", error)
        state = "interrupted" if isinstance(error, Interrupted) else "failed"
        return {"state": state, "exit_code": error.exit_code, "outcome": None, "error": error.to_json()}
    except Exception:
        _log.exception("this is a defect in landbridge")
        defect = LandbridgeError(
            "this is a defect in landbridge", place=str(Path(options.folder) / "worker.log"), remedy="report it with the log"
        )
        return {"state": "failed", "exit_code": DEFECT, "outcome": None, "error": defect.to_json()}
    if ending.refusal:
        _log.error("%s", ending.refusal)
        return {"state": "failed", "exit_code": ending.refusal.exit_code, "outcome": ending.outcome, "error": ending.refusal.to_json()}
    _log.info("stage %s is finished", options.stage)
    return {"state": "finished", "exit_code": 0, "outcome": ending.outcome, "error": None}


def _run(options: argparse.Namespace) -> Ending:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    site = load_site(options.site)
    contract = load_contract(site)
    ticker = Ticker(lambda line: _log.info("%s", line.rstrip("\n")), SystemClock().monotonic, in_place=False)
    worker = {"host": socket.gethostname(), "pid": os.getpid()}
    with Connections(site, os.environ) as connections:
        return run_stage(options.stage, connections, contract, ticker, stop.is_set, worker)


@contextmanager
def _only_worker(folder: Path, stage: str) -> Iterator[None]:
    """Holds the lock of the folder; the system lets go of it when the process ends, however it ends."""
    with (folder / "worker.lock").open("a+", encoding="utf-8") as lock:
        _take(lock, folder / "worker.lock")
        began = SystemClock().now().isoformat(timespec="seconds")
        lock.truncate(0)
        lock.write(f"stage {stage}, process {os.getpid()} since {began}\n")
        lock.flush()
        pid = folder / "worker.pid"
        _write_whole(pid, f"{os.getpid()}\n")
        try:
            yield
        finally:
            pid.unlink(missing_ok=True)


def _take(lock: TextIO, place: Path) -> None:
    """Whoever asks whether a worker runs holds the lock for an instant: that is no worker, and is waited out."""
    clock = SystemClock()
    deadline = clock.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() >= deadline:
                lock.seek(0)
                raise Conflict(
                    f"a worker is already running: {lock.read().strip()}",
                    place=str(place),
                    remedy="wait for it, or stop it with SIGTERM: it ends at a checkpoint",
                ) from None
        clock.sleep(0.02)


def _write_whole(path: Path, text: str) -> None:
    """A reader sees the former file or the whole new one."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _log_to(file: Path) -> None:
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


if __name__ == "__main__":
    sys.exit(main())
