# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Transformation rules: other names, fewer or more columns, other types.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Transformations.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lab.dms.faults import not_built
from lab.dms.mappings.data_types import REFUSED_TYPES, TYPES, DataType, read_data_type
from lab.dms.mappings.expressions import COLUMN_METADATA, Expression, read_expression
from lab.dms.mappings.rules import Locator, Rule, bad, check_members, is_exact, read_locator, refused, text_of, texts_of

TARGETS = ("schema", "table", "column")
COLUMN_FILTERS = ("pk-only", "non-lob", "all")
# What the guide does not transform in the names of columns.
SPECIAL_CHARACTERS = frozenset("#\\/-")
NULL = "NULL"

_NAMINGS: dict[str, Callable[[str, str, str], str]] = {
    "rename": lambda name, value, old: value,
    "convert-lowercase": lambda name, value, old: name.lower(),
    "convert-uppercase": lambda name, value, old: name.upper(),
    "add-prefix": lambda name, value, old: value + name,
    "remove-prefix": lambda name, value, old: name.removeprefix(value),
    "replace-prefix": lambda name, value, old: value + name.removeprefix(old) if name.startswith(old) else name,
    "add-suffix": lambda name, value, old: name + value,
    "remove-suffix": lambda name, value, old: name.removesuffix(value),
    "replace-suffix": lambda name, value, old: name.removesuffix(old) + value if name.endswith(old) else name,
}
_WITHOUT_VALUE = frozenset({"convert-lowercase", "convert-uppercase"})
_COLUMN_ONLY = frozenset({"add-column", "include-column", "remove-column", "change-data-type", "add-before-image-columns"})
_MASKINGS = frozenset({"data-masking-digits-mask", "data-masking-digits-randomize", "data-masking-hash-mask"})
_ACTIONS = frozenset({*_NAMINGS, *_COLUMN_ONLY, *_MASKINGS, "define-primary-key"})


@dataclass(frozen=True, slots=True)
class Naming:
    """Another name for schemas, tables or columns."""

    rule_id: int
    target: str
    locator: Locator
    action: str
    value: str
    old_value: str

    def renamed(self, name: str) -> str:
        return _NAMINGS[self.action](name, self.value, self.old_value)


@dataclass(frozen=True, slots=True)
class DefineKey:
    """The key that a table has at the target. ``columns``: source names."""

    rule_id: int
    locator: Locator
    columns: tuple[str, ...]
    target: str = "table"


@dataclass(frozen=True, slots=True)
class KeepColumn:
    """``keep``: true for include-column, false for remove-column."""

    rule_id: int
    locator: Locator
    keep: bool
    target: str = "column"


@dataclass(frozen=True, slots=True)
class ChangeType:
    rule_id: int
    locator: Locator
    data_type: DataType
    target: str = "column"


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column behind the table's own."""

    rule_id: int
    locator: Locator
    name: str
    data_type: DataType
    expression: Expression


@dataclass(frozen=True, slots=True)
class AddBeforeImage:
    """Columns for the values before a change: of the key, of all that are no LOBs, or of all."""

    rule_id: int
    locator: Locator
    prefix: str
    suffix: str
    column_filter: str


Change = Naming | DefineKey | KeepColumn | ChangeType
Addition = AddColumn | AddBeforeImage
Found = TypeVar("Found", bound=Change)


def lowest(rules: Sequence[Found]) -> Found | None:
    """Of several rules for one object DMS applies the one with the lowest rule-id."""
    return min(rules, key=lambda rule: rule.rule_id, default=None)


def untransformable(name: str) -> bool:
    """Does the column's name hold what the guide does not transform: special characters, or letters that run from right to left?"""
    return any(c in SPECIAL_CHARACTERS or unicodedata.bidirectional(c) in ("R", "AL") for c in name)


def read_transformation(rule: Rule) -> Change | Addition:
    action = text_of(rule, rule, "rule-action")
    target = text_of(rule, rule, "rule-target")
    if target in ("table-tablespace", "index-tablespace"):
        raise refused(rule, not_built(f"the rule-target {target}, which is for Oracle; it knows {', '.join(TARGETS)}"))
    if target not in TARGETS:
        raise bad(rule, f"the rule-target {target!r} is not one of {', '.join(TARGETS)}")
    if action in _MASKINGS:
        raise refused(rule, not_built(f"the transformation {action}; compute a masked column with add-column and hash_sha256"))
    if action not in _ACTIONS:
        raise bad(rule, f"the transformation {action!r} is not one of {', '.join(sorted(_ACTIONS - _MASKINGS))}")
    if action in _COLUMN_ONLY and target != "column":
        raise bad(rule, f"{action} needs the rule-target column, not {target}")
    _check_members(rule, action)
    number = int(rule["rule-id"])
    if action == "add-column":
        return _add_column(rule, number)
    if action == "add-before-image-columns":
        return _before_image(rule, number)
    if action == "define-primary-key":
        return _define_key(rule, number, target)
    locator = _locator(rule, target, typed=action == "change-data-type")
    if action in ("include-column", "remove-column"):
        return KeepColumn(number, locator, action == "include-column")
    if action == "change-data-type":
        return ChangeType(number, locator, read_data_type(rule))
    return _naming(rule, number, target, action, locator)


