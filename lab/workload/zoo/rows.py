# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The rows of the zoo, table by table, parents first: a function of seed and number of rows alone. Extremes come first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from random import Random

from lab.errors import LabError
from lab.workload.values import NULL, escaped
from lab.workload.zoo import relations
from lab.workload.zoo.relations import Row
from lab.workload.zoo.tables import TABLES, ZooTable
from lab.workload.zoo.values import Value, ZooColumn

BLOCK = 512  # rows that are made and handed over together; some are long
POOL = 256  # values of a column to pick from, at most

_BY_NAME = {table.name: table for table in TABLES}
# Least rows, and the weight by which the rows beyond that are shared out.
_RELATED = {
    "folded_child": (30, 2), "no_key": (30, 1), "vacant": (0, 0), "taxon": (60, 2), "keeper": (40, 1), "animal": (100, 6),
    "care": (120, 8), "journal": (60, 4),
}  # fmt: skip
_SHARES = {table.name: (table.least, 2) for table in TABLES} | _RELATED
NAMES = tuple(_SHARES)
MIN_ROWS = sum(least for least, _ in _SHARES.values())


@dataclass(frozen=True, slots=True)
class ZooRows:
    """``rows``: of each table."""

    rows: Mapping[str, int]
    seed: int

    @classmethod
    def of(cls, rows: int, seed: int) -> ZooRows:
        """``rows`` rows in all. Raises LabError where that is too few for all extremes."""
        if rows < MIN_ROWS:
            raise LabError(f"{rows} rows are too few for every extreme of the zoo", f"Ask for {MIN_ROWS} rows or more.")
        beyond, weights = rows - MIN_ROWS, sum(weight for _, weight in _SHARES.values())
        sizes = {name: least + beyond * weight // weights for name, (least, weight) in _SHARES.items()}
        sizes["animal"] += rows - sum(sizes.values())
        return cls(sizes, seed)

    def blocks(self, table: str) -> Iterator[bytes]:
        random = Random(f"{table}:{self.seed}")  # noqa: S311 - the same seed must give the same data
        made = self._own(_BY_NAME[table], random) if table in _BY_NAME else relations.rows(table, random, self.rows)
        lines = ("\t".join(NULL if field is None else escaped(field) for field in row) + "\n" for row in made)
        while block := list(islice(lines, BLOCK)):
            yield "".join(block).encode()

    def _own(self, table: ZooTable, random: Random) -> Iterator[Row]:
        # Keys do not depend on the seed: other tables name them.
        keys = islice(table.keys(Random(table.name)), self.rows[table.name])  # noqa: S311
        values = zip(*(_values(column, random) for column in table.columns), strict=True)
        return ((*key, *row) for key, row in zip(keys, values, strict=False))


def _values(column: ZooColumn, random: Random) -> Iterator[Value]:
    """The extremes once each, then any of a pool."""
    pool = [column.value(random) for _ in range(POOL)]
    return chain(column.edges, iter(lambda: random.choice(pool), object()))


def fields(table: str) -> str:
    """The columns of a line, and what SQL makes of those that it does not take as they are."""
    forms = _BY_NAME[table].forms if table in _BY_NAME else dict.fromkeys(relations.COLUMNS[table], "%s")
    names = ", ".join(f"`{name}`" if form == "%s" else f"@{name}" for name, form in forms.items())
    made = ", ".join(f"`{name}` = {form.replace('%s', f'@{name}')}" for name, form in forms.items() if form != "%s")
    return f"({names})" + (f" SET {made}" if made else "")
