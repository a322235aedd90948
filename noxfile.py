# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""The tests that need no lab, on every Python that the engine supports and that this machine has; and their coverage."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["unit"]

TESTS = ("tests/unit", "tests/property")


@nox.session(python=["3.11", "3.12", "3.13"])
def unit(session: nox.Session) -> None:
    """Unit and property tests."""
    session.install("--require-hashes", "-r", "requirements/dev.txt")
    session.install("--no-build-isolation", "--no-deps", "--editable", ".")
    session.run("pytest", *TESTS, *session.posargs)


@nox.session(python="3.11")
def coverage(session: nox.Session) -> None:
    """The same with branch coverage; the pages are in build/coverage."""
    session.install("--require-hashes", "-r", "requirements/dev.txt")
    session.install("--no-build-isolation", "--no-deps", "--editable", ".")
    session.run("pytest", *TESTS, "--cov", "--cov-report=term-missing:skip-covered", "--cov-report=html", *session.posargs)
