# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""``landbridge-lab dms manners``, ``misbehave``, ``behave``, ``dialects`` and ``dialect``: the lab's switches, over HTTP."""

from __future__ import annotations

import argparse
import json
import os
import textwrap
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lab import manners_api
from lab.config import HOST, LabConfig
from lab.dms.admin.api import DIALECTS_PATH
from lab.errors import LabError
from lab.terminal import say

TIMEOUT_SECONDS = 10
# Manners whose names begin so are the emulator's.
EVENTS = "event-"
WIDTH = 100
LISTS = '"landbridge-lab dms manners" and "landbridge-lab dms dialects" list what there is.'
MANNERS_EXAMPLES = """
examples:
  landbridge-lab dms manners                 all with their options, what waits, what was done
  landbridge-lab dms manners --done --json   to compare with what your pipeline noticed
"""
MISBEHAVE_EXAMPLES = """
examples:
  landbridge-lab dms misbehave file-truncated --task nightly --seed 7
  landbridge-lab dms misbehave task-fails --option kind=recoverable --option part=changes
  landbridge-lab dms misbehave event-twice --option suffix=.csv --skip 1 --times 3

A service that ends forgets what it was to do.
"""
BEHAVE_EXAMPLES = """
examples:
  landbridge-lab dms behave
  landbridge-lab dms behave file-truncated --port 5001
"""
DIALECTS_EXAMPLES = """
A reader of the files that copes with every dialect copes with AWS DMS, whatever that writes. What a
dialect answers is in lab/dms/dialects/dialect.py, and in the last column of docs/dms-fidelity.md.
"""
DIALECT_EXAMPLES = """
examples:
  landbridge-lab dms dialect words                    of all tasks that have none of their own
  landbridge-lab dms dialect sparse --task nightly

A run that is under way keeps its dialect. A service that ends forgets the choice: see --dialect of
"landbridge-lab dms serve".
"""


def add_commands(commands: Any) -> None:
    """``commands``: where argparse keeps the subcommands."""
    shown = _command(
        commands, "manners", "what the engine and the emulator can do wrong, what they are to do, and what they did", MANNERS_EXAMPLES
    )
    shown.add_argument("--done", action="store_true", help="only what was done")
    misbehave = _command(
        commands, "misbehave", "let the engine or the emulator do something wrong at the next opportunity", MISBEHAVE_EXAMPLES
    )
    misbehave.add_argument("name", metavar="NAME", help='what; "landbridge-lab dms manners" lists it')
    misbehave.add_argument("--task", default="", help="only in the task with this identifier or ARN (default: any)")
    misbehave.add_argument("--seed", type=int, default=0, help="the same seed makes the same choices (default: %(default)s)")
    misbehave.add_argument("--skip", type=int, default=0, help="let so many opportunities pass (default: %(default)s)")
    misbehave.add_argument("--times", type=int, default=1, help="then take so many (default: %(default)s)")
    misbehave.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="an option of the manner; may be repeated")
    behave = _command(commands, "behave", "forget what was to be done wrong and was not done yet", BEHAVE_EXAMPLES)
    behave.add_argument("name", metavar="NAME", nargs="?", default="", help="only this (default: all)")
    text = "the dialects that files are written in where AWS does not document them, and who uses which"
    _command(commands, "dialects", text, DIALECTS_EXAMPLES)
    dialect = _command(commands, "dialect", "choose the dialect of runs that begin from now on", DIALECT_EXAMPLES)
    dialect.add_argument("name", metavar="NAME", help='which; "landbridge-lab dms dialects" lists them')
    dialect.add_argument("--task", default="", help="only of the task with this identifier or ARN (default: all without their own)")


def run(options: argparse.Namespace) -> int:
    """Raises LabError."""
    answer = {"manners": _manners, "misbehave": _misbehave, "behave": _behave, "dialects": _dialects, "dialect": _dialect}[options.command]
    document, text = answer(options, _Services(options.port))
    say(json.dumps(document, indent=2) if options.json else text)
    return 0


def _command(commands: Any, name: str, help: str, epilog: str = "") -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".", epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--json", action="store_true", help="for machines")
    made.add_argument("--port", type=int, help="port of a replication service that is not the lab's; the emulator is left out then")
    return made


