# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What happens at the telephone company: charges come in, bills are written, paid and corrected, subscribers come and go."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from lab.workload.changes import Action, ChangeSession
from lab.workload.population import MAX_UINT32

NOW = "2026-01-02 03:04:05.678901"
# Rows are picked from the first so many of a table.
PICKED = 1_000
# New numbers: above those of the generator, below the largest that it uses.
_NEW_CHARGES, _NEW_SUBSCRIBERS = 10**15, 10**13


def actions(random: Random, session: ChangeSession) -> Mapping[str, Action]:
    """Every kind of transaction by name."""
    billing = BillingChanges(random, session)
    return {
        "charges": Action(billing.add_charges, 40),
        "payment": Action(billing.pay, 20),
        "bill": Action(billing.write_bill, 10),
        "status": Action(billing.change_status),
        "note": Action(billing.change_note),
        "correction": Action(billing.delete_charge, 5),
        "subscriber": Action(billing.add_subscriber, 5),
        "refused": Action(billing.refuse, 3),
    }


class BillingChanges:
    def __init__(self, random: Random, session: ChangeSession) -> None:
        self._random = random
        self._session = session

    def add_charges(self) -> None:
        """A few calls of one subscriber, and the account's balance with them."""
        subscriber, ban = self._pick("subscriber", "subscriber_no", "ban")
        number = self._next("charge", "charge_seq", _NEW_CHARGES)
        amounts = [self._random.randint(1, 99_999) for _ in range(self._random.randint(1, 4))]
        for activity, amount in enumerate(amounts, 1):
            row = (number, activity, ban, subscriber, "VOICE1", f"{amount / 10_000:.4f}", None, NOW[:19], "call", NOW, None)
            self._insert("charge", row)
        self._update("billing_account", "balance = balance + %s, sys_update_date = %s WHERE ban = %s AND balance < 9e9", 1, NOW, ban)

    def pay(self) -> None:
        """A bill is paid: its state and the account's balance change together."""
        ban, bill = self._pick("bill", "ban", "bill_seq_number")
        self._update("bill", "status = 'paid', sys_update_date = %s WHERE ban = %s AND bill_seq_number = %s", NOW, ban, bill)
        self._update("billing_account", "balance = balance - 1, sys_update_date = %s WHERE ban = %s AND balance > -9e9", NOW, ban)

    def write_bill(self) -> None:
        (ban,) = self._pick("billing_account", "ban")
        last = self._session.number("SELECT MAX(bill_seq_number) FROM bill WHERE ban = %s AND bill_seq_number < %s", (ban, MAX_UINT32))
        if last < MAX_UINT32 - 1:
            self._insert("bill", (ban, last + 1, 7, "2026-01-01", "2026-02-01", "12.34", "open", NOW, None))

    def change_status(self) -> None:
        (subscriber,) = self._pick("subscriber", "subscriber_no")
        status = self._random.choice("ASCR")
        self._update("subscriber", "sub_status = %s, sys_update_date = %s WHERE subscriber_no = %s", status, NOW, subscriber)

    def change_note(self) -> None:
        """A text becomes NULL, NULL a text."""
        (ban,) = self._pick("billing_account", "ban")
        self._update("billing_account", "notes = IF(notes IS NULL, 'called, \"angry\"', NULL) WHERE ban = %s", ban)

    def delete_charge(self) -> None:
        number, activity = self._pick("charge", "charge_seq", "activity_num")
        sql = "DELETE FROM charge WHERE charge_seq = %s AND activity_num = %s"
        self._session.change("delete", "charge", sql, (number, activity))

    def add_subscriber(self) -> None:
        (ban,) = self._pick("billing_account", "ban")
        number = self._next("subscriber", "subscriber_no", _NEW_SUBSCRIBERS)
        self._insert("subscriber", (number, ban, "A", "GSM", NOW[:19], None, "neu 📱", 0, NOW, None))
        self._insert("service_agreement", (number, "SOC000001", ban, 1, "2026-01-02", None, "9.9900", NOW, None))

    def refuse(self) -> None:
        """Begun and rolled back."""
        self.add_charges()
        self.pay()
        self._session.abandon()

    def _insert(self, table: str, row: tuple[Any, ...]) -> None:
        holes = ", ".join(["%s"] * len(row))
        self._session.change("insert", table, f"INSERT INTO {table} VALUES ({holes})", row)  # noqa: S608 - names of the schema

    def _update(self, table: str, rest: str, *values: Any) -> None:
        self._session.change("update", table, f"UPDATE {table} SET {rest}", values)  # noqa: S608 - texts of this module

    def _pick(self, table: str, *key: str) -> tuple[Any, ...]:
        """Any of the first rows: what stands in these columns, of which the first are its key."""
        present = self._session.number(f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} LIMIT {PICKED}) few")  # noqa: S608
        place = self._random.randrange(present)
        return self._session.ask(f"SELECT {', '.join(key)} FROM {table} ORDER BY {key[0]}, {key[-1]} LIMIT 1 OFFSET {place}")[0]  # noqa: S608

    def _next(self, table: str, column: str, first: int) -> int:
        """The number behind the last of the new ones."""
        sql = f"SELECT MAX({column}) FROM {table} WHERE {column} BETWEEN %s AND %s"  # noqa: S608 - names of the schema
        return max(first, 1 + self._session.number(sql, (first, 2 * first)))
