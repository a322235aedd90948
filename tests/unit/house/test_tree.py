# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "plugins" / "module_utils" / "core"
BSD_ROOMS = ("plugins/module_utils/core/", "runners/", "lab/", "bench/")
LONGEST_FILE = 600  # lines


@cache
def files() -> tuple[str, ...]:
    """What git tracks or would track, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return tuple(sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}))


def python_files() -> list[str]:
    return [name for name in files() if name.endswith(".py") and (ROOT / name).stat().st_size]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def galaxy_version() -> str:
    return str(yaml.safe_load(text("galaxy.yml"))["version"])


def test_the_installed_engine_has_the_version_of_the_collection() -> None:
    assert importlib.metadata.version("landbridge") == galaxy_version()


def test_the_version_is_written_in_galaxy_yml_alone() -> None:
    written = re.compile(rf"""^\s*(__version__|version)\s*[:=]\s*["']?{re.escape(galaxy_version())}["']?\s*$""", re.MULTILINE)
    found = [name for name in files() if Path(name).suffix in {".py", ".toml", ".yml", ".cfg"} and written.search(text(name))]
    assert found == ["galaxy.yml"]


def test_init_files_of_the_engine_are_empty() -> None:
    assert [str(file) for file in CORE.rglob("__init__.py") if file.stat().st_size] == []


def wanted_license(name: str) -> str:
    if name.startswith(("tests/", "extensions/")):
        return "(BSD-2-Clause|GPL-3.0-or-later)"
    return "BSD-2-Clause" if name.startswith(BSD_ROOMS) else "GPL-3.0-or-later"


def test_every_python_file_says_its_license() -> None:
    heads = {name: "\n".join(text(name).splitlines()[:8]) for name in python_files()}
    assert [
        name for name, head in heads.items() if not re.search(rf"SPDX-License-Identifier: {wanted_license(name)}$", head, re.MULTILINE)
    ] == []


def test_every_python_file_can_be_read_in_one_go() -> None:
    assert [name for name in python_files() if len(text(name).splitlines()) > LONGEST_FILE] == []


def test_the_engine_reads_no_environment_and_asserts_nothing() -> None:
    found = []
    for name in python_files():
        if name.startswith("plugins/module_utils/core/"):
            for node in ast.walk(ast.parse(text(name))):
                if isinstance(node, ast.Assert) or (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "argv"}):
                    found.append(f"{name}:{node.lineno}")
    assert found == []


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    own = (str(ROOT).encode(), str(Path.home()).encode() + b"/.")
    contents = {name: (ROOT / name).read_bytes() for name in files()}
    assert [name for name, content in contents.items() if any(path in content for path in own)] == []


def test_locked_requirements_have_hashes_and_name_no_host() -> None:
    locks = [name for name in files() if name.startswith("requirements/") and name.endswith(".txt")]
    assert len(locks) == len([name for name in files() if name.startswith("requirements/") and name.endswith(".in")])
    for lock in locks:
        content = text(lock)
        pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]+\])?==\S+", content, re.MULTILINE)
        blocks = re.split(r"^(?=[A-Za-z0-9])", content, flags=re.MULTILINE)[1:]
        assert pins
        assert len(pins) == len(blocks)
        assert all("--hash=sha256:" in block for block in blocks)
        assert "://" not in content


def test_every_requirement_of_the_wheel_is_explained() -> None:
    explained = text("docs/dependencies.md").lower()
    names = {re.split(r"[><=\[ ;]", line)[0].lower() for name in ("dev", "lab") for line in text(f"requirements/{name}.in").splitlines()}
    assert [name for name in sorted(names - {"#", ""}) if f"`{name}`" not in explained] == []


def test_help_lists_every_target() -> None:
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE)
    assert sorted(listed) == sorted(phony.group(1).split())
    assert sorted(listed) == sorted(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
