# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Programs from a newer Debian, unpacked beside the system: nothing of them is installed, the system's libraries stay as they are.

The release moves: what it has today is what is taken. Signatures are checked with the system's archive keys. The programs run under the
dynamic loader and with the libraries of their own release.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError
from lab.terminal import Say

MIRROR_VARIABLE = "LANDBRIDGE_DEBIAN_MIRROR"
DEFAULT_MIRROR = "http://deb.debian.org/debian"
RELEASE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/mysql/private", "usr/lib")
_COMPLETE = "complete"


def root(home: Path) -> Path:
    """The folder that stands for ``/`` in the unpacked programs."""
    return home / "root"


def run(home: Path, program: str) -> list[str]:
    """The command that runs that program; ``program`` is its path without the leading slash."""
    place = root(home)
    return [str(place / LOADER), "--library-path", ":".join(str(place / folder) for folder in LIBRARIES), str(place / program)]


def unpack(packages: Sequence[str], home: Path, say: Say) -> None:
    """Fetch the packages and all that they depend on, and unpack them below ``home``, unless that is done. Raises LabError."""
    if (home / _COMPLETE).exists():
        return
    if platform.machine() != "x86_64":
        raise LabError(f"{packages[0]} is unpacked for x86_64 only, this machine is {platform.machine()}", "Use MariaDB as the source.")
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise LabError(f"{program} is missing: packages of Debian can be fetched on Debian only", "Use MariaDB as the source.")
    shutil.rmtree(home, ignore_errors=True)
    options = _apt_options(home)
    say(f"{packages[0]}: package lists of Debian {RELEASE}")
    _run([*options, "update"])
    say(f"{packages[0]}: the packages, some 70 MB")
    _run([*options, "install", "--yes", "--download-only", *packages])
    place = root(home)
    place.mkdir()
    for archive in sorted((home / "apt/cache/archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(place)])
    shutil.rmtree(home / "apt")
    (home / _COMPLETE).touch()


def _apt_options(home: Path) -> list[str]:
    """apt-get with lists, state and cache of its own, so that the system's stay untouched and no root is needed."""
    apt = home / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "dpkg"):
        (apt / folder).mkdir(parents=True)
    (apt / "dpkg/status").touch()
    mirror = os.environ.get(MIRROR_VARIABLE) or DEFAULT_MIRROR
    (apt / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {RELEASE} main\n", encoding="utf-8")
    settings = {
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "dpkg/status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "APT::Install-Recommends": "false",
        # As root, apt would fetch as a user that may not write here.
        "APT::Sandbox::User": "root",
    }
    return ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in settings.items())]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # apt-get calls a mirror that it cannot reach a warning.
    if done.returncode != 0 or "Failed to fetch" in done.stderr:
        words = (done.stdout + done.stderr).strip()[-1500:]
        raise LabError(f"{command[0]} failed", f"{MIRROR_VARIABLE} names another mirror. Its last words: {words}")
