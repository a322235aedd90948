# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What happens in the zoo to tables that stand for themselves: rows and keys come, change and go, in every kind of transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from lab.workload.changes import Action, ChangeSession
from lab.workload.zoo.relation_changes import RelationChanges
from lab.workload.zoo.tables import TABLES, Key, KeyPart, ZooTable
from lab.workload.zoo.values import Value, ZooColumn

# Folded keys are what others refer to: they change with their references.
PLAIN = tuple(table for table in TABLES if table.name != "folded_key")
BIG_INSERT = 400
# Rows are picked from the first so many of a table: a deeper offset costs the server more than the change itself.
PICKED = 400


def actions(random: Random, session: ChangeSession) -> Mapping[str, Action]:
    """Every kind of transaction by name."""
    plain, related = PlainChanges(random, session), RelationChanges(random, session)
    return {
        "insert": Action(plain.insert_any, 20),
        "update": Action(plain.update_any, 30),
        "null-and-back": Action(plain.switch_null),
        "unchanged": Action(plain.update_to_the_same),
        "key": Action(plain.change_key),
        "delete": Action(plain.delete_any),
        "replace": Action(plain.replace),
        "upsert": Action(plain.upsert),
        "insert-then-delete": Action(plain.insert_then_delete),
        "delete-then-insert": Action(plain.delete_then_insert),
        "many-updates-of-one": Action(plain.update_often),
        "without-key": Action(plain.change_without_key),
        "rollback": Action(plain.roll_back),
        "savepoint": Action(plain.roll_back_a_part),
        "big": Action(plain.big, 1),
        **related.actions(),
    }


