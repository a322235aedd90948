# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""How many rows each table gets, and who owns what: accounts of very different size, subscribers of very different appetite."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from lab.errors import LabError

TABLES = ("billing_account", "customer", "subscriber", "service_agreement", "bill", "charge")
MIN_ROWS = 1_000

# Rows of a table for each account; charges take what is left of about thirty rows for each account.
_ROWS_PER_ACCOUNT = 30
_SUBSCRIBERS, _AGREEMENTS, _BILLS = 1.6, 3.2, 5.0

# The few accounts that own several per cent of everything: place in the order of accounts, share of all subscribers.
_LARGE = ((0.15, 0.06), (0.4, 0.04), (0.75, 0.025))

MAX_UINT16, MAX_UINT32, MAX_UINT64 = 2**16 - 1, 2**32 - 1, 2**64 - 1


@dataclass(frozen=True, slots=True)
class Population:
    """Accounts and subscribers in key order; ``owners[i]`` is the account number of subscriber i.

    ``rows``: rows of each table. ``appetite``: cumulated weights of the subscribers when a charge or a service is handed out.
    """

    rows: dict[str, int]
    accounts: list[int]
    subscribers: list[int]
    owners: list[int]
    appetite: list[float]


def populate(rows: int, seed: int) -> Population:
    """The population of ``rows`` rows in all. Raises LabError where that is too few for six related tables."""
    if rows < MIN_ROWS:
        raise LabError(f"{rows} rows are too few for six related tables", f"Ask for {MIN_ROWS} rows or more.")
    random = Random(f"population:{seed}")  # noqa: S311 - the same seed must give the same data
    count = rows // _ROWS_PER_ACCOUNT
    sizes = {
        "billing_account": count,
        "customer": count,
        "subscriber": int(count * _SUBSCRIBERS),
        "service_agreement": int(count * _AGREEMENTS),
        "bill": int(count * _BILLS),
    }
    sizes["charge"] = rows - sum(sizes.values())
    accounts = [0, 1, *(10_000_019 + 23 * i for i in range(count - 3)), MAX_UINT32]
    owners = _owners(random, accounts, sizes["subscriber"])
    subscribers = [1, *(441_000_000_007 + 131 * i for i in range(len(owners) - 2)), MAX_UINT64]
    appetite = list(accumulate(min(random.paretovariate(1.1), 400.0) for _ in subscribers))
    return Population(rows=sizes, accounts=accounts, subscribers=subscribers, owners=owners, appetite=appetite)


def _owners(random: Random, accounts: list[int], subscribers: int) -> list[int]:
    """An owner for each subscriber, in account order: most accounts own one or two or none, a few own very many."""
    weights = [min(random.paretovariate(1.6), 60.0) for _ in accounts]
    total = sum(weights)
    for place, share in _LARGE:
        weights[int(place * len(weights))] = total * share
    chosen = random.choices(range(len(accounts)), cum_weights=list(accumulate(weights)), k=subscribers)
    return [accounts[index] for index in sorted(chosen)]
