# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Key templates: literal text with ``{column}``, ``{column:012d}`` and ``{column|escape}`` in it. ``{{`` and ``}}`` are literal braces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from ..document.walk import Findings, did_you_mean
from ..model.document import Scalar
from ..model.finding import Place

# Pure functions of a text. What each does stands in functions.py.
FUNCTIONS = ("escape", "lower", "upper")

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_FIELD = re.compile(r"(?P<column>[^:|{}\s]+)(?::0(?P<pad>[1-9][0-9]{0,2})d)?(?P<functions>(?:\|[^|]*)*)")


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A column in a template. ``pad``: width to which a number is filled up with zeros."""

    column: str
    pad: int | None
    functions: tuple[str, ...]
    place: Place


Part: TypeAlias = Literal | Field


@dataclass(frozen=True, slots=True)
class Template:
    """Two literals never stand side by side."""

    parts: tuple[Part, ...]
    place: Place

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field.column for field in self.fields))


def parse_template(scalar: Scalar, what: str, findings: Findings) -> Template:
    """Parse the text of ``scalar``; mistakes become findings that point at the very character."""
    text = str(scalar.value)
    parts: list[Part] = []
    if not text:
        findings.refuse("bad-template", scalar.place, f"{what} is empty", "Write a literal, a {column}, or both.")
    for token in _TOKEN.finditer(text):
        place = _inside(scalar, token.start())
        if token[1] is not None:
            field = _field(token[1], place, what, findings)
            if field:
                parts.append(field)
            continue
        if token[0] in ("{", "}"):
            remedy = "Close each '{column}'; write '{{' and '}}' for literal braces."
            findings.refuse("bad-template", place, f"{what} has a single '{token[0]}'", remedy)
            continue
        literal = token[0].replace("{{", "{").replace("}}", "}")
        if parts and isinstance(parts[-1], Literal):
            literal = parts.pop().text + literal  # type: ignore[union-attr]
        parts.append(Literal(literal))
    return Template(tuple(parts), scalar.place)


def _inside(scalar: Scalar, offset: int) -> Place:
    if scalar.inset is None:
        return scalar.place
    return Place(scalar.place.file, scalar.place.line, scalar.place.column + scalar.inset + offset)


def _field(text: str, place: Place, what: str, findings: Findings) -> Field | None:
    match = _FIELD.fullmatch(text)
    if not match:
        remedy = "Write {column}, {column:012d} for a number filled up to 12 digits, or {column|escape}."
        findings.refuse("bad-template", place, f"{what}: '{{{text}}}' cannot be read", remedy)
        return None
    functions = tuple(match["functions"].split("|")[1:])
    for function in functions:
        if function not in FUNCTIONS:
            findings.refuse("unknown-function", place, f"{what}: there is no function '{function}'", did_you_mean(function, FUNCTIONS))
    return Field(match["column"], int(match["pad"]) if match["pad"] else None, functions, place)
