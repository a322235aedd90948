# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Endpoints: what a task reads from and writes to, and how to get there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.dms.api import identifiers, tags
from lab.dms.api.listing import page, select
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import invalid_combination, invalid_value, not_built, not_found, wrong_state
from lab.dms.sources.mysql import Address
from lab.dms.targets.settings import S3Settings
from lab.secret_files import read_secret, write_private

KIND = "endpoint"
MEMBER = "EndpointIdentifier"
DISPLAY_NAMES = {"mysql": "MySQL", "mariadb": "MariaDB", "s3": "Amazon S3"}
ENGINES = {"source": ("mysql", "mariadb"), "target": ("s3",)}
_CLEAR_TEXT = ("ServerName", "Port", "Username", "Password")
_SECRET = ("SecretsManagerSecretId", "SecretsManagerAccessRoleArn")
_MYSQL_UNSUPPORTED = ("AfterConnectScript", "TargetDbType", "ParallelLoadThreads", "MaxFileSize", "ServiceAccessRoleArn")
_SHOWN = ("DatabaseName", "KmsKeyId", "CertificateArn")


class Endpoints:
    def __init__(self, store: Store, aws: Aws) -> None:
        self._store = store
        self._aws = aws

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        kind_of = params["EndpointType"]
        engine = params["EngineName"].lower()
        if engine not in ENGINES[kind_of]:
            raise not_built(f"the engine {params['EngineName']} as a {kind_of}")
        details = self._details(engine, params)
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Endpoint")
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
            details = self._details(engine, _merged(endpoint.shown, params, self._password(endpoint.arn)))
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
                "SupportsCDC": False,
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
            secret = self._aws.secret(settings["SecretsManagerSecretId"])
            host, port, user, password = secret["host"], int(secret["port"]), secret["username"], secret["password"]
        else:
            host, port, user, password = shown["ServerName"], shown["Port"], shown["Username"], self._password(endpoint.arn)
        certificate = self._store.get("certificate", shown["CertificateArn"]).shown["CertificatePem"] if shown.get("CertificateArn") else ""
        return Address(host=host, port=port, user=user, password=password, ssl_mode=shown["SslMode"], ca_pem=certificate)

    def _details(self, engine: str, params: dict[str, Any]) -> dict[str, Any]:
        """The members that depend on the engine. Raises Fault."""
        if params.get("ExtraConnectionAttributes"):
            raise not_built("ExtraConnectionAttributes")
        return self._s3(params) if engine == "s3" else self._mysql(params)

    def _s3(self, params: dict[str, Any]) -> dict[str, Any]:
        if "S3Settings" not in params:
            raise invalid_combination("An endpoint of the engine s3 needs S3Settings.")
        given = dict(params["S3Settings"])
        if "ServiceAccessRoleArn" in params:
            given.setdefault("ServiceAccessRoleArn", params["ServiceAccessRoleArn"])
        for member in ("ServiceAccessRoleArn", "BucketName"):
            if not given.get(member):
                raise invalid_combination(f"S3Settings needs {member}.")
        if params.get("SslMode", "none") != "none":
            raise invalid_value(f"SSL mode {params['SslMode']} is not supported for engine s3.")
        S3Settings.read(given)
        self._aws.check_service_role(given["ServiceAccessRoleArn"], self._principals())
        return {"S3Settings": given, "ServiceAccessRoleArn": given["ServiceAccessRoleArn"], "SslMode": "none"}

    def _mysql(self, params: dict[str, Any]) -> dict[str, Any]:
        settings = dict(params.get("MySQLSettings", {}))
        refused = [member for member in _MYSQL_UNSUPPORTED if member in settings]
        if refused:
            raise not_built(f"MySQLSettings.{refused[0]} of a source")
        if settings.get("AuthenticationMethod", "password") != "password":
            raise not_built("MySQL logins by IAM")
        mode = params.get("SslMode", "none")
        if mode == "require":
            raise invalid_value("SSL mode require is not supported for MySQL and MariaDB; use none, verify-ca or verify-full.")
        if mode in ("verify-ca", "verify-full"):
            if not params.get("CertificateArn"):
                raise invalid_combination(f"SSL mode {mode} needs CertificateArn.")
            self._store.get("certificate", params["CertificateArn"])
        clear = {member: params.get(member, settings.get(member)) for member in _CLEAR_TEXT}
        if any(member in settings for member in _SECRET):
            if not all(settings.get(member) for member in _SECRET):
                raise invalid_combination(f"Give both {_SECRET[0]} and {_SECRET[1]}.")
            if any(clear.values()):
                raise invalid_combination("Give either a secret or clear-text connection values, not both.")
            self._aws.check_service_role(settings["SecretsManagerAccessRoleArn"], (f"dms.{self._store.region}.amazonaws.com",))
            return {"MySQLSettings": settings, "SslMode": mode}
        missing = [member for member, value in clear.items() if value in (None, "")]
        if missing:
            raise invalid_combination(f"The endpoint needs {', '.join(missing)}, or a secret.")
        del clear["Password"]
        settings.pop("Password", None)
        return {"MySQLSettings": settings | clear, "SslMode": mode, **clear}

    def _principals(self) -> tuple[str, ...]:
        return ("dms.amazonaws.com", f"dms.{self._store.region}.amazonaws.com")

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
    if shown["EngineName"] == "s3":
        merged = {"S3Settings": shown["S3Settings"] | params.get("S3Settings", {})}
        return merged | {m: params[m] for m in ("SslMode", "ExtraConnectionAttributes", "ServiceAccessRoleArn") if m in params}
    settings = shown["MySQLSettings"] | params.get("MySQLSettings", {})
    given = {m: params[m] for m in (*_CLEAR_TEXT, "ExtraConnectionAttributes") if m in params}
    to_secret = any(m in params.get("MySQLSettings", {}) for m in _SECRET)
    to_clear = any(m in params or m in params.get("MySQLSettings", {}) for m in _CLEAR_TEXT)
    if to_secret and not to_clear:
        settings = {m: v for m, v in settings.items() if m not in _CLEAR_TEXT}
    elif to_clear and not to_secret:
        settings = {m: v for m, v in settings.items() if m not in _SECRET} | given
        settings.setdefault("Password", password)
    elif "SecretsManagerSecretId" not in settings:
        settings.setdefault("Password", password)
    tls = {m: place[m] for place in (shown, params) for m in ("SslMode", "CertificateArn") if m in place}
    return {"MySQLSettings": settings} | tls | given
