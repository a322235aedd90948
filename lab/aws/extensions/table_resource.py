# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``AWS::DynamoDB::Table`` through DynamoDB's own operations.

The emulator's provisioner writes the table into the store by itself: it checks nothing, leaves out what DescribeTable says of
indexes and capacity, ignores point-in-time recovery, encryption and time to live, and deletes protected tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

TYPE = "AWS::DynamoDB::Table"
# Properties that CreateTable takes as they are.
SAME = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "TableClass",
)
_emulated_update = provisioners._ddb_update

Resource = tuple[str, dict[str, Any]]


def install() -> None:
    provisioners._ddb_create = create
    provisioners._ddb_delete = delete
    handler = provisioners._RESOURCE_HANDLERS[TYPE]
    handler.update(create=create, update=update, delete=delete)


def create(logical_id: str, properties: dict[str, Any], stack: str) -> Resource:
    """Make the table. Raises ValueError with DynamoDB's words, which CloudFormation shows as the reason of the failure."""
    name = properties.get("TableName") or provisioners._physical_name(stack, logical_id, max_len=255)
    request = {key: properties[key] for key in SAME if key in properties} | {"TableName": name}
    if "StreamSpecification" in properties:
        request["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    if "SSESpecification" in properties:
        request["SSESpecification"] = _encryption(properties["SSESpecification"])
    if properties.get("Tags"):
        request["Tags"] = [dict(tag) for tag in properties["Tags"]]
    _call(dynamodb._create_table, request)
    _apply_settings(name, {}, properties)
    return name, provisioners._ddb_attrs(dynamodb._tables[name])


def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None) -> Resource:
    """Change the table by the emulator's own reconciliation, and then the settings that it does not know."""
    translated = [
        {**properties, "SSESpecification": _encryption(properties["SSESpecification"])} if "SSESpecification" in properties else properties
        for properties in (old, new)
    ]
    name, attributes = _emulated_update(physical_id, *translated, stack, logical_id)
    _apply_settings(name, old if name == physical_id else {}, new)
    return name, attributes


def delete(physical_id: str, properties: dict[str, Any]) -> None:
    """Delete the table, if it is still there. Raises ValueError for a protected one, as AWS does."""
    if physical_id in dynamodb._tables:
        _call(dynamodb._delete_table, {"TableName": physical_id})


def _apply_settings(name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    recovery = new.get("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
    if recovery != old.get("PointInTimeRecoverySpecification"):
        _call(dynamodb._update_continuous_backups, {"TableName": name, "PointInTimeRecoverySpecification": recovery})
    expiry = new.get("TimeToLiveSpecification")
    if expiry is not None and expiry != old.get("TimeToLiveSpecification"):
        _call(dynamodb._update_ttl, {"TableName": name, "TimeToLiveSpecification": expiry})


def _encryption(specification: dict[str, Any]) -> dict[str, Any]:
    """The template's name of the switch is not the API's."""
    renamed = {key: value for key, value in specification.items() if key != "SSEEnabled"}
    return {"Enabled": specification["SSEEnabled"], **renamed} if "SSEEnabled" in specification else renamed


def _call(operation: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> None:
    status, _, body = operation(request)
    if status >= 400:
        answer = json.loads(body)
        raise ValueError(f"{answer.get('message')} (Service: DynamoDb, Status Code: {status}, Error: {answer.get('__type')})")
