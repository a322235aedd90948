# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What happens in the zoo to tables that mean each other: foreign keys and triggers change rows that no statement names.

A cascade is counted by what the statement is about to hit; what triggers write is counted where they wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from lab.workload.changes import Action, ChangeSession
from lab.workload.zoo.relations import DUTIES, NAME, SEEN, WEIGHT, other_case

# The upper nodes of the tree stay, or little would be left of it.
_FIRST_FELLED = 22
# Below so low a node the tree stays flatter than the fifteen levels that InnoDB cascades through.
_LAST_PARENT = 85
_SUBTREE = (
    "WITH RECURSIVE below (id) AS (SELECT id FROM taxon WHERE id = %s UNION ALL "
    "SELECT t.id FROM taxon t JOIN below b ON t.parent_id = b.id) "
)


class RelationChanges:
    def __init__(self, random: Random, session: ChangeSession) -> None:
        self._random = random
        self._session = session

    def actions(self) -> Mapping[str, Action]:
        return {
            "new-keeper": Action(self.new_keeper),
            "animal": Action(self.change_animal),
            "animal-unchanged": Action(self.animal_to_the_same),
            "animal-key": Action(self.change_animal_key),
            "animal-leaves": Action(self.delete_animal),
            "keeper-key": Action(self.change_keeper_key),
            "keeper-leaves": Action(self.delete_keeper, 3),
            "care": Action(self.change_care),
            "tree-grows": Action(self.grow_tree),
            "tree-moves": Action(self.move_in_tree, 4),
            "tree-falls": Action(self.fell_tree, 3),
            "folded-key": Action(self.change_folded_key),
            "folded-key-in-case-alone": Action(self.change_case_of_key),
            "folded-key-goes": Action(self.delete_folded_key, 3),
            "cascades-rolled-back": Action(self.roll_back, 4),
        }

    def new_keeper(self) -> None:
        """A keeper, her animals and what she does for them, in one transaction over three tables and a trigger's."""
        keeper = self._next("keeper")
        self._change("insert", "keeper", "INSERT INTO keeper VALUES (%s, %s, '2026-11-22')", keeper, NAME.value(self._random))
        first = self._next("animal")
        animals = range(first, first + self._random.randint(1, 4))
        for animal in animals:
            taxon = self._any("taxon")
            row = (animal, keeper, taxon, NAME.value(self._random), WEIGHT.value(self._random), SEEN.value(self._random))
            self._journalled("insert", "INSERT INTO animal VALUES (%s, %s, %s, %s, %s, %s)", *row)
        for animal in animals:
            duty = self._random.choice(DUTIES)
            self._change("insert", "care", "INSERT INTO care VALUES (%s, %s, %s)", keeper, animal, duty)

    def change_animal(self) -> None:
        animal, name = self._any("animal"), NAME.value(self._random)
        weight = WEIGHT.value(self._random)
        self._journalled("update", "UPDATE animal SET name = %s, weight = %s WHERE id = %s", name, weight, animal)

    def animal_to_the_same(self) -> None:
        """A row that does not change is no change in the log; the trigger that it fires may be."""
        self._journalled("update", "UPDATE animal SET name = name WHERE id = %s", self._any("animal"))

    def change_animal_key(self) -> None:
        animal = self._any("animal")
        self._cascade("care", "update", "animal_id", animal)
        self._journalled("update", "UPDATE animal SET id = %s WHERE id = %s", self._next("animal"), animal)

    def delete_animal(self) -> None:
        animal = self._any("animal")
        self._cascade("care", "delete", "animal_id", animal)
        self._journalled("delete", "DELETE FROM animal WHERE id = %s", animal)

    def change_keeper_key(self) -> None:
        keeper = self._any("keeper")
        self._cascade("animal", "update", "keeper_id", keeper)
        self._cascade("care", "update", "keeper_id", keeper)
        self._change("update", "keeper", "UPDATE keeper SET id = %s WHERE id = %s", self._next("keeper"), keeper)

    def delete_keeper(self) -> None:
        keeper = self._any("keeper")
        self._cascade("animal", "update", "keeper_id", keeper)
        self._cascade("care", "delete", "keeper_id", keeper)
        self._change("delete", "keeper", "DELETE FROM keeper WHERE id = %s", keeper)

    def change_care(self) -> None:
        """One pair goes, one comes; both columns are the key."""
        keeper, animal = self._any("keeper"), self._any("animal")
        if self._session.ask("SELECT 1 FROM care WHERE keeper_id = %s AND animal_id = %s", (keeper, animal)):
            self._change("delete", "care", "DELETE FROM care WHERE keeper_id = %s AND animal_id = %s", keeper, animal)
        elif keeper and animal:
            self._change("insert", "care", "INSERT INTO care VALUES (%s, %s, %s)", keeper, animal, self._random.choice(DUTIES))
        duty = self._random.choice(DUTIES)
        self._change("update", "care", "UPDATE care SET duty = %s WHERE keeper_id = %s AND duty <> %s", duty, self._any("keeper"), duty)

    def grow_tree(self) -> None:
        parent = self._random.choice([None, self._any("taxon", f"id <= {_LAST_PARENT}")])
        self._change("insert", "taxon", "INSERT INTO taxon VALUES (%s, %s, %s)", self._next("taxon"), parent, NAME.value(self._random))

    def move_in_tree(self) -> None:
        taxon = self._any("taxon", f"id >= {_FIRST_FELLED}")
        self._change("update", "taxon", "UPDATE taxon SET parent_id = IF(parent_id IS NULL, 1, NULL) WHERE id = %s", taxon)

    def fell_tree(self) -> None:
        taxon = self._any("taxon", f"id >= {_FIRST_FELLED}")
        below = self._session.number(f"{_SUBTREE} SELECT COUNT(*) - 1 FROM below", (taxon,))  # noqa: S608
        animals = self._session.number(f"{_SUBTREE} SELECT COUNT(*) FROM animal WHERE taxon_id IN (SELECT id FROM below)", (taxon,))  # noqa: S608
        self._session.note("cascades", "taxon", "delete", below)
        self._session.note("cascades", "animal", "update", animals)
        self._change("delete", "taxon", "DELETE FROM taxon WHERE id = %s", taxon)

    def change_folded_key(self) -> None:
        code = self._any_code()
        self._rename_code(code, f"Renamed-{self._random.getrandbits(48):x}ä")

    def change_case_of_key(self) -> None:
        """For the server the key stays the same; for whoever compares bytes it does not."""
        code = self._any_code()
        self._rename_code(code, other_case(code))

    def delete_folded_key(self) -> None:
        code = self._any_code()
        self._cascade("folded_child", "delete", "code", code)
        self._change("delete", "folded_key", "DELETE FROM folded_key WHERE code = %s", code)

    def roll_back(self) -> None:
        steps: list[Callable[[], None]] = [self.new_keeper, self.delete_keeper, self.fell_tree, self.delete_animal]
        for step in steps:
            step()
        self._session.abandon()

    def _rename_code(self, code: str, new: str) -> None:
        """Whether a change in case alone cascades is the server's choice, so the children are compared."""
        children = "SELECT id, HEX(code) FROM folded_child WHERE code = %s ORDER BY id"
        before = self._session.ask(children, (code,))
        self._change("update", "folded_key", "UPDATE folded_key SET code = %s WHERE code = %s", new, code)
        after = self._session.ask(children, (new,))
        self._session.note("cascades", "folded_child", "update", len(set(before) - set(after)))

    def _change(self, kind: str, table: str, sql: str, *values: Any) -> None:
        self._session.change(kind, table, sql, values)

    def _journalled(self, kind: str, sql: str, *values: Any) -> None:
        """A change of ``animal``, whose triggers write the journal."""
        last = self._session.number("SELECT MAX(id) FROM journal")
        self._change(kind, "animal", sql, *values)
        self._session.note("triggers", "journal", "insert", self._session.number("SELECT COUNT(*) FROM journal WHERE id > %s", (last,)))

    def _cascade(self, table: str, kind: str, column: str, value: Any) -> None:
        hit = self._session.number(f"SELECT COUNT(*) FROM {table} WHERE {column} = %s", (value,))  # noqa: S608 - names of the schema
        self._session.note("cascades", table, kind, hit)

    def _any(self, table: str, condition: str = "TRUE") -> int:
        """The key of any row; 0, which no row has, where there is none."""
        return int(self._pick(table, "id", condition) or 0)

    def _any_code(self) -> str:
        return str(self._pick("folded_key", "code", "TRUE") or "")

    def _pick(self, table: str, key: str, condition: str) -> Any:
        present = self._session.number(f"SELECT COUNT(*) FROM {table} WHERE {condition}")  # noqa: S608
        offset = self._random.randrange(max(1, present))
        rows: Sequence[Sequence[Any]] = self._session.ask(
            f"SELECT {key} FROM {table} WHERE {condition} ORDER BY {key} LIMIT 1 OFFSET {offset}"  # noqa: S608
        )
        return rows[0][0] if rows else None

    def _next(self, table: str) -> int:
        return 1 + self._session.number(f"SELECT MAX(id) FROM {table}")  # noqa: S608
