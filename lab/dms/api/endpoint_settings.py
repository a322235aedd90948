# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What an endpoint says about its engine: which settings there are, and which of them contradict each other.

Meaning and defaults: ``MySQLSettings`` and ``S3Settings`` of the API reference, and the chapters that ``extra_attributes`` names.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from lab.dms.api import extra_attributes, service_model
from lab.dms.api.listing import page
from lab.dms.api.store import Store
from lab.dms.aws import Aws
from lab.dms.faults import invalid_combination, invalid_value, not_built
from lab.dms.targets.settings import S3Settings

CLEAR_TEXT = ("ServerName", "Port", "Username", "Password")
SECRET = ("SecretsManagerSecretId", "SecretsManagerAccessRoleArn")
STRUCTURES = {"mysql": "MySQLSettings", "mariadb": "MySQLSettings", "s3": "S3Settings"}
# Settings of a MySQL target, and those that this engine does not follow.
_MYSQL_UNSUPPORTED = ("DatabaseName", "TargetDbType", "ParallelLoadThreads", "MaxFileSize", "ServiceAccessRoleArn")
_S3_UNSUPPORTED = ("ExternalTableDefinition", "IgnoreHeaderRows", "GlueCatalogGeneration")
_EXECUTE_TIMEOUT = 60
_DEFAULTS: dict[str, dict[str, Any]] = {
    "MySQLSettings": {"EventsPollInterval": 5, "CleanSourceMetadataOnMismatch": False, "AuthenticationMethod": "password"},
    "S3Settings": {
        "CsvDelimiter": ",",
        "CsvRowDelimiter": "\\n",
        "CsvNullValue": "NULL",
        "CompressionType": "none",
        "DataFormat": "csv",
        "EncryptionMode": "sse-s3",
        "MaxFileSize": 1_048_576,
        "CdcMaxBatchInterval": 60,
        "CdcMinFileSize": 32_000,
        "Rfc4180": True,
        "DatePartitionSequence": "YYYYMMDD",
        "DatePartitionDelimiter": "SLASH",
        "CannedAclForObjects": "none",
    },
}
# Members of the endpoint itself that say nothing about such an engine.
_FOREIGN = {
    "MySQLSettings": ("ServiceAccessRoleArn", "ExternalTableDefinition"),
    "S3Settings": (*CLEAR_TEXT, "DatabaseName", "CertificateArn", "ExternalTableDefinition"),
}
_BOUNDS = {"EventsPollInterval": (1, 60), "MaxFileSize": (1, 1_048_576), "Port": (1, 65_535)}


class EndpointSettings:
    """Reads the members of create calls; each answer: what the API shows of them."""

    def __init__(self, store: Store, aws: Aws) -> None:
        self._store = store
        self._aws = aws

    def read(self, engine: str, params: dict[str, Any]) -> dict[str, Any]:
        """The members that depend on the engine; the settings hold the extra connection attributes too. Raises Fault."""
        refuse_foreign(engine, params)
        extra = params.get("ExtraConnectionAttributes", "")
        shown = self._s3(params, extra) if engine == "s3" else self._mysql(params, extra)
        return shown | {"ExtraConnectionAttributes": extra or None}

    def _s3(self, params: dict[str, Any], extra: str) -> dict[str, Any]:
        given = extra_attributes.merged(params.get("S3Settings", {}), extra_attributes.s3_settings(extra))
        service_model.check_structure("S3Settings", given)
        if not given:
            raise invalid_combination("An endpoint of the engine s3 needs S3Settings.")
        if "ServiceAccessRoleArn" in params:
            given.setdefault("ServiceAccessRoleArn", params["ServiceAccessRoleArn"])
        for member in ("ServiceAccessRoleArn", "BucketName"):
            if not given.get(member):
                raise invalid_combination(f"S3Settings needs {member}.")
        if params.get("SslMode", "none") != "none":
            raise invalid_value(f"SSL mode {params['SslMode']} is not supported for engine s3.")
        S3Settings.read(given)
        principals = ("dms.amazonaws.com", self._regional_principal)
        self._aws.check_service_role(given["ServiceAccessRoleArn"], principals)
        if given.get("ServerSideEncryptionKmsKeyId"):
            self._aws.check_key(given["ServerSideEncryptionKmsKeyId"])
        return {"S3Settings": given, "ServiceAccessRoleArn": given["ServiceAccessRoleArn"], "SslMode": "none"}

    def _mysql(self, params: dict[str, Any], extra: str) -> dict[str, Any]:
        settings = extra_attributes.merged(params.get("MySQLSettings", {}), extra_attributes.mysql_settings(extra))
        _check_mysql(params, settings)
        mode = params.get("SslMode", "none")
        if mode == "require":
            raise invalid_value("SSL mode require is not supported for MySQL and MariaDB; use none, verify-ca or verify-full.")
        if mode in ("verify-ca", "verify-full"):
            if not params.get("CertificateArn"):
                raise invalid_combination(f"SSL mode {mode} needs CertificateArn.")
            self._store.get("certificate", params["CertificateArn"])
        clear = {member: params.get(member, settings.get(member)) for member in CLEAR_TEXT}
        if any(member in settings for member in SECRET):
            if not all(settings.get(member) for member in SECRET):
                raise invalid_combination(f"Give both {SECRET[0]} and {SECRET[1]}.")
            if any(clear.values()):
                raise invalid_combination("Give either a secret or clear-text connection values, not both.")
            self._aws.check_service_role(settings["SecretsManagerAccessRoleArn"], (self._regional_principal,))
            return {"MySQLSettings": settings, "SslMode": mode, **dict.fromkeys(("ServerName", "Port", "Username"))}
        missing = [member for member, value in clear.items() if value in (None, "")]
        if missing:
            raise invalid_combination(f"The endpoint needs {', '.join(missing)}, or a secret.")
        del clear["Password"]
        settings.pop("Password", None)
        return {"MySQLSettings": settings | clear, "SslMode": mode, **clear}

    @property
    def _regional_principal(self) -> str:
        return f"dms.{self._store.region}.amazonaws.com"


