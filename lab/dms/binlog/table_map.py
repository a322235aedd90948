# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""TABLE_MAP events: which columns the following row events have.

https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.dms.binlog import types
from lab.dms.binlog.charsets import collation_charset

_SIGNEDNESS = 1
_DEFAULT_CHARSET = 2
_COLUMN_CHARSET = 3
_COLUMN_NAME = 4
_SET_LABELS = 5
_ENUM_LABELS = 6
_LABELS_DEFAULT_CHARSET = 10
_LABELS_COLUMN_CHARSET = 11


@dataclass(frozen=True, slots=True, eq=False)
class TableMap:
    """One definition of one table. The reader hands out the same object as long as the definition stays the same, so that what
    is compiled for it can be kept in a dictionary by the object itself.

    ``types``: one type code a column, ENUM and SET by their own; ``meta``: its metadata as a number, the first byte lowest.
    What else the log may hold, one entry a column or nothing at all: ``unsigned``; ``names``; ``charsets``, "" where the column has none
    or its collation is not known here; ``labels`` of ENUM and SET in the bytes of the column's character set.
    """

    id: int
    schema: str
    table: str
    types: tuple[int, ...]
    meta: tuple[int, ...]
    unsigned: tuple[bool, ...] = ()
    names: tuple[str, ...] = ()
    charsets: tuple[str, ...] = ()
    labels: tuple[tuple[bytes, ...], ...] = ()
    server: str = ""

    @classmethod
    def parse(cls, body: bytes, server: str) -> TableMap:
        """From the body of the event."""
        at = 8
        schema, at = _text(body, at)
        table, at = _text(body, at + 1)
        count, at = packed(body, at + 1)
        codes = body[at : at + count]
        length, at = packed(body, at + count)
        kinds, meta = _metadata(codes, body[at : at + length])
        optional = _Optional(kinds, body[at + length + (count + 7) // 8 :])
        return cls(
            int.from_bytes(body[:6], "little"),
            schema,
            table,
            kinds,
            meta,
            optional.unsigned(),
            optional.names(),
            optional.charsets(),
            optional.labels(),
            server,
        )


def packed(data: bytes, at: int) -> tuple[int, int]:
    """An integer in the protocol's packed form, and the place behind it."""
    first = data[at]
    if first < 251:
        return first, at + 1
    width = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(data[at + 1 : at + 1 + width], "little"), at + 1 + width


def _text(body: bytes, at: int) -> tuple[str, int]:
    length, at = packed(body, at)
    return body[at : at + length].decode(), at + length


def _metadata(codes: bytes, data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Real type and metadata of each column."""
    kinds = []
    metas = []
    at = 0
    for code in codes:
        width = types.META_BYTES.get(code, 0)
        meta = int.from_bytes(data[at : at + width], "little")
        at += width
        # ENUM and SET are logged as STRING: the first byte of the metadata is the real type.
        kinds.append(meta & 0xFF if code == types.STRING and meta & 0xFF in (types.ENUM, types.SET) else code)
        metas.append(meta)
    return tuple(kinds), tuple(metas)


class _Optional:
    """The optional metadata: fields of type, length and value."""

    def __init__(self, kinds: tuple[int, ...], data: bytes) -> None:
        self._kinds = kinds
        self._fields: dict[int, bytes] = {}
        at = 0
        while at < len(data):
            kind = data[at]
            length, at = packed(data, at + 1)
            self._fields[kind] = data[at : at + length]
            at += length

    def unsigned(self) -> tuple[bool, ...]:
        """One bit a numeric column, the highest first."""
        data = self._fields.get(_SIGNEDNESS)
        if data is None:
            return ()
        bits = iter([bool(byte & (128 >> bit)) for byte in data for bit in range(8)])
        return tuple(kind in types.NUMERIC and next(bits) for kind in self._kinds)

    def names(self) -> tuple[str, ...]:
        data = self._fields.get(_COLUMN_NAME)
        return tuple(text.decode() for text in _strings(data)) if data is not None else ()

    def labels(self) -> tuple[tuple[bytes, ...], ...]:
        sources = {types.ENUM: self._label_lists(_ENUM_LABELS), types.SET: self._label_lists(_SET_LABELS)}
        if not any(field in self._fields for field in (_ENUM_LABELS, _SET_LABELS)):
            return ()
        return tuple(next(sources[kind], ()) if kind in sources else () for kind in self._kinds)

    def _label_lists(self, field: int) -> Iterator[tuple[bytes, ...]]:
        data = self._fields.get(field, b"")
        at = 0
        while at < len(data):
            count, at = packed(data, at)
            labels = []
            for _ in range(count):
                length, at = packed(data, at)
                labels.append(data[at : at + length])
                at += length
            yield tuple(labels)

    def charsets(self) -> tuple[str, ...]:
        texts = self._collations(_DEFAULT_CHARSET, _COLUMN_CHARSET, lambda kind: kind in types.CHARACTER)
        labels = self._collations(_LABELS_DEFAULT_CHARSET, _LABELS_COLUMN_CHARSET, lambda kind: kind in (types.ENUM, types.SET))
        if not texts and not labels:
            return ()
        both = texts | labels
        return tuple(collation_charset(both[place]) if place in both else "" for place in range(len(self._kinds)))

    def _collations(self, default_field: int, column_field: int, has_charset: Callable[[int], bool]) -> dict[int, int]:
        """Collation of each such column by its place: one for each, or a default and the exceptions counted among such columns."""
        places = [place for place, kind in enumerate(self._kinds) if has_charset(kind)]
        if column_field in self._fields:
            return dict(zip(places, _numbers(self._fields[column_field]), strict=False))
        if default_field not in self._fields:
            return {}
        default, *pairs = _numbers(self._fields[default_field])
        exceptions = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return {place: exceptions.get(number, default) for number, place in enumerate(places)}


def _strings(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length, at = packed(data, at)
        yield data[at : at + length]
        at += length


def _numbers(data: bytes) -> list[int]:
    numbers = []
    at = 0
    while at < len(data):
        number, at = packed(data, at)
        numbers.append(number)
    return numbers
