# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Builds the adapters of one site, each when it is first asked for: the one place that knows which class fulfils which port."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from ..checkpoint.documents import Documents
from ..contract.definition import Contract
from ..contract.parser import parse_contract
from ..errors import InvalidInput
from ..model.site import Site
from ..ports import Clock, OnRefused
from ..site.reader import read_site
from .account import AwsAccount
from .aws import AwsConnection, connect
from .clock import SystemClock
from .dms import ReplicationService
from .dynamodb_reader import TableReader
from .dynamodb_writer import BatchWriter
from .mysql import MySQLSource
from .s3 import S3Store
from .secrets import resolve
from .yaml_document import read_document


def load_site(path: str | Path) -> Site:
    """The site that the file describes. Raises InvalidInput with every finding."""
    file = str(path)
    return read_site(read_document(_read(file, "site file"), file), file)


def load_contract(site: Site) -> Contract:
    """The contract that the site names. Raises InvalidInput with every finding."""
    return load_contract_file(site.contract_file)


def load_contract_file(path: str | Path) -> Contract:
    """The contract in the file. Raises InvalidInput with every finding."""
    file = str(path)
    text = _read(file, "contract")
    return parse_contract(read_document(text, file), text)


def _read(file: str, what: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"the {what} cannot be read: {error.strerror}", place=file, remedy="check path and permissions") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the {what} is not UTF-8 text (byte {error.start})", place=file, remedy="save it as UTF-8") from None


class Connections:
    """Adapters of one site. Nothing is opened before it is asked for; leaving the context closes what was opened.

    ``environ`` is where secrets kept in environment variables are looked up.
    """

    def __init__(self, site: Site, environ: Mapping[str, str]) -> None:
        self.site = site
        self._environ = environ
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def aws(self) -> AwsConnection:
        return connect(self.site.aws)

    @cached_property
    def account(self) -> AwsAccount:
        return AwsAccount(self.aws)

    @cached_property
    def staging(self) -> S3Store:
        return S3Store(self.aws, self.site.staging.name)

    @cached_property
    def state(self) -> S3Store:
        return S3Store(self.aws, self.site.state.name)

    @cached_property
    def documents(self) -> Documents:
        """The state documents of this run."""
        return Documents(self.state, self.site.state_prefix, self.clock)

    @cached_property
    def reader(self) -> TableReader:
        return TableReader(self.aws)

    @cached_property
    def tasks(self) -> ReplicationService:
        return ReplicationService(self.aws)

    def source(self) -> MySQLSource:
        """A connection of its own to the source with the read-only account. It connects when it is first asked something."""
        source = MySQLSource(self.site.source, resolve(self.site.source.password, self._environ, lambda: self.aws))
        self._opened.callback(source.close)
        return source

    def writer(self, table: str, on_refused: OnRefused) -> BatchWriter:
        """A writer of one table with the pace of the site."""
        load = self.site.load
        writer = BatchWriter(
            self.aws,
            table,
            connections=load.connections,
            clock=self.clock,
            max_items_per_second=load.max_items_per_second,
            on_refused=on_refused,
        )
        self._opened.callback(writer.close)
        return writer
