# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What differs between sites: hosts, accounts, names, rates. Read from the site file by ``site.read``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is kept. The secret itself is never part of a site file, a state document or a log.

    ``kind``: ``env`` (name of an environment variable), ``file`` (path, one line), ``secretsmanager`` (ARN or name of a secret
    whose JSON holds ``password``).
    """

    kind: Literal["env", "file", "secretsmanager"]
    name: str


@dataclass(frozen=True, slots=True)
class SourceSite:
    """The MySQL or MariaDB server as the worker's host reaches it, with the read-only account for checks and validation."""

    host: str
    port: int
    user: str
    password: SecretReference
    tls_mode: Literal["verify-full", "verify-ca", "none"] = "verify-full"
    tls_ca: str = ""  # path of the CA's PEM file; empty: the system's CAs


@dataclass(frozen=True, slots=True)
class AwsSite:
    region: str
    account: str  # twelve digits
    prefix: str  # every name that we create begins with it
    profile: str = ""
    endpoint_url: str = ""  # only for an emulator; plain http is refused unless it is loopback
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BucketSite:
    name: str
    kms_key: str = ""  # ARN; empty: S3-managed keys


@dataclass(frozen=True, slots=True)
class ReplicationSite:
    """What DMS needs to know."""

    instance_class: str
    storage_gb: int
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    multi_az: bool
    engine_version: str  # empty: the newest that DMS offers
    source_secret: str  # Secrets Manager secret with username, password, host and port for the DMS account
    tls_mode: Literal["verify-full", "verify-ca", "none"] = "verify-full"
    tls_ca: str = ""  # path of the PEM file that is imported as a DMS certificate
    max_file_size_kb: int = 262_144
    max_subtasks: int = 8
    null_marker: str = "__DMS_NULL__"
    lob_max_kb: int = 64


@dataclass(frozen=True, slots=True)
class TableSite:
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] = "PAY_PER_REQUEST"
    read_units: int = 0
    write_units: int = 0
    point_in_time_recovery: bool = True
    deletion_protection: bool = True


@dataclass(frozen=True, slots=True)
class LoadSite:
    """How hard the worker may push. ``connections``: requests in flight; ``max_items_per_second``: 0 means no limit of ours."""

    connections: int = 16
    max_items_per_second: int = 0
    unit_mb: int = 64  # a staged file larger than this is cut into record-aligned ranges


@dataclass(frozen=True, slots=True)
class Site:
    """One migration at one site. ``run`` names the attempt: a new run stages and keeps state under a prefix of its own."""

    file: str
    migration: str
    run: str
    contract_file: str  # resolved against the folder of the site file
    source: SourceSite
    aws: AwsSite
    staging: BucketSite
    state: BucketSite
    replication: ReplicationSite
    table: TableSite
    load: LoadSite

    @property
    def staging_prefix(self) -> str:
        """Folder of this run in the staging bucket, without a trailing slash."""
        return f"{self.migration}/{self.run}"

    @property
    def state_prefix(self) -> str:
        """Folder of this run in the state bucket, without a trailing slash."""
        return f"{self.migration}/{self.run}"
