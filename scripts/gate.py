# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

"""Runs what gates, two parts at a time: `gate.py [PART...]`, all parts without arguments.

A part that fails does not keep the others from running. What a step printed is in ``build/test/PART/STEP.log``, and on the screen
if the step failed. A skipped test counts as a failure: it means that this machine lacks something that set-up should have brought.
Only ansible-test skips for another reason: it has tests for kinds of files that we have not.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "test"
PLUGINS = "ansible_collections.landbridge.mysql_dynamodb.plugins"
LAB = ROOT / "lab" / "landbridge-lab"
STEP_LIMIT = 1200  # seconds; a step that needs more hangs
PARTS_AT_ONCE = 2  # most of them wait for servers half of the time


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    may_skip: bool = False


@dataclass(frozen=True)
class Part:
    name: str
    steps: tuple[Step, ...]
    lab_port_base: int = 0  # not 0: the part has a lab of its own, so that one that is in use is left alone
    lab_source: str = "mariadb"
    on_request: bool = False  # run only if it is named


@dataclass(frozen=True)
class Result:
    name: str
    seconds: float
    passed: int
    problems: list[str]


def pytest(name: str, *arguments: str) -> Step:
    return Step(name, ("pytest", *arguments, f"--junit-xml={RESULTS / name / 'junit.xml'}"))


def mypy(name: str, *packages: str) -> Step:
    # A cache for each: they run beside each other.
    return Step(f"mypy-{name}", ("mypy", f"--cache-dir=build/mypy/{name}", *(f"--package={package}" for package in packages)))


# What touches the source, and what only MySQL has.
WITH_MYSQL = (
    "tests/mysql",
    "tests/contract/dms",
    "tests/integration/lab/dms",
    "tests/integration/lab/mysql",
    "tests/integration/source",
    "tests/integration/workload",
    "tests/integration/full_load",
)

# The tests of the lab's own DMS are as many as all the other integration tests.
TWIN = "tests/integration/lab/dms"

# The longest first, so that no long one is left alone in the end.
PARTS = (
    Part("integration", (pytest("integration", "tests/integration", f"--ignore={TWIN}"),), 24_600),
    Part("twin", (pytest("twin", TWIN),), 25_000),
    Part("molecule", (Step("molecule", ("molecule", "test", "--all")),), 24_700),
    Part("e2e", (pytest("e2e", "tests/e2e"),), 24_800),
    Part("contract", (pytest("contract", "tests/contract"),), 24_900),
    Part(
        "lint",
        (
            Step("ansible-lint", ("ansible-lint", "--offline")),
            mypy("engine", "landbridge", "landbridge_runners"),
            mypy("plugins", *(f"{PLUGINS}.{room}" for room in ("action", "modules", "module_utils._module"))),
            mypy("workshop", "lab", "bench", "scripts"),
            Step("ruff-check", ("ruff", "check")),
            Step("ruff-format", ("ruff", "format", "--check")),
            Step("import-linter", ("lint-imports",)),
            Step("yamllint", ("yamllint", "--strict", ".")),
            Step("antsibull-changelog", ("antsibull-changelog", "lint")),
            Step("antsibull-docs", (str(ROOT / "scripts" / "lint-docs"),)),
        ),
    ),
    Part("sanity", (Step("sanity", (str(ROOT / "scripts" / "sanity"), str(RESULTS / "sanity")), may_skip=True),)),
    Part("unit", (pytest("unit", "tests/unit", "--numprocesses=2"),)),
    Part("property", (pytest("property", "tests/property", "--numprocesses=2"),)),
    Part("mysql", (pytest("mysql", "-m", "not mariadb", *WITH_MYSQL),), 24_400, lab_source="mysql", on_request=True),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run what gates and print a summary.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(part.name for part in PARTS))
    wanted = parser.parse_args().parts
    if unknown := sorted(set(wanted) - {part.name for part in PARTS}):
        parser.error(f"no such part: {', '.join(unknown)}")

    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=PARTS_AT_ONCE) as pool:
        try:
            outcomes = list(pool.map(run_part, [part for part in PARTS if (part.name in wanted if wanted else not part.on_request)]))
        except BaseException:
            # An interrupt by the keyboard, mostly: the pool waits for its threads, and they for their processes.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in RUNNING:
                os.killpg(process.pid, signal.SIGKILL)
            raise
    print()
    for outcome in outcomes:
        problems = f"  {'; '.join(outcome.problems)}" if outcome.problems else ""
        print(f"{outcome.name:<12} {outcome.seconds:7.1f} s {outcome.passed:6d} passed{problems}")
    failed = sum(len(outcome.problems) for outcome in outcomes)
    print(f"{'all':<12} {time.monotonic() - started:7.1f} s\n")
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def run_part(part: Part) -> Result:
    print(f"==> {part.name}", flush=True)
    environment = dict(os.environ)
    started = time.monotonic()
    if part.lab_port_base:
        environment["LANDBRIDGE_LAB_DIR"] = str(RESULTS / part.name / "lab")
        environment["LANDBRIDGE_LAB_PORT_BASE"] = str(part.lab_port_base)
        environment["LANDBRIDGE_LAB_SOURCE"] = part.lab_source
        lab_down(environment)
    try:
        with ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(lambda step: run_step(part, step, environment), part.steps))
    finally:
        if part.lab_port_base:
            lab_down(environment)
    problems = [problem for result in results for problem in result.problems]
    outcome = Result(part.name, time.monotonic() - started, sum(result.passed for result in results), problems)
    verdict = "failed" if outcome.problems else "ok"
    print(f"<== {part.name}: {verdict}, {outcome.seconds:.1f} s, {outcome.passed} passed", flush=True)
    return outcome


def lab_down(environment: dict[str, str]) -> None:
    if Path(environment["LANDBRIDGE_LAB_DIR"]).exists():
        subprocess.run([LAB, "down"], env=environment, check=True, stdout=subprocess.DEVNULL)


def run_step(part: Part, step: Step, environment: dict[str, str]) -> Result:
    """A step that counts no tests, such as a linter, counts as one."""
    started = time.monotonic()
    folder = RESULTS / part.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.xml"):
        old.unlink()
    log = folder / f"{step.name}.log"
    status = run(step, environment, log)
    output = log.read_text(encoding="utf-8", errors="replace")
    passed, problems = count(folder, output, step.may_skip)
    if status and not problems:
        problems = [f"{step.name}: {'took too long' if status == TOO_LONG else f'exit status {status}'}"]
    if problems:
        print(f"\n--- {step.name} ({log.relative_to(ROOT)})\n{output}\n", flush=True)
    return Result(step.name, time.monotonic() - started, passed if passed or problems else 1, problems)


RUNNING: set[subprocess.Popen[bytes]] = set()
NOT_PASSED = ("failure", "error", "skipped")
TOO_LONG = -signal.SIGKILL


def run(step: Step, environment: dict[str, str], log: Path) -> int:
    """Exit status, or TOO_LONG. The step gets no terminal and a process group of its own, so that nothing of it is left behind."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            step.command, cwd=step.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
        RUNNING.add(process)
        try:
            return process.wait(STEP_LIMIT)
        except subprocess.TimeoutExpired:
            return TOO_LONG
        finally:
            RUNNING.discard(process)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def count(folder: Path, output: str, may_skip: bool) -> tuple[int, list[str]]:
    """Tests that passed, and the names of those that failed or were skipped: from JUnit files, or else from pytest's closing lines."""
    cases = [case for file in folder.glob("*.xml") for case in ElementTree.parse(file).iter("testcase")]  # noqa: S314 - our own files
    if not cases:
        return sum(int(number) for number in re.findall(r"\b(\d+) passed\b", output)), []
    if may_skip:
        cases = [case for case in cases if case.find("skipped") is None]
    problems = [f"{verdict} {name_of(case)}" for case in cases for verdict in NOT_PASSED if case.find(verdict) is not None]
    return len(cases) - len(problems), problems


def name_of(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '')}::{case.get('name', '')}"


if __name__ == "__main__":
    sys.exit(main())
