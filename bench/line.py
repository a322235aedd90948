# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""One line of the result: our figure, the peer's, how many times better ours is, and how much better it must be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """``ours`` and ``peer_value`` in ``unit``, smaller being better; ``ratio`` is peer to ours, the median over the pairs.

    ``must``: the ratio below which the bench fails, None where the line only informs; ``aim``: what to work towards; ``most``: the value
    of ours above which the bench fails.
    """

    name: str
    work: str
    unit: str
    ours: float
    peer: str
    peer_value: float
    ratio: float
    must: float | None
    aim: float | None
    pairs: int
    most: float | None = None

    @classmethod
    def of_pairs(
        cls,
        name: str,
        work: str,
        unit: str,
        peer: str,
        pairs: list[tuple[float, float]],
        *,
        must: float | None = None,
        aim: float | None = None,
        most: float | None = None,
    ) -> Line:
        """``pairs``: our value and the peer's, measured one right after the other."""
        return cls(
            name=name,
            work=work,
            unit=unit,
            ours=round(median(ours for ours, _ in pairs), 3),
            peer=peer,
            peer_value=round(median(value for _, value in pairs), 3),
            ratio=round(median(value / ours for ours, value in pairs), 2),
            must=must,
            aim=aim,
            pairs=len(pairs),
            most=most,
        )

    @property
    def met(self) -> bool:
        return (self.must is None or self.ratio >= self.must) and (self.most is None or self.ours <= self.most)

    @property
    def demand(self) -> str:
        """In words, what the line must reach."""
        ratio = [f"must be {self.must:g} times better than {self.peer}"] if self.must is not None else []
        value = [f"must be at most {self.most:g} {self.unit}"] if self.most is not None else []
        return " and ".join(ratio + value)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def table(lines: list[Line]) -> str:
    """The lines as text with columns."""
    head = ("name", "unit", "ours", "peer", "", "ratio", "must", "aim", "pairs")
    rows = [
        (
            line.name,
            line.unit,
            f"{line.ours:,.2f}",
            f"{line.peer_value:,.2f}",
            line.peer,
            f"{line.ratio:.1f}x",
            "-" if line.must is None else f"{line.must:g}x",
            "-" if line.aim is None else f"{line.aim:g}x",
            str(line.pairs),
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    left = {0, 1, 4}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    )