class _Services:
    """The lab's services that can misbehave, or the one replication service on ``port``."""

    def __init__(self, port: int | None) -> None:
        if port is None:
            config = LabConfig.from_environment(os.environ)
            self.engine, self._emulator = config.dms_url, config.aws_url
        else:
            self.engine, self._emulator = f"http://{HOST}:{port}", ""

    def all(self) -> list[str]:
        return [url for url in (self.engine, self._emulator) if url]

    def of(self, manner: str) -> str:
        """Who has that manner. Raises LabError."""
        if not manner.startswith(EVENTS):
            return self.engine
        if not self._emulator:
            raise LabError(f"{manner} is done by the AWS emulator, not by a replication service", "Leave out --port.")
        return self._emulator


def _manners(options: argparse.Namespace, services: _Services) -> tuple[Any, str]:
    answers = [_call(url + manners_api.PATH) for url in services.all()]
    document = {part: [item for answer in answers for item in answer[part]] for part in ("catalogue", "armed", "done")}
    if options.done:
        return {"done": document["done"]}, _lines(document["done"], _deed)
    parts = [_lines(document["catalogue"], _manner), "Armed:", _lines(document["armed"], _armed), "Done:", _lines(document["done"], _deed)]
    return document, "\n".join(parts)


def _misbehave(options: argparse.Namespace, services: _Services) -> tuple[Any, str]:
    given = {}
    for item in options.option:
        key, equals, value = item.partition("=")
        if not equals:
            raise LabError(f"--option {item}: expected KEY=VALUE")
        given[key] = value
    wanted = {"name": options.name, "options": given} | {name: getattr(options, name) for name in ("task", "seed", "skip", "times")}
    document = _call(services.of(options.name) + manners_api.PATH, "POST", wanted)
    return document, _armed(document["armed"])


def _behave(options: argparse.Namespace, services: _Services) -> tuple[Any, str]:
    urls = [services.of(options.name)] if options.name else services.all()
    answers = [_call(f"{url}{manners_api.PATH}?name={quote(options.name)}", "DELETE") for url in urls]
    document = {"disarmed": [armed for answer in answers for armed in answer["disarmed"]]}
    return document, _lines(document["disarmed"], _armed)


def _dialects(options: argparse.Namespace, services: _Services) -> tuple[Any, str]:
    return _shown(_call(services.engine + DIALECTS_PATH))


def _dialect(options: argparse.Namespace, services: _Services) -> tuple[Any, str]:
    return _shown(_call(services.engine + DIALECTS_PATH, "POST", {"name": options.name, "task": options.task}))


def _shown(document: dict[str, Any]) -> tuple[Any, str]:
    lines = [f"{dialect['name']:<10} {dialect['summary']}" for dialect in document["dialects"]]
    uses = [f"Tasks: {document['default']}", *(f"Task {task}: {name}" for task, name in document["tasks"].items())]
    return document, "\n".join([*lines, *uses])


def _lines(items: list[dict[str, Any]], line: Any) -> str:
    return "\n".join(map(line, items)) or "  nothing"


def _manner(manner: Mapping[str, Any]) -> str:
    lines = [f"{manner['name']} ({manner['where']})"]
    lines += textwrap.wrap(manner["effect"], WIDTH, initial_indent="    ", subsequent_indent="    ")
    lines += textwrap.wrap(f"To be noticed: {manner['notice']}.", WIDTH, initial_indent="    ", subsequent_indent="    ")
    for option in manner["options"]:
        choices = f" ({', '.join(option['choices'])})" if option["choices"] else ""
        lines.append(f"      {option['name']}={option['default']}  {option['help']}{choices}")
    return "\n".join(lines)


def _armed(armed: Mapping[str, Any]) -> str:
    options = " ".join(f"{name}={value}" for name, value in armed["options"].items())
    words = (
        f"  {armed['id']}: {armed['manner']} in {armed['task'] or 'any task'}, "
        f"seed {armed['seed']}, skip {armed['skip']}, times {armed['times']} {options}"
    )
    return words.rstrip()


def _deed(deed: Mapping[str, Any]) -> str:
    where = " ".join(str(deed[part]) for part in ("task", "key", "table") if deed[part])
    row = f" row {deed['row']}" if deed["row"] else ""
    return f"  {deed['armed']}: {deed['manner']} {where}{row}: {deed['detail']}"


def _call(url: str, method: str = "GET", document: Any = None) -> Any:
    """Raises LabError, in the service's words where it has some."""
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - our URL
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise LabError(json.loads(error.read())["message"], LISTS) from error
    except OSError as error:
        raise LabError(
            f"Nobody answers at {url}", 'Start the lab with "lab/landbridge-lab up", or the service that --port names.'
        ) from error
