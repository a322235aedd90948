# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""What `make dist` builds can be installed and run."""

from __future__ import annotations

import os
import subprocess
import tarfile
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


@pytest.fixture(scope="module")
def dist() -> Path:
    subprocess.run([ROOT / "scripts" / "dist"], check=True, capture_output=True)
    return ROOT / "dist"


def test_the_wheel_runs_in_a_fresh_environment(dist: Path, tmp_path: Path) -> None:
    # With the packages of the environment that runs the tests on its path: what is tried is the wheel, not the package index.
    venv.create(tmp_path, with_pip=False)
    python = tmp_path / "bin" / "python"
    (site,) = (tmp_path / "lib").glob("python3*/site-packages")
    wheel = dist / f"landbridge-{VERSION}-py3-none-any.whl"
    subprocess.run([ROOT / ".venv/bin/uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], check=True)
    (packages,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"PYTHONPATH": str(packages)}

    shown = subprocess.run(
        [tmp_path / "bin" / "landbridge", "version"], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    where = subprocess.run(
        [python, "-c", "import landbridge; print(landbridge.__file__)"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    assert VERSION in shown.stdout
    assert Path(where.stdout.strip()).is_relative_to(site)


def test_the_collection_holds_the_engine_and_nothing_of_the_workshop(dist: Path) -> None:
    with tarfile.open(dist / f"landbridge-mysql_dynamodb-{VERSION}.tar.gz") as archive:
        names = archive.getnames()
    top = {name.split("/")[0] for name in names}
    assert "plugins/module_utils/core/errors.py" in names
    assert not top & {"lab", "tests", "bench", "build", "dist", ".git", ".venv", ".venv-lab", "scripts", "requirements"}
    assert top >= {"COPYING", "README.md", "CHANGELOG.rst", "LICENSES", "plugins", "roles", "playbooks", "meta"}
