# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Extra connection attributes: the older way to write endpoint settings, ``name=value;name=value``.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.ConnectionAttrib
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html#CHAP_Target.S3.Configuring
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.dms.api import service_model
from lab.dms.faults import invalid_combination, invalid_value, not_built

_WORDS = {"true": True, "y": True, "1": True, "false": False, "n": False, "0": False}
# Attributes of a MySQL source, in small letters, and the settings that mean the same.
_MYSQL = {
    "afterconnectscript": "AfterConnectScript",
    "cleansourcemetadataonmismatch": "CleanSourceMetadataOnMismatch",
    "cleansrcmetadataonmismatch": "CleanSourceMetadataOnMismatch",
    "eventspollinterval": "EventsPollInterval",
    "executetimeout": "ExecuteTimeout",
    "servertimezone": "ServerTimezone",
}
# Attributes that the engine does not follow; taken with the value that they have anyway.
_MYSQL_FIXED = {
    "charsetmapping": None,
    "connectiontimeout": "10",
    "ignoreopenxatransactionscheck": "false",
    "skiptablesuspensionforpartitionddl": "false",
}
SECRETS_ENDPOINT = "secretsmanagerendpointoverride"


def pairs(text: str) -> dict[str, str]:
    """The attributes by their names in small letters. Raises Fault."""
    found: dict[str, str] = {}
    for item in text.split(";"):
        name, equals, value = item.partition("=")
        key = name.strip().lower()
        if not item.strip():
            continue
        if not equals or not key:
            raise invalid_value(f"The extra connection attribute {item.strip()} has not the form name=value.")
        if key in found:
            raise invalid_value(f"The extra connection attribute {name.strip()} is given twice.")
        found[key] = value
    return found


def s3_settings(text: str) -> dict[str, Any]:
    """The attributes of an S3 endpoint as members of ``S3Settings``. Raises Fault."""
    members = {member.lower(): member for member in service_model.member_types("S3Settings")}
    return {member: _typed("S3Settings", member, value) for member, value in _renamed(pairs(text), members).items()}


def mysql_settings(text: str) -> dict[str, Any]:
    """The attributes of a MySQL source as members of ``MySQLSettings``. Raises Fault."""
    given = {name: value for name, value in pairs(text).items() if name != SECRETS_ENDPOINT}
    for name in [name for name in given if name in _MYSQL_FIXED]:
        if given.pop(name).lower() != _MYSQL_FIXED[name]:
            raise not_built(f"the extra connection attribute {name}")
    return {member: _typed("MySQLSettings", member, value) for member, value in _renamed(given, _MYSQL).items()}


def merged(settings: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Both together. Raises Fault where they contradict each other."""
    for member, value in attributes.items():
        if settings.get(member, value) != value:
            raise invalid_combination(f"{member} has one value in the settings and another in ExtraConnectionAttributes.")
    return {**settings, **attributes}


def _renamed(given: Mapping[str, str], members: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in given if name not in members]
    if unknown:
        raise not_built(f"the extra connection attribute {unknown[0]}")
    return {members[name]: value for name, value in given.items()}


def _typed(structure: str, member: str, text: str) -> Any:
    kind = service_model.member_types(structure)[member]
    if kind == "boolean":
        if text.strip().lower() not in _WORDS:
            raise invalid_value(f"The extra connection attribute {member} is neither true nor false: {text}")
        return _WORDS[text.strip().lower()]
    if kind == "integer":
        try:
            return int(text)
        except ValueError:
            raise invalid_value(f"The extra connection attribute {member} is no number: {text}") from None
    return text
