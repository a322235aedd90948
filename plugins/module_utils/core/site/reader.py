# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads a site file: hosts, accounts, names and rates of one migration at one site."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import Literal
from urllib.parse import urlsplit

from ..document.walk import Fields, Findings, as_text, did_you_mean
from ..model.document import Mapping, Scalar
from ..model.site import AwsSite, BucketSite, LoadSite, ReplicationSite, SecretReference, Site, SourceSite, TableSite

FORMAT = 1

_TOP = ("landbridge_site", "migration", "source", "aws", "staging", "state", "replication", "table", "load")
_TLS_MODES = ("verify-full", "verify-ca", "none")
_NAME = r"[a-z][a-z0-9-]{0,30}"
# One prefix for stacks, roles (64 characters) and DMS identifiers (no double hyphen, none at the end).
_PREFIX = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_BUCKET = r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)(?<!\.mrap)(?<!--x-s3)"


def read_site(document: Mapping, file: str) -> Site:
    """The site in ``document``. Paths in it are resolved against the folder of ``file``. Raises InvalidInput that holds all findings."""
    return _Reader(document, file).read()


class _Reader:
    def __init__(self, document: Mapping, file: str) -> None:
        self._file = file
        self._findings = Findings()
        self._top = Fields(document, _TOP, "the site file", self._findings)

    def read(self) -> Site:
        top = self._top
        top.whole("landbridge_site", minimum=FORMAT, maximum=FORMAT)
        migration = top.fields("migration", ("name", "run", "contract"), required=True)
        source = self._source()
        aws = self._aws()
        site = Site(
            file=self._file,
            migration=migration.text("name", pattern=_NAME, rule="Use up to 31 small letters, digits and hyphens; begin with a letter."),
            run=migration.text("run", "r1", pattern=r"[a-z0-9][a-z0-9-]{0,30}", rule="Use up to 31 small letters, digits and hyphens."),
            contract_file=self._path(migration.text("contract")),
            source=source,
            aws=aws,
            staging=self._bucket("staging", aws),
            state=self._bucket("state", aws),
            replication=self._replication(source),
            table=self._table(),
            load=self._load(),
        )
        if site.staging.name == site.state.name:
            reason = f"staging and state both use the bucket '{site.state.name}'"
            self._findings.refuse("duplicate-name", self._top.place("state"), reason, "State must not stand where DMS may write: name two.")
        self._findings.raise_refused("the site file")
        return site

    def _path(self, path: str) -> str:
        return os.path.normpath(os.path.join(os.path.dirname(self._file), path)) if path else ""  # noqa: PTH118, PTH120

    def _source(self) -> SourceSite:
        fields = self._top.fields("source", ("host", "port", "user", "password", "tls"), required=True)
        host = fields.text("host")
        mode, ca = self._tls(fields, "source", host, "verify-full", "")
        return SourceSite(
            host=host,
            port=fields.whole("port", 3306, minimum=1, maximum=65535),
            user=fields.text("user"),
            password=self._secret(fields, "password", "'source'"),
            tls_mode=mode,
            tls_ca=ca,
        )

    def _secret(self, fields: Fields, key: str, what: str) -> SecretReference:
        node = fields.node(key, required=True)
        if isinstance(node, Scalar):
            remedy = "Write {env: NAME}, {file: path} or {secretsmanager: name}."
            self._findings.refuse("secret-in-file", node.place, f"'{key}' of {what} must say where the secret is kept", remedy)
        entries = node.entries if isinstance(node, Mapping) else ()
        if node is None or isinstance(node, Scalar):
            return SecretReference("env", "")
        if len(entries) != 1:
            self._findings.refuse("wrong-kind", node.place, f"'{key}' of {what} names one place", "Write {file: path}.")
            return SecretReference("env", "")
        entry = entries[0]
        name = as_text(entry.value, f"'{entry.key}' of '{key}'", self._findings) or ""
        match entry.key:
            case "env" | "secretsmanager":
                return SecretReference(entry.key, name)
            case "file":
                return SecretReference("file", self._path(name))
        known = ("env", "file", "secretsmanager")
        remedy = did_you_mean(entry.key, known)
        self._findings.refuse("unknown-key", entry.place, f"there is no kind of secret '{entry.key}'", remedy)
        return SecretReference("env", "")

    def _tls(self, parent: Fields, what: str, host: str, mode: str, ca: str) -> tuple[Literal["verify-full", "verify-ca", "none"], str]:
        """Mode and CA below ``parent``; ``mode`` and ``ca`` are what holds where nothing is said."""
        fields = parent.fields("tls", ("mode", "ca"))
        mode = fields.text("mode", mode, choices=_TLS_MODES)
        ca = self._path(fields.text("ca", "")) or ca
        if mode == "none" and host and not _is_loopback(host):
            reason = f"'{what}' would be reached without TLS"
            self._findings.refuse("insecure-connection", fields.place("mode"), reason, "Use verify-full, and name the server's CA.")
        return mode, ca  # type: ignore[return-value]

    def _aws(self) -> AwsSite:
        fields = self._top.fields("aws", ("region", "account", "prefix", "profile", "endpoint_url", "tags"), required=True)
        endpoint = fields.text("endpoint_url", "")
        if endpoint:
            url = urlsplit(endpoint)
            if url.scheme not in ("http", "https") or not url.hostname:
                self._findings.refuse("bad-value", fields.place("endpoint_url"), "'endpoint_url' is no URL", "Write https://host:port.")
            elif url.scheme == "http" and not _is_loopback(url.hostname):
                reason = "'endpoint_url' would send credentials in the clear"
                remedy = "Use https; plain http is only for an emulator on this machine."
                self._findings.refuse("insecure-connection", fields.place("endpoint_url"), reason, remedy)
        prefix = fields.text("prefix", pattern=_PREFIX, rule="Use small letters, digits and single hyphens; begin with a letter.")
        if len(prefix) > 31:
            self._findings.refuse("bad-value", fields.place("prefix"), f"'prefix' has {len(prefix)} characters", "Use up to 31.")
        tags = {}
        for entry in fields.mapping("tags"):
            if entry.key.startswith("aws:"):
                self._findings.refuse("bad-value", entry.place, f"the tag '{entry.key}' belongs to AWS", "Choose another name.")
            tags[entry.key] = as_text(entry.value, f"tag '{entry.key}'", self._findings) or ""
        return AwsSite(
            region=fields.text("region", pattern=r"[a-z]{2}(-[a-z]+)+-[0-9]", rule="Write for example eu-west-1."),
            account=fields.text("account", pattern=r"[0-9]{12}", rule="Write the twelve digits, in quotes."),
            prefix=prefix,
            profile=fields.text("profile", ""),
            endpoint_url=endpoint,
            tags=tags,
        )

    def _bucket(self, key: Literal["staging", "state"], aws: AwsSite) -> BucketSite:
        fields = self._top.fields(key, ("bucket", "kms_key"))
        name = fields.text("bucket", f"{aws.prefix}-{key}-{aws.account}-{aws.region}")
        named_by_us = not (aws.prefix and aws.account and aws.region) and not fields.node("bucket")
        if not named_by_us and (not re.fullmatch(_BUCKET, name) or ".." in name or _is_address(name)):
            remedy = "Use 3 to 63 small letters, digits, hyphens and dots; see the S3 rules for bucket names."
            self._findings.refuse("bad-value", fields.place("bucket"), f"'{name}' is no name for a bucket", remedy)
        kms_key = fields.text("kms_key", "", pattern=r"(arn:aws[a-z-]*:kms:.+)?", rule="Write the ARN of the key.")
        return BucketSite(name=name, kms_key=kms_key)

    def _replication(self, source: SourceSite) -> ReplicationSite:
        known = (
            "instance_class", "storage_gb", "subnet_ids", "security_group_ids", "multi_az", "engine_version", "source",
            "max_file_size_kb", "max_subtasks", "null_marker", "lob_max_kb",
        )  # fmt: skip
        fields = self._top.fields("replication", known, required=True)
        from_dms = fields.fields("source", ("secret", "tls"), required=True)
        mode, ca = self._tls(from_dms, "replication.source", source.host, source.tls_mode, source.tls_ca)
        marker_rule = "Use at least 4 characters without quotes, commas and line ends, which no value of the source equals."
        return ReplicationSite(
            instance_class=fields.text("instance_class", "dms.t3.medium", pattern=r"dms(\.[a-z0-9]+){2}", rule="Write dms.class.size."),
            storage_gb=fields.whole("storage_gb", 50, minimum=5, maximum=6144),
            subnet_ids=self._ids(fields, "subnet_ids", "subnet-", 2),
            security_group_ids=self._ids(fields, "security_group_ids", "sg-", 1),
            multi_az=fields.truth("multi_az", False),
            engine_version=fields.text("engine_version", ""),
            source_secret=from_dms.text("secret"),
            tls_mode=mode,
            tls_ca=ca,
            max_file_size_kb=fields.whole("max_file_size_kb", 262_144, minimum=1, maximum=1_048_576),
            max_subtasks=fields.whole("max_subtasks", 8, minimum=1, maximum=49),
            null_marker=fields.text("null_marker", "__DMS_NULL__", pattern=r'[^",\r\n]{4,}', rule=marker_rule),
            lob_max_kb=fields.whole("lob_max_kb", 64, minimum=1, maximum=102_400),
        )

    def _ids(self, fields: Fields, key: str, prefix: str, at_least: int) -> tuple[str, ...]:
        found = fields.texts(key, required=True)
        for name, place in found:
            if not name.startswith(prefix):
                self._findings.refuse("bad-value", place, f"'{name}' is not an id for '{key}'", f"It begins with {prefix}.")
        if fields.node(key) is not None and len(found) < at_least:
            remedy = "DMS wants subnets in two availability zones." if at_least > 1 else "Add one."
            self._findings.refuse("bad-value", fields.place(key), f"'{key}' needs at least {at_least}", remedy)
        return tuple(name for name, _place in found)

    def _table(self) -> TableSite:
        known = ("billing_mode", "read_units", "write_units", "point_in_time_recovery", "deletion_protection")
        fields = self._top.fields("table", known)
        mode = fields.text("billing_mode", "PAY_PER_REQUEST", choices=("PAY_PER_REQUEST", "PROVISIONED"))
        units = {key: fields.whole(key, 0, minimum=0, maximum=10_000_000) for key in ("read_units", "write_units")}
        for key, value in units.items():
            if (mode == "PROVISIONED") != (value > 0):
                reason = f"'{key}' is {value} with billing mode {mode}"
                self._findings.refuse("bad-value", fields.place(key), reason, "Units go with PROVISIONED, and only with it.")
        return TableSite(
            billing_mode=mode,  # type: ignore[arg-type]
            read_units=units["read_units"],
            write_units=units["write_units"],
            point_in_time_recovery=fields.truth("point_in_time_recovery", True),
            deletion_protection=fields.truth("deletion_protection", True),
        )

    def _load(self) -> LoadSite:
        fields = self._top.fields("load", ("connections", "max_items_per_second", "unit_mb"))
        return LoadSite(
            connections=fields.whole("connections", 16, minimum=1, maximum=256),
            max_items_per_second=fields.whole("max_items_per_second", 0, minimum=0, maximum=10_000_000),
            unit_mb=fields.whole("unit_mb", 64, minimum=1, maximum=4096),
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
