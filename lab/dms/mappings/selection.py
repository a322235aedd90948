# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Selection rules: which tables a task reads, in which order, and which of their rows.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.dms.mappings.filters import Filter, read_filters
from lab.dms.mappings.rules import Locator, Rule, bad, check_members, read_locator, text_of

ACTIONS = ("include", "exclude", "explicit")
LARGEST_ORDER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """``load_order``: tables with a higher one begin first."""

    locator: Locator
    action: str
    load_order: int
    filters: tuple[Filter, ...]


def read_selection(rule: Rule) -> Selection:
    known = ("rule-type", "rule-id", "rule-name", "rule-action", "object-locator", "load-order", "filters")
    check_members(rule, rule, known, "rules of the type selection")
    action = text_of(rule, rule, "rule-action")
    if action not in ACTIONS:
        raise bad(rule, f"the rule action {action!r} is not one of {', '.join(ACTIONS)}")
    locator = read_locator(rule)
    if locator.column:
        raise bad(rule, "a selection rule names no column; use a transformation with remove-column or include-column")
    filters = read_filters(rule)
    if filters and action != "include":
        raise bad(rule, f"filters belong to rules of the action include, not {action}")
    if filters and not locator.exact:
        raise bad(rule, "filters need a schema and a table without wildcards; write one rule for each table")
    if action == "explicit" and not locator.exact:
        raise bad(rule, "an explicit rule names one table, without wildcards")
    return Selection(locator, action, _load_order(rule), filters)


def _load_order(rule: Rule) -> int:
    value = rule.get("load-order")
    if value in (None, ""):
        return 0
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,10}", str(value), re.ASCII) or int(value) > LARGEST_ORDER:
        raise bad(rule, f"load-order is not a number of 0 to {LARGEST_ORDER}")
    return int(value)
