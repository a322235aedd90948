# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What all rules of a table mapping have in common: members, locators with wildcards, and errors that name the rule.

Wildcards: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Wildcards.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lab.dms.faults import Fault, invalid_value, not_built

DOCUMENT = "Invalid table mappings document"
Rule = Mapping[str, Any]

_TOKENS = re.compile(r"\[([^\]]+)\]|([%_])|(.)", re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Does the name fit the pattern?

    ``%`` stands for any text, ``_`` for one character, ``[ab]`` and ``[a-d]`` for one character of the set; ``[_]`` and ``[%]`` are
    therefore the characters themselves. Letters are told apart by case.
    """
    return _compiled(pattern).fullmatch(name) is not None


def is_exact(pattern: str) -> bool:
    """Does the pattern name one object? An underscore counts as itself here: names are full of them."""
    return all(wildcard != "%" and (not members or len(members) == 1) for members, wildcard, _ in _TOKENS.findall(pattern))


def plain_name(pattern: str) -> str:
    """The name that an exact pattern stands for."""
    return "".join(members or wildcard or text for members, wildcard, text in _TOKENS.findall(pattern))


@dataclass(frozen=True, slots=True)
class Locator:
    """The objects that a rule is about. ``column``: "" where the rule names none; ``data_type``: only columns of this DMS type, or ""."""

    schema: str
    table: str
    column: str = ""
    data_type: str = ""

    def fits(self, schema: str, table: str) -> bool:
        return matches(self.schema, schema) and matches(self.table, table)

    @property
    def exact(self) -> bool:
        return is_exact(self.schema) and is_exact(self.table)

    @property
    def pair(self) -> tuple[str, str]:
        """Schema and table of an exact locator."""
        return plain_name(self.schema), plain_name(self.table)


def read_locator(rule: Rule, *, members: Iterable[str] = ("schema-name", "table-name"), typed: bool = False) -> Locator:
    """The rule's ``object-locator``. ``members``: what it must hold; a rule for schemas has no table-name. ``typed``: takes a data-type."""
    locator = rule.get("object-locator")
    if not isinstance(locator, dict):
        raise bad(rule, "object-locator is missing")
    if locator.get("table-type", "table") != "table":
        raise refused(rule, not_built(f"the table-type {locator['table-type']!r}; name tables of the type 'table' only"))
    known = {"schema-name", "table-name", "column-name", "table-type"} | ({"data-type"} if typed else set())
    for member in locator:
        if member not in known:
            raise refused(rule, not_built(f"{member} in an object-locator; it knows {', '.join(sorted(known))}"))
    found = {member: text_of(rule, locator, member) for member in members}
    column, data_type = locator.get("column-name") or "", locator.get("data-type") or ""
    if not isinstance(column, str) or not isinstance(data_type, str):
        raise bad(rule, "column-name or data-type of the object-locator is not a text")
    return Locator(found["schema-name"], found.get("table-name", "%"), column, data_type)


def check_members(rule: Rule, place: Rule, known: Iterable[str], where: str) -> None:
    """Raises Fault for a member that is set and that nothing here would heed."""
    names = set(known)
    for member, value in place.items():
        if member not in names and value not in (None, "", [], {}):
            raise refused(rule, not_built(f"{member} in {where}"))


def text_of(rule: Rule, place: Rule, member: str) -> str:
    value = place.get(member)
    if not isinstance(value, str) or not value:
        raise bad(rule, f"{member} is missing or not a text")
    return value


def texts_of(rule: Rule, place: Rule, member: str) -> tuple[str, ...]:
    """A list of at least one text."""
    value = place.get(member)
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise bad(rule, f"{member} is missing or not a list of texts")
    return tuple(value)


def bad(rule: Rule, problem: str) -> Fault:
    """The rule is wrong: in the words that the guide shows for one such error, the page on table settings."""
    return invalid_value(f"Error in mapping rules. Rule with ruleId = {_number(rule)} failed validation. {problem}.")


def refused(rule: Rule, fault: Fault) -> Fault:
    """The rule asks for what the engine does not do."""
    return Fault(fault.code, f"{fault.message} (ruleId = {_number(rule)})")


def _number(rule: Rule) -> str:
    return str(rule.get("rule-id", "(none)"))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = []
    for members, wildcard, text in _TOKENS.findall(pattern):
        if members:
            parts.append(_set(members))
        elif wildcard:
            parts.append(".*" if wildcard == "%" else ".")
        else:
            parts.append(re.escape(text))
    return re.compile("".join(parts), re.DOTALL)


def _set(members: str) -> str:
    """The characters as a set of a regular expression: a dash between two of them is a range, everything else stands for itself."""
    return "[" + "-".join(re.escape(part) for part in re.split(r"(?<=.)-(?=.)", members)) + "]"
