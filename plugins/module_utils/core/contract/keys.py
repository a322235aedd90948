# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Proofs about key templates: from which columns a key can be read back, whether two can meet, how long one can grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from ..model.schema import Table
from .functions import UNRESERVED
from .template import Field, Literal, Template
from .types import Alphabet, KeyText, can_be_negative, is_case_sensitive, key_text, kind_of

_DIGITS = Alphabet(frozenset("0123456789"))
_ESCAPED = Alphabet(UNRESERVED | {"%"}, beyond=True)
# Without a schema, a value is taken to hold no punctuation: only what is certain is refused then.
_WORD = Alphabet(frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), beyond=True)


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a template as the values of its column look there. ``faithful``: different values stay different."""

    field: Field
    alphabet: Alphabet
    width: int | None
    max_bytes: int
    may_be_empty: bool
    faithful: bool


Piece: TypeAlias = str | Slot
SlotOf: TypeAlias = Callable[[Field], Slot]


def slot_of(table: Table | None) -> SlotOf:
    """A function from a field to its slot, for columns of ``table``; without a table, for columns of which nothing is known."""

    def slot(field: Field) -> Slot:
        column = table.column(field.column) if table else None
        text = key_text(column) if column else None
        if column is None or text is None:
            if field.pad:
                return Slot(field, _DIGITS, field.pad, field.pad, may_be_empty=False, faithful=True)
            return Slot(field, _WORD, None, 0, may_be_empty=False, faithful=True)
        if field.pad and not can_be_negative(column):
            text = KeyText(_DIGITS, field.pad if text.max_bytes <= field.pad else None, max(field.pad, text.max_bytes))
        alphabet, max_bytes = text.alphabet, text.max_bytes
        if "escape" in field.functions and kind_of(column) == "text":
            # %XX takes 3 bytes for a character of 1.
            alphabet, max_bytes = _ESCAPED, max(max_bytes, 3 * (column.length or max_bytes))
        folded = bool({"lower", "upper"} & set(field.functions))
        faithful = not (folded and (is_case_sensitive(column) or _is_turkic(column.collation)))
        return Slot(field, alphabet, text.width, max_bytes, text.may_be_empty, faithful)

    return slot


def _is_turkic(collation: str | None) -> bool:
    """Collations where i and I are different letters."""
    words = (collation or "").lower().split("_")
    return any(word in ("turkish", "tr", "az", "azerbaijani") for word in words)


def pieces_of(template: Template, slot: SlotOf) -> list[Piece]:
    return [part.text if isinstance(part, Literal) else slot(part) for part in template.parts]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A field whose end cannot be told: its values can hold ``separator``, or nothing stands behind it (``separator`` is empty)."""

    field: Field
    separator: str


def ambiguities(pieces: Sequence[Piece]) -> list[Ambiguity]:
    """Fields of a template that cannot be read back from left to right. None of them: the key gives back every field in it."""
    found = []
    for piece, after in pairwise(pieces):
        if isinstance(piece, str) or piece.width is not None:
            continue
        if isinstance(after, Slot):
            found.append(Ambiguity(piece.field, ""))
        elif after[0] in piece.alphabet:
            found.append(Ambiguity(piece.field, after[0]))
    return found


def columns_told(templates: Sequence[Sequence[Piece]]) -> set[str]:
    """Columns whose values follow from the key, given that no template is ambiguous."""
    return {piece.field.column for pieces in templates for piece in pieces if isinstance(piece, Slot) and piece.faithful}


def longest(pieces: Sequence[Piece]) -> int:
    """The most bytes that the key can have."""
    return sum(len(piece.encode()) if isinstance(piece, str) else piece.max_bytes for piece in pieces)


def can_be_empty(pieces: Sequence[Piece]) -> bool:
    return all(isinstance(piece, Slot) and piece.may_be_empty for piece in pieces)


def can_meet(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether two templates could give one text. False only where that is certain: both are read in step until they must differ."""
    one, two = list(left), list(right)
    while one and two:
        a, b = one[0], two[0]
        if isinstance(a, str) and isinstance(b, str):
            shared = min(len(a), len(b))
            if a[:shared] != b[:shared]:
                return False
            one[0:1] = [a[shared:]] if a[shared:] else []
            two[0:1] = [b[shared:]] if b[shared:] else []
            continue
        if isinstance(a, str):
            a, b, one, two = b, a, two, one
        if isinstance(b, str):
            # A field stands where the other has a literal.
            return isinstance(a, str) or a.may_be_empty or b[0] in a.alphabet
        if isinstance(a, str) or not _in_step(a, b, one, two):
            return isinstance(a, str) or _overlap(a, b, one, two)
        del one[0], two[0]
    rest = one or two
    return all(isinstance(piece, Slot) and piece.may_be_empty for piece in rest)


def _in_step(a: Slot, b: Slot, one: Sequence[Piece], two: Sequence[Piece]) -> bool:
    """Two fields end at the same place if their texts are equal: same fixed width, or the same end mark that neither can hold."""
    if a.width is not None and a.width == b.width:
        return True
    mark_a, mark_b = (side[1][0] if len(side) > 1 and isinstance(side[1], str) else "" for side in (one, two))
    return mark_a != "" and mark_a == mark_b and mark_a not in a.alphabet and mark_b not in b.alphabet


def _overlap(a: Slot, b: Slot, one: Sequence[Piece], two: Sequence[Piece]) -> bool:
    """Whether the rest, which begins with a field on both sides, could be equal."""
    if not a.may_be_empty and not b.may_be_empty and not a.alphabet.meets(b.alphabet):
        return False
    for alone, other in ((one, two), (two, one)):
        # A last field ends the key: it cannot hold a mark that the other side certainly holds.
        last = alone[0]
        if len(alone) == 1 and isinstance(last, Slot):
            marks = "".join(piece for piece in other if isinstance(piece, str))
            if any(mark not in last.alphabet for mark in marks):
                return False
    return True
