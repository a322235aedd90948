# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Reads a YAML text into a document with places, in a small and strict dialect: what two people could read differently is refused.

Plain scalars follow the YAML 1.2 core schema, not PyYAML's 1.1 (no ``yes``/``on`` truth values, no octal, no base-60 numbers, no
dates), and digits with a leading zero stay text, so that an account number keeps its zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]

from ..errors import InvalidInput
from ..model.document import Entry, Mapping, Node, Scalar, Sequence
from ..model.finding import Place

MAX_DEPTH = 40

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PLAIN: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def read_document(text: str, file: str) -> Mapping:
    """The one document of ``text``, a mapping. ``file`` is only named in places.

    Raises InvalidInput for bad YAML, several documents, anchors, aliases, tags, and keys that are no plain texts or stand twice.
    """
    if yaml is None:
        raise InvalidInput("PyYAML is not installed", remedy="pip install PyYAML")
    try:
        return _Builder(text, file).build()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise InvalidInput("the file holds a character that YAML does not allow", place=str(place), remedy="Remove it.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        raise InvalidInput(f"not valid YAML: {error.problem}", place=str(place), remedy="Correct the syntax there.") from None


class _Builder:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.SafeLoader))

    def build(self) -> Mapping:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise InvalidInput("the file is empty", place=self._file, remedy="Begin with the example in the documentation.")
        root = self._node(next(self._events), 0)
        if not isinstance(root, Mapping):
            raise InvalidInput("the file must hold a mapping", place=str(root.place), remedy="Write 'key: value' lines.")
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise InvalidInput("the file holds a second document", place=str(self._place(after)), remedy="Keep one document per file.")
        return root

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, event: Any, message: str, remedy: str) -> InvalidInput:
        return InvalidInput(message, place=str(self._place(event)), remedy=remedy)

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self._refuse(event, "anchors and aliases are not allowed", "Write the value out where it is used.")
        if event.tag:
            raise self._refuse(event, f"the tag {event.tag} is not allowed", "Remove the tag.")
        if depth > MAX_DEPTH:
            raise self._refuse(event, f"nested deeper than {MAX_DEPTH} levels", "Flatten it.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            place, values = self._place(event), []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                values.append(self._node(event, depth + 1))
            return Sequence(tuple(values), place)
        return self._scalar(event)

    def _mapping(self, start: Any, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise self._refuse(event, "a key must be a plain text", "Write 'key: value'.")
            if event.value in entries:
                first = entries[event.value].place
                raise self._refuse(event, f"the key '{event.value}' stands twice, first at line {first.line}", "Keep one of the two.")
            value = self._node(next(self._events), depth + 1)
            entries[event.value] = Entry(event.value, value, self._place(event))
        return Mapping(tuple(entries.values()), self._place(start))

    def _scalar(self, event: Any) -> Scalar:
        place, text = self._place(event), event.value
        written = self._text[event.start_mark.index : event.end_mark.index]
        inset = 0 if written == text else 1 if written[1:-1] == text else None
        if event.style is not None:
            return Scalar(text, place, inset)
        if text in _PLAIN:
            return Scalar(_PLAIN[text], place)
        if _WHOLE.fullmatch(text):
            return Scalar(int(text), place)
        if _NUMBER.fullmatch(text):
            return Scalar(float(text), place)
        return Scalar(text, place, inset)
