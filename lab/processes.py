# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Start and stop the lab's daemons, and never anybody else's.

A process is known by its number, its start time and the machine's boot: a number alone may belong to another program by now.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.errors import LabError

STOP_SECONDS = 10.0
POLL_SECONDS = 0.05
LOG_TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class Identity:
    """``started`` counts clock ticks since boot, as /proc/PID/stat does (proc(5), field 22)."""

    pid: int
    started: int
    boot: str


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def identify(pid: int) -> Identity | None:
    """The identity of a process that runs now; None where there is none, or only its remains."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command name stands in parentheses and may hold spaces: fields are counted from behind it.
    fields = text.rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):
        return None
    return Identity(pid=pid, started=int(fields[19]), boot=_boot())


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def running(folder: Path, name: str) -> Identity | None:
    """The daemon ``name`` that was started from ``folder``, if that very process still runs."""
    try:
        recorded = Identity(**json.loads(_file(folder, name).read_text(encoding="ascii")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise LabError(
            f"{_file(folder, name)} is damaged", "Delete it; if the lab's ports are taken, end the old processes by hand."
        ) from error
    return recorded if identify(recorded.pid) == recorded else None


def start(folder: Path, name: str, command: Sequence[str], *, log: Path, environ: Mapping[str, str], cwd: Path) -> Identity:
    """Start a daemon in a session of its own, its output appended to ``log``, and record who it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
        )
    identity = identify(process.pid)
    if identity is None:
        raise LabError(f"{name} ended at once", f"See {log}.\n{tail(log)}")
    path = _file(folder, name)
    path.write_text(json.dumps(asdict(identity)), encoding="ascii")
    return identity


def stop(folder: Path, name: str, *, seconds: float = STOP_SECONDS) -> bool:
    """End the daemon: SIGTERM, and SIGKILL to its process group after ``seconds``. False if it did not run."""
    identity = running(folder, name)
    if identity is not None:
        os.kill(identity.pid, signal.SIGTERM)
        if not _gone(identity, seconds):
            os.killpg(identity.pid, signal.SIGKILL)
            if not _gone(identity, seconds):
                raise LabError(f"{name} (process {identity.pid}) does not end", "Look at the process; run the command again.")
    _file(folder, name).unlink(missing_ok=True)
    return identity is not None


def _gone(identity: Identity, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while identify(identity.pid) == identity:
        # A child of this very process stays as a zombie until it is waited for.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(identity.pid, os.WNOHANG)
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def wait_ready(name: str, identity: Identity, probe: Callable[[], bool], *, log: Path, seconds: float) -> None:
    """Return when ``probe`` says yes. Raises LabError, with the end of the log, if the process ends or time is up."""
    end = time.monotonic() + seconds
    while not probe():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(identity.pid, os.WNOHANG)
        if identify(identity.pid) != identity:
            raise LabError(f"{name} ended while it started", f"The end of {log}:\n{tail(log)}")
        if time.monotonic() > end:
            raise LabError(f"{name} was not ready after {seconds:.0f} s", f"The end of {log}:\n{tail(log)}")
        time.sleep(POLL_SECONDS)


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in lines) or "    (empty)"


def port_answers(host: str, port: int) -> bool:
    """Does anybody accept connections there?"""
    with socket.socket() as client:
        client.settimeout(1.0)
        return client.connect_ex((host, port)) == 0


def port_is_free(host: str, port: int) -> bool:
    """Could a server listen there now?"""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError:
            return False
    return True
