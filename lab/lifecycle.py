# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Up, down, status: the life of one lab."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from typing import Any

from lab import processes
from lab.config import HOST, PORT_VARIABLE, LabConfig
from lab.errors import LabError
from lab.terminal import Say

# In the order in which they start; they end in the opposite order.
SERVICES = ("mysql", "aws", "dms")

# ``down`` deletes whole folders: it touches none that does not hold this file.
MARKER = "landbridge-lab"
READY = "ready"


def ports(config: LabConfig) -> dict[str, int]:
    return {"mysql": config.mysql_port, "aws": config.aws_port, "dms": config.dms_port}


def status(config: LabConfig) -> dict[str, Any]:
    """``{"dir", "running", "site", "services": {name: {"running", "pid", "port"}}}``."""
    services = {}
    for name, port in ports(config).items():
        identity = processes.running(config.run_dir, name)
        alive = identity is not None and processes.port_answers(HOST, port)
        services[name] = {"running": alive, "pid": identity.pid if identity else None, "port": port}
    complete = (config.dir / READY).exists() and all(service["running"] for service in services.values())
    return {"dir": str(config.dir), "running": complete, "site": str(config.site_file), "services": services}


def require_running(config: LabConfig) -> None:
    """Raises LabError unless the whole lab runs."""
    if not status(config)["running"]:
        raise LabError(f"The lab in {config.dir} does not run", 'Start it with "lab/landbridge-lab up".')


def up(config: LabConfig, say: Say) -> bool:
    """Make the lab run. True if it was started, False if it ran already. A step that fails leaves nothing behind."""
    config.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(config):
        if status(config)["running"]:
            return False
        _refuse_foreign_folder(config)
        if (config.dir / MARKER).exists():
            say("An earlier lab is there but not whole: it is cleared away first")
            _clear(config)
        (config.dir / MARKER).touch()
        try:
            _check_ports(config)
            say(f"The lab starts in {config.dir}")
            _build(config, say)
        except BaseException:
            # BaseException: an interrupt by the keyboard must not leave servers behind either.
            _clear(config)
            config.dir.rmdir()
            raise
        (config.dir / READY).touch()
    return True


def down(config: LabConfig) -> bool:
    """End what ``up`` started and remove the folder. False if there was nothing."""
    if not config.dir.exists():
        return False
    with _lock(config):
        if not any(config.dir.iterdir()):
            config.dir.rmdir()
            return False
        _refuse_foreign_folder(config)
        _clear(config)
        config.dir.rmdir()
    return True


def _build(config: LabConfig, say: Say) -> None:
    # Imported here: an `up` that finds a running lab has no need of the libraries behind these.
    from lab import dms_process as dms
    from lab.aws import account
    from lab.aws import service as aws
    from lab.mysql import server as mysql
    from lab.site import write_site
    from lab.tls import create_tls

    say("TLS: a certificate authority and a server certificate")
    tls = create_tls(config.tls_dir, ("localhost",), (HOST,))
    mysql.create(config, tls, say)
    mysql.start(config, say)
    say("Source: schema and accounts")
    mysql.create_accounts(config)
    aws.create(config)
    say(f"AWS emulator: {config.aws_url}")
    aws.start(config)
    say(f"Replication service: {config.dms_url}")
    dms.start(config)
    say("AWS account: network and the source's secret")
    network = account.create_network(config)
    account.create_source_secret(config)
    say(f"Site file: {config.site_file}")
    write_site(config, network)


def _check_ports(config: LabConfig) -> None:
    for name, port in ports(config).items():
        if not processes.port_is_free(HOST, port):
            raise LabError(
                f"Port {port}, meant for {name}, is in use by another program",
                f"Set {PORT_VARIABLE} to another base (now {config.port_base}; the lab takes base+6, +66 and +67).",
            )


def _refuse_foreign_folder(config: LabConfig) -> None:
    if any(config.dir.iterdir()) and not (config.dir / MARKER).exists():
        raise LabError(f"{config.dir} holds files that are not a lab's", "Name an empty or a new folder in LANDBRIDGE_LAB_DIR.")


def _clear(config: LabConfig) -> None:
    """Stop all services and empty the folder. The marker goes last, so that an interrupted clearing can be repeated."""
    for name in reversed(SERVICES):
        processes.stop(config.run_dir, name)
    for path in config.dir.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARKER:
            path.unlink()
    (config.dir / MARKER).unlink(missing_ok=True)


@contextlib.contextmanager
def _lock(config: LabConfig) -> Iterator[None]:
    """One ``up`` or ``down`` at a time. The folder itself is locked, and may be gone by the time that we get it."""
    while True:
        try:
            descriptor = os.open(config.dir, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            config.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if config.dir.exists() and os.path.samestat(os.fstat(descriptor), config.dir.stat()):
                yield
                return
        finally:
            os.close(descriptor)
