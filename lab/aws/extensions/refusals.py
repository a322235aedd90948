# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Single checks that AWS makes and the emulator does not."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import dynamodb, s3
from ministack.services.cloudformation import handlers

# Amazon S3 User Guide, "General purpose bucket naming rules".
RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

_emulated_bucket_name = s3._validate_bucket_name
_emulated_item = dynamodb._validate_item


def install() -> None:
    s3._validate_bucket_name = bucket_name_is_valid
    dynamodb._validate_item = validate_item
    # A template with IAM resources needs the caller's word for it. The emulator asks for it only when it enforces IAM policies.
    handlers._capabilities_enforced = lambda: True


def bucket_name_is_valid(name: str) -> bool:
    """The emulator's rules, and the reserved beginnings and endings."""
    return bool(_emulated_bucket_name(name)) and not name.startswith(RESERVED_PREFIXES) and not name.endswith(RESERVED_SUFFIXES)


def validate_item(item: Any, *arguments: Any, **options: Any) -> Any:
    """An error response, or None. An attribute name has at least one character (DynamoDB Developer Guide, "Constraints")."""
    if isinstance(item, dict) and "" in item:
        return error_response_json("ValidationException", "One or more parameter values were invalid: Empty attribute name", 400)
    return _emulated_item(item, *arguments, **options)
