# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Endpoints: what a task reads from and writes to, and how to get there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.dms.api import extra_attributes, identifiers, tags
from lab.dms.api.endpoint_settings import CLEAR_TEXT, SECRET, STRUCTURES, EndpointSettings, refuse_foreign
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import Quotas
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import not_built, not_found, wrong_state
from lab.dms.sources.mysql import Address
from lab.secret_files import read_secret, write_private

KIND = "endpoint"
MEMBER = "EndpointIdentifier"
DISPLAY_NAMES = {"mysql": "MySQL", "mariadb": "MariaDB", "s3": "Amazon S3"}
ENGINES = {"source": ("mysql", "mariadb"), "target": ("s3",)}
_SHOWN = ("KmsKeyId", "CertificateArn")


class Endpoints:
    def __init__(self, store: Store, aws: Aws, quotas: Quotas) -> None:
        self._store = store
        self._aws = aws
        self._quotas = quotas
        self._settings = EndpointSettings(store, aws)

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        kind_of = params["EndpointType"]
        engine = params["EngineName"].lower()
        if engine not in ENGINES[kind_of]:
            raise not_built(f"the engine {params['EngineName']} as a {kind_of}")
        if params.get("KmsKeyId"):
            self._aws.check_key(params["KmsKeyId"])
        details = self._settings.read(engine, params)
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Endpoint")
            self._quotas.check("Endpoints")
            arn = self._store.new_arn(KIND, identifiers.arn_part(params))
            shown = {
                MEMBER: identifier,
                "EndpointArn": arn,
                "EndpointType": kind_of.upper(),
                "EngineName": engine,
                "EngineDisplayName": DISPLAY_NAMES[engine],
                "Status": "active",
                **{member: params[member] for member in _SHOWN if member in params},
                **details,
            }
            endpoint = Resource(KIND, arn, identifier, shown, tags=tags.given(params))
            self._keep_password(arn, engine, params)
            self._store.add(endpoint)
        return {"Endpoint": shown}

    def modify(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            endpoint = self._store.get(KIND, params["EndpointArn"])
            self._refuse_while_used(endpoint, "modified", running_only=True)
            engine = endpoint.shown["EngineName"]
            if params.get("EngineName", engine).lower() != engine:
                raise not_built("changing the engine of an endpoint")
            if params.get("EndpointType", endpoint.shown["EndpointType"]).upper() != endpoint.shown["EndpointType"]:
                raise not_built("changing the type of an endpoint")
            refuse_foreign(engine, params)
            details = self._settings.read(engine, _merged(endpoint.shown, params, self._password(endpoint.arn)))
            if MEMBER in params and identifiers.checked(MEMBER, params[MEMBER]) != endpoint.identifier:
                endpoint.identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Endpoint")
                endpoint.shown[MEMBER] = endpoint.identifier
            endpoint.shown.update({member: params[member] for member in _SHOWN if member in params} | details)
            self._keep_password(endpoint.arn, engine, params)
        return {"Endpoint": endpoint.shown}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {
            "endpoint-arn": lambda e: e.arn,
            "endpoint-type": lambda e: e.shown["EndpointType"].lower(),
            "endpoint-id": lambda e: e.identifier,
            "engine-name": lambda e: e.shown["EngineName"],
        }
        endpoints = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not endpoints:
            raise not_found("No Endpoints found matching the filters.")
        chosen, marker = page(endpoints, params)
        return {"Endpoints": [e.shown for e in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            endpoint = self._store.get(KIND, params["EndpointArn"])
            self._refuse_while_used(endpoint, "deleted", running_only=False)
            for connection in [c for c in self._store.all("connection") if c.shown["EndpointArn"] == endpoint.arn]:
                self._store.remove(connection)
            self._store.remove(endpoint)
            (self._passwords / _file_name(endpoint.arn)).unlink(missing_ok=True)
            endpoint.status = "deleting"
        return {"Endpoint": endpoint.shown}

    def types(self, params: dict[str, Any]) -> dict[str, Any]:
        """The engines that this service can really read and write."""
        supported = [
            {
                "EngineName": engine,
                "EngineDisplayName": DISPLAY_NAMES[engine],
                "EndpointType": kind_of,
                "SupportsCDC": True,
            }
            for kind_of, engines in ENGINES.items()
            for engine in engines
        ]
        values = {"engine-name": lambda t: t["EngineName"], "endpoint-type": lambda t: t["EndpointType"]}
        chosen, marker = page(select(supported, params.get("Filters", []), values), params)
        return {"SupportedEndpointTypes": chosen, "Marker": marker}

    def address(self, endpoint: Resource) -> Address:
        """Where the source database is and how to log in, its secret freshly read. Raises LookupError."""
        shown = endpoint.shown
        settings = shown["MySQLSettings"]
        if "SecretsManagerSecretId" in settings:
            attributes = extra_attributes.pairs(shown.get("ExtraConnectionAttributes") or "")
            secret = self._aws.secret(settings["SecretsManagerSecretId"], attributes.get(extra_attributes.SECRETS_ENDPOINT, ""))
            host, port, user, password = secret["host"], int(secret["port"]), secret["username"], secret["password"]
        else:
            host, port, user, password = shown["ServerName"], shown["Port"], shown["Username"], self._password(endpoint.arn)
        certificate = self._store.get("certificate", shown["CertificateArn"]).shown["CertificatePem"] if shown.get("CertificateArn") else ""
        return Address(
            host=host,
            port=port,
            user=user,
            password=password,
            ssl_mode=shown["SslMode"],
            ca_pem=certificate,
            after_connect=settings.get("AfterConnectScript", ""),
            server_timezone=settings.get("ServerTimezone", ""),
        )

    def _refuse_while_used(self, endpoint: Resource, word: str, *, running_only: bool) -> None:
        for task in self._store.all("task"):
            uses = endpoint.arn in (task.shown["SourceEndpointArn"], task.shown["TargetEndpointArn"])
            if uses and (not running_only or task.status in ("starting", "running", "stopping")):
                raise wrong_state(f"Endpoint {endpoint.identifier} is part of the replication task {task.identifier} and cannot be {word}.")

    @property
    def _passwords(self) -> Path:
        return self._store.folder / "passwords"

    def _keep_password(self, arn: str, engine: str, params: dict[str, Any]) -> None:
        password = params.get("Password") or params.get("MySQLSettings", {}).get("Password")
        if engine != "s3" and password:
            write_private(self._passwords / _file_name(arn), password + "\n")

    def _password(self, arn: str) -> str:
        return read_secret(self._passwords, _file_name(arn)) if (self._passwords / _file_name(arn)).exists() else ""


def _file_name(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


def _merged(shown: dict[str, Any], params: dict[str, Any], password: str) -> dict[str, Any]:
    """The members of a create call that would make the endpoint what the modify call wishes."""
    structure = STRUCTURES[shown["EngineName"]]
    before = shown.get("ExtraConnectionAttributes") or ""
    merged = {"ExtraConnectionAttributes": params.get("ExtraConnectionAttributes", before)}
    kept = {} if params.get("ExactSettings") else _without_attributes(shown[structure], structure, before)
    settings = kept | params.get(structure, {})
    if structure == "S3Settings":
        return merged | {"S3Settings": settings} | {m: params[m] for m in ("SslMode", "ServiceAccessRoleArn") if m in params}
    given = {m: params[m] for m in (*CLEAR_TEXT, "DatabaseName") if m in params}
    to_secret = any(m in params.get("MySQLSettings", {}) for m in SECRET)
    to_clear = any(m in params or m in params.get("MySQLSettings", {}) for m in CLEAR_TEXT)
    if to_secret and not to_clear:
        settings = {m: v for m, v in settings.items() if m not in CLEAR_TEXT}
    elif to_clear and not to_secret:
        settings = {m: v for m, v in settings.items() if m not in SECRET} | given
        settings.setdefault("Password", password)
    elif "SecretsManagerSecretId" not in settings:
        settings.setdefault("Password", password)
    tls = {m: place[m] for place in (shown, params) for m in ("SslMode", "CertificateArn") if m in place}
    return merged | {"MySQLSettings": settings} | tls | given


def _without_attributes(settings: dict[str, Any], structure: str, extra: str) -> dict[str, Any]:
    """The settings that were not given as extra connection attributes."""
    read = extra_attributes.s3_settings if structure == "S3Settings" else extra_attributes.mysql_settings
    return {member: value for member, value in settings.items() if member not in read(extra)}
