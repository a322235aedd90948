# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What the lab prints may be read only in part."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

COMMAND = Path(__file__).resolve().parents[3] / "lab" / "landbridge-lab"


def test_a_closed_output_is_told_by_the_exit_code():
    with subprocess.Popen([COMMAND, "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as closed:
        closed.stdout.close()
        assert closed.wait() == 128 + signal.SIGPIPE
        assert closed.stderr.read() == b""