class PlainChanges:
    def __init__(self, random: Random, session: ChangeSession) -> None:
        self._random = random
        self._session = session

    def insert_any(self) -> None:
        self._insert(self._table())

    def update_any(self) -> None:
        table = self._table()
        if key := self._pick(table):
            self._update(table, key, self._some_columns(table))

    def switch_null(self) -> None:
        """NULL becomes a value, a value NULL."""
        table = self._table()
        column = self._random.choice([column for column in table.columns if column.nullable] or [None])
        if column and (key := self._pick(table)):
            value = next(value for value in iter(lambda: column.value(self._random), object()) if value is not None)
            sql = f"`{column.name}` = IF(`{column.name}` IS NULL, {column.form}, NULL)"
            self._session.change("update", table.name, f"UPDATE `{table.name}` SET {sql} WHERE {_where(table.key)}", (value, *key))  # noqa: S608

    def update_to_the_same(self) -> None:
        table = self._table()
        if key := self._pick(table):
            same = ", ".join(f"`{column.name}` = `{column.name}`" for column in table.columns)
            self._session.change("update", table.name, f"UPDATE `{table.name}` SET {same} WHERE {_where(table.key)}", key)  # noqa: S608

    def change_key(self) -> None:
        table = self._table()
        if key := self._pick(table):
            parts = ", ".join(f"`{part.name}` = {part.form}" for part in table.key)
            sql = f"UPDATE `{table.name}` SET {parts} WHERE {_where(table.key)}"  # noqa: S608
            self._session.change("update", table.name, sql, (*self._fresh(table), *key))

    def delete_any(self) -> None:
        table = self._table()
        if key := self._pick(table):
            self._delete(table, key)

    def replace(self) -> None:
        """A REPLACE of a row that is there: the server logs a deletion and an insertion, or an update."""
        table = self._table()
        if key := self._pick(table):
            sql, values = self._row(table, key)
            self._session.change("replace", table.name, f"REPLACE {sql}", values)

    def upsert(self) -> None:
        table = self._table()
        if key := self._pick(table):
            sql, values = self._row(table, key)
            column = self._random.choice(table.columns)
            tail = f"ON DUPLICATE KEY UPDATE `{column.name}` = {column.form}"
            self._session.change("upsert", table.name, f"INSERT {sql} {tail}", (*values, column.value(self._random)))

    def insert_then_delete(self) -> None:
        table = self._table()
        key = self._insert(table)
        self._update(table, key, self._some_columns(table))
        self._delete(table, key)

    def delete_then_insert(self) -> None:
        """The same key comes back with another row."""
        table = self._table()
        if key := self._pick(table):
            self._delete(table, key)
            self._insert(table, key)

    def update_often(self) -> None:
        table = self._table()
        if key := self._pick(table):
            for _ in range(5):
                self._update(table, key, self._some_columns(table))

    def change_without_key(self) -> None:
        """Of rows that are alike one is changed, one deleted, one comes again."""
        change = self._session.change
        change("update", "no_key", "UPDATE no_key SET note = %s WHERE amount = 7 LIMIT 1", (f"lone {self._random.randrange(10**6)}",))
        change("delete", "no_key", "DELETE FROM no_key WHERE amount = 7 AND note = 'twin' LIMIT 1")
        change("insert", "no_key", "INSERT INTO no_key (amount, note) VALUES (7, 'twin'), (7, 'twin'), (NULL, NULL)")

    def roll_back(self) -> None:
        for step in (self.insert_any, self.update_any, self.change_key, self.delete_any):
            step()
        self._session.abandon()

    def roll_back_a_part(self) -> None:
        self.insert_any()
        self._session.save()
        self.update_any()
        self.delete_any()
        self._session.back_to_savepoint()
        self.update_any()

    def big(self) -> None:
        """Hundreds of rows come by one statement, all are updated by another, half of them go."""
        table = next(table for table in PLAIN if table.name == "text_value")
        first = int(self._fresh(table)[0])
        columns = ("id", "required", "varied", "mood")
        rows = [(first + number, "big", self._random.choice((None, "bulk", "日本" * 40)), "wild") for number in range(BIG_INSERT)]
        holes = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        sql = f"INSERT INTO text_value ({', '.join(columns)}) VALUES {holes}"  # noqa: S608 - names of the schema
        self._session.change("insert", "text_value", sql, [value for row in rows for value in row])
        self._session.change("update", "text_value", "UPDATE text_value SET required = CONCAT(required, id) WHERE id >= %s", (first,))
        self._session.change("delete", "text_value", "DELETE FROM text_value WHERE id >= %s AND id %% 2 = 0", (first,))

    def _table(self) -> ZooTable:
        return self._random.choice(PLAIN)

    def _pick(self, table: ZooTable) -> Key | None:
        """The key of any row; None where the table is empty."""
        present = self._session.number(f"SELECT COUNT(*) FROM (SELECT 1 FROM `{table.name}` LIMIT {PICKED}) few")  # noqa: S608
        if not present:
            return None
        names = ", ".join(f"`{part.name}`" for part in table.key)
        texts = ", ".join(f"`{part.name}`" if part.form == "%s" else f"HEX(`{part.name}`)" for part in table.key)
        sql = f"SELECT {texts} FROM `{table.name}` ORDER BY {names} LIMIT 1 OFFSET {self._random.randrange(present)}"  # noqa: S608
        return tuple(map(str, self._session.ask(sql)[0]))

    def _fresh(self, table: ZooTable) -> Key:
        """A key that no row has."""
        if table.fresh is None:
            return (str(1 + self._session.number(f"SELECT MAX(id) FROM `{table.name}`")),)  # noqa: S608
        while True:
            key = table.fresh(self._random)
            if not self._session.ask(f"SELECT 1 FROM `{table.name}` WHERE {_where(table.key)}", key):  # noqa: S608
                return key

    def _some_columns(self, table: ZooTable) -> Sequence[ZooColumn]:
        return self._random.sample(table.columns, self._random.randint(1, min(4, len(table.columns))))

    def _row(self, table: ZooTable, key: Key) -> tuple[str, list[Value]]:
        """``INTO table (...) VALUES (...)`` with its values."""
        names = ", ".join(f"`{name}`" for name in table.forms)
        sql = f"INTO `{table.name}` ({names}) VALUES ({', '.join(table.forms.values())})"
        return sql, [*key, *(column.value(self._random) for column in table.columns)]

    def _insert(self, table: ZooTable, key: Key | None = None) -> Key:
        key = key or self._fresh(table)
        sql, values = self._row(table, key)
        self._session.change("insert", table.name, f"INSERT {sql}", values)
        return key

    def _update(self, table: ZooTable, key: Key, columns: Sequence[ZooColumn]) -> None:
        assignments = ", ".join(f"`{column.name}` = {column.form}" for column in columns)
        values = [column.value(self._random) for column in columns]
        sql = f"UPDATE `{table.name}` SET {assignments} WHERE {_where(table.key)}"  # noqa: S608
        self._session.change("update", table.name, sql, (*values, *key))

    def _delete(self, table: ZooTable, key: Key) -> None:
        self._session.change("delete", table.name, f"DELETE FROM `{table.name}` WHERE {_where(table.key)}", key)  # noqa: S608


def _where(key: Sequence[KeyPart]) -> str:
    return " AND ".join(f"`{part.name}` = {part.form}" for part in key)
