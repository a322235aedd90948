# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Walks a document that a person wrote, and collects everything that is wrong with it before anything is refused."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from ..errors import InvalidInput
from ..model.document import Entry, Mapping, Node, Scalar
from ..model.document import Sequence as ListNode
from ..model.finding import Finding, Place


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not known: the nearest known one, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Known here: {', '.join(known)}." if known else "Nothing is known here."


class Findings:
    """What was found so far, in the order in which it was found."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def refuse(self, code: str, place: Place, reason: str, remedy: str = "") -> None:
        self.all.append(Finding("refused", code, place, reason, remedy))

    def warn(self, code: str, place: Place, reason: str, remedy: str = "") -> None:
        self.all.append(Finding("warning", code, place, reason, remedy))

    def raise_refused(self, what: str) -> None:
        """Raise InvalidInput with all findings, sorted by place, if one of them is a refusal."""
        refused = sum(finding.severity == "refused" for finding in self.all)
        if refused:
            ordered = sorted(self.all, key=lambda finding: (finding.place.line, finding.place.column))
            mistakes = "one mistake" if refused == 1 else f"{refused} mistakes"
            raise InvalidInput(f"{what} has {mistakes}", remedy="Correct what is listed; nothing was begun.", findings=ordered)


def kind_of(node: Node) -> str:
    """The kind of a node, in words for people."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if node.value is None:
        return "nothing"
    return {bool: "a truth value", int: "a whole number", float: "a number", str: "a text"}[type(node.value)]


def as_mapping(node: Node, what: str, findings: Findings) -> Mapping | None:
    if isinstance(node, Mapping):
        return node
    findings.refuse("wrong-kind", node.place, f"{what} must be a mapping, but is {kind_of(node)}")
    return None


def as_text(node: Node, what: str, findings: Findings) -> str | None:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    remedy = "Put it in quotes." if isinstance(node, Scalar) and node.value is not None else ""
    findings.refuse("wrong-kind", node.place, f"{what} must be a text, but is {kind_of(node)}", remedy)
    return None


def as_texts(node: Node, what: str, findings: Findings) -> tuple[tuple[str, Place], ...]:
    """The texts of a list with their places; a text that stands twice is refused."""
    if not isinstance(node, ListNode):
        findings.refuse("wrong-kind", node.place, f"{what} must be a list, but is {kind_of(node)}", "Write [one, two].")
        return ()
    seen: dict[str, Place] = {}
    for value in node:
        text = as_text(value, f"each value of {what}", findings)
        if text is None:
            continue
        if text in seen:
            findings.refuse("duplicate-name", value.place, f"'{text}' stands twice in {what}", "Keep one.")
            continue
        seen[text] = value.place
    return tuple(seen.items())


class Fields:
    """The entries of one mapping, taken by name. Entries with other names than the known ones are refused at once.

    A reader with ``default=None`` requires the entry. Readers never raise: a mistake becomes a finding and an empty value of the
    right kind comes back, so that reading goes on and finds the next one.
    """

    def __init__(self, mapping: Mapping | None, known: Sequence[str], what: str, findings: Findings, *, place: Place | None = None) -> None:
        """``mapping`` is None where there is none to read, which was reported already: then nothing is missing in it."""
        self._reported = mapping is None
        self._mapping = mapping = mapping or Mapping((), place or Place(""))
        self._what = what
        self._findings = findings
        for entry in mapping:
            if entry.key not in known:
                findings.refuse("unknown-key", entry.place, f"{what} has no key '{entry.key}'", did_you_mean(entry.key, known))

    @classmethod
    def of(cls, node: Node | None, known: Sequence[str], what: str, findings: Findings) -> Fields:
        """Fields of a node that should be a mapping; none at all where it is not one."""
        mapping = as_mapping(node, what, findings) if node is not None else None
        return cls(mapping, known, what, findings, place=node.place if node is not None else None)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._mapping)

    def node(self, key: str, *, required: bool = False) -> Node | None:
        """The value of a key; None where there is none, or where nothing was written behind it."""
        entry = self._mapping.get(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.value is None):
            if required and not self._reported:
                place = entry.place if entry else self._mapping.place
                self._findings.refuse("missing-key", place, f"{self._what} needs '{key}'", f"Add '{key}:'.")
            return None
        return entry.value

    def place(self, key: str) -> Place:
        """Where the value of a key stands, else where the mapping begins."""
        entry = self._mapping.get(key)
        return entry.value.place if entry else self._mapping.place

    def mapping(self, key: str, *, required: bool = False) -> Mapping:
        node = self.node(key, required=required)
        mapping = as_mapping(node, f"'{key}' of {self._what}", self._findings) if node is not None else None
        return mapping or Mapping((), self.place(key))

    def fields(self, key: str, known: Sequence[str], *, required: bool = False) -> Fields:
        node = self.node(key, required=required)
        if node is None and not required:
            return Fields(Mapping((), self.place(key)), known, f"'{key}' of {self._what}", self._findings)
        return Fields.of(node, known, f"'{key}' of {self._what}", self._findings)

    def text(self, key: str, default: str | None = None, *, pattern: str = "", rule: str = "", choices: Sequence[str] = ()) -> str:
        """A text. ``pattern`` must match all of it, ``rule`` says in words what the pattern wants."""
        node = self.node(key, required=default is None)
        if node is None:
            return default or ""
        text = as_text(node, f"'{key}' of {self._what}", self._findings)
        if text is None:
            return default or ""
        if choices and text not in choices:
            reason = f"'{key}' of {self._what} cannot be '{text}'"
            self._findings.refuse("bad-value", node.place, reason, did_you_mean(text, choices))
        if pattern and not re.fullmatch(pattern, text):
            self._findings.refuse("bad-value", node.place, f"'{key}' of {self._what} cannot be '{text}'", rule)
        return text

    def texts(self, key: str, *, required: bool = False) -> tuple[tuple[str, Place], ...]:
        node = self.node(key, required=required)
        return as_texts(node, f"'{key}' of {self._what}", self._findings) if node is not None else ()

    def whole(self, key: str, default: int | None = None, *, minimum: int, maximum: int) -> int:
        node = self.node(key, required=default is None)
        if node is None:
            return default or 0
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool):
            self._findings.refuse("wrong-kind", node.place, f"'{key}' of {self._what} must be a whole number, but is {kind_of(node)}")
            return default or 0
        if not minimum <= value <= maximum:
            reason = f"'{key}' of {self._what} is {value}"
            self._findings.refuse("bad-value", node.place, reason, f"Choose a number from {minimum} to {maximum}.")
        return value

    def truth(self, key: str, default: bool) -> bool:
        node = self.node(key)
        if node is None:
            return default
        if not isinstance(node, Scalar) or not isinstance(node.value, bool):
            reason = f"'{key}' of {self._what} must be true or false, but is {kind_of(node)}"
            self._findings.refuse("wrong-kind", node.place, reason, "Write true or false.")
            return default
        return node.value
