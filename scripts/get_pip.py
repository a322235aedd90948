# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""Stands in for the bootstrap script that ansible-test would download: runs pip from the wheel that lies beside this file."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(next(FOLDER.glob("pip-*.whl"))))

from pip._internal.cli.main import main  # noqa: E402

# Understood by the script that this one replaces, not by pip.
ONLY_OF_THE_BOOTSTRAP = ("--no-setuptools", "--no-wheel")

arguments = [argument for argument in sys.argv[1:] if argument not in ONLY_OF_THE_BOOTSTRAP]
sys.exit(main(["install", "--find-links", str(FOLDER), *arguments]))
