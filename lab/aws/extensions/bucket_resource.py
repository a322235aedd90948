# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the emulator leaves out of ``AWS::S3::Bucket``: lifecycle rules, encryption, ownership, tags, and the refusal to delete a
bucket that is not empty.

Properties are put through S3's own operations, as XML that botocore writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import botocore.serialize
import botocore.session
from ministack.services import s3
from ministack.services.cloudformation import provisioners

TYPE = "AWS::S3::Bucket"
RULE_SAME = {
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "Id": "ID",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "Status": "Status",
}
EXPIRATION = {"ExpirationInDays": "Days", "ExpirationDate": "Date", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}

_emulated_configurations = provisioners._s3_apply_configurations


def install() -> None:
    provisioners._s3_apply_configurations = apply_configurations
    provisioners._STACK_TAG_PROPERTY.setdefault(TYPE, ("Tags", "list"))
    provisioners._RESOURCE_HANDLERS[TYPE]["delete"] = delete


def apply_configurations(name: str, properties: dict[str, Any], old: dict[str, Any] | None = None) -> None:
    """Store what the properties say of a bucket; what an update drops is removed. Raises ValueError in S3's words."""
    _emulated_configurations(name, properties, old)
    if properties.get("VersioningConfiguration", {}).get("Status") == "Suspended":
        s3._bucket_versioning[name] = "Suspended"
    for configuration in CONFIGURATIONS:
        value = properties.get(configuration.property)
        if value:
            status, _, body = configuration.put(name, configuration.xml(name, value))
            if status >= 400:
                raise ValueError(f"{configuration.property} of {name}: {body.decode()}")
        elif old and configuration.property in old:
            configuration.remove(name)


def delete(physical_id: str, properties: dict[str, Any]) -> None:
    """Delete the bucket, if it is still there. Raises ValueError for one with objects or versions in it, as AWS does."""
    if physical_id in s3._buckets:
        status, _, body = s3._delete_bucket(physical_id)
        if status >= 400:
            raise ValueError(f"Deletion of bucket {physical_id}: {body.decode()}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """How one property becomes one operation. ``translate``: the template's form to the API's."""

    property: str
    operation: str
    member: str
    translate: Callable[[Any], dict[str, Any]]
    put: Callable[[str, bytes], Any]
    remove: Callable[[str], Any]

    def xml(self, bucket: str, value: Any) -> bytes:
        model = botocore.session.get_session().get_service_model("s3").operation_model(self.operation)
        serializer = botocore.serialize.create_serializer(model.service_model.resolved_protocol)
        body = serializer.serialize_to_request({"Bucket": bucket, self.member: self.translate(value)}, model)["body"]
        return body if isinstance(body, bytes) else str(body).encode()


def lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError for a part of a rule that is not translated, so that none is lost in silence."""
    return {"Rules": [_rule(dict(rule)) for rule in value.get("Rules", [])]}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"Filter": {"Prefix": rule.pop("Prefix", "")}}
    expiration = {EXPIRATION[key]: rule.pop(key) for key in EXPIRATION if key in rule}
    if expiration:
        result["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        result["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule.pop("NoncurrentVersionExpirationInDays")}
    if "Transitions" in rule:
        result["Transitions"] = [_transition(transition) for transition in rule.pop("Transitions")]
    result |= {RULE_SAME[key]: rule.pop(key) for key in RULE_SAME if key in rule}
    if rule:
        raise ValueError(f"The lab does not know this part of a lifecycle rule: {sorted(rule)[0]}")
    return result


def _transition(transition: dict[str, Any]) -> dict[str, Any]:
    names = {"TransitionInDays": "Days", "TransitionDate": "Date", "StorageClass": "StorageClass"}
    return {names[key]: value for key, value in transition.items()}


def encryption(value: dict[str, Any]) -> dict[str, Any]:
    rules = value["ServerSideEncryptionConfiguration"]
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return {"Rules": [{names.get(key, key): part for key, part in rule.items()} for rule in rules]}


CONFIGURATIONS = (
    Configuration(
        "LifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "LifecycleConfiguration",
        lifecycle,
        s3._put_bucket_lifecycle,
        s3._delete_bucket_lifecycle,
    ),
    Configuration(
        "BucketEncryption",
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
        encryption,
        s3._put_bucket_encryption,
        s3._delete_bucket_encryption,
    ),
    Configuration(
        "OwnershipControls",
        "PutBucketOwnershipControls",
        "OwnershipControls",
        dict,
        s3._put_bucket_ownership_controls,
        s3._delete_bucket_ownership_controls,
    ),
    Configuration(
        "Tags",
        "PutBucketTagging",
        "Tagging",
        lambda value: {"TagSet": [dict(tag) for tag in value]},
        s3._put_bucket_tagging,
        s3._delete_bucket_tagging,
    ),
)
