# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Where the lab lives, on which ports, and under which names: read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lab.errors import LabError

REPOSITORY = Path(__file__).resolve().parent.parent

DIR_VARIABLE = "LANDBRIDGE_LAB_DIR"
PORT_VARIABLE = "LANDBRIDGE_LAB_PORT_BASE"
SOURCE_VARIABLE = "LANDBRIDGE_LAB_SOURCE"
# Below the range from which the kernel takes ports for outgoing connections, so that none of ours is ever taken by one.
DEFAULT_PORT_BASE = 24500
HOST = "127.0.0.1"

ACCOUNT = "000000000042"
REGION = "eu-west-1"
PROFILE = "landbridge-lab"
SCHEMA = "billing"
# One for each workload.
SCHEMAS = (SCHEMA, "zoo")
SOURCE_SECRET = "landbridge-lab/source"  # noqa: S105 - the name of a secret, not a secret

DMS_USER = "landbridge_dms"
READER_USER = "landbridge_reader"
APP_USER = "landbridge_app"

# The kernel's limit for the path of a Unix socket, less its closing zero byte.
MAX_SOCKET_PATH = 107


class SourceProduct(StrEnum):
    MARIADB = "mariadb"
    MYSQL = "mysql"


@dataclass(frozen=True, slots=True)
class LabConfig:
    """One lab: its folder, its ports, and the repository that it belongs to."""

    repository: Path
    dir: Path
    port_base: int
    source: SourceProduct = SourceProduct.MARIADB

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], repository: Path = REPOSITORY) -> LabConfig:
        """The lab that ``LANDBRIDGE_LAB_DIR``, ``LANDBRIDGE_LAB_PORT_BASE`` and ``LANDBRIDGE_LAB_SOURCE`` name. Raises LabError."""
        folder = Path(environ.get(DIR_VARIABLE) or repository / "build" / "lab").absolute()
        text = environ.get(PORT_VARIABLE) or str(DEFAULT_PORT_BASE)
        if not text.isascii() or not text.isdigit() or not 1024 <= int(text) <= 65_000:
            raise LabError(f"{PORT_VARIABLE} is {text!r}, not a port number", "Set it to a number from 1024 to 65000.")
        product = environ.get(SOURCE_VARIABLE) or SourceProduct.MARIADB
        if product not in list(SourceProduct):
            raise LabError(f"{SOURCE_VARIABLE} is {product!r}, no server that the lab knows", f"Set it to {' or '.join(SourceProduct)}.")
        config = cls(repository=repository, dir=folder, port_base=int(text), source=SourceProduct(product))
        if len(str(config.mysql_socket).encode()) > MAX_SOCKET_PATH:
            raise LabError(
                f"The path of the lab's folder is too long for a Unix socket: {folder}", f"Set {DIR_VARIABLE} to a shorter path."
            )
        if any(character.isspace() for character in str(folder)):
            # mariadb-install-db, a shell script, takes such a path for two.
            raise LabError(f"The path of the lab's folder holds a space: {folder}", f"Set {DIR_VARIABLE} to a path without one.")
        return config

    @property
    def mysql_port(self) -> int:
        return self.port_base + 6

    @property
    def aws_port(self) -> int:
        return self.port_base + 66

    @property
    def dms_port(self) -> int:
        return self.port_base + 67

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws_port}"

    @property
    def dms_url(self) -> str:
        return f"http://{HOST}:{self.dms_port}"

    @property
    def mysql_dir(self) -> Path:
        return self.dir / "mysql"

    @property
    def mysql_socket(self) -> Path:
        return self.mysql_dir / "mysqld.sock"

    @property
    def aws_dir(self) -> Path:
        return self.dir / "aws"

    @property
    def dms_dir(self) -> Path:
        return self.dir / "dms"

    @property
    def tls_dir(self) -> Path:
        return self.dir / "tls"

    @property
    def secrets_dir(self) -> Path:
        return self.dir / "secrets"

    @property
    def run_dir(self) -> Path:
        """Identity files of the processes that the lab started."""
        return self.dir / "run"

    @property
    def site_file(self) -> Path:
        return self.dir / "site.yml"
