# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Turns plans into the source of one Python function that builds the items of a row.

The source holds constants as Python literals (through ``repr``), numbered names, and nothing else: no name and no value of the data
ever becomes code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .plan import Apply, Concat, Const, IfPresent, Input, ItemPlan, Node, inputs_of

# The factory's parameters: what the generated function reaches besides its argument.
PARAMETERS = (
    "NULL", "is_clean", "clean", "too_few", "check_item", "json_text", "json_key", "json_spacing", "escape", "lower", "upper", "number",
    "boolean", "hex_base64",
)  # fmt: skip
# Below this many characters an item of ASCII text is far from any limit.
SAFE_LENGTH = 100_000


class Generator:
    """``checked``: positions whose spelling one regular expression proves, all in one go. ``not_null``: positions of texts that must not
    be NULL. ``marker``: NULL is a marker text; otherwise it is None."""

    def __init__(
        self, plans: Sequence[ItemPlan], *, width: int, offset: int, checked: Sequence[int], not_null: Sequence[int], marker: bool
    ):
        self._plans = plans
        self._width = width
        self._offset = offset
        self._checked = checked
        self._not_null = not_null
        self._marker = marker
        self._lines: list[str] = []
        self._locals = 0
        self._known: dict[Node, str] = {}

    def source(self) -> str:
        names = ", ".join(f"v{position}" for position in range(self._width)) + ","
        end = self._offset + self._width
        self._emit(2, "try:")
        self._emit(3, f"{names} = fields[{self._offset}:{end}]")
        self._emit(2, "except ValueError:")
        self._emit(3, "raise too_few(len(fields)) from None")
        self._emit_check(names)
        for node in self._shared():
            self._known[node] = self._local(node, 2)
        results = [self._item(plan) for plan in self._plans]
        self._emit(2, f"return ({', '.join(results)},)")
        head = [f"def make({', '.join(PARAMETERS)}):", "    def transform(fields):"]
        return "\n".join([*head, *self._lines, "    return transform", ""])

    def _emit(self, depth: int, line: str) -> None:
        self._lines.append("    " * depth + line)

    def _is_null(self, position: int) -> str:
        return f"v{position} == NULL" if self._marker else f"v{position} is None"

    def _emit_check(self, names: str) -> None:
        """Rows with any unusual spelling go through the cleaners; after them every value is clean."""
        conditions = [self._is_null(position) for position in self._not_null]
        if self._checked:
            # repr tells None from every text; a marker is a text already.
            form = "" if self._marker else "!r"
            joined = "\\n".join(f"{{v{position}{form}}}" for position in self._checked)
            conditions.insert(0, f'not is_clean(f"{joined}")')
        if conditions:
            self._emit(2, f"if {' or '.join(conditions)}:")
            self._emit(3, f"{names} = clean(({names}))")

    def _shared(self) -> list[Node]:
        """Expressions used more than once whose columns are never NULL: they are computed first, inner ones before outer ones."""
        uses: Counter[Node] = Counter()
        for plan in self._plans:
            for root in (plan.opening, plan.rest):
                uses.update(_expressions(root))
        return [node for node, count in uses.items() if count > 1 and not any(item.nullable for item in inputs_of(node))]

    def _item(self, plan: ItemPlan) -> str:
        opening = self._local(plan.opening, 2)
        rest = self._tokens(plan.rest, 2)
        item = self._name()
        self._emit(2, f"{item} = f'{{{opening}}}' {rest}")
        self._emit(2, f"if len({item}) > {SAFE_LENGTH} or not {item}.isascii():")
        self._emit(3, f"check_item({item})")
        return f"({plan.entity!r}, {opening} + '}}', {item})"

    def _name(self) -> str:
        self._locals += 1
        return f"t{self._locals}"

    def _local(self, node: Node, depth: int) -> str:
        """The name of a local variable that holds the value of ``node``."""
        if isinstance(node, Input):
            return f"v{node.position}"
        if node in self._known:
            return self._known[node]
        if isinstance(node, IfPresent):
            name = self._name()
            self._emit(depth, f"if {' or '.join(self._is_null(item.position) for item in node.inputs)}:")
            self._assign(name, node.otherwise, depth + 1)
            self._emit(depth, "else:")
            self._assign(name, node.then, depth + 1)
            return name
        text = self._tokens(node, depth)
        name = self._name()
        self._emit(depth, f"{name} = {text}")
        return name

    def _assign(self, name: str, node: Node, depth: int) -> None:
        tokens = self._tokens(node, depth)
        self._emit(depth, f"{name} = {tokens}")

    def _tokens(self, node: Node, depth: int) -> str:
        """String literals side by side, which Python joins into one."""
        parts = node.parts if isinstance(node, Concat) else (node,)
        return " ".join(repr(part.text) if isinstance(part, Const) else f"f'{self._fields(part, depth)}'" for part in parts) or "''"

    def _fields(self, node: Node, depth: int) -> str:
        """Replacement fields of an f-string, without quotes and backslashes in them."""
        if not isinstance(node, Apply) or node in self._known:
            return f"{{{self._local(node, depth)}}}"
        argument = self._local(node.argument, depth)
        match node.function, node.options:
            case "iso", (int(end),):
                return f"{{{argument}[:10]}}T{{{argument}[11:{end}]}}"
            case "pad", (int(width),):
                return f"{{{argument}.zfill({width})}}"
            case function, () if function in PARAMETERS:
                return f"{{{function}({argument})}}"
            case function, (str(name),) if function in PARAMETERS:
                local = self._name()
                self._emit(depth, f"{local} = {function}({argument}, {name!r})")
                return f"{{{local}}}"
        raise ValueError(f"no such function: {node.function}")


def _expressions(node: Node) -> Iterator[Node]:
    """Apply and Concat nodes below ``node``, inner ones first."""
    match node:
        case Apply():
            yield from _expressions(node.argument)
            yield node
        case Concat():
            for part in node.parts:
                yield from _expressions(part)
        case IfPresent():
            yield from _expressions(node.then)
            yield from _expressions(node.otherwise)