def refuse_foreign(engine: str, params: dict[str, Any]) -> None:
    """Raises Fault for what a call says of another engine than the endpoint's."""
    foreign = [m for m in params if m.endswith("Settings") and m not in (STRUCTURES[engine], "ExactSettings")]
    foreign += [member for member in _FOREIGN[STRUCTURES[engine]] if params.get(member)]
    if foreign:
        raise invalid_combination(f"{foreign[0]} is not valid for an endpoint of the engine {engine}.")


def describe(params: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpointSettings: the settings of that engine that this engine follows."""
    engine = params["EngineName"].lower()
    if engine not in STRUCTURES:
        raise not_built(f"the engine {params['EngineName']}")
    structure = STRUCTURES[engine]
    refused = _S3_UNSUPPORTED if structure == "S3Settings" else _MYSQL_UNSUPPORTED
    words, defaults = service_model.member_words(structure), _DEFAULTS[structure]
    settings = []
    for member, kind in service_model.member_types(structure).items():
        low, high = _BOUNDS.get(member, (None, None)) if kind == "integer" else (None, None)
        setting = {
            "Name": member,
            "Type": "enum" if member in words else kind,
            "EnumValues": words.get(member),
            "Sensitive": member == "Password",
            "DefaultValue": _text(defaults.get(member, False if kind == "boolean" else None)),
            "IntValueMin": low,
            "IntValueMax": high,
        }
        if member not in refused:
            settings.append(setting)
    chosen, marker = page(settings, params)
    return {"EndpointSettings": chosen, "Marker": marker}


def _text(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _check_mysql(params: dict[str, Any], settings: dict[str, Any]) -> None:
    refused = [member for member in _MYSQL_UNSUPPORTED if member in settings]
    if refused or params.get("DatabaseName"):
        raise not_built(f"{refused[0] if refused else 'DatabaseName'} of a MySQL source")
    if settings.get("AuthenticationMethod", "password") != "password":
        raise not_built("MySQL logins by IAM")
    if settings.get("ExecuteTimeout", _EXECUTE_TIMEOUT) != _EXECUTE_TIMEOUT:
        raise not_built("ExecuteTimeout of a MySQL source")
    for member, value in ((m, params.get(m, settings.get(m))) for m in ("EventsPollInterval", "Port")):
        low, high = _BOUNDS[member]
        if value is not None and not low <= value <= high:
            raise invalid_value(f"{member} is {value}; it must be between {low} and {high}.")
    zone = settings.get("ServerTimezone")
    if zone:
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise invalid_value(f"ServerTimezone {zone} is no time zone of the form Area/Location.") from None
