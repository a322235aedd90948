# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How a program of ours ends when something went wrong: a sentence, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable

from landbridge.errors import Interrupted, LandbridgeError, of_file

DEFECT = 70
_INTERRUPTED = Interrupted("interrupted", remedy="run the same command again: it continues where it stopped")


def guarded(action: Callable[[], int], *, as_json: bool, color: bool = False) -> int:
    """The exit code of ``action``; what it raises is told on standard error."""
    try:
        code = action()
        sys.stdout.flush()
    except LandbridgeError as error:
        return _tell(error, as_json=as_json, color=color)
    except KeyboardInterrupt:
        return _tell(_INTERRUPTED, as_json=as_json, color=color)
    except BrokenPipeError:
        # Whoever read our output has gone. Python must not complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        # With a file's name, or on a full disk, it is this machine's fault; without, ours.
        return _tell(of_file(error), as_json=as_json, color=color) if error.filename or error.errno == errno.ENOSPC else _tell_defect()
    except Exception:  # the last line of defence: a defect is reported as one
        return _tell_defect()
    return code


def _tell(error: LandbridgeError, *, as_json: bool, color: bool) -> int:
    if as_json:
        print(json.dumps(error.to_json(), ensure_ascii=False), file=sys.stderr)  # noqa: T201 - this is the program's output
    else:
        mark = "\033[31merror:\033[0m" if color else "error:"
        print(f"{mark} {error}", file=sys.stderr)  # noqa: T201
    return error.exit_code


def _tell_defect() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="landbridge-defect-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exc(file=log)
    print(f"error: This is a defect in landbridge. Please report it with this file: {log.name}", file=sys.stderr)  # noqa: T201
    return DEFECT
