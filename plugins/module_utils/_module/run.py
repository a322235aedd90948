# Copyright (c) The Landbridge authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How every module ends: a result, or one failure that says what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.adapters.aws import translate
from ..core.errors import LandbridgeError, of_file

try:
    from botocore.exceptions import BotoCoreError, ClientError

    _AWS_ERRORS: tuple[type[Exception], ...] = (BotoCoreError, ClientError)
except ImportError:
    _AWS_ERRORS = ()


def failure(error: LandbridgeError) -> dict[str, Any]:
    """Arguments of ``fail_json``: ``msg`` for people, ``error``, ``place``, ``remedy`` and ``findings`` for machines."""
    report = error.to_json()
    return {"msg": str(error), "findings": [], **{key: value for key, value in report.items() if key not in ("message", "exit_code")}}


def run(module: Any, work: Callable[[Any], dict[str, Any]]) -> None:
    """Call ``work(module)`` and end the module with what it returns, or with the error it raises, never with a traceback."""
    try:
        result = work(module)
    except LandbridgeError as error:
        module.fail_json(**failure(error))
    except _AWS_ERRORS as error:
        module.fail_json(**failure(translate(error, "do what the module was asked")))
    except OSError as error:
        module.fail_json(**failure(of_file(error)))
    module.exit_json(**result)
