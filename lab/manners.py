# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Misbehaviour on request: what there is, what was asked for, and what was really done.

A service of the lab knows a catalogue of manners. Whoever tests a consumer arms one of them, and the service misbehaves at the next
opportunity. Every choice (which row, how many bytes) follows from the seed, so that the same requests on the same data do the same again.
All of it is forgotten when the service ends.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Value = str | int | float
Fits = Callable[[Mapping[str, Any]], bool]


class BadManner(ValueError):
    """What was asked for does not exist or makes no sense."""


@dataclass(frozen=True, slots=True)
class Option:
    """``default`` says of which type the values are; ``least``: the smallest number; ``choices``: all values there are, or nothing."""

    name: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    least: float = 0

    def read(self, given: Any) -> Value:
        """The value that a document or a command line gives. Raises BadManner."""
        kind = type(self.default)
        if isinstance(given, bool) or not isinstance(given, (str, int, float)):
            raise BadManner(f"{self.name}: {self.help}")
        try:
            value = kind(given)
        except ValueError:
            raise BadManner(f"{self.name} is {given!r}: it takes {'a whole number' if kind is int else 'a number'}") from None
        if self.choices and value not in self.choices:
            raise BadManner(f"{self.name} is {given!r}: it takes {', '.join(self.choices)}")
        if not isinstance(value, str) and not self.least <= value < float("inf"):
            raise BadManner(f"{self.name} is {given!r}: it takes {self.least:g} or more")
        return value


@dataclass(frozen=True, slots=True)
class Manner:
    """``where``: which part of the work it strikes; ``effect``: what happens; ``notice``: by what a consumer can tell; ``of_task``: does it
    befall a task?"""

    name: str
    where: str
    effect: str
    notice: str
    options: tuple[Option, ...] = ()
    of_task: bool = True


@dataclass(slots=True)
class Armed:
    """A manner that waits for its opportunities: ``skip`` more of them pass, then ``times`` are taken. ``task``: "" for any."""

    id: int
    manner: str
    task: str
    seed: int
    skip: int
    times: int
    options: dict[str, Value]
    taken: int = 0

    def strike(self) -> random.Random | None:
        """Count an opportunity; the source of chance if it is taken."""
        if self.skip:
            self.skip -= 1
            return None
        self.times -= 1
        self.taken += 1
        return random.Random(f"{self.manner} {self.seed} {self.taken}")  # noqa: S311 - repeatable on purpose


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done. ``armed``: by which request; ``time``: seconds since 1970; ``row``: its number in what it is part of, 0 for none."""

    armed: int
    manner: str
    time: float
    task: str
    key: str = ""
    table: str = ""
    row: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """Misbehave now. ``chance``: every choice comes from there. ``done`` must be told what was done."""

    options: Mapping[str, Any]
    chance: random.Random
    done: Callable[..., None] = field(compare=False)


class Manners:
    """The catalogue of one service with what is armed and what was done; many threads call."""

    def __init__(self, catalogue: Sequence[Manner]) -> None:
        self._catalogue = {manner.name: manner for manner in catalogue}
        self._lock = threading.Lock()
        self._armed: dict[str, list[Armed]] = {}
        self._deeds: list[Deed] = []
        self._last = 0

    def arm(self, document: Any) -> Armed:
        """``{"name", "task", "seed", "skip", "times", "options": {...}}``; all but the name may be left out. Raises BadManner."""
        if not isinstance(document, dict):
            raise BadManner("expected an object with the name of a manner")
        unknown = document.keys() - {"name", "task", "seed", "skip", "times", "options"}
        if unknown:
            raise BadManner(f"unknown: {', '.join(sorted(unknown))}; expected name, task, seed, skip, times and options")
        manner = self._catalogue.get(str(document.get("name", "")))
        if manner is None:
            raise BadManner(f"there is no manner {document.get('name')!r}; there are {', '.join(self._catalogue)}")
        task = document.get("task") or ""
        if not isinstance(task, str):
            raise BadManner("task: the identifier or the ARN of a task")
        if task and not manner.of_task:
            raise BadManner(
                f"{manner.name} has nothing to do with tasks; choose by its options: {', '.join(o.name for o in manner.options)}"
            )
        options = _options(manner, document.get("options") or {})
        seed, skip, times = (_number(document, *rule) for rule in (("seed", 0, None), ("skip", 0, 0), ("times", 1, 1)))
        with self._lock:
            self._last += 1
            armed = Armed(self._last, manner.name, task, seed, skip, times, options)
            self._armed.setdefault(manner.name, []).append(armed)
        return armed

    def disarm(self, name: str = "") -> list[Armed]:
        """Forget what waits, of that name or all of it; what that was. Raises BadManner for a name that there is not."""
        if name and name not in self._catalogue:
            raise BadManner(f"there is no manner {name!r}; there are {', '.join(self._catalogue)}")
        with self._lock:
            names = [name] if name else list(self._armed)
            return [armed for chosen in names for armed in self._armed.pop(chosen, [])]

    @property
    def idle(self) -> bool:
        """Is nothing armed at all?"""
        return not self._armed

    def waiting(self, name: str) -> bool:
        """Is that manner armed at all?"""
        return name in self._armed

    def take(self, name: str, task: Collection[str] = (), fits: Fits = lambda options: True) -> Strike | None:
        """Here is an opportunity for that manner: None, or what to do with it. ``task``: all names of the task; ``fits``: do the options
        allow it?"""
        if name not in self._armed:
            return None
        with self._lock:
            for armed in self._armed.get(name, []):
                if (armed.task and armed.task not in task) or not fits(armed.options):
                    continue
                chance = armed.strike()
                if not armed.times:
                    self._remove(armed)
                if chance is not None:
                    return Strike(armed.options, chance, self._recorder(armed, task))
        return None

    def deeds(self) -> list[Deed]:
        """Oldest first."""
        with self._lock:
            return list(self._deeds)

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            armed = [asdict(armed) for waiting in self._armed.values() for armed in waiting]
        catalogue = [asdict(manner) for manner in self._catalogue.values()]
        return {"catalogue": catalogue, "armed": armed, "done": [asdict(deed) for deed in self.deeds()]}

    def _remove(self, armed: Armed) -> None:
        left = [other for other in self._armed[armed.manner] if other is not armed]
        if left:
            self._armed[armed.manner] = left
        else:
            del self._armed[armed.manner]

    def _recorder(self, armed: Armed, task: Collection[str]) -> Callable[..., None]:
        name = next(iter(task), "")

        def done(*, key: str = "", table: str = "", row: int = 0, detail: str = "") -> None:
            with self._lock:
                self._deeds.append(Deed(armed.id, armed.manner, time.time(), name, key, table, row, detail))

        return done


def _options(manner: Manner, given: Any) -> dict[str, Value]:
    known = {option.name: option for option in manner.options}
    if not isinstance(given, dict) or given.keys() - known.keys():
        have = f"has the options {', '.join(known)}" if known else "has no options"
        raise BadManner(f"{manner.name} {have}, not {', '.join(sorted(map(str, given)))}")
    return {name: option.read(given.get(name, option.default)) for name, option in known.items()}


def _number(document: Mapping[str, Any], name: str, default: int, least: int | None) -> int:
    value = document.get(name, default)
    if type(value) is not int or (least is not None and value < least):
        raise BadManner(f"{name}: a whole number" + ("" if least is None else f", {least} or more"))
    return value
