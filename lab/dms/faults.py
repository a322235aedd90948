# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the service answers when it refuses: the error codes of the DMS API, as HTTP 400 with a ``__type``."""

from __future__ import annotations


class Fault(Exception):
    """A refusal. ``code``: the name by which clients know it; ``message``: for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def not_found(message: str) -> Fault:
    return Fault("ResourceNotFoundFault", message)


def already_exists(message: str) -> Fault:
    return Fault("ResourceAlreadyExistsFault", message)


def wrong_state(message: str) -> Fault:
    return Fault("InvalidResourceStateFault", message)


def access_denied(message: str) -> Fault:
    return Fault("AccessDeniedFault", message)


def invalid_value(message: str) -> Fault:
    return Fault("InvalidParameterValueException", message)


def invalid_combination(message: str) -> Fault:
    return Fault("InvalidParameterCombinationException", message)


def not_built(what: str) -> Fault:
    """For what AWS does and this engine does not: said plainly, never accepted and then left undone."""
    return Fault("InvalidParameterValueException", f"The lab's replication engine does not support {what}.")