def _check_members(rule: Rule, action: str) -> None:
    if action in _NAMINGS and rule.get("expression"):
        raise refused(rule, not_built("an expression in a rule that renames; write the new name as its value"))
    own = {
        "add-column": ("expression", "data-type"),
        "change-data-type": ("data-type",),
        "define-primary-key": ("primary-key-def",),
        "add-before-image-columns": ("before-image-def",),
    }
    # Consoles and generators write value and old-value into every rule.
    known = ("rule-type", "rule-id", "rule-name", "rule-action", "rule-target", "object-locator", "value", "old-value")
    check_members(rule, rule, (*known, *own.get(action, ())), f"rules of the action {action}")


def _locator(rule: Rule, target: str, *, typed: bool = False) -> Locator:
    if target == "schema":
        locator = read_locator(rule, members=("schema-name",))
        if rule["object-locator"].get("table-name") not in (None, "", "%") or locator.column:
            raise bad(rule, "a rule for schemas names a schema only; leave out table-name and column-name")
        return locator
    locator = read_locator(rule, typed=typed)
    if target == "table" and locator.column:
        raise bad(rule, "a rule for tables names no column; leave out column-name, or use the rule-target column")
    if target == "column":
        text_of(rule, rule["object-locator"], "column-name")
        if locator.data_type and locator.data_type not in TYPES | REFUSED_TYPES:
            raise bad(
                rule, f"the data-type {locator.data_type!r} of the object-locator is not one of {', '.join(sorted(TYPES | REFUSED_TYPES))}"
            )
        if is_exact(locator.column) and untransformable(locator.column):
            raise bad(rule, f"DMS does not transform a column with special or right-to-left characters in its name ({locator.column})")
    return locator


def _naming(rule: Rule, number: int, target: str, action: str, locator: Locator) -> Naming:
    value = "" if action in _WITHOUT_VALUE else rule.get("value")
    old = rule.get("old-value") if action.startswith("replace-") else ""
    if not isinstance(value, str) or (not value and action not in (*_WITHOUT_VALUE, "replace-prefix", "replace-suffix")):
        raise bad(rule, f"{action} needs a value")
    if not isinstance(old, str) or (not old and action.startswith("replace-")):
        raise bad(rule, f"{action} needs an old-value")
    return Naming(number, target, locator, action, value, old)


def _define_key(rule: Rule, number: int, target: str) -> DefineKey:
    if target != "table":
        raise bad(rule, f"define-primary-key needs the rule-target table, not {target}")
    locator = _locator(rule, target)
    if not locator.exact:
        raise bad(rule, "define-primary-key names one schema and one table, without wildcards; write one rule for each table")
    definition = rule.get("primary-key-def")
    if not isinstance(definition, dict):
        raise bad(rule, "define-primary-key needs a primary-key-def")
    check_members(rule, definition, ("name", "origin", "columns"), "a primary-key-def")
    text_of(rule, definition, "name")
    if definition.get("origin") not in (None, "", "primary-key", "unique-index"):
        raise bad(rule, f"the origin {definition['origin']!r} is not one of primary-key, unique-index")
    return DefineKey(number, locator, texts_of(rule, definition, "columns"))


def _add_column(rule: Rule, number: int) -> AddColumn:
    locator = read_locator(rule)
    data_type = read_data_type(rule)
    # Without an expression the column is there and holds nothing.
    text = rule.get("expression") or NULL
    if not isinstance(text, str):
        raise bad(rule, "the expression is not a text")
    try:
        expression = read_expression(str(rule["rule-id"]), text, str(data_type))
    except ValueError as error:
        raise bad(rule, f"the expression {text!r}: {error}") from None
    if any(name in text for name in COLUMN_METADATA) and not (locator.column and is_exact(locator.column)):
        raise bad(rule, f"the expression {text!r} needs a column-name in the object-locator, without wildcards")
    return AddColumn(number, locator, text_of(rule, rule, "value"), data_type, expression)


def _before_image(rule: Rule, number: int) -> AddBeforeImage:
    locator = read_locator(rule)
    definition = rule.get("before-image-def")
    if not isinstance(definition, dict):
        raise bad(rule, "an add-before-image-columns rule needs a before-image-def")
    check_members(rule, definition, ("column-prefix", "column-suffix", "column-filter"), "a before-image-def")
    prefix, suffix = definition.get("column-prefix", "BI_"), definition.get("column-suffix", "")
    if not isinstance(prefix, str) or not isinstance(suffix, str) or not prefix + suffix:
        raise bad(rule, "a before-image-def needs a column-prefix or a column-suffix")
    column_filter = definition.get("column-filter", "pk-only")
    if column_filter not in COLUMN_FILTERS:
        raise bad(rule, f"the column-filter {column_filter!r} is not one of {', '.join(COLUMN_FILTERS)}")
    return AddBeforeImage(number, locator, prefix, suffix, column_filter)
