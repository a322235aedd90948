# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Rules of an entity: comparisons of columns, literals and ``now``, joined with ``and``, ``or``, ``not`` and parentheses.

A rule reports rows that break it; it never rejects one. ``now`` is the time of the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..document.walk import Findings
from ..model.document import Scalar
from ..model.finding import Place

Comparison: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|[<>=()]))"
)


@dataclass(frozen=True, slots=True)
class ColumnOperand:
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class LiteralOperand:
    """A number (as text, exact) or a text."""

    kind: Literal["number", "text"]
    text: str


@dataclass(frozen=True, slots=True)
class Now:
    pass


Operand: TypeAlias = ColumnOperand | LiteralOperand | Now


@dataclass(frozen=True, slots=True)
class Compare:
    left: Operand
    sign: Comparison
    right: Operand


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Join:
    word: Literal["and", "or"]
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | IsNull | Not | Join


@dataclass(frozen=True, slots=True)
class Rule:
    text: str
    condition: Condition
    place: Place

    @property
    def columns(self) -> tuple[ColumnOperand, ...]:
        return tuple(_columns(self.condition))


def _columns(node: Condition | Operand) -> Iterator[ColumnOperand]:
    if isinstance(node, ColumnOperand):
        yield node
    elif isinstance(node, (Compare, Join)):
        yield from _columns(node.left)
        yield from _columns(node.right)
    elif isinstance(node, IsNull):
        yield from _columns(node.operand)
    elif isinstance(node, Not):
        yield from _columns(node.condition)


def parse_rule(scalar: Scalar, findings: Findings) -> Rule | None:
    """Parse the text of ``scalar``; a mistake becomes a finding at the token where it was seen."""
    try:
        return Rule(str(scalar.value), _Parser(scalar).parse(), scalar.place)
    except _Mistake as mistake:
        remedy = 'Write for example "amount >= 0" or "closed is null or closed <= now"; texts stand in single quotes.'
        findings.refuse("bad-rule", mistake.place, f"the rule cannot be read: {mistake}", remedy)
        return None


class _Mistake(Exception):
    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class _Parser:
    """Recursive descent: ``or`` binds weaker than ``and``, ``and`` weaker than ``not``."""

    def __init__(self, scalar: Scalar) -> None:
        self._scalar = scalar
        self._tokens = self._split(str(scalar.value))
        self._next = 0

    def _place(self, offset: int) -> Place:
        place = self._scalar.place
        return place if self._scalar.inset is None else Place(place.file, place.line, place.column + self._scalar.inset + offset)

    def _split(self, text: str) -> list[tuple[str, str, Place]]:
        tokens: list[tuple[str, str, Place]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if not match or not match.lastgroup:
                rest = text[position:].lstrip()
                raise _Mistake(f"unexpected '{rest[0]}'", self._place(len(text) - len(rest)))
            kind = match.lastgroup
            tokens.append((kind, match[kind], self._place(match.start(kind))))
            position = match.end()
        return [*tokens, ("end", "the end", self._place(len(text)))]

    def _peek(self, *words: str) -> bool:
        kind, text, _place = self._tokens[self._next]
        return kind in ("word", "sign") and text in words

    def _take(self) -> tuple[str, str, Place]:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _expect(self, word: str) -> None:
        if not self._peek(word):
            _kind, text, place = self._tokens[self._next]
            raise _Mistake(f"'{word}' expected before '{text}'", place)
        self._take()

    def parse(self) -> Condition:
        condition = self._any()
        kind, text, place = self._tokens[self._next]
        if kind != "end":
            raise _Mistake(f"unexpected '{text}'", place)
        return condition

    def _any(self) -> Condition:
        left = self._all()
        while self._peek("or"):
            self._take()
            left = Join("or", left, self._all())
        return left

    def _all(self) -> Condition:
        left = self._one()
        while self._peek("and"):
            self._take()
            left = Join("and", left, self._one())
        return left

    def _one(self) -> Condition:
        if self._peek("not"):
            self._take()
            return Not(self._one())
        if self._peek("("):
            self._take()
            condition = self._any()
            self._expect(")")
            return condition
        left = self._operand()
        if self._peek("is"):
            self._take()
            negated = self._peek("not")
            if negated:
                self._take()
            self._expect("null")
            return Not(IsNull(left)) if negated else IsNull(left)
        kind, text, place = self._take()
        if kind != "sign" or text in "()":
            raise _Mistake(f"a comparison expected before '{text}'", place)
        return Compare(left, text, self._operand())  # type: ignore[arg-type]

    def _operand(self) -> Operand:
        kind, text, place = self._take()
        if kind == "number":
            return LiteralOperand("number", text)
        if kind == "text":
            return LiteralOperand("text", text[1:-1].replace("''", "'"))
        if kind == "word" and text not in ("and", "or", "not", "is", "null"):
            return Now() if text == "now" else ColumnOperand(text, place)
        raise _Mistake(f"a column, a literal or 'now' expected before '{text}'", place)
