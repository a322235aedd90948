# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Turns a reference to a secret into the secret, at the moment of use. No message here ever holds what was read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import InvalidInput
from ..model.site import SecretReference
from .aws import AwsConnection


def resolve(reference: SecretReference, environ: Mapping[str, str], connection: Callable[[], AwsConnection]) -> str:
    """The secret that ``reference`` names. ``connection`` is called only for a secret in Secrets Manager.

    Raises InvalidInput where the variable, the file or the key is missing or empty, Denied, NotFound or Unreachable where AWS says so.
    """
    if reference.kind == "env":
        return _from_environment(reference.name, environ)
    if reference.kind == "file":
        return _from_file(Path(reference.name))
    return _from_secrets_manager(reference.name, connection())


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        raise InvalidInput(
            f"the environment variable {name}, which should hold the password, is not set",
            remedy=f"export {name}, or point the site file elsewhere",
        )
    return value


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"the password file cannot be read: {error.strerror}",
            place=str(path),
            remedy="create it with the password on one line, readable by this user only",
        ) from error
    except UnicodeDecodeError:
        raise InvalidInput("the password file is not UTF-8 text", place=str(path), remedy="write one line of UTF-8") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value or "\n" in value:
        raise InvalidInput("the password file must hold exactly one line", place=str(path), remedy="write the password on one line")
    return value


def _from_secrets_manager(name: str, connection: AwsConnection) -> str:
    client = connection.client("secretsmanager")
    answer = connection.call(lambda: client.get_secret_value(SecretId=name), "read the secret", name)
    try:
        content = json.loads(answer.get("SecretString", ""))
    except ValueError:
        content = None
    value = content.get("password") if isinstance(content, dict) else None
    if not isinstance(value, str) or not value:
        raise InvalidInput(
            "the secret is not a JSON object with a `password`",
            place=f"Secrets Manager secret {name}",
            remedy='store {"username": ..., "password": ...} in it',
        )
    return value
